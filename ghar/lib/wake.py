"""Wake a worker after commit.

The truth is always a due row written in the same transaction; the message only saves waiting for
the next sweep. A broker that is away therefore costs seconds, never work.
"""

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
import structlog

log = structlog.get_logger(__name__)


def wake(task_name: str, *args: object) -> None:
    """Call the registered task's .delay(*args) once the transaction has committed."""

    def send() -> None:
        try:
            current_app.tasks[task_name].delay(*args)
        except OperationalError:
            log.warning("wake_missed", task=task_name)

    transaction.on_commit(send, robust=True)
