"""What people did about the times that they agreed on, and what follows from it.

Visits and viewings write it down here; a worker counts it. The figures that others see stand on the
account, because the pages of listings, below this app, show them.
"""

from collections.abc import Mapping
import datetime as dt
from typing import Any, Final
import uuid

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.calendar.models import Subject
from ghar.errors import Conflict, NotFound
from ghar.lib import clock
from ghar.lib.pairs import lock_pair
from ghar.lib.rls import WORKER, acting_as
from ghar.lib.wake import wake
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import notify
from moderation import policies
from moderation.models import Attendance, Case, Dispute, RiskScore
from moderation.rules.reliability import (
    CODE,
    DISPUTED_WITHIN,
    PERIOD,
    Record,
    published,
    reliability_reasons,
)
from moderation.services.cases import check_version, lock_case, open_case, settle
from moderation.services.checks import request_check
from moderation.services.decisions import Ruling
from moderation.services.facts import detection_limits, record_of_host
from moderation.states import CaseKind, Verdict

PEOPLE_A_RUN: Final = 200
_OUTCOME: Final[dict[str, Any]] = {
    Verdict.UPHOLD: _("We have looked at what you wrote. The visit stays as it was written down."),
    Verdict.OVERTURN: _("We have looked at what you wrote. The visit does not count against you."),
}


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
    for score in RiskScore.objects.filter(owner_id=host.pk).select_related("listing"):
        rows = [(row["code"], row["weight"]) for row in score.reasons]
        if weights != [row for row in rows if row[0] == CODE]:
            request_check(listing=score.listing, now=now)


# --- Disputes -------------------------------------------------------------------------------------
def disputable(*, subject: Subject, by: User, now: dt.datetime) -> Attendance | None:
    """What this visit says against the reader, while they can still object."""
    against = Attendance.objects.held_against(by, now - DISPUTED_WITHIN)
    return against.of(subject).filter(dispute=None).first()


def objection(*, subject: Subject, by: User) -> Dispute | None:
    """What the reader has said against the record of this visit, decided or not."""
    mine = Attendance.objects.of(subject).filter(person=by)
    return Dispute.objects.filter(attendance__in=mine).first()


def check_can_dispute(*, subject: Subject, by: User, now: dt.datetime) -> Attendance:
    """What counts against this person; Conflict where there is nothing to object to."""
    against = disputable(subject=subject, by=by, now=now)
    if against is None:
        raise Conflict(_("There is nothing here to object to any more."), code="NOT_DISPUTABLE")
    return against


def dispute_attendance(*, subject: Subject, message: str, by: User, now: dt.datetime) -> Dispute:
    """Object; while it is open it does not count. Conflict where there is nothing to object to."""
    lock_pair(by.pk, by.pk)  # two at once would open two cases
    against = check_can_dispute(subject=subject, by=by, now=now)
    _contest(against, is_disputed=True)
    dispute = Dispute.objects.create(attendance=against, message=message, created_at=now)
    waiting = Case.objects.about(person=by).open().filter(kind=CaseKind.DISPUTE)
    if not waiting.exists():
        open_case(person=by, kind=CaseKind.DISPUTE, reasons=[], now=now)
    _record(dispute, "attendance_disputed", by=by, now=now)
    return dispute


@transaction.atomic
def decide_dispute(*, case: Case, ruling: Ruling, version: int, by: User) -> Dispute:
    """Uphold what was written down, or overturn it; the oldest of what this person objected to."""
    now = clock.now()
    case = lock_case(case.pk)
    check_version(case, version)
    policies.check_can_claim(case, by, now)
    policies.check_verdict(case, ruling.verdict)
    waiting = Dispute.objects.of(case.person_id).open()
    dispute = waiting.select_related("attendance__person").select_for_update(of=("self",)).first()
    if dispute is None:  # it was about a visit of more than a year ago
        raise NotFound
    dispute.is_upheld = ruling.verdict == Verdict.UPHOLD
    dispute.decided_at, dispute.decided_by = now, by
    dispute.save(update_fields=["is_upheld", "decided_at", "decided_by"])
    _contest(dispute.attendance, is_disputed=not dispute.is_upheld)
    settle(case=case, is_over=not waiting.exists(), now=now)
    _record(dispute, "dispute_decided", by=by, now=now, notes=ruling.note)
    notify(
        to=dispute.attendance.person,
        type=NotificationType.APPEAL_OUTCOME,
        title=_("Your objection has been decided"),
        body=ruling.message or _OUTCOME[ruling.verdict],
        route=_page_of(dispute.attendance),
        now=now,
        purpose=Purpose.MODERATION,
        key=f"dispute-{dispute.pk}",
    )
    return dispute


def _page_of(about: Attendance) -> str:
    """The page of the visit or viewing; the apps that serve it stand above this one."""
    return reverse(f"{about.subject_type}s:detail", args=[about.subject_id])


def _contest(attendance: Attendance, *, is_disputed: bool) -> None:
    attendance.is_disputed, attendance.is_counted = is_disputed, False
    attendance.save(update_fields=["is_disputed", "is_counted"])
    wake("moderation.count_attendance")


def _record(dispute: Dispute, action: str, *, by: User, now: dt.datetime, **more: Any) -> None:
    about = dispute.attendance
    data = {"subject": f"{about.subject_type} {about.subject_id}", "upheld": dispute.is_upheld}
    audit.record(by=by, action=action, target=about.person, now=now, data=data | more)
