from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from visits.models import Visit
from visits.services.records import differences

CHUNK = 500


class Command(BaseCommand):
    help = "Fold the events of every visit and compare what they make with its row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail if any row differs")

    def handle(self, *args: Any, **options: Any) -> None:
        visits = Visit.objects.order_by("pk").prefetch_related("events")
        folded = wrong = 0
        for visit in visits.iterator(chunk_size=CHUNK):
            folded += 1
            found = differences(visit)
            wrong += bool(found)
            for column, (row, events) in found.items():
                self.stdout.write(f"{visit.pk} {column}: {row!r}, its events say {events!r}")
        self.stdout.write(f"{folded} visits, {wrong} differ from their events.")
        if wrong and options["check"]:
            raise CommandError("Some visits are not what their events say.")
