"""Hand out due rows once, to any number of workers.

A claimed row belongs to its claimer until `lease_until`; if that worker dies, the row is due
again by itself. After MAX_ATTEMPTS a row is dead and waits for a person in the admin.
"""

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q

MAX_ATTEMPTS = 5
LEASE = dt.timedelta(minutes=5)


def claim_due(
    queryset: models.QuerySet[Any],
    *,
    now: dt.datetime,
    lease: dt.timedelta = LEASE,
    limit: int = 20,
) -> list[Any]:
    """Up to `limit` rows of `queryset` that are due at `now`, leased to the caller.

    The model carries the columns of ghar.models.DueRow. Rows that another worker holds locked are
    skipped, so that workers never wait for each other.
    """
    due = Q(state="due", due_at__lte=now) & (Q(lease_until=None) | Q(lease_until__lte=now))
    with transaction.atomic():
        rows = list(
            queryset.filter(due)
            .order_by("due_at", "pk")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
        # Poison rows first: whatever killed five workers must not kill a sixth.
        dead = [row.pk for row in rows if row.attempts >= MAX_ATTEMPTS]
        queryset.model._default_manager.filter(pk__in=dead).update(state="dead", lease_until=None)
        alive = [row for row in rows if row.pk not in set(dead)]
        queryset.model._default_manager.filter(pk__in=[row.pk for row in alive]).update(
            lease_until=now + lease, attempts=F("attempts") + 1
        )
    for row in alive:
        row.lease_until = now + lease
        row.attempts += 1
    return alive
