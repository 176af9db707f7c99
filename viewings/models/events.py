"""What happened to viewings."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal
from ghar.lib.ids import uuid7
from viewings.models.options import Owned
from viewings.states import (
    SYSTEM,
    EventType,
    Outcome,
    Source,
)

# How a timeline names those who acted.
ACTOR_LABELS = {
    Source.SEEKER: _("Visitor"),
    Source.POSTER: _("Host"),
    Source.ADMIN: _("Our team"),
    SYSTEM: _("By itself"),
}
LATENESS: dict[str, Any] = {
    Source.SEEKER: _("The visitor will be about %(minutes)s minutes late"),
    Source.POSTER: _("The host will be about %(minutes)s minutes late"),
}


class ViewingEventQuerySet(models.QuerySet["ViewingEvent"]):
    def shown_to(self, principal: Principal) -> "ViewingEventQuerySet":
        """That somebody sees it differently is for them and our team; who is accused hears what
        came of it.
        """
        if principal.is_admin:
            return self
        own = Q(actor=Source.POSTER, poster_id=principal.pk) | Q(
            Q(seeker_id=principal.pk) | Q(seeker_session_id=principal.pk), actor=Source.SEEKER
        )
        return self.filter(~Q(event_type=EventType.DISPUTED) | own)


class ViewingEvent(Owned):
    viewing = models.ForeignKey(
        "viewings.ViewingRequest",
        models.CASCADE,
        db_column="viewing_request_id",
        db_index=False,
        related_name="events",
    )
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event_type = models.TextField(choices=EventType.choices)
    actor = models.TextField()
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = ViewingEventQuerySet.as_manager()

    class Meta:
        db_table = "viewing_events"
        ordering = ("id",)
        indexes = [models.Index(fields=["viewing", "id"], name="viewing_event_by_viewing")]

    def __str__(self) -> str:
        return self.event_type

    @property
    def title(self) -> str:
        """What happened; of an end, what came of it; of a late note, who is how late."""
        if minutes := self.payload.get("late_minutes"):
            return str(LATENESS[self.actor]) % {"minutes": minutes}
        outcome = self.payload.get("outcome")
        return str(Outcome(outcome).label) if outcome else self.get_event_type_display()

    @property
    def start_at(self) -> dt.datetime | None:
        """The time that was chosen or agreed with it, if one was."""
        told = self.payload.get("start_at")
        return dt.datetime.fromisoformat(told) if told else None

    @property
    def actor_label(self) -> str:
        return str(ACTOR_LABELS[self.actor])
