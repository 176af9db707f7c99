"""Telling people: the line on the site at once, messages out of it by a worker.

The in-app row is written in the transaction of its cause, a Delivery row beside it for every
channel that the reader chose. A channel that is down costs retries, never the verb.
"""

from collections.abc import Mapping
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.text import Truncator
import structlog

from ghar.errors import Invalid, Text
from ghar.lib import clock
from ghar.lib.claim import claim_due
from ghar.lib.wake import wake
from ghar.models import DueState
from ghar.notifications import channels as transports
from ghar.notifications.channels import Message
from ghar.notifications.models import (
    DEFAULT_OPT_IN,
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
)
from ghar.realtime.models import EventType
from ghar.realtime.services import emit

log = structlog.get_logger(__name__)

QUIET_FROM, QUIET_UNTIL = dt.time(22), dt.time(7)
FIRST_RETRY = dt.timedelta(seconds=30)
KEPT = dt.timedelta(days=180)


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
    channels: list[Channel] | None = None,
) -> Notification:
    """Write the reader's line and queue it for the channels that they chose (or `channels`).

    `to` is a User or SeekerSession. Texts are translated into the reader's language here. With a
    `key` the same cause is told to the same reader once; before `visible_at` it can be withdrawn.
    """
    visible_at = visible_at or now
    with translation.override(to.language), transaction.atomic():
        notification, is_new = _write(
            to=to,
            key=key,
            type=type,
            title=Truncator(str(title)).chars(150),
            body=Truncator(str(body)).chars(500),
            route=route,
            visible_at=visible_at,
        )
        if is_new:
            out = opted_in_channels(to, purpose) if channels is None else channels
            if visible_at <= now:
                _emit(notification)
            else:
                out = [Channel.IN_APP, *out]
            _queue(notification, purpose=purpose, out=out)
    return notification


def _write(*, to: Any, key: str, **fields: Any) -> tuple[Notification, bool]:
    notification = Notification(**address(to), key=key, **fields)
    if not key:
        notification.save()
        return notification, True
    try:
        with transaction.atomic():
            notification.save()
    except IntegrityError:
        return Notification.objects.of(to).get(key=key), False
    return notification, True


def _emit(notification: Notification) -> None:
    emit(
        to=notification.recipient,
        type=EventType.NEW_NOTIFICATION,
        object_type="notification",
        object_id=notification.pk,
        route=notification.route,
    )


def _queue(notification: Notification, *, purpose: Purpose, out: list[Channel]) -> None:
    rows = [
        Delivery(
            user_id=notification.user_id,
            session_id=notification.session_id,
            notification=notification,
            channel=channel,
            purpose=purpose,
            type=notification.type,
            title=notification.title,
            body=notification.body,
            route=notification.route,
            key=f"{notification.pk}-{channel}",
            due_at=_loud_enough_at(notification, channel),
        )
        for channel in out
    ]
    Delivery.objects.bulk_create(rows)
    if rows:
        wake("notifications.send_due_deliveries")


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
    """Send what is due; the number of rows that were tried."""
    queue = Delivery.objects.select_related("user", "session", "notification")
    rows = claim_due(queue, now=now)
    for row in rows:
        _try(row, now=now)
    return len(rows)


def _try(delivery: Delivery, *, now: dt.datetime) -> None:
    try:
        state = _deliver(delivery)
    except Exception as error:  # noqa: BLE001 -- whatever a transport raises is its own affair
        log.warning("delivery_failed", delivery=str(delivery.pk), error=type(error).__name__)
        _finish(
            delivery,
            due_at=now + FIRST_RETRY * 4 ** (delivery.attempts - 1),
            last_error=f"{type(error).__name__}: {error}"[:200],
        )
        return
    _finish(delivery, state=state, sent_at=now if state == DueState.DONE else None, last_error="")


def _deliver(delivery: Delivery) -> DueState:
    if delivery.channel == Channel.IN_APP and delivery.notification:
        _emit(delivery.notification)
        return DueState.DONE
    reader = delivery.recipient
    # Asked now, not when it was queued: the address may have been given up meanwhile.
    target = reader.address_on(delivery.channel)
    if target is None or not transports.is_connected(delivery.channel):
        return DueState.SKIPPED
    transports.send(
        Message(
            channel=delivery.channel,
            address=target,
            title=delivery.title,
            body=delivery.body,
            route=delivery.route,
            key=delivery.key,
            language=reader.language,
        )
    )
    return DueState.DONE


def _finish(delivery: Delivery, **changes: Any) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(lease_until=None, **changes)


def send_secret(message: Message) -> None:
    """Send a code or a link that no table may keep, and so no Delivery row."""
    transports.send(message)


def opted_in_channels(principal: Any, purpose: Purpose) -> list[Channel]:
    """The connected outgoing channels on which this reader can and wants to be reached."""
    reachable = [
        channel
        for channel in OUTGOING
        if transports.is_connected(channel) and principal.address_on(channel)
    ]
    if not reachable:
        return []
    chosen = _choices(principal)
    return [channel for channel in reachable if chosen[channel, purpose]]


def get_channels(principal: Any) -> dict[str, dict[str, bool]]:
    """{channel: {purpose: bool}} for every channel and purpose."""
    chosen = _choices(principal)
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


def _choices(principal: Any) -> dict[tuple[str, str], bool]:
    chosen: dict[tuple[str, str], bool] = {
        (channel, purpose): (channel, purpose) in DEFAULT_OPT_IN or channel == Channel.IN_APP
        for channel in Channel
        for purpose in Purpose
    }
    rows = ChannelPreference.objects.of(principal)
    return chosen | {(row.channel, row.purpose): row.is_opted_in for row in rows}


def count_unread(principal: Any) -> int:
    return Notification.objects.of(principal).visible_at(clock.now()).unread().count()


def mark_read(*, notification: Notification, is_read: bool) -> Notification:
    notification.is_read = is_read
    notification.save(update_fields=["is_read"])
    return notification


def mark_all_read(*, principal: Any, now: dt.datetime) -> int:
    return Notification.objects.of(principal).visible_at(now).unread().update(is_read=True)


@transaction.atomic
def hand_over(*, session: Any, user: Any) -> None:
    """What was told to a seeker session is from now on its owner's."""
    # Without its key: the same cause may have been told to the user too.
    Notification.objects.of(session).update(session=None, user=user, key="")
    Delivery.objects.of(session).update(session=None, user=user)
    ChannelPreference.objects.of(session).delete()


def forget_old(*, now: dt.datetime) -> None:
    """Deliveries go with their notifications, or by themselves if they had none."""
    Notification.objects.filter(visible_at__lt=now - KEPT).delete()
    Delivery.objects.filter(created_at__lt=now - KEPT).delete()


def register_device(*, user: Any, platform: str, token: str) -> Device:
    """A device belongs to whoever signed in on it last."""
    device, _ = Device.objects.update_or_create(
        token=token, defaults={"user": user, "platform": platform}
    )
    return device


def forget_device(*, device: Device) -> None:
    device.delete()


def address(principal: Any) -> dict[str, Any]:
    """The columns that address a row to this User or SeekerSession."""
    return {"session" if principal.actor_kind == "session" else "user": principal}
