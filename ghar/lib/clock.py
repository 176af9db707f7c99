"""The one clock of the product.

Every verb takes `now` once and passes it down; nothing uses SQL now(). A staging clock can be
moved with `manage.py advance_clock`, and every process sees the move within a second.
"""

import datetime as dt
import time
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.utils import timezone

_CACHE_SECONDS = 0.5
_cached: tuple[float, dt.timedelta] = (float("-inf"), dt.timedelta())


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    moment = timezone.now()
    if settings.CLOCK_ADJUSTABLE:
        moment += _offset()
    return moment


def instant_of(local: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The instant, in UTC, of a wall clock time; None where a clock change skips it."""
    moment = local.replace(tzinfo=zone).astimezone(dt.UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == local else None


def _offset() -> dt.timedelta:
    global _cached  # noqa: PLW0603 -- a process-wide cache of one row
    read_at, offset = _cached
    if time.monotonic() - read_at > _CACHE_SECONDS:
        # By name, because ghar.lib stands below ghar.models.
        offset = apps.get_model("ghar", "ClockOffset").current()
        _cached = (time.monotonic(), offset)
    return offset


def forget_offset() -> None:
    """Read the offset anew at the next call (after this process has moved the clock)."""
    global _cached  # noqa: PLW0603
    _cached = (float("-inf"), dt.timedelta())
