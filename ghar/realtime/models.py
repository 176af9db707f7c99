import datetime as dt
from typing import Any, Protocol, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from ghar.lib import clock
from ghar.lib.ids import uuid7


class EventType(models.TextChoices):
    NEW_MATCH = "new_match", _("new match")
    NEW_MESSAGE = "new_message", _("new message")
    CONVERSATION_UPDATED = "conversation_updated", _("conversation updated")
    VISIT_UPDATED = "visit_updated", _("visit updated")
    LISTING_STATUS_CHANGED = "listing_status_changed", _("listing status changed")
    NEW_NOTIFICATION = "new_notification", _("new notification")
    VIEWING_UPDATED = "viewing_updated", _("viewing updated")


class Recipient(Protocol):
    """A User or a SeekerSession; both stand above this package."""

    @property
    def event_channel(self) -> str: ...


def retention() -> dt.timedelta:
    """For how long a stream can be resumed."""
    return dt.timedelta(days=settings.EVENT_RETENTION_DAYS)


class CurrentTransaction(Func):
    """The id of the running transaction, which is the id of the accepted call."""

    function = "txid_current"
    output_field = models.BigIntegerField()


_NUMBER_PENDING = """
WITH pending AS (
    SELECT id FROM realtime_events WHERE channel = %s AND seq IS NULL ORDER BY id FOR UPDATE
), numbered AS (
    SELECT id, nextval('realtime_event_seq') AS seq FROM pending
)
UPDATE realtime_events SET seq = numbered.seq FROM numbered WHERE realtime_events.id = numbered.id
"""


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, channel: str) -> Self:
        return self.filter(channel=channel)

    def after(self, seq: int) -> Self:
        """What a stream that has sent everything up to `seq` has still to send, in order."""
        return self.filter(seq__gt=seq).order_by("seq")

    def forgotten_by(self, moment: dt.datetime) -> Self:
        return self.filter(created_at__lt=moment)

    def number_pending(self, channel: str) -> None:
        """Give the committed events of `channel` their place in the stream. Needs a transaction.

        A place given while writing would be wrong: the transaction that took the lower number may
        commit later, after a stream has gone past it. So the reader gives it, to rows that it can
        see, one reader of a channel at a time. The writers of a channel never wait for each other.
        """
        if not self.of(channel).filter(seq=None).exists():
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [channel])
            cursor.execute(_NUMBER_PENDING, [channel])


class Event(models.Model):
    """A hint to one person that something changed; the client fetches the truth.

    `channel` is the recipient: "user-<uuid>" or "session-<uuid>". `seq` is empty until a stream
    first reads the row, see EventQuerySet.number_pending.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seq = models.BigIntegerField(_("place in the stream"), null=True, editable=False)
    channel = models.CharField(_("recipient"), max_length=50)
    type = models.CharField(_("type"), max_length=30, choices=EventType.choices)
    object_type = models.CharField(_("kind of object"), max_length=40)
    object_id = models.UUIDField(_("object"))
    status = models.CharField(_("status"), max_length=30, blank=True)
    route = models.CharField(_("page"), max_length=200, blank=True)
    cause = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        db_table = "realtime_events"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "type", "object_id", "cause"], name="event_once_per_cause"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__regex=r"^(user|session)-[0-9a-f-]{36}$"),
                name="event_channel_is_one_principal",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "seq"], name="event_replay"),
            models.Index(
                fields=["channel"], condition=models.Q(seq__isnull=True), name="event_unread"
            ),
            models.Index(fields=["created_at"], name="event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.channel}"

    @property
    def data(self) -> dict[str, Any]:
        """What the client receives."""
        return {
            "id": str(self.id),
            "object_type": self.object_type,
            "object_id": str(self.object_id),
            "status": self.status,
            "route": self.route,
        }
