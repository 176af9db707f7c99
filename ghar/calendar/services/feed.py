"""The private feed: what somebody has agreed, in one address for their calendar program.

Each app that books on the calendar registers what its entries say to a reader.
"""

from collections.abc import Callable, Iterable
import datetime as dt
import hashlib
import secrets
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from ghar.calendar.ics import Details, build_feed
from ghar.calendar.models import CalendarEntry, CalendarFeed
from ghar.errors import NotFound

# For how long what is over stays in the reader's calendar.
KEPT: Final = dt.timedelta(days=30)

# Of a user, since when: the standing entries and what this reader may know of them.
Writer = Callable[[Any, dt.datetime], Iterable[tuple[CalendarEntry, Details]]]
WRITERS: Final[dict[str, Writer]] = {}


def register_writer(subject_type: str, write: Writer) -> None:
    WRITERS[subject_type] = write


def make_feed(*, user: Any, now: dt.datetime) -> str:
    """A new address, shown once; the one before is void from now on."""
    key = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=user, defaults={"key_hash": _hash(key), "made_at": now}
    )
    return f"{settings.BASE_URL.rstrip('/')}{reverse('api:calendar-feed')}?key={key}"


def close_feed(*, user: Any) -> None:
    CalendarFeed.objects.filter(user=user).delete()


def read_feed(*, key: str, now: dt.datetime) -> bytes:
    """The file; NotFound for a key that is unknown or void, or of an account that is closed."""
    feed = CalendarFeed.objects.select_related("user").filter(key_hash=_hash(key)).first()
    if feed is None or not feed.user.is_active or feed.user.is_suspended:
        raise NotFound
    # In the reader's language: their calendar program has none.
    with translation.override(feed.user.language):
        rows = agreed_times(user=feed.user, since=now - KEPT)
        return build_feed(sorted(rows, key=lambda row: (row[0].start_at, row[0].pk)))


def agreed_times(
    *, user: Any, since: dt.datetime, besides: str = ""
) -> list[tuple[CalendarEntry, Details]]:
    """What this person has agreed, of every app; `besides` is the type that a page asks itself."""
    writers = [write for subject_type, write in WRITERS.items() if subject_type != besides]
    return [row for write in writers for row in write(user, since)]


def _hash(key: str) -> str:
    """It is long and random: no salt, no stretching."""
    return hashlib.sha256(key.encode()).hexdigest()
