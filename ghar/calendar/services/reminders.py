"""Reminders a day and two hours ahead, as rows that workers claim.

Not broker timers: those are delivered again and again once they lie past the broker's visibility
timeout. A row is planned with the agreement, checked again when it is due, and marked done in the
transaction that writes the message, so that no crash loses or doubles one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
import datetime as dt
from typing import Any, Final, NamedTuple
import uuid

from django.db.models import QuerySet
import structlog

from ghar.calendar.models import (
    LEADING_CHANNEL,
    CalendarEntry,
    Reminder,
    ReminderKind,
    ReminderQuerySet,
)
from ghar.calendar.signals import reminder_sent
from ghar.errors import Text
from ghar.lib import clock, rls
from ghar.lib.claim import claim_due, give_back, note_failure, turns
from ghar.lib.wake import woken_once
from ghar.models import DueState
from ghar.notifications.models import Channel, NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.notifications.services.preferences import channels_of

log = structlog.get_logger(__name__)

AHEAD: Final = {
    ReminderKind.H24: dt.timedelta(hours=24),
    ReminderKind.H2: dt.timedelta(hours=2),
}
# What a worker has in hand when it is killed is late by the lease. It is sent in one transaction:
# whoever else claims it meanwhile gives it back, or finds it done.
BATCH: Final = 20
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


# Of a row and a reminder of it; None when the recipient is no longer there.
Writer = Callable[[Any, Reminder, dt.datetime], Letter | None]


class Mailing(NamedTuple):
    """What an app brings: its rows that still stand, with all that is read of them, and its words."""

    agreed: QuerySet
    write: Writer
    purpose: Purpose


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


def send_due_reminders(*, subject_type: str, mailing: Mailing) -> int:
    """Send what is due about the rows of this type; the number of recipients reminded.

    Each batch has a `now` of its own: after an outage there are many, and the lease of the last
    begins with it.
    """
    sent = 0
    queue = Reminder.objects.leading(subject_type).select_related("entry")
    for _turn in turns():
        leaders = _claim(queue, now := clock.now())
        if not leaders:
            break
        with woken_once():
            sent += _try(leaders, mailing, now)
    return sent


def _claim(queue: ReminderQuerySet, now: dt.datetime) -> list[Reminder]:
    return claim_due(queue, now=now, lease=LEASE, growth=LEASE_GROWTH, limit=BATCH)


def _try(leaders: list[Reminder], mailing: Mailing, now: dt.datetime) -> int:
    """All together, or each alone where one fails: that one stays leased and is tried again, and
    the others must not wait for it.
    """
    try:
        return _send(leaders, mailing, now)
    except Exception as error:
        if len(leaders) > 1:
            return sum(_try([leader], mailing, now) for leader in leaders)
        log.exception("reminder_failed", reminder=str(leaders[0].pk))
        note_failure(leaders[0], error)
        return 0


def _send(leaders: list[Reminder], mailing: Mailing, now: dt.datetime) -> int:
    """In one transaction: what is alike is read and written together."""
    with rls.acting_as(rls.WORKER):
        leaders = _lock_subjects(leaders, mailing.agreed.model._default_manager)
        due = _lock_rows(leaders)
        if not due:
            return 0
        letters = _write([leader for leader in leaders if leader.pk in due], mailing, now)
        outgoing = channels_of({letter.to for letter in letters.values()}, mailing.purpose)
        _close(due, {pk: outgoing[letter.to] for pk, letter in letters.items()})
        sent = [(leader, letters[leader.pk]) for leader in leaders if leader.pk in letters]
        told = [_line(letter, leader, outgoing[letter.to]) for leader, letter in sent]
        notify(*told, now=now, purpose=mailing.purpose)
        for leader, letter in sent:
            reminder_sent.send(
                sender=Reminder,
                entry=leader.entry,
                kind=leader.kind,
                letter=letter,
                channels=[LEADING_CHANNEL, *outgoing[letter.to]],
                now=now,
            )
        return len(sent)


def _lock_subjects(leaders: list[Reminder], subjects: Any) -> list[Reminder]:
    """Before the entries, as every verb does. Without those that somebody else has, for whom the
    reminders of others must not wait. A row may be gone with an account.
    """
    wanted = subjects.filter(pk__in={leader.entry.subject_id for leader in leaders})
    mine = wanted.order_by("pk").select_for_update(no_key=True, skip_locked=True)
    locked = set(mine.values_list("pk", flat=True))
    held = set(wanted.exclude(pk__in=locked).values_list("pk", flat=True))
    for leader in leaders:
        if leader.entry.subject_id in held:
            give_back(leader)
    return [leader for leader in leaders if leader.entry.subject_id not in held]


def _lock_rows(leaders: list[Reminder]) -> dict[uuid.UUID, list[Reminder]]:
    """The rows on all channels of each reminder that is still due, with its entry as it stands now;
    others are given free.
    """
    entries = CalendarEntry.objects.filter(pk__in={leader.entry_id for leader in leaders})
    fresh = {entry.pk: entry for entry in entries.order_by("pk").select_for_update()}
    for leader in leaders:
        leader.entry = fresh[leader.entry_id]
    due = defaultdict(list)
    by_reminder = {_reminder(leader): leader for leader in leaders}
    for row in Reminder.objects.beside(leaders).due().order_by("pk").select_for_update():
        leader = by_reminder[_reminder(row)]
        if not leader.entry.is_frozen:
            due[leader.pk].append(row)
    if free := [leader.pk for leader in leaders if leader.pk not in due]:
        Reminder.objects.filter(pk__in=free).update(lease_until=None)
    return due


def _reminder(row: Reminder) -> tuple[Any, ...]:
    """What the rows of one reminder have in common."""
    return row.entry_id, row.schedule_seq, row.kind, row.recipient


def _write(leaders: list[Reminder], mailing: Mailing, now: dt.datetime) -> dict[uuid.UUID, Letter]:
    """Those that somebody is still to hear."""
    wanted = [leader for leader in leaders if _is_wanted(leader, now)]
    agreed = mailing.agreed.in_bulk({leader.entry.subject_id for leader in wanted})
    written = {
        leader.pk: mailing.write(row, leader, now)
        for leader in wanted
        if (row := agreed.get(leader.entry.subject_id))
    }
    return {pk: letter for pk, letter in written.items() if letter}


def _is_wanted(reminder: Reminder, now: dt.datetime) -> bool:
    """Still agreed, still ahead, and not about to be said again by the later reminder."""
    entry = reminder.entry
    is_current = entry.is_active and entry.sequence == reminder.schedule_seq
    latest = entry.start_at
    if reminder.kind == ReminderKind.H24:
        latest -= AHEAD[ReminderKind.H2]
    return is_current and now < latest


def _close(due: dict[uuid.UUID, list[Reminder]], channels: dict[uuid.UUID, list[Any]]) -> None:
    """Done is what goes out; what nobody wants any more, in all or on a channel, is skipped."""
    ended: dict[DueState, list[uuid.UUID]] = {DueState.DONE: [], DueState.SKIPPED: []}
    for pk, rows in due.items():
        for row in rows:
            is_sent = pk in channels and row.channel in (LEADING_CHANNEL, *channels[pk])
            ended[DueState.DONE if is_sent else DueState.SKIPPED].append(row.pk)
    for state, ids in ended.items():
        if ids:
            Reminder.objects.filter(pk__in=ids).update(state=state, lease_until=None)


def _line(letter: Letter, leader: Reminder, channels: list[Channel]) -> Line:
    return Line(
        to=letter.to,
        type=letter.type,
        title=letter.title,
        body=letter.body,
        route=letter.route,
        # Whoever moved it themself was not told: here their calendar learns of it.
        appointment_id=letter.about.pk,
        key=_key(leader),
        channels=channels,
    )


def _key(reminder: Reminder) -> str:
    return f"reminder-{reminder.entry_id}-{reminder.schedule_seq}-{reminder.kind}"
