"""Telling people that something changed.

The row written here in the transaction of its cause is the truth. What goes over Redis after the
commit only saves a stream from waiting for its next look; losing it costs seconds, never an event.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
import datetime as dt
from functools import partial
from typing import Any
import uuid

from django.db import models, transaction
from django_eventstream import send_event
from redis.exceptions import RedisError
import structlog

from ghar.lib.inserts import Insert, execute_together, insert_of
from ghar.realtime.models import Event, EventType, Recipient, retention
from ghar.realtime.stream import CHECK, LOOK

log = structlog.get_logger(__name__)


@dataclass
class Batch:
    """What one statement will write."""

    events: list[Event] = field(default_factory=list)
    others: list[Insert] = field(default_factory=list)

    def add(self, rows: Sequence[models.Model]) -> None:
        """Rows of another table, of which the events tell."""
        self.others.append(insert_of(rows))


_batch: ContextVar[Batch | None] = ContextVar("events_batch", default=None)


def emit(
    *,
    to: Recipient | Iterable[Recipient],
    type: EventType,  # noqa: A002 -- the word of the API
    object_type: str,
    object_id: uuid.UUID,
    status: str = "",
    route: str = "",
) -> None:
    """Tell each of `to`, after the commit, that the object changed.

    Within one transaction a type goes to a person at most once for an object, with the last status
    and route that were given.
    """
    # Not "is it iterable": the lazy user of a page's request looks as if it were.
    recipients: Iterable[Any] = (to,) if hasattr(to, "event_channel") else to
    channels = sorted({recipient.event_channel for recipient in recipients})
    events = [
        Event(
            channel=channel,
            type=type,
            object_type=object_type,
            object_id=object_id,
            status=status,
            route=route,
        )
        for channel in channels
    ]
    with together() as batch:
        batch.events += events


@contextmanager
def together() -> Iterator[Batch]:
    """What is emitted inside is written at the end, in one statement."""
    if (outer := _batch.get()) is not None:
        yield outer
        return
    batch = Batch()
    token = _batch.set(batch)
    try:
        yield batch
    finally:
        _batch.reset(token)
    _write(batch)


def _write(batch: Batch) -> None:
    # One statement cannot touch a row twice: the last word stands.
    last = {(event.channel, event.type, event.object_id): event for event in batch.events}
    if last:
        unique = ("channel", "type", "object_id", "cause")
        batch.others.append(insert_of([*last.values()], unique=unique, update=("status", "route")))
    if batch.others:
        execute_together(*batch.others)
    for channel in sorted({event.channel for event in batch.events}):
        transaction.on_commit(partial(_tell_streams, channel, LOOK), robust=True)


def end_streams(channel: str) -> None:
    """Have every process ask again, after the commit, whether the streams of `channel` may go on.

    For a suspension, a logout, a new password: streams whose caller is no longer let in end.
    """
    transaction.on_commit(partial(_tell_streams, channel, CHECK), robust=True)


def _tell_streams(channel: str, message: str) -> None:
    try:
        send_event(channel, message, None)
    except RedisError:
        log.warning("stream_message_missed", channel=channel, message=message)


def forget_old_events(*, now: dt.datetime) -> int:
    """Delete the events that are past the time for which a stream can be resumed."""
    return Event.objects.forgotten_by(now - retention()).delete()[0]
