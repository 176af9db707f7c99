"""Wake a worker after commit.

The truth is always a due row written in the same transaction; the message only saves waiting for
the next sweep. A broker that is away therefore costs seconds, never work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import current_app
from django.db import transaction
import structlog

log = structlog.get_logger(__name__)

Call = tuple[str, tuple[object, ...]]
# In the order in which they were first asked for.
_asked: ContextVar[dict[Call, None] | None] = ContextVar("wake_ups", default=None)


def wake(task_name: str, *args: object) -> None:
    """Call the registered task's .delay(*args) once the transaction has committed."""

    def call() -> None:
        asked = _asked.get()
        if asked is None:
            _send(task_name, args)
        else:
            asked[task_name, args] = None

    transaction.on_commit(call, robust=True)


@contextmanager
def woken_once() -> Iterator[None]:
    """Of all the transactions that commit inside, the same call is made once, at the end."""
    asked: dict[Call, None] = {}
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)
        for call in asked:
            _send(*call)


def _send(task_name: str, args: tuple[object, ...]) -> None:
    try:
        current_app.tasks[task_name].delay(*args)
    except Exception as error:  # noqa: BLE001 -- whatever the broker has, its work is never lost
        log.warning("wake_missed", task=task_name, error=type(error).__name__)
