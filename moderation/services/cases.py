"""Cases: one open case for each listing or person that waits for a moderator."""

from collections.abc import Iterable
import datetime as dt
from typing import Any, Final
import uuid

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.errors import Conflict, NotFound
from ghar.lib import clock
from ghar.properties.models import Property
from moderation import policies
from moderation.models import Case, Decision, ListingCheck, Report
from moderation.models.cases import CaseQuerySet
from moderation.states import CaseKind, CaseStatus

LEASE: Final = dt.timedelta(minutes=10)
REVIEW_WITHIN: Final = dt.timedelta(hours=24)
ESCALATED_WITHIN: Final = dt.timedelta(hours=4)


def sync_cases(*, listing: Property, now: dt.datetime) -> None:
    """Exactly the open case that the listing's status calls for, with its latest score."""
    wanted = policies.KIND_OF_STATUS.get(listing.status)
    mine = Case.objects.open().about_listings().filter(listing=listing)
    for case in mine.exclude(kind=wanted).select_for_update():
        _close(case, CaseStatus.CLOSED, now)
    if wanted is None:
        return
    waiting = mine.filter(kind=wanted).select_for_update().first()
    if waiting is None:
        open_case(listing=listing, kind=wanted, now=now)
    else:
        _rescore(waiting)


def outdate_cases(*, listing: Property) -> None:
    """The content changed: whoever has read a case about it reads again before deciding."""
    mine = Case.objects.open().about_content().filter(listing=listing)
    mine.update(version=F("version") + 1)


def open_case(
    *,
    kind: CaseKind,
    now: dt.datetime,
    listing: Property | None = None,
    person: User | None = None,
    reasons: Iterable[str] | None = None,
) -> Case:
    """About a listing or a person. Without `reasons` those of the listing's latest check."""
    score, found = _latest_score(listing.pk) if listing and reasons is None else (0, [])
    return Case.objects.create(
        listing=listing,
        person=person,
        kind=kind,
        risk_score=score,
        reasons=found if reasons is None else list(reasons),
        version=_newest_version(listing, person) + 1,
        due_at=now + _patience(score),
        created_at=now,
    )


def keep_report_case(
    *, listing: Property | None, person: User | None, reasons: Iterable[str], now: dt.datetime
) -> Case:
    """The one open case of what was reported, locked; whoever reads it now must read again."""
    reasons = sorted(set(reasons))
    case = _report_cases(listing, person).open().select_for_update(no_key=True).first()
    if case is None:
        return open_case(
            kind=CaseKind.REPORT, listing=listing, person=person, reasons=reasons, now=now
        )
    case.reasons = reasons
    case.version += 1
    case.save(update_fields=["reasons", "version"])
    return case


def lock_report_case(*, listing: Property | None, person: User | None) -> Case:
    """The open one, else the last; there is one as soon as anything was reported."""
    case = _report_cases(listing, person).select_for_update(no_key=True).first()
    if case is None:
        raise NotFound
    return case


def _report_cases(listing: Property | None, person: User | None) -> CaseQuerySet:
    mine = Case.objects.about(listing=listing, person=person).filter(kind=CaseKind.REPORT)
    return mine.order_by("-version")


def escalate(*, case: Case, by: User, now: dt.datetime) -> None:
    """For another moderator, and soon."""
    case.escalated_by = by
    case.claimed_by = case.claimed_until = None
    case.due_at = min(case.due_at, now + ESCALATED_WITHIN)
    case.version += 1
    case.save()


def claim_case(*, case: Case, by: User) -> Case:
    """Hold the case for ten minutes; a claim of one's own is renewed."""
    now = clock.now()
    with transaction.atomic():
        case = lock_case(case.pk)
        policies.check_can_claim(case, by, now)
        case.claimed_by, case.claimed_until = by, now + LEASE
        case.save(update_fields=["claimed_by", "claimed_until"])
    return case


def release_case(*, case: Case, by: User) -> Case:
    now = clock.now()
    with transaction.atomic():
        case = lock_case(case.pk)
        policies.check_can_claim(case, by, now)
        case.claimed_by = case.claimed_until = None
        case.save(update_fields=["claimed_by", "claimed_until"])
    return case


def next_case(*, by: User) -> Case | None:
    """Claim the most urgent case that nobody else holds."""
    now = clock.now()
    with transaction.atomic():
        free = Case.objects.queue().free_for(by, now).select_related(None)
        case = free.select_for_update(skip_locked=True, of=("self",)).first()
        return claim_case(case=case, by=by) if case else None


def lock_case(pk: uuid.UUID) -> Case:
    case = Case.objects.select_for_update().filter(pk=pk).first()
    if case is None:
        raise NotFound
    return case


def check_version(case: Case, version: int | None) -> None:
    if version is not None and version != case.version:
        raise StaleCase(case)


def settle(*, case: Case, is_over: bool, now: dt.datetime) -> None:
    """After a decision: closed, or open again with a new clock where the listing stays put."""
    if is_over:
        _close(case, CaseStatus.DECIDED, now)
        return
    case.version += 1
    case.claimed_by = case.claimed_until = None
    case.due_at = now + _patience(case.risk_score)
    case.save()


def reopen(*, case: Case) -> None:
    """A decision was undone: the case is where it was, for the same reviewer."""
    case.status, case.closed_at = CaseStatus.OPEN, None
    case.version = _newest_version(case.listing, case.person) + 1
    case.save()


class StaleCase(Conflict):
    """The case changed since it was read; tells what the other reviewer decided."""

    code = "STALE_CASE"

    def __init__(self, case: Case) -> None:
        super().__init__(
            _("This case changed while you were looking at it."),
            details={
                "version": case.version,
                "status": case.status,
                "decision": _decided(case),
            },
        )


def _decided(case: Case) -> dict[str, Any] | None:
    latest = latest_decision(case)
    if latest is None or latest.decided_at is None:
        return None
    by = latest.decided_by
    return {
        "decision": latest.action if isinstance(latest, Report) else latest.verdict,
        "reason_codes": [] if isinstance(latest, Report) else latest.reason_codes,
        "decided_by": by.public_name if by else "",
        "decided_at": latest.decided_at.isoformat(),
    }


def latest_decision(case: Case) -> Decision | Report | None:
    """What was last decided about the target: a report, or a listing."""
    if policies.is_about_reports(case):
        found = Report.objects.about_target_of(case).decided().select_related("decided_by")
        return found.first()
    if case.listing_id is None:
        return None
    return Decision.objects.of(case.listing_id).standing().select_related("decided_by").first()


def _close(case: Case, status: CaseStatus, now: dt.datetime) -> None:
    case.status, case.closed_at = status, now
    case.version += 1
    case.claimed_by = case.claimed_until = None
    case.save()


def _rescore(case: Case) -> None:
    score, reasons = _latest_score(case.listing_id)  # type: ignore[arg-type]  # about listings
    if (score, reasons) == (case.risk_score, case.reasons):
        return
    case.risk_score, case.reasons = score, reasons
    case.due_at = min(case.due_at, case.created_at + _patience(score))
    case.version += 1
    case.save()


def _newest_version(listing: Property | None, person: User | None) -> int:
    about = Case.objects.about(listing=listing, person=person)
    versions = about.aggregate(newest=Max("version"))
    return versions["newest"] or 0


def _latest_score(listing_id: uuid.UUID) -> tuple[int, list[str]]:
    """From the history of checks, which every role may read."""
    latest = ListingCheck.objects.finished().filter(listing=listing_id).first()
    return (latest.risk_score or 0, latest.reason_codes) if latest else (0, [])


def _patience(risk_score: int) -> dt.timedelta:
    """Within the review clock that the poster sees, the riskier the sooner."""
    return REVIEW_WITHIN * (1 - risk_score / 200)
