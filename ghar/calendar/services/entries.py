"""Agreed times as entries of a calendar: one UID for life, a sequence that only rises."""

from collections.abc import Iterable
import uuid

from ghar.calendar.models import CalendarEntry, Subject
from ghar.calendar.services.claims import Span
from ghar.calendar.services.reminders import carry_over, supersede_reminders
from ghar.errors import NotFound


def upsert_entry(
    *, subject: Subject, span: Span, timezone: str, is_frozen: bool = False
) -> CalendarEntry:
    """The entry of `subject` at its agreed time; reminders of an earlier time are superseded.

    `is_frozen` as it is now: what a hold of before has left behind is over.
    """
    entry = CalendarEntry.objects.of(subject).select_for_update().first()
    if entry is None:
        entry = CalendarEntry(subject_type=subject.type, subject_id=subject.id)
    else:
        supersede_reminders(entry)
        entry.sequence += 1
    entry.start_at, entry.end_at = span
    entry.timezone, entry.is_active = timezone, True
    entry.is_frozen = is_frozen
    entry.save()
    return entry


def cancel_entry(subject: Subject) -> CalendarEntry | None:
    """Withdraw the entry, if there is one; calendars that hold it receive a CANCEL."""
    entry = CalendarEntry.objects.of(subject).filter(is_active=True).select_for_update().first()
    if entry is None:
        return None
    supersede_reminders(entry)
    entry.sequence += 1
    entry.is_active = False
    entry.save(update_fields=["sequence", "is_active", "updated_at"])
    return entry


def silence_entry(subject: Subject) -> None:
    """The agreed time stands but may change: nobody is reminded of it any more."""
    entry = CalendarEntry.objects.of(subject).select_for_update().first()
    if entry is not None:
        supersede_reminders(entry)


def touch_entry(subject: Subject) -> None:
    """Something but the time has changed; reminders go on for the new sequence."""
    entry = CalendarEntry.objects.of(subject).filter(is_active=True).select_for_update().first()
    if entry is not None:
        entry.sequence += 1
        entry.save(update_fields=["sequence", "updated_at"])
        carry_over(entry)


def get_entry(subject: Subject) -> CalendarEntry:
    """NotFound until a time has been agreed."""
    entry = CalendarEntry.objects.of(subject).first()
    if entry is None:
        raise NotFound
    return entry


def freeze_entries(subject_type: str, ids: Iterable[uuid.UUID], *, is_frozen: bool) -> None:
    """Make reminders wait, or let them go on; what is then past its start is never sent."""
    CalendarEntry.objects.filter(subject_type=subject_type, subject_id__in=list(ids)).update(
        is_frozen=is_frozen
    )
