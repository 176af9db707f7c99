"""The search by bands finds exactly what reading every row would find."""

from random import Random
import uuid

from django.db import connection
import pytest

from ghar.properties.models import PropertyMedia
from moderation import photo_index
from moderation.models import PhotoHash
from moderation.rules.photo_hash import ALGO_VERSION, PhotoHashes
from tests.factories import PropertyFactory

pytestmark = pytest.mark.django_db

RADII = range(13)
BITS = 2**64


def signed(value: int) -> int:
    return value - BITS if value >= BITS // 2 else value


def asking(key: int, *, low_information: bool = False) -> PhotoHashes:
    return PhotoHashes(signed(key), bytes(32), "", low_information)


def near(random: Random, key: int, distance: int) -> int:
    for bit in random.sample(range(64), distance):
        key ^= 1 << bit
    return key


def store(keys: list[int], **fields) -> list[PhotoHash]:
    listing = PropertyFactory()
    photos = PropertyMedia.objects.bulk_create(
        PropertyMedia(listing=listing, folder=uuid.uuid4().hex) for _ in keys
    )
    row = {"listing": listing, "owner_id": listing.owner_id, "algo_version": ALGO_VERSION} | fields
    return PhotoHash.objects.bulk_create(
        PhotoHash(media=photo, ph=signed(key), phash=f"{key:016x}", ph256=bytes(32), **row)
        for photo, key in zip(photos, keys, strict=True)
    )


def found(variants: list[PhotoHashes], radius: int) -> dict[uuid.UUID, int]:
    return {hit.media_id: hit.distance for hit in photo_index.search(variants, radius, connection)}


def by_reading_all(variants: list[PhotoHashes], rows: list[PhotoHash], radius: int) -> dict:
    distances = {
        row.media_id: min(((row.ph ^ one.ph64) % BITS).bit_count() for one in variants)
        for row in rows
    }
    return {media_id: distance for media_id, distance in distances.items() if distance <= radius}


@pytest.fixture
def corpus() -> tuple[list[int], list[PhotoHash]]:
    """Keys and rows at every distance from 0 to 24 of them, and strangers."""
    random = Random(64)
    keys = [random.getrandbits(64) for _ in range(4)]
    around = [near(random, key, distance) for key in keys for distance in range(25) for _ in "abc"]
    return keys, store([*around, *(random.getrandbits(64) for _ in range(200))])


@pytest.mark.parametrize("radius", [*RADII, 14, 20])
def test_the_index_finds_what_a_scan_finds(corpus, radius):
    keys, rows = corpus
    for key in keys:
        assert found([asking(key)], radius) == by_reading_all([asking(key)], rows, radius)


@pytest.mark.parametrize("radius", [0, 7, 12, 14, 20])
def test_several_variants_are_one_question(corpus, radius):
    keys, rows = corpus
    variants = [asking(key) for key in keys]
    assert found(variants, radius) == by_reading_all(variants, rows, radius)


def test_the_bands_are_read_from_their_indexes_alone(corpus):
    keys, _rows = corpus
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        query = photo_index._INDEXED.format(bands=photo_index._union()) + photo_index._MEASURED
        parameters = [
            *photo_index._probes([signed(keys[0])], 8),
            [signed(keys[0])],
            8,
            ALGO_VERSION,
        ]
        cursor.execute("EXPLAIN " + query, parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    for band in range(photo_index.BANDS):
        assert f"Index Only Scan using photo_hash_index_band{band}" in plan


def test_the_earliest_comes_first(corpus):
    keys, _rows = corpus
    hits = photo_index.search([asking(keys[0])], 12, connection)
    assert [hit.created_at for hit in hits] == sorted(hit.created_at for hit in hits)


def test_a_hit_tells_whose_it_is():
    [row] = store([5])
    [hit] = photo_index.search([asking(5)], 0, connection)
    assert (hit.media_id, hit.listing_id, hit.owner_id) == (
        row.media_id,
        row.listing_id,
        row.owner_id,
    )
    assert (hit.ph64, hit.ph256) == (5, bytes(32))


def test_low_information_is_neither_found_nor_asked():
    store([9], is_low_information=True)
    assert found([asking(9)], 14) == {}
    assert found([asking(9)], 20) == {}
    store([9])
    assert found([asking(9, low_information=True)], 14) == {}


def test_hashes_of_another_version_are_not_compared():
    store([9], algo_version=ALGO_VERSION + 1)
    assert found([asking(9)], 14) == {}


def test_an_empty_index_has_no_photos(db):
    assert photo_index.corpus_size(connection) >= 0
    assert photo_index.search([asking(1)], 14, connection) == []
