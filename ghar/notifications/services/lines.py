"""Telling people: the line on the site, written in the transaction of its cause.

A worker brings it out of the site, see outbox.
"""

from collections.abc import Iterable, Sequence
import datetime as dt
from typing import Any, NamedTuple
import uuid

from django.db import transaction
from django.utils import translation
from django.utils.text import Truncator

from ghar.errors import Text
from ghar.lib import clock
from ghar.lib.wake import wake
from ghar.notifications.models import (
    Channel,
    ChannelPreference,
    Delivery,
    Notification,
    NotificationQuerySet,
    NotificationType,
    Purpose,
)
from ghar.notifications.services.outbox import deliveries_of, emit_line
from ghar.notifications.services.preferences import address
from ghar.realtime.services import Batch, together

KEPT = dt.timedelta(days=180)


class Line(NamedTuple):
    """What one reader, a User or SeekerSession, is told; translated into their language when written.

    An e-mail about an `appointment_id` brings it for their calendar. `is_read`: they know it
    already; it stands in their list, goes out by e-mail, and rings nowhere.

    With a `key` the same cause is told to the same reader once; before `visible_at` it can be
    withdrawn. Of a `thread` ("conversation-<id>") one line is unread at a time: what comes next
    takes its place in the list, and leaves the site again only once the reader has read it.
    `channels` are those that the caller has chosen, or none, instead of the reader's own.
    """

    to: Any
    type: NotificationType
    title: Text
    route: str
    body: Text = ""
    appointment_id: uuid.UUID | None = None
    is_read: bool = False
    key: str = ""
    thread: str = ""
    visible_at: dt.datetime | None = None
    channels: Sequence[Channel] | None = None


def notify(*lines: Line, now: dt.datetime, purpose: Purpose) -> None:
    """Write the lines; a worker brings each to the channels of its reader.

    What is alike is one statement, however many they are: the lines and the hints to open pages
    together, or after each other where a key decides who is told.
    """
    told = [(line, _row_of(line, now=now, purpose=purpose)) for line in lines]
    with transaction.atomic(savepoint=False), together() as batch:
        new = _insert([row for _line, row in told], batch)
        for _line, row in told:
            if row.visible_at <= now and not row.is_read and (row in new or row.thread):
                emit_line(row)
        outgoing = [(line.channels, row) for line, row in told if row in new]
        queued = [made for to, row in outgoing for made in deliveries_of(row, to or [], now=now)]
        Delivery.objects.bulk_create(queued)
    if queued or any(to is None and row.visible_at <= now for to, row in outgoing):
        wake("notifications.send_due_deliveries")


def _row_of(line: Line, *, now: dt.datetime, purpose: Purpose) -> Notification:
    """In its reader's language."""
    if line.thread and (line.key or line.visible_at):
        raise ValueError("a line of a thread is told at once, and each time")
    if line.visible_at and line.channels is not None:
        raise ValueError("a line that is held back is dispatched in its time")
    with translation.override(line.to.language):
        return Notification(
            **address(line.to),
            type=line.type,
            purpose=purpose,
            title=Truncator(str(line.title)).chars(150),
            body=Truncator(str(line.body)).chars(500),
            route=line.route,
            appointment_id=line.appointment_id,
            is_read=line.is_read,
            key=line.key,
            thread=line.thread,
            is_dispatched=line.channels is not None,
            visible_at=line.visible_at or now,
            created_at=now,
        )


def _insert(rows: list[Notification], batch: Batch) -> set[Notification]:
    """The rows that are new: not told before, and not in the place of an unread one."""
    plain = [row for row in rows if not (row.key or row.thread)]
    keyed = [row for row in rows if row.key]
    if plain:
        batch.add(plain)
    new = Notification.objects.write_once(keyed) if keyed else []
    return {
        *plain,
        *new,
        *(row for row in rows if row.thread and Notification.objects.collapse(row)),
    }


def withdraw(*, key: str, now: dt.datetime) -> None:
    """Take back what nobody has seen yet: the decision was undone."""
    _remove(Notification.objects.withdrawable_at(now, key))


def take_back(*, to: Any, key: str) -> None:
    """Its cause is gone: the line goes too, whether it has been read or not."""
    _remove(Notification.objects.of(to).of_cause(key))


def take_back_unread(*, to: Any, thread: str, told_at: Iterable[dt.datetime | None]) -> bool:
    """Whether the unread line of the thread went: what it told last, at one of `told_at`, is not so."""
    unread = Notification.objects.of(to).in_thread(thread).unread()
    return _remove(unread.filter(created_at__in=[moment for moment in told_at if moment]))


@transaction.atomic
def _remove(found: NotificationQuerySet) -> bool:
    """Locked first: a worker may be queueing their deliveries, which go too."""
    ids = list(found.order_by("pk").select_for_update().values_list("pk", flat=True))
    Notification.objects.filter(pk__in=ids).delete()
    return bool(ids)


def count_unread(principal: Any) -> int:
    return Notification.objects.of(principal).visible_at(clock.now()).unread().count()


def mark_read(*, notification: Notification, is_read: bool) -> Notification:
    notification.is_read = is_read
    if not is_read:  # its thread may have another unread line by now: this one stands for itself
        notification.thread = ""
    notification.save(update_fields=["is_read", "thread"])
    return notification


def mark_all_read(*, principal: Any, now: dt.datetime) -> int:
    return Notification.objects.of(principal).visible_at(now).unread().update(is_read=True)


def mark_thread_read(*, to: Any, thread: str, now: dt.datetime) -> int:
    """The reader has seen what the thread is about, in the conversation itself."""
    unread = Notification.objects.of(to).in_thread(thread).unread().visible_at(now)
    return unread.update(is_read=True)


@transaction.atomic
def hand_over(*, session: Any, user: Any) -> None:
    """What was told to a seeker session is from now on its owner's."""
    # Without key and thread: the same cause may have been told to the user too.
    Notification.objects.of(session).update(session=None, user=user, key="", thread="")
    Delivery.objects.of(session).update(session=None, user=user)
    ChannelPreference.objects.of(session).delete()


def forget_old(*, now: dt.datetime) -> None:
    """Deliveries go with their notifications, or by themselves if they had none."""
    Notification.objects.filter(visible_at__lt=now - KEPT).delete()
    Delivery.objects.filter(created_at__lt=now - KEPT).delete()
