"""Two transactions in an order that a race would hit once in a thousand times."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from threading import Event
import time
from typing import Any

from django.db import connection, connections
from django.db.models import Model
import pytest

WAIT = 10  # seconds; nothing of these tests takes that long


class Pause:
    """The next call of `name` stops where it begins, until `end()`."""

    def __init__(self, owner: Any, name: str) -> None:
        self._reached, self._over = Event(), Event()
        self._patch = pytest.MonkeyPatch()
        real = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._patch.undo()
            self._reached.set()
            assert self._over.wait(WAIT)
            return real(*args, **kwargs)

        self._patch.setattr(owner, name, call)

    def reached(self) -> None:
        assert self._reached.wait(WAIT), "nobody came by"

    def end(self) -> None:
        self._over.set()


Start = Callable[[Callable[[], Any]], Future[Any]]


@contextmanager
def beside() -> Iterator[Start]:
    """`start(work)` runs it at the same time, on a connection of its own."""

    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        yield lambda work: pool.submit(run, work)


def until_somebody_waits() -> None:
    """For a lock, in this database."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            # Within a transaction it would else go on showing what it showed first.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for a lock")


def gone_before_it_is_locked(row: Model) -> AbstractContextManager[None]:
    """Somebody else deletes it between the look of a sweep and its lock."""
    return before_it_is_locked(row, type(row)._default_manager.filter(pk=row.pk).delete)


@contextmanager
def before_it_is_locked(row: Model, happens: Callable[[], Any]) -> Iterator[None]:
    """This happens between the look of a sweep and its lock."""
    waits = [row]

    def execute(real: Callable[..., Any], sql: str, params: Any, *more: Any) -> Any:
        if waits and "FOR NO KEY UPDATE" in sql and str(row.pk) in str(params):
            waits.clear()
            happens()
        return real(sql, params, *more)

    with connection.execute_wrapper(execute):
        yield
    assert not waits, "nobody came by"
