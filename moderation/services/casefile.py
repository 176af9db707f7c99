"""All that staff may know about a listing under review. Runs as staff."""

from collections.abc import Iterable, Iterator
import datetime as dt
from typing import Any, NamedTuple
import uuid

from django.contrib.admin.utils import label_for_field

from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.audit.models import AuditEvent
from ghar.errors import NotFound
from ghar.properties.models import Property, PropertyMedia
from ghar.properties.rules import PRIVATE_FACTS
from moderation.models import Case, Fingerprint, ListingCheck, PhotoHash, RiskScore

HISTORY = 20


class PhotoPair(NamedTuple):
    """A photo of the listing beside the one that it repeats; d256 between them."""

    mine: PropertyMedia
    other: PropertyMedia
    distance: int
    # It was marked: no evidence any more.
    is_common: bool

    @property
    def photos(self) -> tuple[PropertyMedia, PropertyMedia]:
        return self.mine, self.other


def risk_detail(*, listing: Property) -> dict[str, Any]:
    """The whole score: reasons, similar listings, fingerprint, history. NotFound before a check."""
    score = RiskScore.objects.filter(listing=listing).first()
    if score is None:
        raise NotFound
    case = Case.objects.about_listings().filter(listing=listing).order_by("-version").first()
    return {
        "property_id": listing.pk,
        "risk_score": score.risk_score,
        "risk_level": score.risk_level,
        "status": score.status,
        "reasons": score.reasons,
        "similar_listings": similar_listings(score),
        "fingerprint": fingerprint_of(listing),
        "history": history_of(listing),
        "version": case.version if case else 0,
        "content_version": score.content_version,
    }


def similar_listings(score: RiskScore | None) -> list[dict[str, Any]]:
    """Those that still exist, the nearest first, each with its address on the site."""
    rows = {uuid.UUID(row["property_id"]): row for row in (score.similar_listings if score else ())}
    found = Property.objects.select_related("owner", "cover").in_bulk(list(rows))
    return [
        row | {"url": found[pk].get_absolute_url(), "listing": found[pk]}
        for pk, row in rows.items()
        if pk in found
    ]


def photo_pairs(reasons: Iterable[dict[str, Any]]) -> list[PhotoPair]:
    """The matched photos that the score rests on or leaves aside as common, the nearest first."""
    rows = [row for reason in reasons for row in _compared(reason["evidence"])]
    ids = {row[key] for row in rows for key in ("media_id", "other_media_id")}
    media = {str(pk): photo for pk, photo in _photos(ids).items()}
    marked = PhotoHash.objects.filter(media__in=ids, is_common=True)
    common = set(marked.values_list("media_id", flat=True))
    pairs = [
        PhotoPair(mine, other, row["distance"], is_common=bool(common & {mine.pk, other.pk}))
        for row in rows
        if (mine := media.get(row["media_id"])) and (other := media.get(row["other_media_id"]))
    ]
    return sorted(pairs, key=lambda pair: pair.distance)


def _compared(evidence: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for listing in evidence.get("listings", ()):
        yield from listing.get("photos", ())
    yield from evidence.get("common", ())


def photo_pair(*, listing: Property, mine: str, other: str) -> PhotoPair:
    """The one that a moderator speaks of; NotFound if the score does not show it."""
    score = RiskScore.objects.filter(listing=listing).first()
    for pair in photo_pairs(score.reasons if score else ()):
        if (str(pair.mine.pk), str(pair.other.pk)) == (mine, other):
            return pair
    raise NotFound


def fingerprint_of(listing: Property) -> dict[str, Any] | None:
    made = Fingerprint.objects.filter(listing=listing).order_by("-version").first()
    if made is None:
        return None
    return {
        "fingerprint_hash": made.fingerprint_hash,
        "photo_hashes": made.photo_hashes,
        "geo_cell": made.geo_cell,
        "norm_fields": made.norm_fields,
        "version": made.version,
    }


def history_of(listing: Property) -> list[dict[str, Any]]:
    return [
        {
            "at": check.checked_at,
            "version": check.content_version,
            "risk_score": check.risk_score,
            "status": check.risk_status,
            "reasons": check.reason_codes,
        }
        for check in ListingCheck.objects.finished().filter(listing=listing)[:HISTORY]
    ]


def audit_trail(listing: Property) -> list[AuditEvent]:
    trail = AuditEvent.objects.filter(target_type="property", target_id=str(listing.pk))
    return list(trail.order_by("-id")[:HISTORY])


def reveal_facts(*, case: Case, by: User, now: dt.datetime) -> list[tuple[str, Any]]:
    """Address, position and phone of its listing; who looked is in the audit."""
    data = {"fields": list(PRIVATE_FACTS), "case": str(case.pk)}
    audit.record(by=by, action="private_facts_revealed", target=case.listing, now=now, data=data)
    return [
        (str(label_for_field(name, Property)), getattr(case.listing, name))
        for name in PRIVATE_FACTS
    ]


def _photos(ids: Iterable[str]) -> dict[uuid.UUID, PropertyMedia]:
    return PropertyMedia.objects.select_related("listing").in_bulk(list(ids))


def page_of(listing: Property) -> dict[str, Any]:
    """What the case page shows beside the case itself."""
    score = RiskScore.objects.filter(listing=listing).first()
    return {
        "listing": listing,
        "photos": listing.media.ready(),
        "score": score,
        "similar": similar_listings(score),
        "pairs": photo_pairs(score.reasons) if score else [],
        "evidence": [row.upload for row in listing.evidence.select_related("upload")],
        "history": history_of(listing),
        "trail": audit_trail(listing),
        "decisions": listing.decisions.select_related("decided_by")[:HISTORY],
    }
