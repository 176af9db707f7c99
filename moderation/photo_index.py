"""Pictures near a picture: exact Hamming search in plain PostgreSQL.

The 64-bit key is cut into four bands of 16 bits, each with a covering expression index. Two keys
within `radius` must be close in at least one band (Norouzi's multi-index bound): with
radius = 4 * s + a, within s bits in one of the first a + 1 bands or within s - 1 in another. So
all values that close are asked for with `= ANY`, and what comes back is counted exactly.

The indexes hold every row: PostgreSQL keeps no statistics of a partial index's expression, and
without them it reads the table. Row-level security must let
the asking role read all rows (USING (true)), or PostgreSQL may not use these indexes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import datetime as dt
from functools import cache
from typing import Any, Final
import uuid

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from moderation.rules.photo_hash import ALGO_VERSION, Hashes

BANDS: Final = 4
# Beyond it nearly every value of a band is near, and reading the table is as cheap.
WIDEST_INDEXED: Final = 14
_BAND_BITS: Final = 16
_BAND_MASK: Final = 0xFFFF
_ANY_BAND: Final = (
    "SELECT id, ph FROM photo_hash_index WHERE ((ph >> {shift}) & 65535)::int4 = ANY(%s)"
)
# UNION, not UNION ALL: a row that is near in two bands is one row.
_INDEXED: Final = "WITH near AS ({bands}) "
_SCANNED: Final = "WITH near AS (SELECT id, ph FROM photo_hash_index) "
_MEASURED: Final = """
SELECT near.id, min(bit_count((near.ph # asked.ph)::bit(64)))
FROM near JOIN unnest(%s::bigint[]) AS asked(ph)
    ON bit_count((near.ph # asked.ph)::bit(64)) <= %s
GROUP BY near.id
"""
# A statement of its own: the planner thinks that a third of the table is near, and would read it.
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
    names = [f"photo_hash_index_band{band}" for band in range(BANDS)]
    make = [
        f"CREATE INDEX {name} ON photo_hash_index ((((ph >> {shift}) & 65535)::int4)) "
        f"INCLUDE (ph, id);"
        for name, shift in zip(names, _shifts(), strict=True)
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
    with _index_only(connection) as cursor:
        distances = _distances(cursor, keys, radius)
        cursor.execute(_DETAILS, [list(distances), ALGO_VERSION])
        return [
            PhotoHit(*row, bytes(ph256), created_at, distances[row_id])
            for row_id, *row, ph256, created_at in cursor.fetchall()
        ]


def corpus_size(connection: BaseDatabaseWrapper) -> int:
    """How many pictures are compared with: the strong bound depends on it."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        return int(cursor.fetchone()[0])


def _distances(cursor: CursorWrapper, keys: Sequence[int], radius: int) -> dict[uuid.UUID, int]:
    """Row ids within the radius, with the least distance to any key."""
    asked: list[Any] = [keys, radius]
    if radius > WIDEST_INDEXED:
        cursor.execute(_SCANNED + _MEASURED, asked)
    else:
        indexed = _INDEXED.format(bands=_union()) + _MEASURED
        cursor.execute(indexed, [*_probes(keys, radius), *asked])
    return dict(cursor.fetchall())


def _union() -> str:
    return " UNION ".join(_ANY_BAND.format(shift=shift) for shift in _shifts())


def _shifts() -> list[int]:
    return [band * _BAND_BITS for band in range(BANDS)]


def _probes(keys: Sequence[int], radius: int) -> list[list[int]]:
    """For each band, every value near enough to some key's."""
    least, extra = divmod(radius, BANDS)
    radii = [least if band <= extra else least - 1 for band in range(BANDS)]
    return [
        sorted({key >> shift & _BAND_MASK ^ flips for key in keys for flips in _flips(within)})
        for shift, within in zip(_shifts(), radii, strict=True)
    ]


@cache
def _flips(radius: int) -> tuple[int, ...]:
    """All 16-bit masks of at most `radius` bits; none for a negative radius."""
    return tuple(mask for mask in range(_BAND_MASK + 1) if mask.bit_count() <= radius)


@contextmanager
def _index_only(connection: BaseDatabaseWrapper) -> Iterator[CursorWrapper]:
    """The planner takes a bitmap scan for long ANY lists, which reads the heap needlessly."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        yield cursor
        cursor.execute("SET LOCAL enable_bitmapscan = on")
