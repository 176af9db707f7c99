import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ghar.lib import clock
from ghar.models import ClockOffset

_STEP = re.compile(r"(?P<number>\d+)(?P<unit>[smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Command(BaseCommand):
    help = "Move the staging clock forward: advance_clock 22h, --to ISO, or --reset."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("by", nargs="?", help="how far, as 90m, 22h or 1d2h")
        parser.add_argument("--to", help="an instant with its offset, ISO 8601")
        parser.add_argument("--reset", action="store_true", help="back to real time")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CLOCK_ADJUSTABLE:
            raise CommandError("The clock stands fast here: CLOCK_ADJUSTABLE is off.")
        ClockOffset.objects.update_or_create(id=1, defaults={"offset": self._offset(options)})
        clock.forget_offset()
        self.stdout.write(f"It is now {clock.now().isoformat(timespec='seconds')}")

    def _offset(self, options: dict[str, Any]) -> dt.timedelta:
        if options["reset"]:
            return dt.timedelta()
        if options["to"]:
            return parse_instant(options["to"]) - timezone.now()
        if options["by"]:
            return ClockOffset.current() + parse_step(options["by"])
        raise CommandError("Say how far (22h), --to an instant, or --reset.")


def parse_step(text: str) -> dt.timedelta:
    """A stretch of time such as 90m or 1d2h."""
    found = list(_STEP.finditer(text))
    if "".join(step[0] for step in found) != text:
        raise CommandError(f"{text} is no stretch of time; write 90m, 22h or 1d2h.")
    return sum(
        (dt.timedelta(**{_UNITS[step["unit"]]: int(step["number"])}) for step in found),
        start=dt.timedelta(),
    )


def parse_instant(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as exc:
        raise CommandError(f"{text} is no ISO 8601 time.") from exc
    if moment.tzinfo is None:
        raise CommandError("Give the offset too, as in 2026-05-01T10:00:00+02:00.")
    return moment
