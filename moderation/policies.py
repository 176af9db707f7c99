"""What reviewers, posters and the check may do now, beyond what the tables of steps say."""

from collections.abc import Iterable
import datetime as dt
from typing import Final

from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Role, User
from ghar.errors import Conflict, Invalid, InvalidTransition, NotAllowed, is_allowed
from ghar.lib.actors import Actor
from ghar.properties.models import Property
from ghar.properties.states import APPROVED, IN_REVIEW, ListingStatus
from moderation.models import Appeal, Case, Decision, Dispute, Report, Sanction
from moderation.states import (
    UNDECIDED_REPORTS,
    AppealStatus,
    CaseKind,
    CaseStatus,
    ReportAction,
    ReportStatus,
    SanctionKind,
    Verdict,
)

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
CLEARS: Final = frozenset({Verdict.APPROVE, Verdict.ALLOW})
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


def stands_approved(listing: Property) -> bool:
    """It was published, and nobody has taken that back: a found fraud vouches for nothing."""
    return listing.published_at is not None and listing.status not in APPEALABLE


def is_answered(listing: Property) -> bool:
    return listing.status in ANSWERED


def is_open(case: Case) -> bool:
    return case.status == CaseStatus.OPEN


def was_moved(listing: Property, decision: Decision) -> bool:
    return listing.status != decision.previous_status


def is_about_reports(case: Case) -> bool:
    return case.kind == CaseKind.REPORT


def verdicts_for(case: Case) -> tuple[Verdict | ReportAction, ...]:
    if case.kind in (CaseKind.APPEAL, CaseKind.DISPUTE):
        return APPEAL_VERDICTS
    return tuple(ReportAction) if is_about_reports(case) else LISTING_VERDICTS


def verdict_named(case: Case, name: str) -> Verdict | ReportAction:
    """Raises InvalidTransition where this case cannot be decided so."""
    check_verdict(case, name)
    return ReportAction(name) if is_about_reports(case) else Verdict(name)


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


def check_holds(case: Case, by: User, now: dt.datetime) -> None:
    """For what only the reviewer of the case may see."""
    if not (is_open(case) and case.is_claimed_at(now) and case.claimed_by_id == by.pk):
        raise Conflict(_("Claim the case first."), code="CASE_NOT_CLAIMED")


def check_verdict(case: Case, verdict: str) -> None:
    if verdict not in verdicts_for(case):
        allowed = [str(choice) for choice in verdicts_for(case)]
        raise InvalidTransition(details={"allowed": allowed})


def check_can_judge(listing: Property, by: User) -> None:
    """Nobody judges what is their own, nor an appeal about it."""
    if listing.owner_id == by.pk:
        raise NotAllowed(_("This listing is yours. Another moderator must decide."))


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
    if Appeal.objects.barred_to(by).filter(pk=appeal.pk).exists():
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


def _is_followed(decision: Decision) -> bool:
    """The poster has changed the listing since: it waits for another decision."""
    waiting = Case.objects.open().about_listings().filter(listing=decision.listing_id)
    return waiting.filter(created_at__gt=decision.decided_at).exists()


def check_can_undo(decision: Decision, by: User, now: dt.datetime) -> None:
    if not can_undo(decision, by, now) or _is_followed(decision):
        raise Conflict(_("This decision can no longer be undone."), code="UNDO_OVER")


def check_owner(listing: Property, by: User) -> None:
    if listing.owner_id != by.pk:
        raise NotAllowed


# --- Reports ------------------------------------------------------------------------------------
def check_can_report(reporter: User, reported: User, listing: Property | None) -> None:
    if reporter.pk == reported.pk:
        raise Invalid.field("reported_user_id", _("You cannot report yourself."))
    if listing is not None and listing.owner_id != reported.pk:
        raise Invalid.field("property_id", _("This listing is somebody else's."))


def is_shielded(report: Report) -> bool:
    """A moderator has judged exactly this content, and found nothing wrong with it."""
    if not report.content_mark:
        return False
    judged = Report.objects.about(person_id=report.reported_id, listing_id=report.listing_id)
    latest = judged.decided().filter(content_mark=report.content_mark).first()
    return latest is not None and latest.status == ReportStatus.DISMISSED


def is_undecided(report: Report) -> bool:
    return report.status in UNDECIDED_REPORTS


def check_can_decide_reports(reports: Iterable[Report], by: User) -> None:
    """Nobody judges what is about himself, and a second pair of eyes is not the first."""
    if not by.is_admin:
        raise NotAllowed
    for report in reports:
        if by.pk in (report.reporter_id, report.reported_id):
            raise NotAllowed(_("You are part of this. Another moderator must decide."))
        if report.status == ReportStatus.REVIEWED and report.decided_by_id == by.pk:
            raise NotAllowed(_("You handed this over. Another moderator must decide."))


# --- Disputes -------------------------------------------------------------------------------------
def check_can_decide_dispute(said: Dispute, by: User) -> None:
    """Nobody judges what is about himself: neither of the two, whoever of them has said something."""
    if Dispute.objects.barred_to(by).filter(pk=said.pk).exists():
        raise NotAllowed(_("You are part of this. Another moderator must decide."))


# --- Warnings and suspensions -------------------------------------------------------------------
def check_can_warn(person: User, by: User) -> None:
    if not by.is_admin or by.pk == person.pk:
        raise NotAllowed


def can_warn(person: User, by: User) -> bool:
    return is_allowed(check_can_warn, person, by)


def check_can_suspend(person: User, by: User) -> None:
    check_can_warn(person, by)
    if person.role == Role.ADMIN:
        raise NotAllowed(_("The role of a member of staff is taken away first."))


def can_suspend(person: User, by: User) -> bool:
    return is_allowed(check_can_suspend, person, by)


def check_can_confirm(sanction: Sanction, by: User, now: dt.datetime) -> None:
    """A second pair of eyes, before the suspension lapses."""
    if not by.is_admin or by.pk in {sanction.made_by_id, sanction.person_id}:
        raise NotAllowed(_("You made this suspension. Another moderator must look at it."))
    if not is_waiting(sanction, now):
        raise InvalidTransition(details={"allowed": []})


def can_confirm(sanction: Sanction, by: User, now: dt.datetime) -> bool:
    return is_allowed(check_can_confirm, sanction, by, now)


def is_waiting(sanction: Sanction, now: dt.datetime) -> bool:
    """In force, and nobody has confirmed it yet."""
    is_unsure = is_in_force(sanction) and sanction.confirmed_at is None
    return is_unsure and sanction.confirm_by is not None and now < sanction.confirm_by


def has_lapsed(sanction: Sanction, now: dt.datetime) -> bool:
    is_unsure = is_in_force(sanction) and sanction.confirmed_at is None
    return is_unsure and not is_waiting(sanction, now)


def can_appeal_suspension(person: User) -> bool:
    in_force = Sanction.objects.suspensions().standing().filter(person=person)
    return in_force.exists() and not Appeal.objects.open().filter(sanction__in=in_force).exists()


def check_can_appeal_suspension(sanction: Sanction | None) -> None:
    if sanction is None:
        raise InvalidTransition(_("Your account is open."), details={"allowed": []})
    if Appeal.objects.open().filter(sanction=sanction).exists():
        raise Conflict(_("Your appeal is already with a reviewer."), code="APPEAL_OPEN")


def is_in_force(sanction: Sanction) -> bool:
    return sanction.kind == SanctionKind.SUSPENSION and sanction.lifted_at is None


def check_can_lift(sanction: Sanction, by: Actor) -> None:
    if not by.is_admin or by.actor_id == str(sanction.person_id):
        raise NotAllowed
    if not is_in_force(sanction):
        raise InvalidTransition(details={"allowed": []})


def can_lift(sanction: Sanction, by: Actor) -> bool:
    return is_allowed(check_can_lift, sanction, by)
