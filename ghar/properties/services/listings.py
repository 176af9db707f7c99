"""The poster's verbs: write, change, submit, pause, resume, renew, withdraw."""

import datetime as dt
from typing import Any, Final
import uuid

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.audit import services as audit
from ghar.errors import Conflict, Invalid, InvalidTransition, NotAllowed
from ghar.lib import clock
from ghar.lib.actors import SYSTEM, Actor
from ghar.lib.phones import parse_phone
from ghar.properties.models import Property
from ghar.properties.policies import check_can_edit, check_step, roles_of
from ghar.properties.rules import (
    DECIDE_MARKET,
    DECIDE_PLACE,
    KEEPS_LIVE,
    NOT_SCORED,
    REQUIRED_TO_SUBMIT,
    market_of,
    public_cell,
)
from ghar.properties.services.moves import lock_listing, move_listing
from ghar.properties.services.review import LIVE_FOR
from ghar.properties.signals import listing_submitted
from ghar.properties.states import OWNER, SHARED_TYPES, Purpose

WITHOUT_MEDIA: Final = _("Please add at least one photo.")


@transaction.atomic
def create_listing(*, by: Any, property_type: str, purpose: str, **facts: Any) -> Property:
    """A draft of `by`. Facts are columns by their names; all but two may be missing."""
    now = clock.now()
    listing = Property(owner=by)
    _put(listing, {"property_type": property_type, "purpose": purpose, **facts})
    listing.save()
    audit.record(by=by, action="listing_created", target=listing, now=now)
    return listing


@transaction.atomic
def edit_listing(*, listing: Property, by: Actor, **facts: Any) -> Property:
    """Change facts of a listing; what is approved or with the reviewers is checked again.

    Content of a live or paused listing takes it out of sight until the check has passed; price,
    availability, amenities and deposit do not.
    """
    now = clock.now()
    listing = lock_listing(listing)
    check_can_edit(listing, by)
    changed = _put(listing, facts)
    if not changed:
        return listing
    _check_still_complete(listing, changed)
    listing.save()
    return _after_change(listing, changed, by=by, now=now)


@transaction.atomic
def record_photo_change(*, listing: Property, by: Actor, now: dt.datetime, action: str) -> Property:
    """A photo of the (locked) listing came, went or got other words: content like any other."""
    return _after_change(listing, {"media"}, by=by, now=now, action=action)


def _after_change(
    listing: Property,
    changed: set[str],
    *,
    by: Actor,
    now: dt.datetime,
    action: str = "listing_edited",
) -> Property:
    is_scored = not changed <= NOT_SCORED
    if is_scored:
        listing.content_version += 1
        listing.save(update_fields=["content_version", "updated_at"])
    if listing.is_approved and not changed <= KEEPS_LIVE | NOT_SCORED:
        listing = move_listing(
            listing=listing, verb="edit_content", by=by, now=now, resume_to=listing.status
        )
    if is_scored:
        ask_for_check(listing, now=now)
    data = {"fields": sorted(changed), "version": listing.content_version}
    audit.record(by=by, action=action, target=listing, now=now, data=data)
    return listing


def ask_for_check(listing: Property, *, now: dt.datetime) -> None:
    """Have the apps above check what is public or under review.

    While photos are being prepared nothing is checked: the last of them asks again.
    """
    if not (listing.is_approved or listing.is_in_review):
        return
    if listing.media.processing().exists():
        return
    listing_submitted.send(sender=Property, listing=listing, now=now)


@transaction.atomic
def submit_listing(*, listing: Property, by: Actor) -> Property:
    """Hand the listing to the check. Raises Invalid for what is missing, else MEDIA_PROCESSING."""
    now = clock.now()
    listing = lock_listing(listing)
    check_step(listing, verb="submit", by=by)
    missing = missing_to_submit(listing)
    if missing:
        raise Invalid(details={"fields": missing})
    if listing.media.processing().exists():
        raise Conflict(
            _("Your photos are still being prepared. Please try again in a moment."),
            code="MEDIA_PROCESSING",
        )
    # Who was first decides between two alike, so a second submit does not make it younger.
    first = listing.submitted_at or now
    listing = move_listing(listing=listing, verb="submit", by=by, now=now, submitted_at=first)
    ask_for_check(listing, now=now)
    return listing


def missing_to_submit(listing: Property) -> dict[str, list[str]]:
    """Field → messages; the rest is the check's to judge."""
    missing = {name: [str(_("This is needed before you submit."))] for name in _empty(listing)}
    if not listing.media.counted().exists():
        missing["media"] = [str(WITHOUT_MEDIA)]
    return missing


def _empty(listing: Property) -> list[str]:
    return [name for name in REQUIRED_TO_SUBMIT if getattr(listing, name) in ("", None)]


def _check_still_complete(listing: Property, changed: set[str]) -> None:
    """Only a draft may lack something: what has been submitted cannot be emptied again."""
    emptied = [name for name in _empty(listing) if name in changed]
    if emptied and not listing.is_draft:
        message = str(_("This cannot be left empty."))
        raise Invalid(details={"fields": {name: [message] for name in emptied}})


@transaction.atomic
def pause_listing(*, listing: Property, by: Actor) -> Property:
    """Take it out of the search. A repeat changes nothing; what an admin pauses, admins resume."""
    now = clock.now()
    listing = lock_listing(listing)
    roles = roles_of(listing, by)
    if not roles:
        raise NotAllowed
    is_moderation = OWNER not in roles
    if not listing.is_paused:
        return move_listing(
            listing=listing, verb="pause", by=by, now=now, is_paused_by_moderation=is_moderation
        )
    if is_moderation and not listing.is_paused_by_moderation:
        listing.is_paused_by_moderation = True
        listing.save(update_fields=["is_paused_by_moderation", "updated_at"])
        audit.record(by=by, action="listing_paused", target=listing, now=now)
    return listing


def resume_listing(*, listing: Property, by: Actor) -> Property:
    now = clock.now()
    return move_listing(
        listing=listing, verb="resume", by=by, now=now, is_paused_by_moderation=False
    )


def renew_listing(*, listing: Property, by: Actor) -> Property:
    """Another sixty days from now."""
    now = clock.now()
    return move_listing(listing=listing, verb="renew", by=by, now=now, expires_at=now + LIVE_FOR)


def withdraw_listing(*, listing: Property, by: Actor) -> Property:
    return move_listing(listing=listing, verb="withdraw", by=by, now=clock.now(), resume_to="")


def expire_listings(*, now: dt.datetime) -> int:
    """The sweep: what is past its time is no longer shown. Returns how many."""
    due: list[uuid.UUID] = list(Property.objects.expired_by(now).values_list("pk", flat=True))
    return sum(_expire(pk, now=now) for pk in due)


@transaction.atomic
def _expire(pk: uuid.UUID, *, now: dt.datetime) -> bool:
    listing = lock_listing(Property(pk=pk))
    if listing.expires_at is None or listing.expires_at > now:
        return False
    try:
        move_listing(listing=listing, verb="expire", by=SYSTEM, now=now)
    except InvalidTransition:  # moved on between the sweep's look and the lock
        return False
    return True


def _put(listing: Property, facts: dict[str, Any]) -> set[str]:
    """Set `facts` in their normal form and what follows from them; the names that changed."""
    clean = _normal(listing, facts)
    changed = {name for name, value in clean.items() if getattr(listing, name) != value}
    for name in changed:
        setattr(listing, name, clean[name])
    _check_together(listing)
    if changed & DECIDE_PLACE or listing._state.adding:
        listing.cell_geohash, listing.cell_latitude, listing.cell_longitude = public_cell(
            city=listing.city,
            locality=listing.locality,
            latitude=listing.latitude,
            longitude=listing.longitude,
        )
    if "timezone" not in facts and changed & DECIDE_MARKET:
        _default_timezone(listing)
    return changed


def _normal(listing: Property, facts: dict[str, Any]) -> dict[str, Any]:
    clean = dict(facts)
    if "amenities" in clean:
        words = (" ".join(word.split()) for word in clean["amenities"])
        clean["amenities"] = list(dict.fromkeys(word for word in words if word))
    if clean.get("contact_phone"):
        clean["contact_phone"] = _phone(clean, listing)
    return clean


def _phone(facts: dict[str, Any], listing: Property) -> str:
    city = facts.get("city", listing.city)
    currency = facts.get("currency", listing.currency)
    market = market_of(city=city, currency=currency)
    region = str(settings.MARKETS[market]["phone_region"]) if market else None
    phone = parse_phone(facts["contact_phone"], region)
    if phone is None:
        raise Invalid.field(
            "contact_phone",
            _("Please enter a number with its country code, as in +250 788 123 456."),
        )
    return phone


def _check_together(listing: Property) -> None:
    if listing.property_type in SHARED_TYPES and listing.purpose != Purpose.RENT:
        raise Invalid.field("purpose", _("A room in a shared home can only be rented."))
    if (listing.latitude is None) != (listing.longitude is None):
        raise Invalid.field("latitude", _("Latitude and longitude belong together."))


def _default_timezone(listing: Property) -> None:
    """The market's zone, unless the poster chose one that no market has."""
    known = {market["timezone"] for market in settings.MARKETS.values()}
    market = market_of(city=listing.city, currency=listing.currency, phone=listing.contact_phone)
    if market and (not listing.timezone or listing.timezone in known):
        listing.timezone = str(settings.MARKETS[market]["timezone"])
