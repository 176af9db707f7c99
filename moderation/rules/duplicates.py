"""The same home, listed again by somebody else.

Flats of one society share title, address, position and often price; what tells a copy from a
neighbour is the describing text and the unit number. So place and price alone are at most a
question to the poster (medium), a title alone is nothing, and conflicting unit numbers are
evidence against.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
import re
from typing import Final

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from ghar.lib.geo import haversine_m
from ghar.lib.text import normalise
from moderation.rules.facts import Family, ListingFacts, Reason
from moderation.rules.fingerprint import address_norm, fingerprint, unit_numbers
from moderation.rules.limits import DetectionSettings

_WEIGHTS: Final = {
    "address": 0.25, "description": 0.30, "title": 0.10, "geo": 0.15,
    "price": 0.10, "area": 0.05, "phone": 0.05,
}  # fmt: skip
# Taken off for what speaks against: another unit, another number of bedrooms.
_UNIT_CONFLICT: Final = 0.25
_BEDROOM_CONFLICT: Final = 0.15
# A likeness that has other numbers in it ("12 MG Road", "14 MG Road") is at most this.
_OTHER_NUMBERS: Final = 0.6
_MATCHES_FROM: Final = 0.9
_CONTRADICTS_BELOW: Final = 0.70
_WORDS_TO_JUDGE: Final = 8
# Longer texts are compared by their beginning: the cost is quadratic.
_COMPARED_CHARACTERS: Final = 1500


@dataclass(frozen=True)
class Likeness:
    """`parts` are 0..1 for what both listings state; `total` is their weighted mean, corrected."""

    parts: dict[str, float]
    total: float
    same_flat: bool
    other_unit: bool

    @property
    def matched_on(self) -> list[str]:
        names = [name for name, value in self.parts.items() if value >= _MATCHES_FROM]
        return [*names, "unit"] if self.same_flat else names


_Found = tuple[int, Likeness, ListingFacts]


def duplicate_reasons(
    listing: ListingFacts,
    candidates: Iterable[ListingFacts],
    limits: DetectionSettings,
) -> list[Reason]:
    """One reason for all earlier listings of others that this one repeats, the likest first.

    The poster's own are a hint of weight 0.
    """
    accusing: list[_Found] = []
    own: list[_Found] = []
    for other in candidates:
        if other.id == listing.id or not other.was_before(listing):
            continue
        likeness = compare_listings(listing, other, limits)
        weight = _weight(listing, other, likeness, limits)
        if weight:
            found = own if other.owner_id == listing.owner_id else accusing
            found.append((weight, likeness, other))
    return [*_reason(accusing), *_reason(own, is_hint=True)]


def compare_listings(one: ListingFacts, other: ListingFacts, limits: DetectionSettings) -> Likeness:
    parts = {
        "address": _line(address_norm(one), address_norm(other)),
        "description": _story(normalise(one.description), normalise(other.description)),
        "title": _line(
            normalise(one.title, abbreviations=True), normalise(other.title, abbreviations=True)
        ),
        "geo": _geo(one, other, limits),
        "price": _price(one, other),
        "area": _ratio(one.area_sqft, other.area_sqft, reach=0.20),
        # A copier has his own phone: another number says nothing, the same one a lot.
        "phone": 1.0 if one.phone_hashes & other.phone_hashes else None,
    }
    known = {name: value for name, value in parts.items() if value is not None}
    units = unit_numbers(one), unit_numbers(other)
    other_unit = units[0].conflicts_with(units[1]) or _other_numbers(
        address_norm(one), address_norm(other)
    )
    total = sum(_WEIGHTS[name] * value for name, value in known.items())
    total /= sum(_WEIGHTS[name] for name in known) or 1
    total -= _UNIT_CONFLICT * other_unit + _BEDROOM_CONFLICT * _other_bedrooms(one, other)
    return Likeness(known, max(total, 0.0), units[0].same_flat(units[1]), other_unit)


def _weight(
    one: ListingFacts, other: ListingFacts, likeness: Likeness, limits: DetectionSettings
) -> int:
    """0 where the two may well be two homes."""
    if one.purpose != other.purpose or not _same_place(likeness.parts):
        return 0
    if _is_exact_copy(one, other):
        return limits.duplicate_high_weight
    if likeness.total >= limits.duplicate_high and _is_told_apart(one, other, likeness, limits):
        return limits.duplicate_high_weight
    if likeness.same_flat and likeness.parts.get("address", 0) >= _MATCHES_FROM:
        return limits.duplicate_medium_weight
    if likeness.total >= limits.duplicate_medium and not _texts_contradict(one, other, likeness):
        return limits.duplicate_medium_weight
    return 0


def _same_place(parts: dict[str, float]) -> bool:
    """Near on the map; where one of them has no position, by the written address."""
    if "geo" in parts:
        return parts["geo"] > 0
    return parts.get("address", 0) >= _CONTRADICTS_BELOW


def _is_exact_copy(one: ListingFacts, other: ListingFacts) -> bool:
    return fingerprint(one).fingerprint_hash == fingerprint(other).fingerprint_hash


def _is_told_apart(
    one: ListingFacts, other: ListingFacts, likeness: Likeness, limits: DetectionSettings
) -> bool:
    """Whether something that neighbours do not share is the same: the flat, or the own words."""
    if likeness.same_flat:
        return True
    return not likeness.other_unit and likeness.parts.get("description", 0) >= limits.same_text


def _texts_contradict(one: ListingFacts, other: ListingFacts, likeness: Likeness) -> bool:
    long_enough = all(
        len(text.split()) >= _WORDS_TO_JUDGE for text in (one.description, other.description)
    )
    return long_enough and likeness.parts.get("description", 1) < _CONTRADICTS_BELOW


def _line(one: str, other: str) -> float | None:
    """Likeness of two normalised lines, whatever the order of their words."""
    if not one or not other:
        return None
    ratio = fuzz.token_sort_ratio(one, other) / 100
    return min(ratio, _OTHER_NUMBERS) if _other_numbers(one, other) else ratio


def _story(one: str, other: str) -> float | None:
    """Likeness of two normalised descriptions: about the share of words that a copier kept.

    Honest descriptions share their words but not their order. A neighbouring pair survives only
    if both of its words did, so the share of pairs is the square of the share of words; whole
    sentences may move, be added or left out.
    """
    if not one or not other:
        return None
    ratio = fuzz.ratio(one[:_COMPARED_CHARACTERS], other[:_COMPARED_CHARACTERS]) / 100
    mine, theirs = _word_pairs(one), _word_pairs(other)
    shorter = min(len(mine), len(theirs))
    if shorter < _WORDS_TO_JUDGE:
        return ratio
    return max(ratio, sqrt(len(mine & theirs) / shorter))


def _word_pairs(text: str) -> set[tuple[str, str]]:
    return set(pairwise(text.split()))


def _other_numbers(one: str, other: str) -> bool:
    """Each has a number that the other lacks."""
    mine, theirs = set(re.findall(r"\d+", one)), set(re.findall(r"\d+", other))
    return bool(mine - theirs) and bool(theirs - mine)


def _geo(one: ListingFacts, other: ListingFacts, limits: DetectionSettings) -> float | None:
    if one.position is None or other.position is None:
        return None
    beyond = haversine_m(one.position, other.position) - limits.near_m
    return min(1.0, max(0.0, 1 - beyond / (limits.far_m - limits.near_m)))


def _price(one: ListingFacts, other: ListingFacts) -> float | None:
    if one.currency != other.currency:
        return None
    return _ratio(one.monthly_price, other.monthly_price, reach=0.25)


def _ratio(one: float | None, other: float | None, *, reach: float) -> float | None:
    """1 while within 3 %, falling to 0 at `reach`."""
    if not one or not other:
        return None
    apart = max(one, other) / min(one, other) - 1
    return min(1.0, max(0.0, (reach - apart) / (reach - 0.03)))


def _other_bedrooms(one: ListingFacts, other: ListingFacts) -> bool:
    return None not in (one.bedrooms, other.bedrooms) and one.bedrooms != other.bedrooms


def _reason(found: list[_Found], *, is_hint: bool = False) -> list[Reason]:
    if not found:
        return []
    ordered = sorted(found, key=lambda row: (-row[0], -row[1].total, str(row[2].id)))
    listings = [
        {
            "property_id": str(other.id),
            "matched_on": likeness.matched_on,
            "likeness": round(likeness.total, 2),
        }
        for _points, likeness, other in ordered
    ]
    message = (
        _("Looks like another listing of the same poster.")
        if is_hint
        else _("Repeats an earlier listing of another poster: %(fields)s.")
        % {"fields": ", ".join(ordered[0][1].matched_on)}
    )
    return [
        Reason(
            code="DUPLICATE_LISTING",
            family=Family.PLACE,
            weight=0 if is_hint else ordered[0][0],
            message=message,
            evidence={"listings": listings} | ({"same_poster": True} if is_hint else {}),
        )
    ]
