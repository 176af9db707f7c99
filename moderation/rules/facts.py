"""What rules are told and what they answer. Services build these from rows; rules never query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import datetime as dt
from enum import StrEnum
from typing import Any
import uuid

from moderation.rules.photo_hash import Verdict


class Family(StrEnum):
    """Kinds of evidence that are independent of each other; each counts once in the score."""

    PHOTO = "photo"
    PLACE = "place"
    PHONE = "phone"
    PRICE = "price"
    COMPLETENESS = "completeness"
    WORDING = "wording"
    CONDUCT = "conduct"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One finding, for admins. `weight` is 0..100 points; 0 is a neutral hint.

    `evidence["listings"]`, where present, is [{property_id, matched_on[], distance?}]. All values
    fit into JSON.
    """

    code: str
    family: Family
    weight: int
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "family": str(self.family),
            "weight": self.weight,
            "message": self.message,
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, kw_only=True)
class ListingFacts:
    """A listing as the rules see it. Money in minor units, area in square feet, degrees.

    `phone_hashes` are the keyed hashes of the contact phone and of phones found in the text;
    `first_submitted_at` is None while it is a draft that was never submitted; `captions` are the
    words under its photos.
    """

    id: uuid.UUID
    owner_id: uuid.UUID
    first_submitted_at: dt.datetime | None = None
    property_type: str = ""
    purpose: str = ""
    title: str = ""
    description: str = ""
    city: str = ""
    locality: str = ""
    society: str = ""
    address: str = ""
    unit: str = ""
    amenities: Sequence[str] = ()
    captions: Sequence[str] = ()
    sharing_type: str = ""
    gender_preference: str = ""
    price_amount: int | None = None
    currency: str = ""
    rent_period: str = "month"
    bedrooms: int | None = None
    bathrooms: int | None = None
    area_sqft: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    phone_hash: str | None = None
    phone_hashes: frozenset[str] = frozenset()
    photo_hashes: tuple[str, ...] = ()
    photo_count: int = 0

    @property
    def position(self) -> tuple[float, float] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

    @property
    def monthly_price(self) -> float | None:
        if not self.price_amount:
            return None
        return self.price_amount * 52 / 12 if self.rent_period == "week" else self.price_amount

    def was_before(self, other: "ListingFacts") -> bool:
        """Whether this one may accuse the other: submitted at all, and first."""
        if self.first_submitted_at is None:
            return False
        if other.first_submitted_at is None:
            return True
        return (self.first_submitted_at, self.id) < (other.first_submitted_at, other.id)


@dataclass(frozen=True, kw_only=True)
class PhotoMatch:
    """A photo of the listing that is also in another listing.

    `shown_at` and `other_shown_at` are when the photo first belonged to a submitted listing: the
    later of its upload and its listing's first submit; None while never submitted. (By the photo,
    not the listing: an old listing may be given somebody's new photos.)
    """

    media_id: uuid.UUID
    other_media_id: uuid.UUID
    other_listing_id: uuid.UUID
    other_owner_id: uuid.UUID
    verdict: Verdict
    distance: int
    shown_at: dt.datetime | None
    other_shown_at: dt.datetime | None
    # How many unrelated posters have it on approved listings, or a moderator's word about either.
    approved_posters: int = 0
    is_marked_common: bool = False

    @property
    def other_was_first(self) -> bool:
        if self.other_shown_at is None:
            return False
        if self.shown_at is None:
            return True
        return (self.other_shown_at, self.other_media_id) < (self.shown_at, self.media_id)
