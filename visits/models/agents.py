"""Those who show homes, and how the right one is found."""

import datetime as dt
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.columns import ChangedAtField
from ghar.lib.ids import uuid7
from ghar.lib.validators import validate_timezone
from ghar.properties.states import PropertyType
from visits.states import (
    AgentType,
    AssignmentTrigger,
    ExperienceLevel,
    InteractionKind,
    Outcome,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def usual_hours() -> dict[str, list[list[str]]]:
    """Monday to Saturday, nine to six, on the wall clock of the agent's zone."""
    return {day: [["09:00", "18:00"]] for day in WEEKDAYS[:6]}


class AgentQuerySet(models.QuerySet["Agent"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def at_work(self, moment: dt.datetime) -> Self:
        """Active and not on leave at that instant; hours and load are another question."""
        back = Q(unavailable_until__isnull=False, unavailable_until__lte=moment)
        return self.active().filter(Q(is_available=True) | back)

    def of_user(self, user: User) -> Self:
        return self.filter(user=user)

    def listed_for(self, reader: User) -> Self:
        """The directory: whoever works here, and the reader's own row. The team sees everybody."""
        if reader.is_admin:
            return self
        return self.filter(Q(is_active=True, user__suspended_at=None) | Q(user=reader))


class Agent(models.Model):
    """Somebody who shows homes. Hours and leave choose among agents, and never refuse a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="agent_profile"
    )
    name = models.CharField(_("name"), max_length=120)
    languages = ArrayField(
        models.CharField(max_length=5), verbose_name=_("languages"), default=list, size=10
    )
    # Cities, or "city/locality"; empty for anywhere.
    areas = ArrayField(
        models.CharField(max_length=160),
        verbose_name=_("areas"),
        default=list,
        blank=True,
        size=50,
    )
    # Types of property; empty for all of them.
    specialities = ArrayField(
        models.CharField(max_length=20, choices=PropertyType.choices),
        verbose_name=_("specialities"),
        default=list,
        blank=True,
    )
    agent_type = models.CharField(
        _("type"), max_length=12, choices=AgentType.choices, default=AgentType.GENERAL
    )
    experience_level = models.CharField(
        _("experience"),
        max_length=12,
        choices=ExperienceLevel.choices,
        default=ExperienceLevel.INTERMEDIATE,
    )
    timezone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Kolkata", validators=[validate_timezone]
    )
    # {"mon": [["09:00", "18:00"]], …}
    working_hours = models.JSONField(_("working hours"), default=usual_hours, blank=True)
    days_off = ArrayField(
        models.DateField(), verbose_name=_("days off"), default=list, blank=True, size=100
    )
    daily_capacity = models.PositiveSmallIntegerField(
        _("visits a day"), default=12, validators=[MinValueValidator(1), MaxValueValidator(48)]
    )
    # Twice the weight, twice the share of visits.
    weight = models.FloatField(
        _("weight"), default=1, validators=[MinValueValidator(0.1), MaxValueValidator(10)]
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_available = models.BooleanField(_("available"), default=True)
    unavailable_until = models.DateTimeField(_("away until"), null=True, blank=True)
    unavailable_reason = models.CharField(_("reason"), max_length=200, blank=True)
    # What a new agent starts with, so that not every visit goes to them at once.
    calibration = models.FloatField(default=0, editable=False)
    last_assigned_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = ChangedAtField()

    objects = AgentQuerySet.as_manager()

    class Meta:
        db_table = "agents"
        constraints = [
            models.CheckConstraint(condition=Q(weight__gt=0), name="agent_weight_positive"),
            models.CheckConstraint(
                condition=Q(daily_capacity__gt=0), name="agent_capacity_positive"
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="agent_directory")]

    def __str__(self) -> str:
        return self.name


class AgentInteractionQuerySet(models.QuerySet["AgentInteraction"]):
    def that_count(self) -> Self:
        """Without what was said of a tour that is no longer held to have taken place."""
        return self.filter(Q(visit=None) | Q(visit__outcome=Outcome.ATTENDED))

    def void_with(self, user: User) -> Self:
        """What does not count, of the tours that go with this account."""
        of_theirs = self.filter(Q(visit__user=user) | Q(visit__host=user))
        return of_theirs.exclude(visit__outcome=Outcome.ATTENDED)


class AgentInteraction(models.Model):
    """How an agent dealt with somebody: what moves the rolling rating."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agent = models.ForeignKey(Agent, models.CASCADE, db_index=False, related_name="interactions")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # Of which the visitor says how the agent was; no answer names it.
    visit = models.ForeignKey(
        "visits.Visit",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        editable=False,
    )
    kind = models.CharField(max_length=6, choices=InteractionKind.choices)
    response_time_seconds = models.PositiveIntegerField(null=True, blank=True)
    user_satisfaction = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = AgentInteractionQuerySet.as_manager()

    class Meta:
        db_table = "agent_interactions"
        constraints = [
            models.CheckConstraint(
                condition=Q(user_satisfaction=None)
                | Q(user_satisfaction__gte=1, user_satisfaction__lte=5),
                name="interaction_satisfaction",
            ),
            models.UniqueConstraint(fields=["visit", "agent"], name="interaction_once_a_visit"),
        ]
        indexes = [models.Index(fields=["agent", "-created_at"], name="interaction_recent")]

    def __str__(self) -> str:
        return f"{self.kind} {self.agent_id}"


class AssignmentDecision(models.Model):
    """Why this agent: every candidate, and why the others were not chosen."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey("visits.Visit", models.CASCADE, related_name="decisions")
    agent = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="+")
    trigger = models.CharField(max_length=12, choices=AssignmentTrigger.choices)
    # [{agent_id, load, weight, score, lost_because}] in the order in which they stood; no names,
    # for the row outlives the accounts of those in it
    candidates = models.JSONField(default=list)
    decided_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "agent_assignment_decisions"
        ordering = ("-decided_at", "-id")

    def __str__(self) -> str:
        return f"{self.trigger} {self.visit_id}"
