"""Telling people: the line on the site at once, messages out of it by a worker.

The in-app row is written in the transaction of its cause. A worker then writes a Delivery row for
every channel that the reader chose, and sends it. A channel that is down costs retries, never the
verb.
"""

from collections.abc import Iterable, Mapping
import datetime as dt
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
import structlog

from ghar.audit import services as audit
from ghar.errors import Conflict, Invalid, Text
from ghar.lib import clock
from ghar.lib.claim import claim_due
from ghar.lib.wake import wake
from ghar.models import DueState
from ghar.notifications import channels as transports
from ghar.notifications.channels import Message
from ghar.notifications.models import (
    CHANNEL_OF,
    LOUD,
    OUTGOING,
    REMINDERS,
    Channel,
    ChannelPreference,
    Delivery,
    Device,
    Notification,
    NotificationType,
    Purpose,
    Standing,
    has_devices,
    standings,
)
from ghar.realtime.models import EventType
from ghar.realtime.services import emit, together

log = structlog.get_logger(__name__)

QUIET_FROM, QUIET_UNTIL = dt.time(22), dt.time(7)
FIRST_RETRY = dt.timedelta(seconds=30)
KEPT = dt.timedelta(days=180)
MAX_DEVICES = 10
BATCH = 50


class Line(NamedTuple):
    """What one reader is told."""

    to: Any
    type: NotificationType
    title: Text
    body: Text
    route: str


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
) -> Notification:
    """Write the reader's line and queue it for the channels that they chose (or `channels`).

    `to` is a User or SeekerSession. Texts are translated into the reader's language here. With a
    `key` the same cause is told to the same reader once; before `visible_at` it can be withdrawn.
    Of a `thread` ("conversation-<id>") one line is unread at a time: what comes next takes its
    place in the list, and leaves the site again only once the reader has read it.
    """
    if thread and (key or visible_at):
        raise ValueError("a line of a thread is told at once, and each time")
    visible_at = visible_at or now
    line = Line(to, type, title, body, route)
    with transaction.atomic(savepoint=False):
        notification = _written(line, now=now, visible_at=visible_at, purpose=purpose)
        notification.key, notification.thread = key, thread
        notification.is_dispatched = channels is not None
        is_new = Notification.objects.write(notification)
        if visible_at <= now and (is_new or thread):
            _emit(notification)
        if is_new and channels:
            Delivery.objects.bulk_create(_deliveries(notification, channels))
        if is_new and channels != [] and visible_at <= now:
            wake("notifications.send_due_deliveries")
    return notification


def notify_all(lines: Iterable[Line], *, now: dt.datetime, purpose: Purpose) -> None:
    """The same for several readers of one cause, in two statements however many they are."""
    rows = [_written(line, now=now, visible_at=now, purpose=purpose) for line in lines]
    if not rows:
        return
    with transaction.atomic(savepoint=False), together():
        Notification.objects.bulk_create(rows)
        for row in rows:
            _emit(row)
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
            visible_at=visible_at,
            created_at=now,
        )


def _emit(notification: Notification) -> None:
    emit(
        to=notification.recipient,
        type=EventType.NEW_NOTIFICATION,
        object_type="notification",
        object_id=notification.pk,
        route=notification.route,
    )


def _deliveries(notification: Notification, channels: Iterable[Channel]) -> list[Delivery]:
    return [
        Delivery(
            user_id=notification.user_id,
            session_id=notification.session_id,
            notification=notification,
            channel=channel,
            purpose=notification.purpose,
            type=notification.type,
            title=notification.title,
            body=notification.body,
            route=notification.route,
            key=f"{notification.pk}-{channel}",
            due_at=_loud_enough_at(notification, channel),
        )
        for channel in channels
    ]


def _loud_enough_at(notification: Notification, channel: str) -> dt.datetime:
    """When the message may go: not in the reader's night, unless it is a reminder."""
    moment = notification.visible_at
    if channel not in LOUD or notification.type in REMINDERS:
        return moment
    local = moment.astimezone(ZoneInfo(notification.recipient.timezone))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    morning = local.replace(hour=QUIET_UNTIL.hour, minute=0, second=0, microsecond=0)
    return morning if local.time() < QUIET_UNTIL else morning + dt.timedelta(days=1)


def withdraw(*, key: str, now: dt.datetime) -> None:
    """Take back what nobody has seen yet: the decision was undone."""
    Notification.objects.withdrawable_at(now, key).delete()


def send_due_deliveries(*, now: dt.datetime) -> int:
    """Send what is due, new lines among it; the number of rows that were tried."""
    while dispatch_lines(now=now):
        pass
    queue = Delivery.objects.select_related("user", "session", "notification")
    rows = claim_due(queue, now=now)
    for row in rows:
        _try(row, now=now)
    return len(rows)


def dispatch_lines(*, now: dt.datetime) -> int:
    """Queue the next lines that are visible by `now` on the channels of their readers; how many.

    A line that was held back is a hint to open pages only now.
    """
    with transaction.atomic(), together():
        rows = list(Notification.objects.undispatched_at(now)[:BATCH])
        standing = standings([row.recipient for row in rows]) if rows else {}
        Delivery.objects.bulk_create(chain(*(_queued(row, standing) for row in rows)))
        for row in rows:
            if row.visible_at > row.created_at:
                _emit(row)
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(is_dispatched=True)
    return len(rows)


def _queued(notification: Notification, standing: Mapping[Any, Standing]) -> list[Delivery]:
    """Of a line that cannot be addressed nothing: it stands on the site, and the others go on."""
    reader = notification.recipient
    try:
        wanted = _wanted_channels(reader, standing[reader], notification.purpose)
        return _deliveries(notification, wanted)
    except Exception as error:  # noqa: BLE001 -- one poisoned row must not hold up all that follow
        log.error("line_not_dispatched", line=str(notification.pk), error=type(error).__name__)
        return []


def _try(delivery: Delivery, *, now: dt.datetime) -> None:
    try:
        state = _deliver(delivery)
    except Exception as error:  # noqa: BLE001 -- whatever a transport raises is its own affair
        log.warning("delivery_failed", delivery=str(delivery.pk), error=type(error).__name__)
        _finish(
            delivery,
            due_at=now + FIRST_RETRY * 4 ** (delivery.attempts - 1),
            last_error=_without_address(error, delivery)[:200],
        )
        return
    _finish(delivery, state=state, sent_at=now if state == DueState.DONE else None, last_error="")


def _without_address(error: Exception, delivery: Delivery) -> str:
    address_of_reader = delivery.recipient.address_on(delivery.channel) or "\0"
    return f"{type(error).__name__}: {error}".replace(address_of_reader, "…")


def _deliver(delivery: Delivery) -> DueState:
    reader = delivery.recipient
    if delivery.is_overtaken or not transports.is_connected(delivery.channel):
        return DueState.SKIPPED
    message = Message(
        channel=delivery.channel,
        address="",
        title=delivery.title,
        body=delivery.body,
        route=delivery.route,
        key=delivery.key,
        language=reader.language,
    )
    # Asked now, not when it was queued: the address may have been given up meanwhile.
    is_sent = _send_to_each(message, _targets(reader, delivery.channel))
    return DueState.DONE if is_sent else DueState.SKIPPED


def _targets(reader: Any, channel: str) -> list[str]:
    """The reader's one verified address on the channel, or all their devices on it."""
    if channel not in CHANNEL_OF.values():
        found = reader.address_on(channel)
        return [found] if found else []
    if not has_devices(reader):
        return []
    return list(Device.objects.of(reader).on(channel).values_list("token", flat=True))


def _send_to_each(message: Message, targets: list[str]) -> bool:
    """Whether it reached anybody. A device that is down does not keep it from the others; with the
    retry a browser shows the same key once more in the same place.
    """
    reached, errors = 0, []
    for target in targets:
        try:
            transports.send(message._replace(address=target))
            reached += 1
        except transports.Gone:
            Device.objects.filter(token=target).delete()
        except Exception as error:  # noqa: BLE001 -- raised below, after the others
            errors.append(error)
    if errors:
        raise errors[0]
    return reached > 0


@transaction.atomic
def retry_delivery(*, delivery: Delivery, by: Any) -> Delivery:
    """Try a message again that was given up, as often as the first time."""
    now = clock.now()
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if not Delivery.objects.dead().filter(pk=delivery.pk).exists():
        raise Conflict(_("Only a message that was given up can be tried again."))
    delivery.state, delivery.due_at, delivery.attempts = DueState.DUE, now, 0
    delivery.save(update_fields=["state", "due_at", "attempts"])
    audit.record(
        by=by,
        action="delivery_retried",
        target=delivery,
        now=now,
        data={"channel": delivery.channel, "purpose": delivery.purpose},
    )
    wake("notifications.send_due_deliveries")
    return delivery


def _finish(delivery: Delivery, **changes: Any) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(lease_until=None, **changes)


def send_secret(message: Message) -> None:
    """Send a code or a link that no table may keep, and so no Delivery row."""
    transports.send(message)


def opted_in_channels(principal: Any, purpose: Purpose) -> list[Channel]:
    """The connected outgoing channels on which this reader can and wants to be reached."""
    return channels_of([principal], purpose)[principal]


def channels_of(principals: Iterable[Any], purpose: Purpose) -> dict[Any, list[Channel]]:
    """The same of several readers, in one statement."""
    return {
        reader: _wanted_channels(reader, standing, purpose)
        for reader, standing in standings(list(principals)).items()
    }


def _wanted_channels(reader: Any, standing: Standing, purpose: str) -> list[Channel]:
    chosen, by_device = standing
    return [
        channel
        for channel in OUTGOING
        if chosen[channel, purpose]
        and transports.is_connected(channel)
        and (channel in by_device or reader.address_on(channel))
    ]


def reachable_channels(principal: Any) -> set[Channel]:
    """On which outgoing channels there is an address or a device, connected or not."""
    by_device = standings([principal])[principal][1]
    return {c for c in OUTGOING if c in by_device or principal.address_on(c)}


def get_channels(principal: Any) -> dict[str, dict[str, bool]]:
    """{channel: {purpose: bool}} for every channel and purpose."""
    chosen = standings([principal])[principal][0]
    return {
        channel.value: {purpose.value: chosen[channel, purpose] for purpose in Purpose}
        for channel in Channel
    }


@transaction.atomic
def set_channels(*, principal: Any, choices: Mapping[Any, Mapping[Any, bool]]) -> None:
    """Change the given choices and leave the others. The site itself cannot be switched off."""
    if not all(choices.get(Channel.IN_APP, {}).values()):
        raise Invalid.field(Channel.IN_APP, "always on")
    for channel, by_purpose in choices.items():
        for purpose, is_opted_in in by_purpose.items():
            if channel != Channel.IN_APP:
                ChannelPreference.objects.update_or_create(
                    **address(principal),
                    channel=channel,
                    purpose=purpose,
                    defaults={"is_opted_in": is_opted_in},
                )


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


@transaction.atomic
def register_device(*, user: Any, platform: str, token: str) -> Device:
    """A device belongs to whoever signed in on it last. Of too many the oldest are forgotten."""
    device, _created = Device.objects.update_or_create(
        token=token, defaults={"user": user, "platform": platform}
    )
    newest = Device.objects.of(user).exclude(pk=device.pk).order_by("-pk")
    Device.objects.filter(pk__in=newest.values("pk")[MAX_DEVICES - 1 :]).delete()
    return device


def forget_device(*, device: Device) -> None:
    device.delete()


def forget_devices(*, user: Any, on: Channel | None = None) -> None:
    mine = Device.objects.of(user)
    (mine.on(on) if on else mine).delete()


def address(principal: Any) -> dict[str, Any]:
    """The columns that address a row to this User or SeekerSession."""
    return {"session" if principal.actor_kind == "session" else "user": principal}
