"""What people say about an attendance that is written down wrong, and what a moderator finds.

One objects to what counts against oneself; or one who came says that the other side did not.
"""

from collections.abc import Callable
import datetime as dt
from typing import Any, Final, NamedTuple
import uuid

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal, SeekerSession, User
from ghar.audit import services as audit
from ghar.calendar.models import Subject
from ghar.errors import Conflict, NotFound
from ghar.lib import clock
from ghar.lib.actors import Actor
from ghar.lib.pairs import lock_pair
from ghar.lib.wake import wake
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from moderation import policies
from moderation.models import Attendance, Case, Dispute
from moderation.rules.reliability import DISPUTED_WITHIN
from moderation.services.cases import check_version, lock_case, open_case, settle
from moderation.services.decisions import Ruling
from moderation.states import CaseKind, DisputeKind, Presence, Verdict

_STAYS: Final = _("We have looked at what you wrote. The visit stays as it was written down.")
_NOT_AGAINST_YOU: Final = _(
    "We have looked at what you wrote. The visit does not count against you."
)
_DID_NOT_COME: Final = _(
    "We have looked at what you wrote. It is written down that they did not come."
)
_OUTCOME: Final[dict[tuple[str, str], Any]] = {
    (DisputeKind.RECORD, Verdict.UPHOLD): _STAYS,
    (DisputeKind.RECORD, Verdict.OVERTURN): _NOT_AGAINST_YOU,
    (DisputeKind.ABSENCE, Verdict.UPHOLD): _STAYS,
    (DisputeKind.ABSENCE, Verdict.OVERTURN): _DID_NOT_COME,
}

# Where somebody without an account reads of a subject; accounts have its page.
Route = Callable[[uuid.UUID, SeekerSession], str]
_ROUTES: Final[dict[str, Route]] = {}


def register_route(subject_type: str, route: Route) -> None:
    _ROUTES[subject_type] = route


class OtherSide(NamedTuple):
    """Of whom somebody who came to an agreed time may say that they did not."""

    person: User
    as_host: bool
    happened_at: dt.datetime


class NotDisputable(Conflict):
    code = "NOT_DISPUTABLE"
    message = _("There is nothing here to object to any more.")


def disputable(
    *, subject: Subject, by: Principal, other: OtherSide | None, now: dt.datetime
) -> DisputeKind | None:
    """What the reader can still tell us: first of all that what counts against them is wrong."""
    if _held_against(by, subject, now) is not None:
        return DisputeKind.RECORD
    if other is not None and _may_have_missed(other.person, subject):
        return DisputeKind.ABSENCE
    return None


def objection(*, subject: Subject, by: Principal) -> Dispute | None:
    """What the reader has told us last about this visit, decided or not."""
    about = Attendance.objects.of(subject)
    return Dispute.objects.by(by).filter(attendance__in=about).order_by("-created_at").first()


@transaction.atomic
def dispute(
    *,
    subject: Subject,
    kind: DisputeKind,
    message: str,
    by: Principal,
    other: OtherSide | None,
    now: dt.datetime,
) -> Dispute:
    """Say it; NotDisputable where there is nothing to say. The same words sent twice are an
    objection once, and never an accusation.

    What somebody objects to does not count while that is open. What they say of the other side
    counts once a moderator agrees.
    """
    # In one order, because two may say it of each other.
    for person_id in sorted({by.pk, other.person.pk} if other else {by.pk}):
        _lock_disputes_about(person_id)
    if kind == DisputeKind.RECORD:
        about = _held_against(by, subject, now)
    else:
        about = _absence_of(other, subject, now)
    if about is None:
        raise NotDisputable
    if kind == DisputeKind.RECORD:
        _contest(about, is_disputed=True)
    return _open(about, kind, message=message, by=by, now=now)


def _lock_disputes_about(person_id: Any) -> None:
    """Two at once would open two cases, or one would join a case that is being closed."""
    lock_pair(person_id, person_id)


def _held_against(by: Principal, subject: Subject, now: dt.datetime) -> Attendance | None:
    """What they have not objected to yet; nothing is held against a session."""
    if not isinstance(by, User):
        return None
    against = Attendance.objects.held_against(by, now - DISPUTED_WITHIN).of(subject)
    return against.exclude(disputes__kind=DisputeKind.RECORD).first()


def _may_have_missed(person: User, subject: Subject) -> bool:
    """Nothing says yet that this person did not come, and nobody has told us so."""
    known = Attendance.objects.of(subject).filter(person=person)
    told = known.filter(disputes__kind=DisputeKind.ABSENCE)
    return not (known.bad().exists() or told.exists())


def _absence_of(other: OtherSide | None, subject: Subject, now: dt.datetime) -> Attendance | None:
    """Nobody may have said yet how it was."""
    if other is None or not _may_have_missed(other.person, subject):
        return None
    about, _is_new = Attendance.objects.get_or_create(
        person=other.person,
        subject_type=subject.type,
        subject_id=subject.id,
        defaults={"as_host": other.as_host, "happened_at": other.happened_at, "noted_at": now},
    )
    return about


def _open(
    about: Attendance, kind: DisputeKind, *, message: str, by: Principal, now: dt.datetime
) -> Dispute:
    """In the one open case of the person whom it is about."""
    said = Dispute.objects.create(
        attendance=about,
        kind=kind,
        author=by if isinstance(by, User) else None,
        author_session=by if isinstance(by, SeekerSession) else None,
        message=message,
        created_at=now,
    )
    waiting = Case.objects.about(person=about.person).open().filter(kind=CaseKind.DISPUTE)
    if not waiting.exists():
        open_case(person=about.person, kind=CaseKind.DISPUTE, reasons=[], now=now)
    _record(said, "attendance_disputed", by=by, now=now)
    return said


# --- The moderator's answer -----------------------------------------------------------------------
@transaction.atomic
def decide_dispute(*, case: Case, ruling: Ruling, version: int, by: User) -> Dispute:
    """Uphold what was written down, or overturn it; the oldest that is said about this person."""
    now = clock.now()
    _lock_people(case)
    _lock_disputes_about(case.person_id)
    case = lock_case(case.pk)
    check_version(case, version)
    policies.check_can_claim(case, by, now)
    policies.check_verdict(case, ruling.verdict)
    waiting = Dispute.objects.about(case.person_id).open()
    said = waiting.select_related("attendance__person").select_for_update(of=("self",)).first()
    if said is None:  # it was about a visit of more than a year ago
        raise NotFound
    policies.check_can_decide_dispute(said, by)
    said.is_upheld = ruling.verdict == Verdict.UPHOLD
    said.decided_at, said.decided_by = now, by
    said.save(update_fields=["is_upheld", "decided_at", "decided_by"])
    if said.kind == DisputeKind.RECORD:
        _contest(said.attendance, is_disputed=not said.is_upheld)
    elif not said.is_upheld:
        _find_absent(said.attendance, now)
    settle(case=case, is_over=not waiting.exists(), now=now)
    _record(said, "dispute_decided", by=by, now=now, notes=ruling.note)
    _tell(said, ruling, now)
    return said


def _lock_people(case: Case) -> None:
    """Before all that goes with an account: whoever is being erased is waited for with empty hands."""
    said = Dispute.objects.about(case.person_id).open()
    people = Q(pk=case.person_id) | Q(pk__in=said.order_by().values("author"))
    list(User.objects.filter(people).order_by("pk").select_for_update(no_key=True))


def _contest(attendance: Attendance, *, is_disputed: bool) -> None:
    attendance.is_disputed, attendance.is_counted = is_disputed, False
    attendance.save(update_fields=["is_disputed", "is_counted"])
    wake("moderation.count_attendance")


def _find_absent(attendance: Attendance, now: dt.datetime) -> None:
    """It counts from now on, and for a week the person can object."""
    attendance.ruling, attendance.noted_at, attendance.is_counted = Presence.MISSED, now, False
    attendance.save(update_fields=["ruling", "noted_at", "is_counted"])
    wake("moderation.count_attendance")


def _tell(said: Dispute, ruling: Ruling, now: dt.datetime) -> None:
    """Whoever said it, and one of whom it is found that they did not come."""
    told = []
    if author := said.said_by:
        outcome = ruling.message or _OUTCOME[said.kind, ruling.verdict]
        told.append((author, _("What you told us has been decided"), outcome))
    if said.kind == DisputeKind.ABSENCE and not said.is_upheld:
        found = _(
            "The other side told us so, and a person of our team has looked at it. If it is wrong,"
            " tell us within a week."
        )
        told.append((said.attendance.person, _("It is written down that you did not come"), found))
    lines = [
        Line(
            to=person,
            type=NotificationType.APPEAL_OUTCOME,
            title=title,
            body=body,
            route=_route(said.attendance, person),
            key=f"dispute-{said.pk}",
        )
        for person, title, body in told
    ]
    notify(*lines, now=now, purpose=Purpose.MODERATION)


def _route(about: Attendance, reader: Principal) -> str:
    """The page of the visit or viewing; the apps that serve it stand above this one."""
    if isinstance(reader, SeekerSession):
        return _ROUTES[about.subject_type](about.subject_id, reader)
    return reverse(f"{about.subject_type}s:detail", args=[about.subject_id])


def _record(said: Dispute, action: str, *, by: Actor, now: dt.datetime, **more: Any) -> None:
    about = said.attendance
    data = {
        "subject": f"{about.subject_type} {about.subject_id}",
        "says": said.kind,
        "upheld": said.is_upheld,
    }
    audit.record(by=by, action=action, target=about.person, now=now, data=data | more)
