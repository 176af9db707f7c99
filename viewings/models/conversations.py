"""A guided chat in which somebody asks for a viewing in their own words."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal, SeekerSession
from ghar.lib import clock
from ghar.lib.columns import ChangedAtField
from ghar.lib.ids import uuid7
from ghar.properties.models import Property
from viewings.models.requests import ViewingRequest
from viewings.states import ConversationState


class ConversationQuerySet(models.QuerySet["AssistantConversation"]):
    def visible_to(self, principal: Principal) -> "ConversationQuerySet":
        """Whoever chats, with what they began before they signed in; not even staff read along."""
        if isinstance(principal, SeekerSession):
            return self.filter(seeker_session_id=principal.pk)
        claimed = Q(seeker_session__claimed_by=principal.pk)
        return self.filter(Q(seeker_id=principal.pk) | claimed)

    def for_turn(self) -> "ConversationQuerySet":
        """Locked, with the place that it is about."""
        joined = self.select_related("listing__owner").defer(
            "listing__description", "listing__search"
        )
        return joined.select_for_update(of=("self",), no_key=True)

    def untouched_since(self, moment: dt.datetime) -> "ConversationQuerySet":
        return self.filter(updated_at__lte=moment)


class AssistantConversation(models.Model):
    """What the assistant has understood so far; the words themselves are not kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seeker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    seeker_session = models.ForeignKey(
        SeekerSession, models.CASCADE, null=True, blank=True, related_name="+"
    )
    listing = models.ForeignKey(
        Property, models.CASCADE, db_column="property_id", null=True, blank=True, related_name="+"
    )
    viewing = models.ForeignKey(
        ViewingRequest, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.TextField(
        _("state"), choices=ConversationState.choices, default=ConversationState.ASKS_PLACE
    )
    # What it would propose: [{"start_at": ..., "end_at": ...}], ISO 8601 in UTC.
    times = models.JSONField(default=list, blank=True)
    # The host's times in the order in which they were last read out: a number means one of these.
    listed = models.JSONField(default=list, blank=True)
    notes = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = ChangedAtField()

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seeker=None, seeker_session__isnull=False)
                | Q(seeker__isnull=False, seeker_session=None),
                name="conversation_has_one_seeker",
            )
        ]
        indexes = [models.Index(fields=["updated_at"], name="conversation_by_age")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
