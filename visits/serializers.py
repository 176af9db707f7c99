"""What the API reads and answers about visits."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ghar.accounts.models import User
from ghar.api.serializers import AwareDateTimeField, StrictModelSerializer, StrictSerializer
from ghar.calendar.states import say_reason
from ghar.lib import clock
from ghar.lib.actors import Actor
from ghar.lib.validators import validate_finite
from ghar.properties.models import Property
from visits.assignment import is_away
from visits.models import Agent, AgentInteraction, Visit, VisitEvent
from visits.policies.address import visible_place
from visits.policies.agents import is_team_or_self
from visits.policies.steps import allowed_actions
from visits.states import InteractionKind, Outcome, VisitContext, VisitEventType, VisitStatus

MONTH = 30 * 86_400


# --- Bodies -----------------------------------------------------------------------------------------
def _api_text(
    model: type[Model], name: str, *, allow_blank: bool = True, **facts: Any
) -> serializers.CharField:
    """A text as long as its column."""
    column: Any = model._meta.get_field(name)
    length = column.max_length
    return serializers.CharField(max_length=length, allow_blank=allow_blank, **facts)


class VisitInput(StrictSerializer):
    property_id = serializers.UUIDField()
    scheduled_date = AwareDateTimeField()
    visit_context = serializers.ChoiceField(
        VisitContext.choices, required=False, default=VisitContext.PROPERTY_TOUR
    )
    counterparty_user_id = serializers.UUIDField(required=False, allow_null=True)
    conversation_id = serializers.UUIDField(required=False, allow_null=True)
    match_id = serializers.UUIDField(required=False, allow_null=True)
    special_requirements = _api_text(Visit, "special_requirements", required=False, default="")
    user_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="For whom our team books; else the caller."
    )


class VisitChanges(StrictModelSerializer):
    class Meta:
        model = Visit
        fields = (
            *("special_requirements", "visit_notes", "visitor_feedback", "interest_level"),
            *("follow_up_required", "follow_up_date"),
        )


class RescheduleInput(StrictSerializer):
    new_date = AwareDateTimeField()
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class CancelInput(StrictSerializer):
    reason = _api_text(Visit, "cancellation_reason", allow_blank=False)


class CompleteInput(StrictSerializer):
    notes = _api_text(
        Visit,
        "visit_notes",
        required=False,
        default="",
        help_text="Added to the notes that stand; or in their place, if it begins with them.",
    )
    feedback = _api_text(
        Visit,
        "visitor_feedback",
        required=False,
        default="",
        help_text="What the visitor said. Where they have said it themselves, and from the other"
        " one of a meeting, it is added to the notes.",
    )
    outcome = serializers.ChoiceField(
        Outcome.choices, required=False, help_text="Without one it took place."
    )


class AssignInput(StrictSerializer):
    agent_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class AgentInput(StrictModelSerializer):
    user_id = serializers.UUIDField(required=False, allow_null=True)
    # NaN passes every comparison, so bounds alone do not stop it.
    weight = serializers.FloatField(
        min_value=0.1, max_value=10, required=False, validators=[validate_finite]
    )

    class Meta:
        model = Agent
        fields = (
            *("user_id", "name", "languages", "areas", "specialities", "agent_type"),
            *("experience_level", "timezone", "working_hours", "days_off", "daily_capacity"),
            *("weight", "is_active"),
        )


class AgentChanges(AgentInput):
    """The same for PATCH: what is left out stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, partial=True)


class AvailabilityInput(StrictSerializer):
    is_available = serializers.BooleanField()
    until = AwareDateTimeField(required=False, allow_null=True, default=None)
    reason = _api_text(Agent, "unavailable_reason", required=False, default="")


class InteractionInput(StrictSerializer):
    kind = serializers.ChoiceField(InteractionKind.choices)
    response_time_seconds = serializers.IntegerField(
        min_value=0, max_value=MONTH, required=False, allow_null=True, default=None
    )
    user_satisfaction = serializers.IntegerField(
        min_value=1, max_value=5, required=False, allow_null=True, default=None
    )


class ArrivalInput(StrictSerializer):
    code = serializers.CharField(max_length=10)


class FlatmateVisitInput(StrictSerializer):
    """One step in the words of the flatmates' app."""

    status = serializers.ChoiceField(VisitStatus.choices, required=False)
    scheduled_date = AwareDateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        moves = attrs.get("status") == VisitStatus.RESCHEDULED
        if "scheduled_date" in attrs and not moves and "status" in attrs:
            raise serializers.ValidationError({"status": [_("Another time means rescheduled.")]})
        if moves and "scheduled_date" not in attrs:
            raise serializers.ValidationError({"scheduled_date": [_("Please give the new time.")]})
        return attrs


class VisitFilters(serializers.Serializer):
    status = serializers.ChoiceField(VisitStatus.choices, required=False)


# --- Answers ----------------------------------------------------------------------------------------
class VisitedPropertySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    url = serializers.CharField()
    cover_url = serializers.CharField(allow_null=True)
    city = serializers.CharField()
    locality = serializers.CharField()


class ShareSerializer(serializers.Serializer):
    url = serializers.CharField(help_text="Shown once.")
    expires_at = serializers.DateTimeField()


class HelplineSerializer(serializers.Serializer):
    name = serializers.CharField()
    number = serializers.CharField()


class CheckInSerializer(serializers.Serializer):
    well_at = serializers.DateTimeField(allow_null=True)
    helplines = HelplineSerializer(many=True)


class ArrivalCodeSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="Six digits for the other side to type.")


class GuideSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())


class PartySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    full_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)


# Told as they stand in the row.
PLAIN_FACTS = (
    *("id", "user_id", "conversation_id", "match_id", "visit_context", "scheduled_date"),
    *("duration_minutes", "timezone", "actual_date", "status", "rescheduled_from", "proposed_by"),
    *("special_requirements", "visit_notes", "visitor_feedback", "interest_level"),
    *("follow_up_required", "follow_up_date", "created_at", "updated_at"),
)


class VisitSerializer(serializers.ModelSerializer):
    """A visit as one of its parties reads it. The fields describe what `visit_answer` writes."""

    property = VisitedPropertySerializer()
    user_id = serializers.UUIDField()
    visitor = PartySerializer()
    host = PartySerializer()
    agent = GuideSerializer(allow_null=True)
    counterparty = PartySerializer(allow_null=True)
    conversation_id = serializers.UUIDField(allow_null=True)
    match_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(VisitStatus.choices)
    outcome = serializers.ChoiceField(
        Outcome.choices,
        allow_null=True,
        help_text="Null until it is completed, and where nobody said it within a day.",
    )
    cancellation_reason = serializers.CharField(
        allow_null=True, help_text="Of what ended by itself in the reader's language."
    )
    meeting_place = serializers.CharField(
        help_text="Where to meet; empty until it is agreed and the reader may know."
    )
    allowed_actions = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Visit
        fields = (
            *(*PLAIN_FACTS, "property", "visitor", "host", "agent", "counterparty", "outcome"),
            *("cancellation_reason", "meeting_place", "allowed_actions"),
        )

    def to_representation(self, instance: Visit) -> dict[str, Any]:
        return visit_answer(instance, by=self.context["view"].caller)


# Of an event; who else could have shown the place, and how the others are reached, is not told.
TOLD_FACTS = frozenset(PLAIN_FACTS) | {
    *("outcome", "cancellation_reason", "cancelled_by", "reason", "status_before"),
    *("visitor_arrived_at", "other_arrived_at", "kind", "to"),
}


class VisitEventSerializer(serializers.ModelSerializer):
    event_type = serializers.ChoiceField(VisitEventType.choices)
    changes = serializers.SerializerMethodField()

    class Meta:
        model = VisitEvent
        fields = ("id", "number", "event_type", "actor", "changes", "created_at")

    def get_changes(self, event: VisitEvent) -> dict[str, Any]:
        told = {name: value for name, value in event.changes.items() if name in TOLD_FACTS}
        if reason := told.get("cancellation_reason"):
            told["cancellation_reason"] = str(say_reason(reason))
        return told


def visit_answer(visit: Visit, *, by: Actor) -> dict[str, Any]:
    now = clock.now()
    return {
        **{name: getattr(visit, name) for name in PLAIN_FACTS},
        "property": _property(visit.listing),
        "visitor": _person(visit.user),
        "host": _person(visit.host),
        "agent": _guide(visit.agent) if visit.agent else None,
        "counterparty": _person(visit.counterparty) if visit.counterparty else None,
        "outcome": visit.outcome or None,
        "cancellation_reason": str(visit.shown_reason) or None,
        "meeting_place": visible_place(visit, visit.side_of(by), now),
        "allowed_actions": allowed_actions(visit, by, now),
    }


def _property(listing: Property) -> dict[str, Any]:
    return {
        "id": listing.pk,
        "title": listing.title,
        "url": listing.get_absolute_url(),
        "cover_url": listing.cover_url,
        "city": listing.city,
        "locality": listing.locality,
    }


def _guide(agent: Agent) -> dict[str, Any]:
    return {"id": agent.pk, "name": agent.name, "languages": agent.languages}


def _person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "full_name": user.public_name, "avatar_url": user.avatar_url}


# --- Agents -----------------------------------------------------------------------------------------
class AgentSerializer(serializers.ModelSerializer):
    """An agent as the directory shows one."""

    is_available = serializers.SerializerMethodField(help_text="Not on leave at this moment.")
    rating = serializers.FloatField(allow_null=True, help_text="1 to 5, of the last three months.")

    class Meta:
        model = Agent
        fields: tuple[str, ...] = (
            *("id", "name", "languages", "areas", "agent_type", "experience_level", "timezone"),
            *("is_active", "is_available", "rating"),
        )

    def get_is_available(self, agent: Agent) -> bool:
        return not is_away(agent, clock.now())


class OwnAgentSerializer(AgentSerializer):
    """What the team and the agent read, wherever others read the directory."""

    user_id = serializers.UUIDField(allow_null=True)

    class Meta(AgentSerializer.Meta):
        fields = (
            *AgentSerializer.Meta.fields,
            *("user_id", "specialities", "working_hours", "days_off", "daily_capacity", "weight"),
            *("unavailable_until", "unavailable_reason", "created_at", "updated_at"),
        )


def agent_answers(agents: Iterable[Agent], *, by: User) -> list[dict[str, Any]]:
    shown, own = AgentSerializer(), OwnAgentSerializer()
    return [
        (own if is_team_or_self(agent, by) else shown).to_representation(agent) for agent in agents
    ]


class AgentStatsSerializer(serializers.Serializer):
    """Of the last three months; visits since the first day."""

    agent_id = serializers.UUIDField()
    rating = serializers.FloatField(allow_null=True)
    rated = serializers.IntegerField()
    interactions = serializers.IntegerField()
    response_time_seconds = serializers.FloatField(allow_null=True)
    completed = serializers.IntegerField()
    attended = serializers.IntegerField()


class LoadSerializer(serializers.Serializer):
    agent_id = serializers.UUIDField()
    name = serializers.CharField()
    open_load = serializers.IntegerField()
    capacity = serializers.IntegerField()
    weight = serializers.FloatField()
    score = serializers.FloatField(help_text="Open load by weight: the lowest is next.")
    today = serializers.IntegerField()
    this_week = serializers.IntegerField()


class WorkloadSerializer(serializers.Serializer):
    items = LoadSerializer(many=True)
    spread = serializers.FloatField(help_text="How far the fullest is ahead of the emptiest.")
    waiting = serializers.IntegerField(help_text="Tours ahead without an agent.")


class InteractionSerializer(serializers.ModelSerializer):
    class Meta:
        model = AgentInteraction
        fields = ("id", "kind", "response_time_seconds", "user_satisfaction", "created_at")
