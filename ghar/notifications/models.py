from collections.abc import Iterable, Sequence
import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.lib.inserts import insert_of
from ghar.models import DueRow, DueState


class Channel(models.TextChoices):
    IN_APP = "in_app", _("on the site")
    EMAIL = "email", _("e-mail")
    PUSH = "push", _("push")
    WEB_PUSH = "web_push", _("browser push")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    TELEGRAM = "telegram", _("Telegram")


class Purpose(models.TextChoices):
    MESSAGES = "messages", _("messages")
    VIEWINGS = "viewings", _("viewings and visits")
    MODERATION = "moderation", _("reviews of listings")
    MARKETING = "marketing", _("news and offers")


OUTGOING = [channel for channel in Channel if channel != Channel.IN_APP]
# What must not wake anybody; an e-mail waits silently by itself.
LOUD = frozenset(OUTGOING) - {Channel.EMAIL}

# What nobody has chosen yet: e-mail about viewings and reviews, nothing else leaves the site.
DEFAULT_OPT_IN = {(Channel.EMAIL, Purpose.VIEWINGS), (Channel.EMAIL, Purpose.MODERATION)}


class NotificationType(models.TextChoices):
    NEW_MATCH = "new_match"
    NEW_MESSAGE = "new_message"
    NEW_LIKE = "new_like"
    ENQUIRY = "enquiry"
    LISTING_APPROVED = "listing_approved"
    LISTING_REJECTED = "listing_rejected"
    LISTING_HELD = "listing_held"
    LISTING_NEEDS_EDIT = "listing_needs_edit"
    LISTING_PAUSED = "listing_paused"
    VISIT_SCHEDULED = "visit_scheduled"
    VISIT_CONFIRMED = "visit_confirmed"
    VISIT_RESCHEDULED = "visit_rescheduled"
    VISIT_CANCELLED = "visit_cancelled"
    VISIT_REMINDER = "visit_reminder"
    VIEWING_OFFERED = "viewing_offered"
    VIEWING_SELECTED = "viewing_selected"
    VIEWING_CONFIRMED = "viewing_confirmed"
    VIEWING_RESCHEDULED = "viewing_rescheduled"
    VIEWING_CANCELLED = "viewing_cancelled"
    VIEWING_REMINDER = "viewing_reminder"
    REPORT_OUTCOME = "report_outcome"
    ACCOUNT_WARNED = "account_warned"
    ACCOUNT_SUSPENDED = "account_suspended"
    APPEAL_OUTCOME = "appeal_outcome"
    SAVED_SEARCH = "saved_search", _("news about a saved search")
    PROFILE_REVIEW = "profile_review", _("review of a profile")


NEWEST_FIRST = ("-visible_at", "-id")

# Worth waking somebody for: what they asked to be reminded of.
REMINDERS = frozenset({NotificationType.VISIT_REMINDER, NotificationType.VIEWING_REMINDER})


class RecipientQuerySet(models.QuerySet[Any]):
    def of(self, principal: Any) -> Self:
        """Rows addressed to this user or seeker session."""
        if principal.actor_kind == "session":
            return self.filter(session_id=principal.pk)
        return self.filter(user_id=principal.pk)

    def of_any(self, principals: Iterable[Any]) -> Self:
        ids = [principal.pk for principal in principals]
        return self.filter(Q(user_id__in=ids) | Q(session_id__in=ids))


class Addressed(models.Model):
    """A row for exactly one user or seeker session. Each model has indexes that begin with them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
    )
    session = models.ForeignKey(
        "accounts.SeekerSession",
        models.CASCADE,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        abstract = True

    @property
    def recipient(self) -> Any:
        """The User or SeekerSession; both stand above this package."""
        return self.user or self.session


def exactly_one_recipient(name: str) -> models.CheckConstraint:
    one = Q(user__isnull=False, session__isnull=True) | Q(user__isnull=True, session__isnull=False)
    return models.CheckConstraint(condition=one, name=name)


_ONCE = " ON CONFLICT DO NOTHING RETURNING id"
# xmax is 0 in a row that was not there before.
_COLLAPSED = """
ON CONFLICT ({reader}, thread) WHERE {reader} IS NOT NULL AND NOT is_read AND thread <> ''
DO UPDATE SET type = EXCLUDED.type, purpose = EXCLUDED.purpose, title = EXCLUDED.title,
              body = EXCLUDED.body, route = EXCLUDED.route, visible_at = EXCLUDED.visible_at,
              created_at = EXCLUDED.created_at
RETURNING id, xmax = 0
"""


def one_unread_line_a_thread(reader: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=[reader, "thread"],
        condition=Q(**{f"{reader}__isnull": False}, is_read=False) & ~Q(thread=""),
        name=f"notification_thread_per_{reader}",
    )


class NotificationQuerySet(RecipientQuerySet):
    def write_once(self, lines: Sequence["Notification"]) -> list["Notification"]:
        """Those of `lines` whose key their reader had not been told before."""
        insert = insert_of(lines)
        with connection.cursor() as cursor:
            cursor.execute(insert.sql + _ONCE, insert.params)
            new = {row[0] for row in cursor.fetchall()}
        return [line for line in lines if line.pk in new]

    def collapse(self, line: "Notification") -> bool:
        """Whether the line is a new row. Else it now stands for the unread one of its thread, which
        has taken its words.
        """
        insert = insert_of([line])
        conflict = _COLLAPSED.format(reader="user_id" if line.user_id else "session_id")
        with connection.cursor() as cursor:
            cursor.execute(insert.sql + conflict, insert.params)
            line.pk, is_new = cursor.fetchone()
        return is_new

    def visible_at(self, moment: dt.datetime) -> "NotificationQuerySet":
        """Notices of a decision stay hidden for the minute in which it can be undone."""
        return self.filter(visible_at__lte=moment)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(is_read=False)

    def in_thread(self, thread: str) -> "NotificationQuerySet":
        return self.filter(thread=thread).exclude(thread="")

    def undispatched_at(self, moment: dt.datetime) -> "NotificationQuerySet":
        """Locked for whoever asks; what another worker has in hand is left out."""
        rows = self.filter(is_dispatched=False, visible_at__lte=moment).order_by("visible_at", "pk")
        mine = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
        return mine.select_related("user", "session")

    def of_cause(self, key: str) -> "NotificationQuerySet":
        return self.filter(key=key).exclude(key="")

    def withdrawable_at(self, moment: dt.datetime, key: str) -> "NotificationQuerySet":
        return self.of_cause(key).filter(visible_at__gt=moment)


class Notification(Addressed):
    """One line in somebody's list on the site, in the reader's language, with where to go."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    type = models.CharField(max_length=30, choices=NotificationType.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, db_default=Purpose.VIEWINGS)
    title = models.CharField(max_length=150)
    body = models.CharField(max_length=500, blank=True)
    route = models.CharField(max_length=200)
    is_read = models.BooleanField(default=False)
    # Its deliveries are queued, or it has none: so has what the release before writes during an
    # update, which knows neither this column nor `purpose` and queues by itself.
    is_dispatched = models.BooleanField(default=False, db_default=True, editable=False)
    visible_at = models.DateTimeField()
    # The cause, where it may be told twice or be undone: "decision-<id>".
    key = models.CharField(max_length=80, blank=True, editable=False)
    # What the line goes on about: "conversation-<id>". One unread line a thread.
    thread = models.CharField(max_length=80, blank=True, editable=False)
    # The visit or viewing that an e-mail about this brings for the reader's calendar.
    appointment_id = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "notifications"
        constraints = [
            exactly_one_recipient("notification_recipient"),
            models.UniqueConstraint(
                fields=["user", "key"],
                condition=Q(user__isnull=False) & ~Q(key=""),
                name="notification_once_per_user",
            ),
            models.UniqueConstraint(
                fields=["session", "key"],
                condition=Q(session__isnull=False) & ~Q(key=""),
                name="notification_once_per_session",
            ),
            one_unread_line_a_thread("user"),
            one_unread_line_a_thread("session"),
        ]
        indexes = [
            models.Index(fields=["user", "-visible_at", "-id"], name="notification_of_user"),
            models.Index(fields=["session", "-visible_at", "-id"], name="notification_of_session"),
            models.Index(fields=["key"], condition=~Q(key=""), name="notification_by_cause"),
            models.Index(
                fields=["visible_at"],
                condition=Q(is_dispatched=False),
                name="notification_undispatched",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.title}"


class ChannelPreference(Addressed):
    """A choice that differs from DEFAULT_OPT_IN, or repeats it on purpose."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    is_opted_in = models.BooleanField()

    objects = RecipientQuerySet.as_manager()

    class Meta:
        db_table = "channel_preferences"
        constraints = [
            exactly_one_recipient("preference_recipient"),
            models.UniqueConstraint(
                fields=["user", "channel", "purpose"], name="preference_once_per_user"
            ),
            models.UniqueConstraint(
                fields=["session", "channel", "purpose"], name="preference_once_per_session"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.purpose}: {self.is_opted_in}"


class DeviceQuerySet(models.QuerySet["Device"]):
    def of(self, principal: Any) -> Self:
        """A session has none: a device is registered by whoever signed in on it."""
        return self.none() if principal.actor_kind == "session" else self.filter(user=principal.pk)

    def on(self, channel: str) -> Self:
        return self.filter(platform__in=[p for p in Device.Platform if CHANNEL_OF[p] == channel])


class Device(models.Model):
    """A registered push device: an app's token, or a browser's subscription as JSON."""

    class Platform(models.TextChoices):
        ANDROID = "android"
        IOS = "ios"
        WEB = "web"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    platform = models.CharField(max_length=10, choices=Platform.choices)
    token = models.CharField(max_length=1000)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        db_table = "devices"
        constraints = [models.UniqueConstraint(fields=["token"], name="device_token_unique")]

    def __str__(self) -> str:
        return self.platform


CHANNEL_OF: dict[str, Channel] = {
    Device.Platform.ANDROID: Channel.PUSH,
    Device.Platform.IOS: Channel.PUSH,
    Device.Platform.WEB: Channel.WEB_PUSH,
}


def may_have_devices(reader: Any) -> bool:
    """Nothing is ever delivered to the people of the demo, nor to a closed account."""
    return reader.is_active and not reader.is_fictional


# What a reader chose for each channel and purpose, and the channels of their devices.
Standing = tuple[dict[tuple[str, str], bool], set[str]]


def standings(readers: list[Any]) -> dict[Any, Standing]:
    """What each reader chose for each channel and purpose, and the channels of their devices."""
    default: dict[tuple[str, str], bool] = {
        (channel, purpose): (channel, purpose) in DEFAULT_OPT_IN or channel == Channel.IN_APP
        for channel in Channel
        for purpose in Purpose
    }
    by_id = {reader.pk: ({**default}, set[str]()) for reader in readers}
    people = [reader.pk for reader in readers if may_have_devices(reader)]
    choices = ChannelPreference.objects.of_any(readers).annotate(
        reader=Coalesce("user_id", "session_id")
    )
    devices = Device.objects.filter(user__in=people).annotate(reader=F("user_id"))
    rows = choices.values_list("reader", "channel", "purpose", "is_opted_in").union(
        devices.values_list("reader", "platform", Value(""), Value(value=True)), all=True
    )
    for pk, name, purpose, is_opted_in in rows:
        chosen, by_device = by_id[pk]
        if purpose:
            chosen[name, purpose] = is_opted_in
        else:
            by_device.add(CHANNEL_OF[name])
    return {reader: by_id[reader.pk] for reader in readers}


class DeliveryQuerySet(RecipientQuerySet):
    def dead(self) -> Self:
        """Given up, until a person tries again."""
        return self.filter(state=DueState.DEAD)


class Delivery(DueRow, Addressed):
    """A message on its way out of the site, sent by a worker with `key` as idempotency key."""

    notification = models.ForeignKey(
        Notification, models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    type = models.CharField(max_length=30, choices=NotificationType.choices, blank=True)
    title = models.CharField(max_length=150)
    body = models.TextField(blank=True)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=120, unique=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        db_table = "deliveries"
        verbose_name_plural = "deliveries"
        constraints = [exactly_one_recipient("delivery_recipient")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="due"), name="delivery_due"),
            models.Index(fields=["user"], name="delivery_by_user"),
            models.Index(fields=["session"], name="delivery_by_session"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.title}"

    @property
    def is_overtaken(self) -> bool:
        """The reader has read the thread before the message left."""
        line = self.notification
        return bool(line and line.thread and line.is_read)
