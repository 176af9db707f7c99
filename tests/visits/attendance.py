"""What is written down of the people of these tests, and the figures that come of it."""

import datetime as dt

from ghar.calendar.models import Subject
from ghar.lib import clock
from ghar.lib.ids import uuid7
from moderation.models import Attendance
from moderation.services.attendance import count_attendance, note_attendance


def noted() -> dict[str, str]:
    """By first name, what is written down."""
    rows = Attendance.objects.select_related("person")
    return {row.person.full_name.split()[0]: row.presence for row in rows}


def count() -> None:
    count_attendance(now=clock.now())


def figure(person) -> tuple[int | None, int | None]:
    person.refresh_from_db()
    return person.visits_kept, person.visits_planned


def have(person, presence: str, times: int, *, as_host: bool = True, days_ago: int = 1) -> None:
    """Earlier visits of this person."""
    now = clock.now()
    for _visit in range(times):
        note_attendance(
            subject=Subject("visit", uuid7()),
            presences={person.pk: presence},
            host_id=person.pk if as_host else None,
            happened_at=now - dt.timedelta(days=days_ago),
            now=now,
        )
    count()
