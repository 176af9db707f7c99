"""What reviewers, posters and the check may do now, beyond what the tables of steps say."""

import datetime as dt
from typing import Final
import uuid

from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.errors import Conflict, Invalid, InvalidTransition, NotAllowed
from ghar.properties.models import Property
from ghar.properties.states import APPROVED, IN_REVIEW, ListingStatus
from moderation.models import Appeal, Case, Decision
from moderation.states import AppealStatus, CaseKind, CaseStatus, Verdict

# A person still has to look, or the check itself: a copy found late is sent back to the check.
UNDECIDED: Final = frozenset({ListingStatus.SUBMITTED, ListingStatus.PENDING_REVIEW})
# Where a score says something; anything else is not offered, or over.
SCORED: Final = IN_REVIEW | APPROVED
APPEALABLE: Final = frozenset({ListingStatus.HOLD_FOR_REVIEW, ListingStatus.REJECTED})
# A reviewer's answer stands: what he asked for is what the poster sees.
ANSWERED: Final = frozenset({ListingStatus.NEEDS_EDIT, ListingStatus.REJECTED})
KIND_OF_STATUS: Final = {
    ListingStatus.HOLD_FOR_REVIEW: CaseKind.HOLD,
    ListingStatus.PENDING_REVIEW: CaseKind.REVIEW,
}
LISTING_VERDICTS: Final = (
    Verdict.APPROVE,
    Verdict.REQUEST_EDIT,
    Verdict.REJECT,
    Verdict.HOLD,
    Verdict.ALLOW,
)
APPEAL_VERDICTS: Final = (Verdict.UPHOLD, Verdict.OVERTURN)
# The poster must learn what to do, or why it is over.
NEED_A_REASON: Final = frozenset({Verdict.REJECT, Verdict.REQUEST_EDIT})
UNDO_VERB: Final = {
    ListingStatus.HOLD_FOR_REVIEW: "undo_to_hold",
    ListingStatus.PENDING_REVIEW: "undo_to_review",
}


def is_scored(listing: Property) -> bool:
    return listing.status in SCORED


def waits_for_check(listing: Property) -> bool:
    """A clean check moves it on; a live listing it leaves alone."""
    return listing.status in {ListingStatus.SUBMITTED, ListingStatus.HOLD_FOR_REVIEW}


def is_held(listing: Property) -> bool:
    return listing.status == ListingStatus.HOLD_FOR_REVIEW


def is_in_review(listing: Property) -> bool:
    """The check or a moderator has it."""
    return listing.status in IN_REVIEW


def is_settled(listing: Property) -> bool:
    """A moderator has decided about exactly this content, and it was not sent in again since."""
    if listing.status == ListingStatus.SUBMITTED:
        return False
    latest = Decision.objects.of(listing.pk).standing().first()
    return latest is not None and latest.content_version == listing.content_version


def verdicts_for(case: Case) -> tuple[Verdict, ...]:
    return APPEAL_VERDICTS if case.kind == CaseKind.APPEAL else LISTING_VERDICTS


def check_can_claim(case: Case, by: User, now: dt.datetime) -> None:
    if case.status != CaseStatus.OPEN:
        raise InvalidTransition(details={"allowed": []})
    if is_claimed_by_another(case, by, now):
        raise Conflict(
            _("Somebody else is looking at this case."),
            code="CASE_CLAIMED",
            details={"claimed_until": case.claimed_until},
        )


def is_claimed_by_another(case: Case, by: User, now: dt.datetime) -> bool:
    held = case.claimed_until is not None and case.claimed_until > now
    return held and case.claimed_by_id != by.pk


def check_verdict(case: Case, verdict: str) -> None:
    if verdict not in verdicts_for(case):
        allowed = [str(choice) for choice in verdicts_for(case)]
        raise InvalidTransition(details={"allowed": allowed})


def check_has_reason(verdict: str, reason_codes: list[str], message: str) -> None:
    if verdict in NEED_A_REASON and not reason_codes and not message:
        raise Invalid.field("reason_codes", _("Say why: choose a reason or write to the poster."))


def can_appeal(listing: Property) -> bool:
    return listing.status in APPEALABLE and not Appeal.objects.open().filter(listing=listing).exists()


def check_can_appeal(listing: Property) -> None:
    if listing.status not in APPEALABLE:
        raise InvalidTransition(
            _("There is no decision here to appeal against."), details={"allowed": []}
        )
    if not can_appeal(listing):
        raise Conflict(_("Your appeal is already with a reviewer."), code="APPEAL_OPEN")


def check_can_decide_appeal(appeal: Appeal, by: User) -> None:
    if appeal.status != AppealStatus.OPEN:
        raise InvalidTransition(details={"allowed": []})
    if appeal.decision is not None and appeal.decision.decided_by_id == by.pk:
        raise NotAllowed(
            _("You made the decision that is appealed against. Another reviewer must look at it.")
        )


def can_undo(decision: Decision, by: User, now: dt.datetime) -> bool:
    return (
        decision.decided_by_id == by.pk
        and decision.undone_at is None
        and decision.undoable_until is not None
        and now < decision.undoable_until
    )


def check_can_undo(decision: Decision, by: User, now: dt.datetime) -> None:
    if not can_undo(decision, by, now):
        raise Conflict(_("This decision can no longer be undone."), code="UNDO_OVER")


def check_owner(listing: Property, by_id: uuid.UUID | None) -> None:
    if listing.owner_id != by_id:
        raise NotAllowed
