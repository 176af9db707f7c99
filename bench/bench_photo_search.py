"""The band indexes against reading the whole table, at radius 8."""

import random

from django.db import connection, transaction
import pytest

from bench.timing import compare
from moderation import photo_index

ROWS = 300_000
RADIUS = 8
FILL = """
INSERT INTO photo_hash_index (id, media_id, property_id, owner_id, phash, ph, ph256,
                              is_low_information, algo_version, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '',
       (random() * 9223372036854775807)::bigint, sha256(n::text::bytea), false, %s, now()
FROM generate_series(1, %s) n
"""
SCAN = "SELECT id FROM photo_hash_index WHERE bit_count((ph # %s)::bit(64)) <= %s"


class Asked:
    """A photo that nobody has shown."""

    ph256 = bytes(32)
    low_information = False

    def __init__(self) -> None:
        self.ph64 = random.Random(7).getrandbits(63)  # noqa: S311 -- no secret


@pytest.mark.django_db(transaction=True)
def bench_search_by_bands():
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no rows behind the foreign keys
        cursor.execute(FILL, [photo_index.ALGO_VERSION, ROWS])
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE photo_hash_index")
    asked = Asked()

    def by_bands():
        with transaction.atomic():
            return photo_index.search([asked], RADIUS, connection)

    def by_scan():
        with connection.cursor() as cursor:
            cursor.execute(SCAN, [asked.ph64, RADIUS])
            return cursor.fetchall()

    compare(f"photo search among {ROWS:,}", by_bands, by_scan)
