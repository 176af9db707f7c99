from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ghar.audit.services import find_broken_link, head_of_chain


class Command(BaseCommand):
    help = "Recompute the audit's chain; prints its head, or fails and names the first broken row."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = find_broken_link()
        if broken is not None:
            raise CommandError(f"The chain of the audit is broken at row {broken}.")
        head = head_of_chain()
        if head is None:
            self.stdout.write("The audit is empty.")
        else:
            # To be kept outside the database: rows cut off at the end leave a chain that holds.
            self.stdout.write(f"{head.id} rows hold together; head {head.hash}")
