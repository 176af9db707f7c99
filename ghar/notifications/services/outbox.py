"""From the line on the site to the reader's channels, by a worker.

It writes a Delivery row for every channel that the reader chose, and sends it. A channel that is
down costs retries, never the verb.
"""

from collections.abc import Callable, Iterable, Mapping
import datetime as dt
from itertools import chain
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _
import structlog

from ghar.audit import services as audit
from ghar.errors import Conflict
from ghar.lib import clock
from ghar.lib.claim import claim_due, take_in_hand
from ghar.lib.wake import wake
from ghar.models import DueState
from ghar.notifications import channels as transports
from ghar.notifications.channels import Attachment, Message, NotDelivered
from ghar.notifications.models import (
    CHANNEL_OF,
    LOUD,
    REMINDERS,
    Channel,
    Delivery,
    Device,
    Notification,
    Standing,
    may_have_devices,
    standings,
)
from ghar.notifications.services.preferences import wanted_channels
from ghar.realtime.models import EventType
from ghar.realtime.services import emit, together

log = structlog.get_logger(__name__)

QUIET_FROM, QUIET_UNTIL = dt.time(22), dt.time(7)
FIRST_RETRY = dt.timedelta(seconds=30)
BATCH = 50
# Of what a worker has claimed when it is killed only the one in hand waits for a whole lease: it
# may have been sent.
LEASE_IN_LINE = dt.timedelta(seconds=2)

# What an app above sends its reader along with the e-mails about its own.
Attach = Callable[[Notification, Any], Attachment | None]
_ATTACH: Final[list[Attach]] = []


def register_attachment(attach: Attach) -> None:
    _ATTACH.append(attach)


def _dispatch_or_go_on(now: dt.datetime) -> int:
    """Lines that cannot be dispatched do not hold up what is queued already."""
    try:
        return dispatch_lines(now=now)
    except DatabaseError:
        log.exception("lines_not_dispatched")
        return 0


def dispatch_lines(*, now: dt.datetime) -> int:
    """Queue the next lines that are visible by `now` on the channels of their readers; how many.

    A line that was held back is a hint to open pages only now.
    """
    with transaction.atomic(), together():
        found = Notification.objects.undispatched_at(now)[:BATCH]
        # One that changed hands while it was being locked came without its reader: the next time.
        rows = [row for row in found if row.recipient]
        standing = standings([row.recipient for row in rows]) if rows else {}
        Delivery.objects.bulk_create(chain(*(_queued(row, standing, now) for row in rows)))
        for row in rows:
            if row.visible_at > row.created_at:
                emit_line(row)
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(is_dispatched=True)
    return len(rows)


def _queued(
    notification: Notification, standing: Mapping[Any, Standing], now: dt.datetime
) -> list[Delivery]:
    """Of a line that cannot be addressed nothing: it stands on the site, and the others go on."""
    reader = notification.recipient
    try:
        wanted = wanted_channels(reader, standing[reader], notification.purpose)
        if notification.is_read:  # a step of their own, or seen meanwhile: it wakes nobody
            wanted = [channel for channel in wanted if channel not in LOUD]
        return deliveries_of(notification, wanted, now=now)
    except Exception as error:  # noqa: BLE001 -- one poisoned row must not hold up all that follow
        log.error("line_not_dispatched", line=str(notification.pk), error=type(error).__name__)
        return []


def deliveries_of(
    notification: Notification, channels: Iterable[Channel], *, now: dt.datetime
) -> list[Delivery]:
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
            due_at=_loud_enough_at(notification, channel, now),
        )
        for channel in channels
    ]


def _loud_enough_at(notification: Notification, channel: str, now: dt.datetime) -> dt.datetime:
    """When the message may go: not in the reader's night, unless it is a reminder."""
    moment = max(notification.visible_at, now)
    if channel not in LOUD or notification.type in REMINDERS:
        return moment
    local = moment.astimezone(ZoneInfo(notification.recipient.timezone))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    morning = local.replace(hour=QUIET_UNTIL.hour, minute=0, second=0, microsecond=0)
    return morning if local.time() < QUIET_UNTIL else morning + dt.timedelta(days=1)


def emit_line(notification: Notification) -> None:
    emit(
        to=notification.recipient,
        type=EventType.NEW_NOTIFICATION,
        object_type="notification",
        object_id=notification.pk,
        route=notification.route,
    )


def send_due_deliveries(*, now: dt.datetime) -> int:
    """Dispatch the next new lines and send the next of what is due; how many of both.

    In turns, so that a reminder does not wait for the dispatch of everything else.
    """
    lines = _dispatch_or_go_on(now)
    queue = Delivery.objects.select_related("user", "session", "notification")
    rows = claim_due(queue, now=now, lease=LEASE_IN_LINE, tries=0)
    for row in rows:
        if take_in_hand(row, now=clock.now()):
            _try(row, now=now)
    return lines + len(rows)


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
        attachment=_attachment(delivery),
    )
    # Asked now, not when it was queued: the address may have been given up meanwhile.
    is_sent = _send_to_each(message, _targets(reader, delivery.channel))
    return DueState.DONE if is_sent else DueState.SKIPPED


def _attachment(delivery: Delivery) -> Attachment | None:
    line = delivery.notification
    if delivery.channel != Channel.EMAIL or line is None:
        return None
    reader = delivery.recipient
    return next((made for attach in _ATTACH if (made := attach(line, reader))), None)


def _targets(reader: Any, channel: str) -> list[str]:
    """The reader's one verified address on the channel, or all their devices on it."""
    if channel not in CHANNEL_OF.values():
        found = reader.address_on(channel)
        return [found] if found else []
    if not may_have_devices(reader):
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
    """Send a code or a link that no table may keep, and so no Delivery row.

    Raises NotDelivered: what a transport says names the address.
    """
    try:
        transports.send(message)
    except Exception as error:  # noqa: BLE001 -- whatever the transport has
        raise NotDelivered(f"{message.channel}: {type(error).__name__}") from None
