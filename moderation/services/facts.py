"""From rows to what the rules are told."""

from collections.abc import Collection, Iterable
from typing import Any
import uuid

from django.conf import settings
from django.db.models import Q, QuerySet

from ghar.lib.phones import phone_hash
from ghar.properties.models import Property
from moderation.models import Attendance, Fingerprint, PhotoHash
from moderation.rules import fingerprint as rules
from moderation.rules.facts import ListingFacts
from moderation.rules.limits import DetectionSettings
from moderation.rules.photo_hash import ALGO_VERSION
from moderation.rules.price import PriceCell, log_rate
from moderation.rules.reliability import Record
from moderation.rules.text import phones_in

# A tower full of like flats must not make one check compare thousands.
MOST_CANDIDATES = 300
MOST_COMPARABLES = 500

_COPIED = (
    "id", "owner_id", "property_type", "purpose", "title", "description", "city", "locality",
    "society", "address", "unit", "price_amount", "currency", "rent_period", "bedrooms",
    "bathrooms", "area_sqft", "latitude", "longitude", "amenities", "sharing_type",
    "gender_preference",
)  # fmt: skip
_DERIVED = (
    "fingerprint_hash", "phone_hash", "address_norm", "title_norm", "price_bucket", "geo_cell",
    "photo_hashes", "norm_fields",
)  # fmt: skip


def detection_limits() -> DetectionSettings:
    return DetectionSettings(**dict[str, Any](settings.DETECTION))


def facts_of(listing: Property) -> ListingFacts:
    """The listing as it is now."""
    photos = PhotoHash.objects.filter(media__in=listing.media.ready(), algo_version=ALGO_VERSION)
    captions = tuple(listing.media.ready().values_list("alt", flat=True))
    contact = phone_hash(listing.contact_phone) if listing.contact_phone else None
    in_text = phones_in(f"{listing.title}\n{listing.description}", _phone_regions())
    return _facts(
        listing,
        phone_hash=contact,
        phone_hashes=frozenset([*map(phone_hash, in_text), *([contact] if contact else [])]),
        photo_hashes=tuple(photos.values_list("phash", flat=True)),
        photo_count=len(captions),
        captions=captions,
    )


def unsaved_fingerprint(listing: Property, facts: ListingFacts) -> Fingerprint:
    made = rules.fingerprint(facts)
    return Fingerprint(
        listing=listing,
        version=listing.content_version,
        owner_id=listing.owner_id,
        fingerprint_hash=made.fingerprint_hash,
        phone_hash=made.phone_hash,
        address_norm=made.address_norm,
        title_norm=made.title_norm,
        price_bucket=made.price_bucket,
        geo_cell=made.geo_cell,
        photo_hashes=list(made.photo_hashes),
        norm_fields=made.norm_fields | {"phone_hashes": sorted(facts.phone_hashes)},
    )


def store_fingerprint(*, listing: Property, facts: ListingFacts) -> Fingerprint:
    """What the listing looks like at this version; written anew when a photo becomes ready."""
    made = unsaved_fingerprint(listing, facts)
    Fingerprint.objects.bulk_create(
        [made],
        update_conflicts=True,
        unique_fields=["listing", "version"],
        update_fields=_DERIVED,
    )
    return made


def candidates_for(
    *,
    facts: ListingFacts,
    own: Fingerprint,
    seen_in: Collection[uuid.UUID],
    allowed: Collection[uuid.UUID],
) -> list[ListingFacts]:
    """Listings once submitted that this one might repeat, the newest first.

    `seen_in` share a photo with it; `allowed` were judged innocent.
    """
    near = Property.objects.filter(pk__in=_alike(own).values("listing_id"))
    if facts.bedrooms is not None:
        near = near.filter(Q(bedrooms=facts.bedrooms) | Q(bedrooms=None))
    same_phone = Fingerprint.objects.with_phones(facts.phone_hashes)
    chosen = Property.objects.filter(
        Q(pk__in=near.values("pk")) | Q(pk__in=same_phone.values("listing_id")) | Q(pk__in=seen_in),
        submitted_at__isnull=False,
    ).exclude(pk__in=[facts.id, *allowed])
    return facts_of_many(chosen.order_by("-submitted_at")[:MOST_CANDIDATES])


def facts_of_many(listings: Iterable[Property]) -> list[ListingFacts]:
    """Listings as they are now, with the phones and photos of their newest fingerprint."""
    rows = list(listings)
    prints = {
        made.listing_id: made
        for made in Fingerprint.objects.latest_of([listing.pk for listing in rows])
    }
    return [
        _facts(
            listing,
            phone_hash=made.phone_hash,
            phone_hashes=frozenset(made.norm_fields.get("phone_hashes", ())),
            photo_hashes=tuple(made.photo_hashes),
            photo_count=len(made.photo_hashes),
        )
        for listing in rows
        if (made := prints.get(listing.pk))
    ]


def price_cells(facts: ListingFacts) -> list[PriceCell]:
    """Live listings to compare the price with, from the most specific cell to the most general."""
    if not facts.monthly_price:
        return []
    live = Property.objects.live().filter(purpose=facts.purpose, currency=facts.currency)
    live = live.exclude(pk=facts.id)
    kind = facts.property_type.replace("_", " ")
    of_kind = live.filter(property_type=facts.property_type)
    in_city = of_kind.filter(city__iexact=facts.city)
    in_locality = in_city.filter(locality__iexact=facts.locality)
    cells: list[tuple[str, QuerySet[Property]]] = []
    if facts.locality:
        rooms = f"{facts.locality}, {kind}, {facts.bedrooms} bedrooms"
        cells.append((rooms, in_locality.filter(bedrooms=facts.bedrooms)))
        cells.append((f"{facts.locality}, {kind}", in_locality))
    cells += [(f"{facts.city}, {kind}", in_city), (f"all for {facts.purpose}", live)]
    return [PriceCell(name, _log_rates(facts, listings)) for name, listings in cells]


def record_of_host(owner_id: uuid.UUID) -> Record:
    """How the owner keeps what is agreed about their places; rows too old are gone."""
    return Record(**Attendance.objects.filter(person=owner_id, as_host=True).tally())


def rent_ceiling(facts: ListingFacts) -> int | None:
    """Minor units a month from which a rent in this currency cannot be true."""
    markets = settings.MARKETS.values()
    return next((int(str(m["ceiling"])) for m in markets if m["currency"] == facts.currency), None)


def _alike(own: Fingerprint) -> QuerySet[Fingerprint]:
    """Fingerprints in the cells around, or with the same address or the same everything."""
    alike = Q(fingerprint_hash=own.fingerprint_hash)
    if own.geo_cell:
        alike |= Q(geo_cell__in=rules.cells_around(own.geo_cell))
    if own.address_norm:
        alike |= Q(address_norm=own.address_norm)
    return Fingerprint.objects.filter(alike)


def _log_rates(facts: ListingFacts, listings: QuerySet[Property]) -> list[float]:
    """In the listing's own measure: by the square foot if it states an area, else whole prices."""
    rows = listings.filter(price_amount__isnull=False)
    if facts.area_sqft:
        rows = rows.filter(area_sqft__isnull=False)
    newest = rows.order_by("-published_at", "-id")[:MOST_COMPARABLES]
    return [
        log_rate(other.monthly_price, other.area_sqft if facts.area_sqft else None)
        for other in map(_facts, newest)
        if other.monthly_price
    ]


def _facts(listing: Property, **derived: Any) -> ListingFacts:
    copied = {name: getattr(listing, name) for name in _COPIED}
    return ListingFacts(first_submitted_at=listing.submitted_at, **copied, **derived)


def _phone_regions() -> list[str]:
    return [str(market["phone_region"]) for market in settings.MARKETS.values()]
