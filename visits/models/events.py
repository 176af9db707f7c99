"""What happened to visits."""

from typing import Self

from django.db import models
from django.db.models import Q

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.ids import uuid7
from visits.states import VisitEventType


class VisitEventQuerySet(models.QuerySet["VisitEvent"]):
    def shown_to(self, user: User) -> Self:
        """That somebody sees it differently is for them and our team; who is accused hears what
        came of it.
        """
        if user.is_admin:
            return self
        return self.filter(~Q(event_type=VisitEventType.DISPUTED) | Q(actor_id=user.pk))


class VisitEvent(models.Model):
    """One thing that happened; `changes` hold the new values, so that events fold to the row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey("visits.Visit", models.CASCADE, db_index=False, related_name="events")
    number = models.PositiveIntegerField()
    event_type = models.CharField(max_length=12, choices=VisitEventType.choices)
    actor = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True, blank=True)
    changes = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = VisitEventQuerySet.as_manager()

    class Meta:
        db_table = "visit_events"
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="visit_event_numbered")
        ]
        indexes = [
            models.Index(
                fields=["visit"], condition=Q(event_type="disputed"), name="visit_event_disputed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.visit_id}"
