"""Photos in the index, and who else showed them first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
import datetime as dt
from typing import Any, NamedTuple
import uuid

from django.db import connection
from django.db.models import Exists, OuterRef
from PIL import Image

from ghar.properties.models import Property, PropertyMedia
from ghar.properties.services.media import picture_path
from moderation import photo_index, policies
from moderation.models import PhotoHash
from moderation.photo_index import PhotoHit
from moderation.rules.facts import PhotoMatch
from moderation.rules.limits import DetectionSettings
from moderation.rules.photo_hash import (
    ALGO_VERSION,
    Hashes,
    PhotoHashes,
    compare,
    distance256,
    query_variants,
)

Variants = Mapping[uuid.UUID, Sequence[Hashes]]
# A stored picture with the verdict about it and its d256.
_Judged = tuple[PhotoHit, str, int]


class StoredHash(NamedTuple):
    """A row of the index as the rules read it."""

    ph64: int
    ph256: bytes
    low_information: bool


class _Photo(NamedTuple):
    owner_id: uuid.UUID
    shown_at: dt.datetime | None
    is_approved: bool
    is_marked_common: bool


def index_photos(*, listing: Property, limits: DetectionSettings) -> Variants:
    """Put each ready photo into the index; answers the hashes to search for, by photo.

    The caller commits before it searches: of two simultaneous reposts at least one then sees the
    other.
    """
    variants: dict[uuid.UUID, Sequence[PhotoHashes]] = {}
    rows = []
    for media in listing.media.ready():
        with Image.open(picture_path(media, "medium")) as image:
            variants[media.pk] = query_variants(image, limits)
        as_is = variants[media.pk][0]
        rows.append(
            PhotoHash(
                media=media,
                listing=listing,
                owner_id=listing.owner_id,
                phash=as_is.phash_hex,
                ph=as_is.ph64,
                ph256=as_is.ph256,
                is_low_information=as_is.low_information,
                algo_version=ALGO_VERSION,
            )
        )
    PhotoHash.objects.bulk_create(rows, ignore_conflicts=True)
    return variants


def stored_hashes(photos: Iterable[PropertyMedia]) -> Variants:
    """The photos as they are in the index, without turned and trimmed variants: enough to advise."""
    rows = PhotoHash.objects.filter(media__in=photos, algo_version=ALGO_VERSION)
    return {
        row.media_id: [StoredHash(row.ph, bytes(row.ph256), row.is_low_information)] for row in rows
    }


def find_matches(
    *, listing_id: uuid.UUID, variants: Variants, limits: DetectionSettings
) -> list[PhotoMatch]:
    """Where else the photos of a listing are, whoever was first."""
    found: dict[uuid.UUID, list[_Judged]] = defaultdict(list)
    for media_id, hit, verdict, distance in _search(variants, limits):
        if hit.listing_id != listing_id:
            found[media_id].append((hit, verdict, distance))
    others = {hit.media_id for hits in found.values() for hit, _, _ in hits}
    photos = _photos({*found, *others})
    return [
        _match(media_id, hit, verdict, distance, hits, photos)
        for media_id, hits in found.items()
        for hit, verdict, distance in hits
    ]


def copies_of(*, photos: Iterable[PropertyMedia], limits: DetectionSettings) -> set[uuid.UUID]:
    """Every photo of the index that is the same picture as one of these, they included."""
    found = _search(stored_hashes(photos), limits)
    return {hit.media_id for _, hit, verdict, _ in found if verdict == "strong"}


def _search(
    variants: Variants, limits: DetectionSettings
) -> Iterator[tuple[uuid.UUID, PhotoHit, str, int]]:
    corpus = photo_index.corpus_size(connection)
    for media_id, hashes in variants.items():
        for hit in photo_index.search(hashes, limits.search_radius(corpus), connection):
            if judged := _judge(hashes, hit, corpus, limits):
                yield media_id, hit, *judged


def _judge(
    variants: Sequence[Hashes], hit: PhotoHit, corpus: int, limits: DetectionSettings
) -> tuple[str, int] | None:
    """The nearest variant's verdict and d256."""
    judged = [
        (distance256(variant, hit), verdict)
        for variant in variants
        if (verdict := compare(variant, hit, corpus, limits))
    ]
    if not judged:
        return None
    distance, verdict = min(judged)
    return verdict, distance


def _match(
    media_id: uuid.UUID,
    hit: PhotoHit,
    verdict: Any,
    distance: int,
    hits: Iterable[_Judged],
    photos: Mapping[uuid.UUID, _Photo],
) -> PhotoMatch:
    mine, other = photos[media_id], photos[hit.media_id]
    approved = {
        photos[each.media_id].owner_id for each, _, _ in hits if photos[each.media_id].is_approved
    }
    return PhotoMatch(
        media_id=media_id,
        other_media_id=hit.media_id,
        other_listing_id=hit.listing_id,
        other_owner_id=other.owner_id,
        verdict=verdict,
        distance=distance,
        shown_at=mine.shown_at,
        other_shown_at=other.shown_at,
        approved_posters=len(approved - {mine.owner_id}),
        is_marked_common=mine.is_marked_common or other.is_marked_common,
    )


def _photos(media_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, _Photo]:
    marked = PhotoHash.objects.filter(media=OuterRef("pk"), is_common=True)
    rows = PropertyMedia.objects.filter(pk__in=media_ids).select_related("listing")
    return {
        row.pk: _Photo(
            owner_id=row.listing.owner_id,
            shown_at=_shown_at(row),
            is_approved=policies.stands_approved(row.listing),
            is_marked_common=row.is_marked_common,
        )
        for row in rows.annotate(is_marked_common=Exists(marked))
    }


def _shown_at(media: PropertyMedia) -> dt.datetime | None:
    submitted_at = media.listing.submitted_at
    return max(media.created_at, submitted_at) if submitted_at else None
