"""What a poster reads about his listing: kind words, no score, nobody else's listing."""

from collections.abc import Iterable
import datetime as dt
from typing import Any, Final
import uuid

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ghar.accounts.models import User
from ghar.properties.models import Property
from ghar.properties.states import ListingStatus
from moderation import policies
from moderation.models import Case, Decision, Evidence, ListingCheck, RiskScore
from moderation.rules.checklist import CHECKLIST, checklist_for, item
from moderation.rules.facts import Reason
from moderation.rules.limits import DetectionSettings
from moderation.services.cases import REVIEW_WITHIN
from moderation.services.facts import detection_limits

UNCHECKED: Final = "unchecked"
EVIDENCE_CODE: Final = "OWNERSHIP_REQUESTED"

Words = tuple[str | Promise, str | Promise]
NOTHING_TO_DO: Final = _("There is nothing you need to do. We tell you as soon as it is decided.")

# Status to (headline, next step).
_WORDS: Final[dict[str, Words]] = {
    ListingStatus.DRAFT: (
        _("Your listing is a draft."),
        _("Fill in what is missing and send it in."),
    ),
    ListingStatus.SUBMITTED: (
        _("We are checking your listing."),
        _("This takes a few seconds; the page updates by itself."),
    ),
    ListingStatus.HOLD_FOR_REVIEW: (
        _("Your listing needs your input before it can go live."),
        _("Look at the points below. Each change is checked again at once."),
    ),
    ListingStatus.PENDING_REVIEW: (
        _("A person is reviewing your listing."),
        NOTHING_TO_DO,
    ),
    ListingStatus.NEEDS_EDIT: (
        _("The reviewer asks you for some changes."),
        _("Change the points below and send it in again."),
    ),
    ListingStatus.REJECTED: (
        _("Your listing was not published."),
        _("You can change it and send it in again, or ask for a second look."),
    ),
}
_OTHERWISE: Final[Words] = (_("Your listing has been checked."), _("There is nothing to do."))
_COULD_BE_BETTER: Final = _("Nothing has to be done. The points below would make it better.")

# For the page: why a point is asked at all.
WHY: Final[dict[str, str | Promise]] = {
    "PHOTO_TOO_FEW": _("People decide by photos, and rooms with several are visited more often."),
    "PHOTO_SEEN_ELSEWHERE": _(
        "Copied photos are the commonest sign of a home that does not exist, so we always ask."
    ),
    "PLACE_ALREADY_LISTED": _("Two listings of one home confuse people; two rooms of it do not."),
    "PRICE_UNUSUAL": _("A slipped digit is the usual reason. Nobody will think ill of you."),
    "ADDRESS_INCOMPLETE": _(
        "Only people whose viewing is confirmed see it. We use it to tell homes apart."
    ),
    "CONTACT_UNVERIFIED": _("So that a person who wants to visit can reach somebody."),
    "TEXT_CONTACT_IN_DESCRIPTION": _(
        "Numbers in public texts are collected by strangers. Messages here keep you safe."
    ),
    "TEXT_NEEDS_EDIT": _("Everybody who looks for a home should feel welcome to read it."),
    "OWNERSHIP_REQUESTED": _(
        "Optional. Only reviewers see it, and it is deleted 30 days after the decision."
    ),
    "DETAILS_INCONSISTENT": _("The more is filled in, the fewer questions you get."),
}


def owner_summary(*, listing: Property) -> dict[str, Any]:
    """{status, headline, checklist, can_appeal, next_step}; asked as the poster or as staff.

    `status` is that of the last check (ok, review_required, hold) or "unchecked".
    """
    score = RiskScore.objects.for_poster().filter(listing=listing).first()
    stored = _asked_by_reviewer(listing) or (score.summary if score else [])
    return worded(listing, status=score.status if score else UNCHECKED, stored=stored)


def open_points(listing: Property) -> int:
    """How many points the poster may still settle: before somebody decides, or once it is public."""
    if not policies.is_scored(listing):
        return 0
    return sum(not point["satisfied"] for point in owner_summary(listing=listing)["checklist"])


def worded(listing: Property, *, status: str, stored: list[dict[str, Any]]) -> dict[str, Any]:
    headline, next_step = _WORDS.get(listing.status, _OTHERWISE)
    has_evidence = Evidence.objects.filter(listing=listing).exists()
    limits = detection_limits()
    checklist = [
        item(row["code"], limits).as_json()
        | {"satisfied": row["satisfied"] or (has_evidence and row["code"] == EVIDENCE_CODE)}
        for row in stored
    ]
    still_open = sum(not point["satisfied"] for point in checklist)
    if still_open and next_step is NOTHING_TO_DO:
        next_step = ngettext(
            "You can still settle %(counter)s point; that makes a yes likelier.",
            "You can still settle %(counter)s points; that makes a yes likelier.",
            still_open,
        ) % {"counter": still_open}
    elif still_open and next_step is _OTHERWISE[1]:
        next_step = _COULD_BE_BETTER
    return {
        "status": status,
        "headline": str(headline),
        "checklist": checklist,
        "can_appeal": policies.can_appeal(listing),
        "next_step": str(next_step),
    }


def as_stored(reasons: Iterable[Reason], limits: DetectionSettings) -> list[dict[str, Any]]:
    return [{"code": one.code, "satisfied": False} for one in checklist_for(reasons, limits)]


def carried_forward(
    listing: Property,
    before: RiskScore | None,
    reasons: Iterable[Reason],
    limits: DetectionSettings,
) -> list[dict[str, Any]]:
    """The points of this check, and those of the last one that are settled now, ticked."""
    open_points = as_stored(reasons, limits)
    asked = {row["code"] for row in open_points}
    if before is None or not listing.is_in_review:
        return open_points
    settled = [row | {"satisfied": True} for row in before.summary if row["code"] not in asked]
    return open_points + settled


def message_for(poster: User, reason_codes: Iterable[str], message: str = "") -> str:
    """The exact text that a poster reads: the reviewer's words, else those of the codes in the
    poster's language.
    """
    if message:
        return message
    limits = detection_limits()
    codes = dict.fromkeys(code for reason in reason_codes for code in CHECKLIST[reason])
    with translation.override(poster.language):
        return "\n".join(item(code, limits).message for code in codes)


def review_until(listing_id: uuid.UUID) -> dt.datetime | None:
    """By when a person will have looked: the clock that posters see, the same for everybody."""
    about = Case.objects.open().about_content().filter(listing=listing_id)
    case = about.order_by("created_at").first()
    return case.created_at + REVIEW_WITHIN if case else None


def is_being_checked(listing: Property) -> bool:
    return listing.is_in_review and ListingCheck.objects.is_waiting_for(listing.pk)


def latest_message(listing: Property) -> str:
    """What the reviewer wrote, while it still applies."""
    answer = _latest_answer(listing)
    return answer.message if answer else ""


def _asked_by_reviewer(listing: Property) -> list[dict[str, Any]]:
    """After a decision its reasons are the list, until the listing is sent in again."""
    answer = _latest_answer(listing)
    codes = [code for reason in answer.reason_codes for code in CHECKLIST[reason]] if answer else []
    return [{"code": code, "satisfied": False} for code in dict.fromkeys(codes)]


def _latest_answer(listing: Property) -> Decision | None:
    if not policies.is_answered(listing):
        return None
    return Decision.objects.of(listing.pk).about_listings().standing().first()
