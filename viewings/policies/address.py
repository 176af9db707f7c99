"""Who reads where to come to, and from when until when."""

import datetime as dt

from ghar.accounts.models import Principal, SeekerSession
from viewings.models import ViewingRequest
from viewings.policies.settings import current_settings
from viewings.states import ADMIN, POSTER, SEEKER


def is_address_due(viewing: ViewingRequest, now: dt.datetime) -> bool:
    """Until what was agreed is closed or would be."""
    time = viewing.agreed_time
    return time is not None and now < time.end_at + current_settings().until_completed


def can_see_address(viewing: ViewingRequest, side: str | None, now: dt.datetime) -> bool:
    """The exact place is for whoever receives there, and in time for a proved contact."""
    is_due = side == SEEKER and is_address_due(viewing, now)
    return side in (POSTER, ADMIN) or (is_due and is_verified(viewing.seeking_principal))


def visible_place(viewing: ViewingRequest, side: str | None, now: dt.datetime) -> str:
    """Where to meet, as far as this side may know it; empty until then."""
    if not can_see_address(viewing, side, now):
        return ""
    return viewing.meeting_point or viewing.listing.exact_place


def visible_position(
    viewing: ViewingRequest, side: str | None, now: dt.datetime
) -> tuple[float, float] | None:
    """The same to the metre; not where they meet somewhere else."""
    listing = viewing.listing
    if viewing.meeting_point or not can_see_address(viewing, side, now):
        return None
    if listing.latitude is None or listing.longitude is None:
        return None
    return listing.latitude, listing.longitude


def is_verified(principal: Principal) -> bool:
    if isinstance(principal, SeekerSession):
        return principal.contact_verified_at is not None
    return principal.email_verified or principal.phone_verified
