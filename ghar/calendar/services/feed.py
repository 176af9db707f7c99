"""The private feed: what somebody has agreed, in one address for their calendar program."""

import datetime as dt
import secrets
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from ghar.calendar.ics import Details, build_feed
from ghar.calendar.models import CalendarEntry, CalendarFeed
from ghar.calendar.services.invitations import DESCRIBE
from ghar.errors import NotFound
from ghar.lib.hashes import hash_secret

# For how long what is over stays in the reader's calendar.
KEPT: Final = dt.timedelta(days=30)


def make_feed(*, user: Any, now: dt.datetime) -> str:
    """A new address, shown once; the one before is void from now on."""
    key = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=user, defaults={"key_hash": hash_secret(key), "made_at": now}
    )
    return f"{settings.BASE_URL.rstrip('/')}{reverse('api:calendar-feed')}?key={key}"


def close_feed(*, user: Any) -> None:
    CalendarFeed.objects.filter(user=user).delete()


def read_feed(*, key: str, now: dt.datetime) -> bytes:
    """The file; NotFound for a key that is unknown or void, or of an account that is closed."""
    feed = CalendarFeed.objects.select_related("user").filter(key_hash=hash_secret(key)).first()
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
    rows: list[tuple[CalendarEntry, Details]] = []
    for subject_type, describe in DESCRIBE.items():
        if subject_type == besides:
            continue
        entries = CalendarEntry.objects.standing(subject_type, since)
        told = describe(entries, user)
        rows += [(entry, told[entry.subject_id]) for entry in entries.filter(subject_id__in=told)]
    return rows
