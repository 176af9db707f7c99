"""Hand out due rows once, to any number of workers.

A claimed row belongs to its claimer until `lease_until`; if that worker dies, the row is due
again by itself. Tried MAX_ATTEMPTS times and never finished, a row is dead and waits for a person in
the admin.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
import datetime as dt
import time
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
import structlog

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
LEASE = dt.timedelta(minutes=5)
TURNS_TAKE = 60.0  # seconds, of CELERY_TASK_TIME_LIMIT


def turns() -> Iterator[None]:
    """One for each batch of a task that works until nothing is due. After TURNS_TAKE the rest is left
    to its next run, seconds later: the time limit of tasks would end it in the middle of a batch.
    """
    end = time.monotonic() + TURNS_TAKE
    while time.monotonic() < end:
        yield


def claim_due(
    queryset: models.QuerySet[Any],
    *,
    now: dt.datetime,
    lease: dt.timedelta = LEASE,
    growth: int = 1,
    limit: int = 20,
    tries: int = 1,
) -> list[Any]:
    """Up to `limit` rows of `queryset` that are due at `now`, leased to the caller.

    With each try of a row its lease is `growth` times as long: a first one may then be short, and a
    row that is held up for minutes is still not given up. A claim counts as `tries`: none for rows
    that wait in line until take_in_hand counts theirs.

    The model carries the columns of ghar.models.DueRow. Rows that another worker holds locked are
    skipped, so that workers never wait for each other.
    """
    due = Q(state="due", due_at__lte=now) & (Q(lease_until=None) | Q(lease_until__lte=now))
    table = queryset.model._default_manager
    with transaction.atomic():
        rows = list(
            queryset.filter(due)
            .order_by("due_at", "pk")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
        # Poison rows first: what may have killed five workers must not kill a sixth.
        dead = [row.pk for row in rows if row.attempts >= MAX_ATTEMPTS]
        table.filter(pk__in=dead).update(state="dead", lease_until=None)
        alive = [row for row in rows if row.attempts < MAX_ATTEMPTS]
        by_tries: dict[int, list[Any]] = defaultdict(list)
        for row in alive:
            by_tries[row.attempts].append(row.pk)
            row.lease_until = now + lease * growth**row.attempts
            row.attempts += tries
        # Nearly always all have been tried as often: one statement.
        for tried, alike in by_tries.items():
            lease_until = now + lease * growth**tried
            table.filter(pk__in=alike).update(lease_until=lease_until, attempts=tried + tries)
    return alive


def take_in_hand(row: Any, *, now: dt.datetime, lease: dt.timedelta = LEASE) -> bool:
    """Lease a row that waited in line anew, for its own work, and count the try; False if the first
    lease has run out and been taken.

    For work that must not be done twice at a time and cannot be undone: whoever waits in a batch
    then needs only a short lease.
    """
    mine = type(row)._default_manager.filter(pk=row.pk, lease_until=row.lease_until)
    row.attempts += 1
    return mine.update(lease_until=now + lease, attempts=row.attempts) == 1


@contextmanager
def failing_alone(row: Any) -> Iterator[None]:
    """Work on a row that holds up no other one if it fails."""
    try:
        yield
    except Exception as error:
        log.exception("work_failed", kind=row._meta.label, row=str(row.pk))
        note_failure(row, error)


def note_failure(row: Any, error: Exception) -> None:
    """For whoever looks at the row in the admin. It stays leased and is tried again."""
    said = f"{type(error).__name__}: {error}"[:200]
    type(row)._default_manager.filter(pk=row.pk).update(last_error=said)


def give_back(row: Any) -> None:
    """Whoever claimed it could not even begin, which was no try. It stays leased, so that its turn
    comes again in a moment and not at once.
    """
    mine = type(row)._default_manager.filter(pk=row.pk, lease_until=row.lease_until)
    free = mine.select_for_update(skip_locked=True).values("pk")
    mine.filter(pk__in=free).update(attempts=F("attempts") - 1)
