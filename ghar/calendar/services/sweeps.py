"""What a worker does by itself with many appointments, visits or viewings."""

from collections.abc import Callable, Iterable
import datetime as dt
from typing import TypeVar

from ghar.errors import DomainError
from ghar.lib import rls

Row = TypeVar("Row")
# Of a row that is locked: whether there was anything to do.
Step = Callable[[Row, dt.datetime], bool]


def take_each(
    step: Step[Row], rows: Iterable[Row], *, lock: Callable[[Row], Row], now: dt.datetime
) -> int:
    """How many took the step, each in a transaction of its own."""
    return sum(_take(step, row, lock, now) for row in rows)


def _take(step: Step[Row], row: Row, lock: Callable[[Row], Row], now: dt.datetime) -> bool:
    """One that has moved or gone since the sweep looked, is on hold, or cannot go back must not stop
    the others.
    """
    try:
        with rls.acting_as(rls.WORKER):
            return step(lock(row), now)
    except DomainError:
        return False
