"""What a room to share must have before a person looks at it. It reads the listing alone, never
what an earlier prescreen said, so that an edit clears what it settles.
"""

from typing import Final

from django.utils.translation import gettext as _

from ghar.properties.states import SHARED_TYPES
from moderation.rules.completeness import (
    completeness_reasons,
    few_photos,
    missing_fields,
    thin_reasons,
)
from moderation.rules.facts import Family, ListingFacts, Reason
from moderation.rules.limits import DetectionSettings
from moderation.rules.text import text_reasons

KEY_FIELDS: Final = (
    *("title", "description", "city", "locality", "society", "bedrooms", "bathrooms"),
    *("gender_preference", "sharing_type"),
)


def content_reasons(
    listing: ListingFacts, limits: DetectionSettings, *, ceiling: int | None
) -> list[Reason]:
    """What the listing says and leaves out, by the rules of its type."""
    if listing.property_type in SHARED_TYPES:
        return prescreen_reasons(listing, limits, ceiling=ceiling)
    return [*completeness_reasons(listing, limits), *text_reasons(listing, limits)]


def prescreen_reasons(
    listing: ListingFacts, limits: DetectionSettings, *, ceiling: int | None
) -> list[Reason]:
    """`ceiling`: minor units a month from which a rent cannot be true; None where unknown."""
    free = (listing.city, listing.address, listing.unit, *listing.amenities, *listing.captions)
    return [
        *_few_photos(listing, limits),
        *thin_reasons(listing, limits),
        *_impossible_rent(listing, ceiling, limits),
        *text_reasons(listing, limits, other_texts=free),
        *(missing_fields([name], limits) for name in KEY_FIELDS if _is_missing(listing, name)),
    ]


def distinct_photos(listing: ListingFacts, limits: DetectionSettings) -> int:
    """The same picture twice is one. A photo that is not in the index yet counts as another."""
    seen: list[int] = []
    for photo in (int(text, 16) for text in listing.photo_hashes):
        if all((photo ^ other).bit_count() > limits.same_picture_distance for other in seen):
            seen.append(photo)
    return len(seen) + max(listing.photo_count - len(listing.photo_hashes), 0)


def _few_photos(listing: ListingFacts, limits: DetectionSettings) -> list[Reason]:
    count = distinct_photos(listing, limits)
    if count >= limits.photos_expected:
        return []
    return [few_photos(count, limits, limits.holding_weight)]


def _is_missing(listing: ListingFacts, name: str) -> bool:
    """A studio has 0 bedrooms, which is an answer."""
    value = getattr(listing, name)
    return value is None or not str(value).strip()


def _impossible_rent(
    listing: ListingFacts, ceiling: int | None, limits: DetectionSettings
) -> list[Reason]:
    rent = listing.monthly_price
    if rent is None or rent <= 0:
        message = _("No rent is stated.")
    elif ceiling is not None and rent >= ceiling:
        message = _("The rent is higher than any real one.")
    else:
        return []
    evidence = {
        "price_amount": listing.price_amount,
        "currency": listing.currency,
        "rent_period": listing.rent_period,
        "ceiling": ceiling,
    }
    return [
        Reason(
            code="SUSPICIOUS_PRICING",
            family=Family.PRICE,
            weight=limits.holding_weight,
            message=message,
            evidence=evidence,
        )
    ]
