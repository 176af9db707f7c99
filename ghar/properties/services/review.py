"""What the check and the moderators do with a listing. moderation calls; nobody else."""

import datetime as dt
from typing import Any, Final

from django.db import transaction

from ghar.errors import Conflict
from ghar.lib.actors import SYSTEM, Actor
from ghar.properties.models import Property
from ghar.properties.policies import check_step
from ghar.properties.rules import BOOST, approval_digest, touched
from ghar.properties.services.moves import Telling, lock_listing, move_listing
from ghar.properties.signals import listing_submitted
from ghar.properties.states import TRANSITIONS, ListingStatus, PauseReason

_RESTORES: Final = {
    ListingStatus.LIVE.value: "restore_live",
    ListingStatus.PAUSED.value: "restore_paused",
}
_UNDOES: Final = {
    ListingStatus.HOLD_FOR_REVIEW.value: "undo_to_hold",
    ListingStatus.PENDING_REVIEW.value: "undo_to_review",
}


@transaction.atomic
def pass_check(*, listing: Property, content_version: int, now: dt.datetime) -> Property:
    """The check found nothing in this version.

    Back to where an edit took the listing from, if photos, address and phone are as they were
    approved; else on to the reviewers. A newer version waits for its own check.
    """
    listing = lock_listing(listing)
    if not listing.is_in_review or listing.content_version != content_version:
        return listing
    restore = _RESTORES.get(listing.resume_to, "")
    is_as_approved = listing.approved_digest == digest_of(listing)
    if is_as_approved and TRANSITIONS.find(restore, listing.status):
        return move_listing(listing=listing, verb=restore, by=SYSTEM, now=now, resume_to="")
    return _hand_to_reviewers(listing, now)


@transaction.atomic
def give_up_check(*, listing: Property, content_version: int, now: dt.datetime) -> Property:
    """The check can say nothing of this version, and that is not the poster's fault: a person does."""
    listing = lock_listing(listing)
    if not listing.is_in_review or listing.content_version != content_version:
        return listing
    return _hand_to_reviewers(listing, now)


def _hand_to_reviewers(listing: Property, now: dt.datetime) -> Property:
    step = check_step(listing, verb="check_pass", by=SYSTEM)
    if step.target == listing.status:
        return listing
    return move_listing(listing=listing, verb="check_pass", by=SYSTEM, now=now, resume_to="")


@transaction.atomic
def hold_listing(
    *,
    listing: Property,
    by: Actor,
    now: dt.datetime,
    content_version: int | None = None,
    telling: Telling | None = None,
) -> Property:
    """Take it out of sight until the poster or a moderator has answered.

    The check (`by` is SYSTEM) speaks of one version and leaves alone what has moved on meanwhile.
    """
    listing = lock_listing(listing)
    verb = "check_hold" if by is SYSTEM else "hold"
    is_stale = content_version not in (None, listing.content_version)
    if by is SYSTEM and (is_stale or not TRANSITIONS.find(verb, listing.status)):
        return listing
    step = check_step(listing, verb=verb, by=by)
    if step.target == listing.status:
        return listing
    return move_listing(listing=listing, verb=verb, by=by, now=now, telling=telling, resume_to="")


@transaction.atomic
def approve_listing(
    *,
    listing: Property,
    by: Actor,
    now: dt.datetime,
    telling: Telling | None = None,
) -> Property:
    """Publish what was reviewed, with no photo still on its way.

    The first approval ranks as if it came a day later, so that what is new is seen; no later
    approval moves it.
    A repeat changes nothing. Raises Conflict (MEDIA_PROCESSING).
    """
    listing = lock_listing(listing)
    if listing.is_live and by.is_admin:
        return listing
    check_step(listing, verb="approve", by=by)
    if listing.media.processing().exists():
        raise Conflict(code="MEDIA_PROCESSING")
    return move_listing(
        listing=listing,
        verb="approve",
        by=by,
        now=now,
        telling=telling,
        resume_to="",
        is_paused_by_moderation=False,
        pause_reason="",
        approved_digest=digest_of(listing),
        published_at=listing.published_at or now,
        rank_at=listing.rank_at or now + BOOST,
        **touched(now),
    )


def ask_for_check(listing: Property, *, now: dt.datetime) -> None:
    """Have the apps above check what is public or under review.

    While photos are being prepared nothing is checked: the last of them asks again.
    """
    if not (listing.is_approved or listing.is_in_review):
        return
    if listing.media.processing().exists():
        return
    listing_submitted.send(sender=Property, listing=listing, now=now)


def reject_listing(
    *, listing: Property, by: Actor, now: dt.datetime, telling: Telling | None = None
) -> Property:
    return move_listing(
        listing=listing, verb="reject", by=by, now=now, telling=telling, resume_to=""
    )


def request_edit(
    *, listing: Property, by: Actor, now: dt.datetime, telling: Telling | None = None
) -> Property:
    return move_listing(
        listing=listing, verb="request_edit", by=by, now=now, telling=telling, resume_to=""
    )


def allow_listing(*, listing: Property, by: Actor, now: dt.datetime) -> Property:
    """The override of a hold: on to the reviewers, whatever the check says."""
    return move_listing(listing=listing, verb="allow", by=by, now=now, resume_to="")


def undo_decision(*, listing: Property, back_to: str, by: Actor, now: dt.datetime) -> Property:
    """Put a decided listing back before the reviewers: hold_for_review or pending_review."""
    verb = _UNDOES[back_to]
    return move_listing(listing=listing, verb=verb, by=by, now=now, approved_digest="")


@transaction.atomic
def lift_pause_by_reports(*, listing: Property, by: Actor, now: dt.datetime) -> None:
    """Reviewed, or not in time: back to where it was. What a moderator paused by hand stays."""
    listing = lock_listing(listing)
    if listing.pause_reason != PauseReason.REPORTS:
        return
    back: dict[str, Any] = {"is_paused_by_moderation": False, "pause_reason": ""}
    if listing.is_paused:
        move_listing(listing=listing, verb="resume", by=by, now=now, **back, **touched(now))
        return
    # It moved on meanwhile; where it would come back paused it comes back live.
    if listing.resume_to:
        back["resume_to"] = ListingStatus.LIVE
    Property.objects.filter(pk=listing.pk).update(**back)


def digest_of(listing: Property) -> str:
    return approval_digest(listing, listing.media.counted().values_list("pk", flat=True))
