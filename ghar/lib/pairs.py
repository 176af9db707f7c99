"""Two people taken together: whatever happens between them happens one at a time."""

import uuid

from django.db import connection

# The first key of the two-key form, so that pairs never meet other advisory locks.
_NAMESPACE = 0x67686172


def canonical(one: uuid.UUID, other: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """Small id first, as PostgreSQL orders them."""
    return (one, other) if one < other else (other, one)


def lock_pair(one: uuid.UUID, other: uuid.UUID) -> None:
    """Wait for whoever else acts between these two; held until the transaction ends."""
    first, second = canonical(one, other)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_NAMESPACE, f"{first}{second}"]
        )
