"""What a moderator decides about a listing, and how it is taken back within the minute."""

from collections.abc import Iterable, Sequence
import datetime as dt
from typing import Any, Final, NamedTuple
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.errors import Invalid, InvalidTransition
from ghar.lib import clock
from ghar.notifications.services.lines import withdraw
from ghar.properties.models import Property
from ghar.properties.services import review
from ghar.properties.services.moves import Telling, lock_listing
from moderation import policies
from moderation.models import AllowPair, Case, Decision, RiskScore
from moderation.services.cases import check_version, lock_case, reopen, settle
from moderation.services.summary import message_for
from moderation.states import ReportAction, Verdict

UNDO_WINDOW: Final = dt.timedelta(seconds=60)
_VERDICT_OF_ACTION: Final = {
    "allow": Verdict.ALLOW,
    "hold": Verdict.HOLD,
    "reject": Verdict.REJECT,
}
# Reasons that speak of another listing: an innocent likeness must not hold again.
_LIKENESS: Final = frozenset({"PHOTO_REUSED", "DUPLICATE_LISTING"})
_CALLS_IT_INNOCENT: Final = frozenset({Verdict.ALLOW, Verdict.APPROVE, Verdict.OVERTURN})


class Ruling(NamedTuple):
    """A verdict with its grounds. `note` is for staff, `message` for the poster."""

    verdict: Verdict | ReportAction
    reason_codes: Sequence[str] = ()
    note: str = ""
    message: str = ""
    is_override: bool = False


@transaction.atomic
def decide_case(
    *,
    case: Case,
    ruling: Ruling,
    version: int,
    by: User,
    undo_window: dt.timedelta | None = None,
) -> Decision:
    """Decide a held or new listing on the version of its case that was read.

    Takes effect at once; with `undo_window` the poster's notice waits that long and the decision
    can be taken back. Raises StaleCase, Conflict (CASE_CLAIMED) or InvalidTransition; a repeat by
    the same moderator answers the first decision.
    """
    now = clock.now()
    listing = lock_listing(case.listing)
    case = lock_case(case.pk)
    if repeated := _repeated(case, ruling, version, by):
        return repeated
    check_version(case, version)
    policies.check_can_claim(case, by, now)
    policies.check_verdict(case, ruling.verdict)
    return _decide(listing, case, ruling, by=by, now=now, undo_window=undo_window)


@transaction.atomic
def decide_listing(*, listing: Property, action: str, reason: str, by: User) -> Decision | None:
    """Approve, reject or request_edit at once, from hold_for_review or pending_review.

    `reason` is what the poster reads. Approving what is live changes nothing.
    """
    now = clock.now()
    listing = lock_listing(listing)
    if action == Verdict.APPROVE and listing.is_live:
        return None
    case = _open_case_of(listing)
    if case is None:
        raise InvalidTransition(details={"allowed": []})
    ruling = Ruling(Verdict(action), _reasons_found(listing, action), message=reason)
    return _decide(listing, case, ruling, by=by, now=now)


@transaction.atomic
def override_risk(
    *, listing: Property, decision: str, notes: str, version: int | None, by: User
) -> Property:
    """Allow, hold or reject whatever the score says. Notes are required for hold and reject."""
    now = clock.now()
    verdict = _VERDICT_OF_ACTION[decision]
    if verdict != Verdict.ALLOW and not notes.strip():
        raise Invalid.field("notes", _("Please say why, for the record."))
    listing = lock_listing(listing)
    newest = Case.objects.about_listings().filter(listing=listing).order_by("-version").first()
    if newest is not None:
        check_version(newest, version)
    codes = _reasons_found(listing, verdict)
    ruling = Ruling(verdict, codes, notes, is_override=True)
    return _decide(listing, _open_case_of(listing), ruling, by=by, now=now).listing


@transaction.atomic
def undo_decision(*, decision: Decision, by: User) -> Decision:
    """Take it back: the listing returns to the reviewers and nobody is told of the detour."""
    now = clock.now()
    listing = lock_listing(decision.listing)
    decision = Decision.objects.select_for_update().get(pk=decision.pk)
    policies.check_can_undo(decision, by, now)
    if decision.case is not None:
        reopen(case=lock_case(decision.case.pk))
    decision.undone_at = now
    decision.save(update_fields=["undone_at"])
    decision.allow_pairs.all().delete()
    withdraw(key=_notice_key(decision.pk), now=now)
    if policies.was_moved(listing, decision):
        review.undo_decision(listing=listing, back_to=decision.previous_status, by=by, now=now)
    return decision


def record_decision(
    *, listing: Property, case: Case | None, ruling: Ruling, by: User, now: dt.datetime
) -> Decision:
    """The row alone; whoever calls moves the listing."""
    return Decision.objects.create(
        listing=listing,
        case=case,
        verdict=ruling.verdict,
        reason_codes=list(ruling.reason_codes),
        note=ruling.note,
        message=message_for(listing.owner, ruling.reason_codes, ruling.message)
        if ruling.verdict in policies.NEED_A_REASON
        else ruling.message,
        previous_status=listing.status,
        content_version=_version_judged(listing, ruling.verdict),
        decided_by=by,
        decided_at=now,
    )


def _version_judged(listing: Property, verdict: str) -> int:
    """Good words go no further than the last check: of what changed since, the next one judges."""
    scored = RiskScore.objects.filter(listing=listing).values_list("content_version", flat=True)
    if verdict not in _CALLS_IT_INNOCENT:
        return listing.content_version
    return scored.first() or listing.content_version


def allow_likeness(*, decision: Decision, by: User, now: dt.datetime) -> None:
    """The listings that the score points at are no evidence against this one any more."""
    score = RiskScore.objects.filter(listing=decision.listing).first()
    alike = Property.objects.filter(pk__in=_likenesses(score.reasons) if score else ())
    pairs = [
        AllowPair(
            first_id=min(decision.listing_id, other_id),
            second_id=max(decision.listing_id, other_id),
            made_by=by,
            decision=decision,
            created_at=now,
        )
        for other_id in alike.values_list("pk", flat=True)
    ]
    AllowPair.objects.bulk_create(pairs, ignore_conflicts=True)


def _decide(
    listing: Property,
    case: Case | None,
    ruling: Ruling,
    *,
    by: User,
    now: dt.datetime,
    undo_window: dt.timedelta | None = None,
) -> Decision:
    policies.check_can_judge(listing, by)
    policies.check_has_grounds(ruling.verdict, ruling.reason_codes, ruling.message, ruling.note)
    decision = record_decision(listing=listing, case=case, ruling=ruling, by=by, now=now)
    if undo_window and policies.can_be_put_back(decision):
        decision.undoable_until = now + undo_window
        decision.save(update_fields=["undoable_until"])
    if ruling.verdict in _CALLS_IT_INNOCENT:
        allow_likeness(decision=decision, by=by, now=now)
    if case is not None:
        stays = policies.leaves_in_place(listing, ruling.verdict)
        settle(case=lock_case(case.pk), is_over=not stays, now=now)
    decision.listing = _move(listing, decision, by=by, now=now)
    if ruling.is_override or ruling.verdict in policies.OVERRIDES:
        _record_override(decision, by=by, now=now)
    return decision


def _move(listing: Property, decision: Decision, *, by: User, now: dt.datetime) -> Property:
    step: dict[str, Any] = {"listing": listing, "by": by, "now": now}
    if decision.verdict == Verdict.ALLOW:
        return review.allow_listing(**step)
    telling = Telling(decision.message, decision.undoable_until, _notice_key(decision.pk))
    verbs = {
        Verdict.APPROVE: review.approve_listing,
        Verdict.REJECT: review.reject_listing,
        Verdict.REQUEST_EDIT: review.request_edit,
        Verdict.HOLD: review.hold_listing,
    }
    return verbs[Verdict(decision.verdict)](**step, telling=telling)


def _repeated(case: Case, ruling: Ruling, version: int, by: User) -> Decision | None:
    """The decision that this call repeats: the same verdict by the same moderator on that version."""
    last = Decision.objects.standing().filter(case=case, decided_by=by).first()
    is_same = last is not None and last.verdict == ruling.verdict
    return last if is_same and case.version == version + 1 else None


def _open_case_of(listing: Property) -> Case | None:
    return Case.objects.open().about_listings().filter(listing=listing).first()


def _reasons_found(listing: Property, verdict: str) -> list[str]:
    """Where the moderator names no codes: those of the score."""
    score = RiskScore.objects.filter(listing=listing).first()
    return score.codes if score and verdict in policies.BLAMES else []


def _likenesses(reasons: Iterable[dict[str, Any]]) -> set[str]:
    """The ids of the listings that likeness reasons point at."""
    return {
        row["property_id"]
        for reason in reasons
        if reason["code"] in _LIKENESS
        for row in reason["evidence"].get("listings", ())
    }


def _record_override(decision: Decision, *, by: User, now: dt.datetime) -> None:
    score = RiskScore.objects.filter(listing=decision.listing).first()
    audit.record(
        by=by,
        action="risk_override",
        target=decision.listing,
        now=now,
        data={
            "decision": decision.verdict,
            "notes": decision.note,
            "from": decision.previous_status,
            "to": decision.listing.status,
            "risk_score": score.risk_score if score else None,
        },
    )


def _notice_key(decision_id: uuid.UUID) -> str:
    return f"decision-{decision_id}"
