"""Pictures near a picture: exact Hamming search in plain PostgreSQL.

The 64-bit key is cut into four bands of 16 bits, each with a covering expression index. Two keys
within `radius` must be close in at least one band (Norouzi's multi-index bound): with
radius = 4 * s + a, within s bits in one of the first a + 1 bands or within s - 1 in another. So
all values that close are asked for with `= ANY`, and what comes back is counted exactly. For a wide
radius in a small table that is dearer than reading every row, and then every row is read.

The indexes hold every row: PostgreSQL keeps no statistics of a partial index's expression, and
without them it reads the table. Row-level security must let the asking role read all rows (USING
(true)), or PostgreSQL may not use these indexes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import datetime as dt
from functools import cache
from typing import Any, Final
import uuid

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from moderation.rules.photo_hash import ALGO_VERSION, Hashes

# What one index probe costs, in rows of a table scan; measured at 20,000 and 200,000 rows.
_ROWS_A_PROBE: Final = 200
_BAND_MASK: Final = 0xFFFF
_SHIFTS: Final = (0, 16, 32, 48)
_IN_BAND: Final = (
    "SELECT id, bit_count((ph # %(key)s)::bit(64)) FROM photo_hash_index "
    "WHERE ((ph >> {shift}) & 65535)::int4 = ANY(%(band{shift})s) "
    "AND bit_count((ph # %(key)s)::bit(64)) <= %(radius)s"
)
# A row that is near in two bands comes twice, with the same distance.
_ANY_BAND: Final = " UNION ALL ".join(_IN_BAND.format(shift=shift) for shift in _SHIFTS)
_ANYWHERE: Final = """
SELECT id, min(bit_count((photo_hash_index.ph # asked.ph)::bit(64)))
FROM photo_hash_index JOIN unnest(%(keys)s::bigint[]) AS asked(ph)
    ON bit_count((photo_hash_index.ph # asked.ph)::bit(64)) <= %(radius)s
GROUP BY id
"""
# A statement of its own: the planner thinks that a third of the table is near, and would read all.
_DETAILS: Final = """
SELECT id, media_id, property_id, owner_id, ph, ph256, created_at
FROM photo_hash_index
WHERE id = ANY(%s) AND algo_version = %s AND NOT is_low_information
ORDER BY created_at, id
"""
# The planner's estimate: it only chooses among three bounds, a true count costs 50 ms at 1 M.
_COUNT: Final = (
    "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'photo_hash_index'::regclass"
)


@dataclass(frozen=True)
class PhotoHit:
    """A stored picture near the asked one; `distance` is the least d64 over the variants."""

    media_id: uuid.UUID
    listing_id: uuid.UUID
    owner_id: uuid.UUID
    ph64: int
    ph256: bytes
    created_at: dt.datetime
    distance: int
    low_information: bool = False


def band_index_sql() -> tuple[str, str]:
    """SQL that makes the band indexes, and SQL that drops them, for the migration."""
    names = [f"photo_hash_index_band{band}" for band in range(len(_SHIFTS))]
    make = [
        f"CREATE INDEX {name} ON photo_hash_index ((((ph >> {shift}) & 65535)::int4)) "
        f"INCLUDE (ph, id);"
        for name, shift in zip(names, _SHIFTS, strict=True)
    ]
    return "\n".join(make), "\n".join(f"DROP INDEX IF EXISTS {name};" for name in names)


def search(
    variants: Sequence[Hashes], radius: int, connection: BaseDatabaseWrapper
) -> list[PhotoHit]:
    """Every stored picture within `radius` bits of any variant, the earliest first.

    Call it in a transaction of its own, after the asking picture's row was committed: of two
    simultaneous reposts at least one then sees the other.
    """
    keys = [variant.ph64 for variant in variants if not variant.low_information]
    if not keys:
        return []
    probes = sum(map(len, _probes(0, radius).values()))
    is_scan_cheaper = corpus_size(connection) < _ROWS_A_PROBE * probes
    measure = distances_by_scan if is_scan_cheaper else distances_by_bands
    with connection.cursor() as cursor:
        distances = measure(cursor, keys, radius)
        cursor.execute(_DETAILS, [list(distances), ALGO_VERSION])
        return [_hit(row, distances) for row in cursor.fetchall()]


def corpus_size(connection: BaseDatabaseWrapper) -> int:
    """How many pictures are compared with: the strong bound depends on it."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        return int(cursor.fetchone()[0])


def distances_by_scan(cursor: CursorWrapper, keys: list[int], radius: int) -> dict[uuid.UUID, int]:
    """Row ids within the radius, with the least distance to any key: every row is read once."""
    cursor.execute(_ANYWHERE, {"keys": keys, "radius": radius})
    return dict(cursor.fetchall())


def distances_by_bands(cursor: CursorWrapper, keys: list[int], radius: int) -> dict[uuid.UUID, int]:
    """The same through the indexes."""
    nearest: dict[uuid.UUID, int] = {}
    # The planner likes a bitmap scan for long ANY lists, which reads the heap needlessly.
    cursor.execute("SET LOCAL enable_bitmapscan = off")
    for key in keys:
        cursor.execute(_ANY_BAND, {"key": key, "radius": radius, **_probes(key, radius)})
        for row_id, distance in cursor.fetchall():
            nearest[row_id] = min(distance, nearest.get(row_id, distance))
    cursor.execute("SET LOCAL enable_bitmapscan = on")
    return nearest


def _hit(row: tuple[Any, ...], distances: dict[uuid.UUID, int]) -> PhotoHit:
    row_id, media_id, listing_id, owner_id, ph, ph256, created_at = row
    nearest = distances[row_id]
    return PhotoHit(media_id, listing_id, owner_id, ph, bytes(ph256), created_at, nearest)


def _probes(key: int, radius: int) -> dict[str, list[int]]:
    """For each band, every value near enough to the key's."""
    least, extra = divmod(radius, len(_SHIFTS))
    return {
        f"band{shift}": [
            key >> shift & _BAND_MASK ^ flips
            for flips in _flips(least if band <= extra else least - 1)
        ]
        for band, shift in enumerate(_SHIFTS)
    }


@cache
def _flips(radius: int) -> tuple[int, ...]:
    """All 16-bit masks of at most `radius` bits; none for a negative radius."""
    return tuple(mask for mask in range(_BAND_MASK + 1) if mask.bit_count() <= radius)
