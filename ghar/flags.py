"""Feature flags: rows switched in the admin, seen by every process within five seconds."""

import time

from django.conf import settings

from ghar.models import Flag

VIEWINGS = "VIEWINGS_ENABLED"
RISK_SCORING = "RISK_SCORING_ENABLED"

_cached: dict[str, tuple[float, bool]] = {}


def is_on(name: str) -> bool:
    """Whether the flag is on; without a row, the environment's first value."""
    read_at, value = _cached.get(name, (float("-inf"), False))
    if time.monotonic() - read_at <= settings.FLAG_CACHE_SECONDS:
        return value
    row = Flag.objects.filter(name=name).values_list("is_on", flat=True).first()
    value = settings.FLAGS[name] if row is None else row
    _cached[name] = (time.monotonic(), value)
    return value


def forget() -> None:
    """Read every flag anew at the next question."""
    _cached.clear()
