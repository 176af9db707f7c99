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


def by_reading_all(keys: list[int], rows: list[PhotoHash], radius: int) -> dict[uuid.UUID, int]:
    distances = {row.pk: min(((row.ph ^ key) % BITS).bit_count() for key in keys) for row in rows}
    return {pk: distance for pk, distance in distances.items() if distance <= radius}


@pytest.fixture
def corpus() -> tuple[list[int], list[PhotoHash]]:
    """Keys and rows at every distance from 0 to 24 of them, and strangers."""
    random = Random(64)
    keys = [random.getrandbits(64) for _ in range(4)]
    around = [near(random, key, distance) for key in keys for distance in range(25) for _ in "abc"]
    return keys, store([*around, *(random.getrandbits(64) for _ in range(200))])


@pytest.mark.parametrize("radius", [*range(13), 14, 20])
def test_the_index_finds_what_a_scan_finds(corpus, radius):
    keys, rows = corpus
    for asked in ([signed(keys[0])], [signed(key) for key in keys]):
        with connection.cursor() as cursor:
            expected = by_reading_all(asked, rows, radius)
            assert photo_index.distances_by_bands(cursor, asked, radius) == expected
            assert photo_index.distances_by_scan(cursor, asked, radius) == expected


def test_a_search_answers_with_photos(corpus):
    keys, rows = corpus
    photos = {row.pk: row.media_id for row in rows}
    nearest = by_reading_all([signed(key) for key in keys], rows, 14)
    assert found([asking(key) for key in keys], 14) == {photos[pk]: d for pk, d in nearest.items()}


def test_the_bands_are_read_from_their_indexes_alone(corpus):
    keys, _rows = corpus
    with connection.cursor() as cursor:
        # A planner that thinks the table empty takes any index; autovacuum may just have said so.
        cursor.execute("ANALYZE photo_hash_index")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        asked = {"key": signed(keys[0]), "radius": 8} | photo_index._probes(signed(keys[0]), 8)
        cursor.execute("EXPLAIN " + photo_index._ANY_BAND, asked)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    for band in range(4):
        assert f"Index Only Scan using photo_hash_index_band{band}" in plan, plan


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
