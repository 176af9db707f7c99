"""Agreed viewings in any number, with the reminders that are due, and what must come of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
import datetime as dt
from itertools import count
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from ghar.accounts.models import User
from ghar.calendar.models import CalendarEntry, Reminder, ReminderKind
from ghar.calendar.services.reminders import AHEAD, plan_reminders
from ghar.lib import clock
from ghar.notifications.models import Delivery, Notification, Purpose
from ghar.properties.models import Property
from tests.factories import LiveListingFactory
from tests.faults.mailbox import Mail
from viewings.models import ViewingRequest, ViewingTimeOption
from viewings.services.booking import SUBJECT_TYPE
from viewings.services.records import owners

# Who is to be reminded, of what, and when.
Plan = dict[tuple[UUID, str], dt.datetime]

VIEWINGS_A_LISTING = 50
LENGTH = dt.timedelta(minutes=30)
_numbers = count()


@transaction.atomic
def agree_on_viewings(due: Sequence[dt.datetime]) -> Plan:
    """A confirmed viewing for each moment, whose two parties are due to be reminded then.

    A day ahead they are due to be reminded the day before too. In bulk: only the planning of the
    reminders is the product's own.
    """
    seekers, plan = User.objects.bulk_create(_seeker() for _ in due), Plan()
    for first in range(0, len(due), VIEWINGS_A_LISTING):
        some = slice(first, first + VIEWINGS_A_LISTING)
        plan |= _agree(LiveListingFactory(), seekers[some], due[some])
    return plan


def _seeker() -> User:
    number = next(_numbers)
    address = f"seeker{number}@example.org"
    return User(full_name=f"Sita Number{number}", email=address, email_verified=True, password="!")


def _agree(listing: Property, seekers: Sequence[User], due: Sequence[dt.datetime]) -> Plan:
    viewings = ViewingRequest.objects.bulk_create(
        ViewingRequest(listing=listing, seeker=seeker, poster=listing.owner, status="confirmed")
        for seeker in seekers
    )
    zone = {"timezone": listing.timezone}
    options = ViewingTimeOption.objects.bulk_create(
        ViewingTimeOption(
            **owners(viewing),
            viewing=viewing,
            start_at=moment + AHEAD[ReminderKind.H2],
            end_at=moment + AHEAD[ReminderKind.H2] + LENGTH,
            source="poster",
            status="selected",
            slot=1,
            **zone,
        )
        for viewing, moment in zip(viewings, due, strict=True)
    )
    for viewing, option in zip(viewings, options, strict=True):
        viewing.selected_option = option
    ViewingRequest.objects.bulk_update(viewings, ["selected_option"])
    entries = CalendarEntry.objects.bulk_create(
        CalendarEntry(
            subject_type=SUBJECT_TYPE,
            subject_id=option.viewing_id,
            start_at=option.start_at,
            end_at=option.end_at,
            **zone,
        )
        for option in options
    )
    for entry, seeker, moment in zip(entries, seekers, due, strict=True):
        plan_reminders(
            entry=entry,
            recipients=[seeker, listing.owner],
            purpose=Purpose.VIEWINGS,
            now=min(moment - LENGTH, clock.now()),
        )
    return {
        (person.pk, viewing.get_absolute_url()): moment
        for viewing, moment in zip(viewings, due, strict=True)
        for person in (viewing.seeker, viewing.poster)
    }


def told() -> Counter[tuple[UUID, str]]:
    """How often each person was reminded of each viewing on the site."""
    return Counter(_lines().values_list("user", "route"))


def mailed(mails: Iterable[Mail]) -> dict[tuple[UUID, str], list[Mail]]:
    """The messages that have arrived about each, by the key that they carry."""
    lines = {str(pk): key for pk, *key in _lines().values_list("pk", "user", "route")}
    found = defaultdict(list)
    for mail in mails:
        line = mail.key.removeprefix("<").partition("-email@")[0]
        found[tuple(lines[line])].append(mail)
    return found


def is_settled() -> bool:
    """Nothing that is due by now waits for anybody."""
    now = clock.now()
    due = [
        rows.filter(state="due", due_at__lte=now) for rows in (Reminder.objects, Delivery.objects)
    ]
    return not any(rows.exists() for rows in due)


def _lines() -> QuerySet[Notification]:
    return Notification.objects.filter(type="viewing_reminder")
