"""What makes a listing recognisable after light editing."""

from dataclasses import asdict, dataclass, replace
from hashlib import sha256
import json
from math import floor, log
import re
from typing import Any, Final

from ghar.lib.geo import geohash, neighbours
from ghar.lib.text import normalise
from moderation.rules.facts import ListingFacts

GEO_PRECISION: Final = 7
_PRICE_STEP: Final = 1.10

# On normalised text, in which "B-1203" is "b 1203" and "3rd" is "3 rd". A number that counts
# something ("apartment 3 bedroom", "à 20 minutes") names no home.
_COUNTED: Final = (
    r"(?! ?(?:bedroom|room|bath|hall|kitchen|min|hour|day|week|month|year|km|m\b|metre|meter|square|"
    r"feet|people|person|sharing|seater|lakh|k\b|st\b|nd\b|rd\b|th\b|percent|rs|inr|rwf))"
)
_TOWER: Final = re.compile(
    rf"\b(?:tower|block|wing|building) ([a-z]|\d+)\b|\b([a-z]) (?=\d{{2,4}}\b{_COUNTED})"
)
_FLAT: Final = re.compile(
    r"\b(?:flat|apartment|unit|house|door|room|villa|plot|shop|office)"
    rf"(?: (?:no|number|num))?(?: [a-z])? (\d+(?: [a-z]\b)?)\b{_COUNTED}"
    rf"|\b(?:tower|block|wing) (?:[a-z]|\d+) (\d{{2,4}})\b{_COUNTED}"
    rf"|\b[a-z] (\d{{2,4}})\b{_COUNTED}"
)
_FLOOR: Final = re.compile(r"\b(\d+) (?:st|nd|rd|th|street|road) floor\b|\bfloor (\d+)\b")
_STREET: Final = re.compile(
    r"\b(?:k[gknc]|n?h|sh|rn) \d+\b|\b(?:sector|phase|zone|cross|main) \d+\b"
)


@dataclass(frozen=True)
class UnitNumbers:
    """The numbers that tell one home of a building from another; None where not said."""

    tower: str | None = None
    flat: str | None = None
    floor: str | None = None

    def conflicts_with(self, other: "UnitNumbers") -> bool:
        """Both say, and they differ: two homes of one building."""
        mine = (self.tower, self.flat, self.floor)
        theirs = (other.tower, other.flat, other.floor)
        return any(a and b and a != b for a, b in zip(mine, theirs, strict=True))

    def same_flat(self, other: "UnitNumbers") -> bool:
        return bool(self.flat) and self.flat == other.flat and not self.conflicts_with(other)


@dataclass(frozen=True)
class Fingerprint:
    """`fingerprint_hash` covers all the rest; it finds exact copies and is never unique."""

    fingerprint_hash: str
    phone_hash: str | None
    address_norm: str | None
    title_norm: str | None
    price_bucket: str | None
    geo_cell: str | None
    photo_hashes: tuple[str, ...]
    unit: UnitNumbers

    @property
    def norm_fields(self) -> dict[str, Any]:
        """What was normalised, as JSON for the column of this name."""
        names = ("address_norm", "title_norm", "price_bucket", "geo_cell")
        return {name: getattr(self, name) for name in names} | {"unit": asdict(self.unit)}


def fingerprint(facts: ListingFacts) -> Fingerprint:
    unsigned = Fingerprint(
        fingerprint_hash="",
        phone_hash=facts.phone_hash,
        address_norm=address_norm(facts) or None,
        title_norm=normalise(facts.title, abbreviations=True) or None,
        price_bucket=price_bucket(facts),
        geo_cell=geo_cell(facts),
        photo_hashes=tuple(sorted(facts.photo_hashes)),
        unit=unit_numbers(facts),
    )
    digest = sha256(json.dumps(asdict(unsigned), sort_keys=True).encode()).hexdigest()
    return replace(unsigned, fingerprint_hash=digest)


def address_norm(facts: ListingFacts) -> str:
    return normalise(f"{facts.society} {facts.address}", abbreviations=True)


def price_bucket(facts: ListingFacts) -> str | None:
    """A logarithmic step of 10 %; neighbouring steps may hold the same price."""
    if not facts.monthly_price:
        return None
    step = floor(log(facts.monthly_price) / log(_PRICE_STEP))
    return f"{facts.purpose}:{facts.currency}:{step}"


def geo_cell(facts: ListingFacts) -> str | None:
    return geohash(*facts.position, GEO_PRECISION) if facts.position else None


def cells_around(cell: str) -> list[str]:
    """Where candidates may lie: one cell alone would lose 10 to 42 % of moved copies."""
    return [cell, *neighbours(cell)]


def unit_numbers(facts: ListingFacts) -> UnitNumbers:
    """From the field for it, else from the address, else from the title."""
    own = _unit_field(facts.unit)
    said = [own, *(parse_unit(text) for text in (facts.address, facts.title))]
    return UnitNumbers(
        *(
            next((getattr(unit, part) for unit in said if getattr(unit, part)), None)
            for part in ("tower", "flat", "floor")
        )
    )


def parse_unit(text: str) -> UnitNumbers:
    """Tower, flat and floor as written in running text: "Tower 5, flat B-1203, 12th floor"."""
    words = _STREET.sub(" ", normalise(text, abbreviations=True))
    return UnitNumbers(_first(_TOWER, words), _first(_FLAT, words), _first(_FLOOR, words))


def _unit_field(text: str) -> UnitNumbers:
    """The same in a field that holds nothing else, where a bare "402" is the flat."""
    parsed = parse_unit(text)
    words = normalise(text, abbreviations=True)
    numbers = re.findall(r"\d+(?: [a-z]\b)?", words)
    if parsed.flat or parsed.floor or not numbers:
        return parsed
    return UnitNumbers(parsed.tower, numbers[-1], None)


def _first(pattern: re.Pattern[str], words: str) -> str | None:
    found = pattern.search(words)
    return next((group for group in found.groups() if group), None) if found else None
