"""What reviewers, posters and the check may do now, beyond what the tables of steps say."""

import datetime as dt
from typing import Final

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
KIND_OF_STATUS: Final[dict[str, CaseKind]] = {
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
# A refusal, whose grounds are taken from the score where the moderator names none.
BLAMES: Final = NEED_A_REASON | {Verdict.HOLD}
# A word against the check, which is recorded as such and needs a recent sign-in.
OVERRIDES: Final = frozenset({Verdict.ALLOW, Verdict.HOLD})
# Verdicts that name a state, which the listing may be in already.
_STATE_OF_VERDICT: Final[dict[str, str]] = {
    Verdict.HOLD: ListingStatus.HOLD_FOR_REVIEW,
    Verdict.ALLOW: ListingStatus.PENDING_REVIEW,
}


def is_scored(listing: Property) -> bool:
    return listing.status in SCORED


def is_settled(listing: Property) -> bool:
    """A moderator has decided about exactly this content, and it was not sent in again since."""
    if listing.status == ListingStatus.SUBMITTED:
        return False
    latest = Decision.objects.of(listing.pk).standing().first()
    return latest is not None and latest.content_version == listing.content_version


def is_answered(listing: Property) -> bool:
    return listing.status in ANSWERED


def is_open(case: Case) -> bool:
    return case.status == CaseStatus.OPEN


def was_moved(listing: Property, decision: Decision) -> bool:
    return listing.status != decision.previous_status


def verdicts_for(case: Case) -> tuple[Verdict, ...]:
    return APPEAL_VERDICTS if case.kind == CaseKind.APPEAL else LISTING_VERDICTS


def check_can_claim(case: Case, by: User, now: dt.datetime) -> None:
    if not is_open(case):
        raise InvalidTransition(details={"allowed": []})
    if is_claimed_by_another(case, by, now):
        raise Conflict(
            _("Somebody else is looking at this case."),
            code="CASE_CLAIMED",
            details={"claimed_until": case.claimed_until},
        )


def is_claimed_by_another(case: Case, by: User, now: dt.datetime) -> bool:
    return case.is_claimed_at(now) and case.claimed_by_id != by.pk


def check_verdict(case: Case, verdict: str) -> None:
    if verdict not in verdicts_for(case):
        allowed = [str(choice) for choice in verdicts_for(case)]
        raise InvalidTransition(details={"allowed": allowed})


def leaves_in_place(listing: Property, verdict: str) -> bool:
    return _STATE_OF_VERDICT.get(verdict) == listing.status


def check_has_grounds(verdict: str, *grounds: object) -> None:
    if verdict in NEED_A_REASON and not any(grounds):
        raise Invalid.field("reason_codes", _("Say why: choose a reason or write to the poster."))


def is_appealable(listing: Property) -> bool:
    return listing.status in APPEALABLE


def can_appeal(listing: Property) -> bool:
    return is_appealable(listing) and not Appeal.objects.open().filter(listing=listing).exists()


def check_can_appeal(listing: Property) -> None:
    if not is_appealable(listing):
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


def can_be_put_back(decision: Decision) -> bool:
    """Only to the reviewers: what was live before is not made live by an undo."""
    return decision.previous_status in KIND_OF_STATUS


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


def check_owner(listing: Property, by: User) -> None:
    if listing.owner_id != by.pk:
        raise NotAllowed
