"""What people did about the times that they agreed on, and what follows from it.

Visits and viewings write it down here; a worker counts it. The figures that others see stand on the
account, because the pages of listings, below this app, show them.
"""

from collections.abc import Mapping
import datetime as dt
from typing import Final
import uuid

from ghar.accounts.models import User
from ghar.calendar.models import Subject
from ghar.lib.rls import WORKER, acting_as
from ghar.lib.wake import wake
from moderation.models import Attendance, RiskScore
from moderation.rules.reliability import (
    CODE,
    PERIOD,
    Record,
    published,
    reliability_reasons,
)
from moderation.services.checks import request_check
from moderation.services.facts import detection_limits, record_of_host

PEOPLE_A_RUN: Final = 200


def note_attendance(
    *,
    subject: Subject,
    presences: Mapping[uuid.UUID, str],
    host_id: uuid.UUID | None,
    happened_at: dt.datetime,
    now: dt.datetime,
) -> None:
    """Write down who kept it, instead of what was written earlier; one statement."""
    rows = [
        Attendance(
            person_id=person_id,
            as_host=person_id == host_id,
            subject_type=subject.type,
            subject_id=subject.id,
            presence=presence,
            happened_at=happened_at,
            noted_at=now,
        )
        for person_id, presence in sorted(presences.items())
    ]
    Attendance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["person", "subject_type", "subject_id"],
        update_fields=["presence", "happened_at", "noted_at", "is_counted"],
    )
    wake("moderation.count_attendance")


def forget_attendance(*, subject: Subject) -> None:
    """The step by which it ended was taken back."""
    Attendance.objects.of(subject).update(presence="", is_counted=False)
    wake("moderation.count_attendance")


# --- Counting -------------------------------------------------------------------------------------
def count_attendance(*, now: dt.datetime) -> int:
    """Bring the figures of everybody up to date about whom something is new or too old."""
    waiting = Attendance.objects.waiting(now - PERIOD).order_by("person")
    people = list(waiting.values_list("person", flat=True).distinct()[:PEOPLE_A_RUN])
    for pk in people:
        with acting_as(WORKER):
            _count(pk, now)
    return len(people)


def _count(person_id: uuid.UUID, now: dt.datetime) -> None:
    # Two who count at once would each miss what the other sees.
    person = User.objects.select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None:
        return
    mine = Attendance.objects.filter(person=person)
    mine.filter(happened_at__lt=now - PERIOD).delete()
    # First the mark, then the count: what is committed in between waits for the next run.
    mine.filter(is_counted=False).update(is_counted=True)
    figure = published(Record(**mine.tally()))
    person.visits_kept, person.visits_planned = figure or (None, None)
    person.save(update_fields=["visits_kept", "visits_planned"])
    _weigh(person, now)


def _weigh(host: User, now: dt.datetime) -> None:
    """Let the listings be checked anew whose score does not know how the host behaves."""
    found = reliability_reasons(record_of_host(host.pk), detection_limits())
    weights = [(reason.code, reason.weight) for reason in found]
    scores = RiskScore.objects.filter(owner_id=host.pk).select_related("listing")
    for score in scores.order_by("listing_id"):
        rows = [(row["code"], row["weight"]) for row in score.reasons]
        if weights != [row for row in rows if row[0] == CODE]:
            request_check(listing=score.listing, now=now)
