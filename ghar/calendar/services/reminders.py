"""Reminders a day and two hours ahead, as rows that workers claim.

Not broker timers: those are delivered again and again once they lie past the broker's visibility
timeout. A row is planned with the agreement, checked again when it is due, and marked done in the
transaction that writes the message, so that no crash loses or doubles one.
"""

from collections.abc import Callable, Iterable
import datetime as dt
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet
import structlog

from ghar.calendar.models import (
    LEADING_CHANNEL,
    CalendarEntry,
    Reminder,
    ReminderKind,
    ReminderQuerySet,
    Subject,
)
from ghar.calendar.signals import reminder_sent
from ghar.errors import Text
from ghar.lib import clock, rls
from ghar.lib.claim import claim_due, give_back
from ghar.lib.wake import woken_once
from ghar.models import DueState
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import notify
from ghar.notifications.services.preferences import channels_of, opted_in_channels

log = structlog.get_logger(__name__)

AHEAD: Final = {
    ReminderKind.H24: dt.timedelta(hours=24),
    ReminderKind.H2: dt.timedelta(hours=2),
}
# What a worker has in hand when it is killed is late by the lease, and is sent in one transaction:
# whoever else claims it meanwhile gives it back, or finds it done.
BATCH: Final = 10
LEASE: Final = dt.timedelta(seconds=2)
LEASE_GROWTH: Final = 5


class Letter(NamedTuple):
    """A reminder in the words of the app whose entry it is about. `to` is a principal.

    `about` is the row of that app as it was read, for whoever hears that the reminder was sent.
    """

    to: Any
    about: Any
    type: NotificationType
    title: Text
    body: Text
    route: str
    purpose: Purpose


# None when the recipient is no longer there.
Writer = Callable[[CalendarEntry, Reminder, dt.datetime], Letter | None]


def plan_reminders(
    *, entry: CalendarEntry, recipients: Iterable[Any], purpose: Purpose, now: dt.datetime
) -> None:
    """One row for each recipient, channel and kind; a kind whose moment has passed is left out."""
    kinds = [(kind, entry.start_at - ahead) for kind, ahead in AHEAD.items()]
    chosen = channels_of(recipients, purpose)
    rows = [
        Reminder(
            entry=entry,
            schedule_seq=entry.sequence,
            kind=kind,
            channel=channel,
            recipient=recipient.event_channel,
            due_at=due_at,
        )
        for recipient, outgoing in chosen.items()
        for channel in (LEADING_CHANNEL, *outgoing)
        for kind, due_at in kinds
        if due_at > now
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def supersede_reminders(entry: CalendarEntry) -> None:
    entry.reminders.due().update(state=DueState.SKIPPED)


def carry_over(entry: CalendarEntry) -> None:
    """The reminders that are still due hold for the entry's new sequence."""
    entry.reminders.due().update(schedule_seq=entry.sequence)


def readdress(*, old: Any, new: Any) -> None:
    """What is due to one principal goes to another: a session has become somebody's."""
    due = Reminder.objects.due().filter(recipient=old.event_channel)
    due.update(recipient=new.event_channel)


def send_due_reminders(*, subject_type: str, subjects: QuerySet, write: Writer) -> int:
    """Send what is due about `subjects`, the rows of this type; the number of recipients reminded.

    Each batch has a `now` of its own: after an outage there are many, and the lease of the last
    begins with it.
    """
    sent = 0
    queue = Reminder.objects.leading(subject_type).select_related("entry")
    while leaders := _claim(queue, now := clock.now()):
        with woken_once():
            sent += sum(_try(leader, subjects=subjects, write=write, now=now) for leader in leaders)
    return sent


def _claim(queue: ReminderQuerySet, now: dt.datetime) -> list[Reminder]:
    return claim_due(queue, now=now, lease=LEASE, growth=LEASE_GROWTH, limit=BATCH)


def _try(leader: Reminder, *, subjects: QuerySet, write: Writer, now: dt.datetime) -> bool:
    try:
        return _send(leader, subjects=subjects, write=write, now=now)
    except Exception:
        # It stays leased and is tried again; the others of the batch must not wait for it.
        log.exception("reminder_failed", reminder=str(leader.pk))
        return False


def _send(leader: Reminder, *, subjects: QuerySet, write: Writer, now: dt.datetime) -> bool:
    with rls.acting_as(rls.WORKER):
        if not _lock_subject(subjects, leader.entry.subject):
            give_back(leader)
            return False
        entry = CalendarEntry.objects.select_for_update().get(pk=leader.entry_id)
        rows = list(Reminder.objects.beside(leader).due().order_by("pk").select_for_update())
        if entry.is_frozen or not rows:
            Reminder.objects.filter(pk=leader.pk).update(lease_until=None)
            return False
        letter = write(entry, leader, now) if _is_wanted(entry, leader, now) else None
        if letter is None:
            _close(rows, DueState.SKIPPED)
            return False
        channels = opted_in_channels(letter.to, letter.purpose)
        _close([row for row in rows if row.channel in (LEADING_CHANNEL, *channels)], DueState.DONE)
        _close(
            [row for row in rows if row.channel not in (LEADING_CHANNEL, *channels)],
            DueState.SKIPPED,
        )
        _deliver(letter, channels=channels, key=_key(leader), now=now)
        reminder_sent.send(
            sender=Reminder,
            entry=entry,
            kind=leader.kind,
            letter=letter,
            channels=[LEADING_CHANNEL, *channels],
            now=now,
        )
        return True


def _lock_subject(subjects: QuerySet, subject: Subject) -> bool:
    """Before the entry, as every verb does; False while somebody else has it, for whom the reminders
    of others must not wait. Its row may be gone with an account.
    """
    row = subjects.filter(pk=subject.id)
    locked = row.select_for_update(no_key=True, skip_locked=True)
    return bool(locked.values_list("pk")) or not row.exists()


def _is_wanted(entry: CalendarEntry, reminder: Reminder, now: dt.datetime) -> bool:
    """Still agreed, still ahead, and not about to be said again by the later reminder."""
    is_current = entry.is_active and entry.sequence == reminder.schedule_seq
    latest = entry.start_at
    if reminder.kind == ReminderKind.H24:
        latest -= AHEAD[ReminderKind.H2]
    return is_current and now < latest


def _close(rows: list[Reminder], state: DueState) -> None:
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, lease_until=None)


def _deliver(letter: Letter, *, channels: list[Any], key: str, now: dt.datetime) -> None:
    notify(
        to=letter.to,
        type=letter.type,
        title=letter.title,
        body=letter.body,
        route=letter.route,
        purpose=letter.purpose,
        now=now,
        key=key,
        channels=channels,
        # Whoever moved it themself was not told: here their calendar learns of it.
        appointment_id=letter.about.pk,
    )


def _key(reminder: Reminder) -> str:
    return f"reminder-{reminder.entry_id}-{reminder.schedule_seq}-{reminder.kind}"
