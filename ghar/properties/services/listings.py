"""The poster's verbs: write, change, submit, pause, resume, renew, withdraw."""

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.audit import services as audit
from ghar.errors import Conflict, Invalid, NotAllowed
from ghar.lib import clock
from ghar.lib.actors import Actor
from ghar.lib.phones import parse_phone
from ghar.properties.models import LISTING, Property
from ghar.properties.policies import check_can_edit, check_move_in, check_step, roles_of
from ghar.properties.rules import (
    DECIDE_MARKET,
    DECIDE_PLACE,
    KEEPS_LIVE,
    NOT_SCORED,
    REQUIRED_TO_SUBMIT,
    market_of,
    may_prefer_gender,
    public_cell,
    touched,
)
from ghar.properties.services.geocoding import request_geocoding
from ghar.properties.services.moves import lock_listing, move_listing
from ghar.properties.services.review import ask_for_check
from ghar.properties.states import (
    ADMIN,
    OWNER,
    SHARED_TYPES,
    GenderPreference,
    PauseReason,
    Purpose,
)

WITHOUT_MEDIA: Final = _("Please add at least one photo.")


@transaction.atomic
def create_listing(*, by: Any, property_type: str, purpose: str, **facts: Any) -> Property:
    """A draft of `by`. Facts are columns by their names; all but two may be missing."""
    now = clock.now()
    listing = Property(owner=by)
    _put(listing, {"property_type": property_type, "purpose": purpose, **facts})
    listing.save()
    _find_place(listing, now=now)
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
    # Also while it is being checked: it may come back to where it was paused.
    is_promised = listing.pause_reason == PauseReason.MOVE_IN_PASSED
    if is_promised and not listing.is_move_in_over(now):
        listing.pause_reason = PauseReason.OWNER
    listing.save()
    if changed & DECIDE_PLACE:
        _find_place(listing, now=now)
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
    listing.content_version += is_scored
    if listing.expires_at is not None:
        listing.expires_at, listing.asked_at = touched(now).values()
    listing.save(update_fields=["content_version", "expires_at", "asked_at", "updated_at"])
    if listing.is_approved and not changed <= KEEPS_LIVE | NOT_SCORED:
        listing = move_listing(
            listing=listing, verb="edit_content", by=by, now=now, resume_to=listing.status
        )
    if is_scored:
        ask_for_check(listing, now=now)
    data = {"fields": sorted(changed), "version": listing.content_version}
    audit.record(by=by, action=action, target=listing, now=now, data=data)
    return listing


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
    """Take it out of the search. A repeat changes nothing; what an admin pauses, admins resume.

    Paused it is kept for sixty days, then it expires.
    """
    now = clock.now()
    listing = lock_listing(listing)
    roles = roles_of(listing, by)
    if not roles:
        raise NotAllowed
    is_moderation = OWNER not in roles
    why: dict[str, Any] = {
        "is_paused_by_moderation": is_moderation,
        "pause_reason": _reason_of(roles),
    }
    if not listing.is_paused:
        return move_listing(listing=listing, verb="pause", by=by, now=now, **why, **touched(now))
    if is_moderation and not listing.is_paused_by_moderation:
        for name, value in why.items():
            setattr(listing, name, value)
        listing.save(update_fields=[*why, "updated_at"])
        audit.record(by=by, action="listing_paused", target=listing, now=now)
    return listing


def _reason_of(roles: set[str]) -> PauseReason:
    """Whose pause it is; what the system pauses through this verb was reported."""
    if OWNER in roles:
        return PauseReason.OWNER
    return PauseReason.MODERATION if ADMIN in roles else PauseReason.REPORTS


@transaction.atomic
def resume_listing(*, listing: Property, by: Actor) -> Property:
    """Show it again. Raises Conflict (MOVE_IN_PASSED) until its poster has named another day."""
    now = clock.now()
    listing = lock_listing(listing)
    check_step(listing, verb="resume", by=by)
    check_move_in(listing, by=by, now=now)
    back = touched(now) | {"is_paused_by_moderation": False, "pause_reason": ""}
    return move_listing(listing=listing, verb="resume", by=by, now=now, **back)


@transaction.atomic
def renew_listing(*, listing: Property, by: Actor) -> Property:
    """It is still available: another sixty days from now, and a move-in date that is over goes.

    An answer to our question, or a return after it expired, ranks it as new but without a boost;
    a poster who renews every day gains nothing.
    """
    now = clock.now()
    listing = lock_listing(listing)
    changes = touched(now) | {"pause_reason": ""}
    if listing.is_move_in_over(now):
        changes["available_from"] = None
    if not listing.is_live or listing.is_asked:
        changes["rank_at"] = max(listing.rank_at or now, now)
    return move_listing(listing=listing, verb="renew", by=by, now=now, **changes)


def withdraw_listing(*, listing: Property, by: Actor) -> Property:
    return move_listing(listing=listing, verb="withdraw", by=by, now=clock.now(), resume_to="")


def _find_place(listing: Property, *, now: dt.datetime) -> None:
    """What the table of places did not place exactly, a worker looks up."""
    if listing.latitude is None:
        request_geocoding(
            subject_type=LISTING,
            subject_id=listing.pk,
            city=listing.city,
            locality=listing.locality,
            now=now,
        )


def _put(listing: Property, facts: dict[str, Any]) -> set[str]:
    """Set `facts` in their normal form and what follows from them; the names that changed."""
    clean = _normal(listing, facts)
    changed = {name for name, value in clean.items() if getattr(listing, name) != value}
    for name in changed:
        setattr(listing, name, clean[name])
    changed |= _drop_preference(listing, asked=set(facts))
    _check_together(listing)
    if changed & DECIDE_PLACE or listing._state.adding:
        listing.cell_geohash, listing.cell_latitude, listing.cell_longitude = public_cell(
            city=listing.city,
            locality=listing.locality,
            latitude=listing.latitude,
            longitude=listing.longitude,
        )
    if not listing.timezone or ("timezone" not in facts and changed & DECIDE_MARKET):
        _default_timezone(listing)
    return changed


def _normal(listing: Property, facts: dict[str, Any]) -> dict[str, Any]:
    clean = dict(facts)
    if "amenities" in clean:
        words = (" ".join(word.split()) for word in clean["amenities"])
        clean["amenities"] = list(dict.fromkeys(word for word in words if word))
    if "costs_included" in clean:
        clean["costs_included"] = sorted(set(clean["costs_included"]))
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


def _has_odd_preference(listing: Property) -> bool:
    return listing.gender_preference not in ("", GenderPreference.ANY) and not may_prefer_gender(
        property_type=listing.property_type, sharing_type=listing.sharing_type
    )


def _drop_preference(listing: Property, *, asked: set[str]) -> set[str]:
    """A room that becomes a whole home loses the preference that it had."""
    if "gender_preference" in asked or not _has_odd_preference(listing):
        return set()
    listing.gender_preference = ""
    return {"gender_preference"}


def _check_together(listing: Property) -> None:
    if _has_odd_preference(listing):
        raise Invalid.field(
            "gender_preference", _("Who may live in a whole home cannot be limited.")
        )
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
