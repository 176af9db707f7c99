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
from ghar.realtime.services import together

KEPT = dt.timedelta(days=180)


class Line(NamedTuple):
    """What one reader is told; an e-mail about an appointment brings it for their calendar.

    `is_read`: they know it already. It stands in their list, goes out by e-mail, and rings nowhere.
    """

    to: Any
    type: NotificationType
    title: Text
    body: Text
    route: str
    appointment_id: uuid.UUID | None = None
    is_read: bool = False


class KeyedLine(NamedTuple):
    """Told once to its reader for the same key, on these channels and the site alone."""

    line: Line
    key: str
    channels: Sequence[Channel]


def notify(
    *,
    to: Any,
    type: NotificationType,  # noqa: A002 -- the word of the API
    title: Text,
    body: Text = "",
    route: str,
    now: dt.datetime,
    purpose: Purpose,
    visible_at: dt.datetime | None = None,
    key: str = "",
    thread: str = "",
    channels: list[Channel] | None = None,
    appointment_id: uuid.UUID | None = None,
) -> Notification:
    """Write the reader's line; a worker brings it to the channels that they chose.

    `channels` instead of those if given: none, or some that the caller has chosen. `to` is a User
    or SeekerSession. Texts are translated into the reader's language here. With a `key` the same
    cause is told to the same reader once; before `visible_at` it can be withdrawn. Of a `thread`
    ("conversation-<id>") one line is unread at a time: what comes next takes its place in the
    list, and leaves the site again only once the reader has read it.
    """
    if thread and (key or visible_at):
        raise ValueError("a line of a thread is told at once, and each time")
    if visible_at and channels is not None:
        raise ValueError("a line that is held back is dispatched in its time")
    visible_at = visible_at or now
    line = Line(to, type, title, body, route, appointment_id)
    with transaction.atomic(savepoint=False):
        notification = _written(line, now=now, visible_at=visible_at, purpose=purpose)
        notification.key, notification.thread = key, thread
        notification.is_dispatched = channels is not None
        is_new = Notification.objects.write(notification)
        if visible_at <= now and (is_new or thread):
            emit_line(notification)
        if is_new:
            Delivery.objects.bulk_create(deliveries_of(notification, channels or [], now=now))
        if is_new and channels != [] and visible_at <= now:
            wake("notifications.send_due_deliveries")
    return notification


def notify_all(lines: Iterable[Line], *, now: dt.datetime, purpose: Purpose) -> None:
    """The same for several readers of one cause, in one statement however many they are."""
    rows = [_written(line, now=now, visible_at=now, purpose=purpose) for line in lines]
    if not rows:
        return
    with transaction.atomic(savepoint=False), together() as batch:
        batch.add(rows)
        for row in rows:
            if not row.is_read:
                emit_line(row)
    wake("notifications.send_due_deliveries")


def notify_once(keyed: Sequence[KeyedLine], *, now: dt.datetime, purpose: Purpose) -> None:
    """The lines that are new, their hints and deliveries: three statements however many they are."""
    if not keyed:
        return
    told = {}
    for line, key, channels in keyed:
        row = _written(line, now=now, visible_at=now, purpose=purpose)
        row.key, row.is_dispatched = key, True
        told[row] = channels
    with transaction.atomic(savepoint=False), together():
        new = Notification.objects.write_once(list(told))
        for row in new:
            if not row.is_read:
                emit_line(row)
        queued = [made for row in new for made in deliveries_of(row, told[row], now=now)]
        Delivery.objects.bulk_create(queued)
    if queued:
        wake("notifications.send_due_deliveries")


def _written(
    line: Line, *, now: dt.datetime, visible_at: dt.datetime, purpose: Purpose
) -> Notification:
    """The line in its reader's language."""
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
            visible_at=visible_at,
            created_at=now,
        )


def withdraw(*, key: str, now: dt.datetime) -> None:
    """Take back what nobody has seen yet: the decision was undone."""
    _remove(Notification.objects.withdrawable_at(now, key))


def take_back(*, to: Any, key: str) -> None:
    """Its cause is gone: the line goes too, whether it has been read or not."""
    _remove(Notification.objects.of(to).of_cause(key))


@transaction.atomic
def _remove(found: NotificationQuerySet) -> None:
    """Locked first: a worker may be queueing their deliveries, which go too."""
    ids = list(found.order_by("pk").select_for_update().values_list("pk", flat=True))
    Notification.objects.filter(pk__in=ids).delete()


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
