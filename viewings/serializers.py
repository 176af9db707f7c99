"""What the API reads and answers about viewings."""

from typing import Any

from rest_framework import serializers

from ghar.api.serializers import AwareDateTimeField, StrictSerializer
from ghar.calendar.states import say_reason
from ghar.lib import clock
from ghar.lib.actors import Actor
from ghar.notifications.models import Channel
from ghar.properties.models import Property
from viewings.models import ViewingEvent, ViewingRequest, ViewingTimeOption
from viewings.policies.address import is_verified, visible_place
from viewings.policies.booking import ProposedTime
from viewings.policies.steps import allowed_actions
from viewings.states import (
    ConversationState,
    EventType,
    OptionStatus,
    Outcome,
    Source,
    ViewingStatus,
)


# --- Bodies -----------------------------------------------------------------------------------------
class ProposedTimeInput(StrictSerializer):
    start_at = AwareDateTimeField(help_text="30 minutes to 180 days ahead.")
    end_at = AwareDateTimeField(help_text="At most three hours after start_at.")
    timezone = serializers.CharField(
        max_length=64, required=False, help_text="IANA name; the place's unless said."
    )


class TimesInput(StrictSerializer):
    # How many, the policy says: it has a code of its own.
    time_options = ProposedTimeInput(many=True)


class RequestInput(StrictSerializer):
    property_id = serializers.UUIDField()
    notes = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    contact = serializers.CharField(
        max_length=254,
        required=False,
        default="",
        help_text="One e-mail address or E.164 number; for a seeker session, an account has its own.",
    )
    time_options = ProposedTimeInput(many=True, required=False, default=list)


class OptionInput(StrictSerializer):
    time_option_id = serializers.UUIDField()


class OptionalOptionInput(StrictSerializer):
    time_option_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class ViewingCancelInput(StrictSerializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ViewingCompleteInput(StrictSerializer):
    outcome = serializers.ChoiceField(
        Outcome.choices,
        required=False,
        help_text="Without one it took place, or was called off if it has not begun.",
    )


class MessageInput(StrictSerializer):
    to = serializers.ChoiceField([Source.SEEKER.value, Source.POSTER.value])
    channel = serializers.ChoiceField(Channel.choices)
    message = serializers.CharField(max_length=500)


class MeetingPointInput(StrictSerializer):
    meeting_point = serializers.CharField(max_length=250, allow_blank=True)


class AssistantInput(StrictSerializer):
    conversation_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Of an earlier answer; else a new one.",
    )
    channel = serializers.ChoiceField(["webchat"])
    text = serializers.CharField(max_length=1000, help_text="As the seeker wrote it.")
    property_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The place that it is about."
    )


class ViewingFilters(serializers.Serializer):
    role = serializers.ChoiceField([Source.SEEKER.value, Source.POSTER.value], required=False)
    status = serializers.ChoiceField(ViewingStatus.choices, required=False)


def proposed_times(rows: list[dict[str, Any]], listing: Property) -> list[ProposedTime]:
    """The times of a body; without a zone of their own they are in the place's."""
    zone = listing.timezone or "UTC"
    return [ProposedTime(r["start_at"], r["end_at"], r.get("timezone", zone)) for r in rows]


# --- Answers ----------------------------------------------------------------------------------------
class ViewedPropertySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    url = serializers.CharField()
    cover_url = serializers.CharField(allow_null=True)
    timezone = serializers.CharField()


class PosterSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    full_name = serializers.CharField()


class SeekerSerializer(serializers.Serializer):
    full_name = serializers.CharField()
    contact_verified = serializers.BooleanField()


class TimeOptionSerializer(serializers.ModelSerializer):
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    status = serializers.ChoiceField(OptionStatus.choices)

    class Meta:
        model = ViewingTimeOption
        fields = (
            *("id", "start_at", "end_at", "timezone", "source", "status", "round", "created_at"),
        )


class ViewingSerializer(serializers.ModelSerializer):
    """A request as one of its parties reads it. The fields describe what `viewing_answer` writes."""

    property = ViewedPropertySerializer()
    poster = PosterSerializer()
    seeker = SeekerSerializer()
    status = serializers.ChoiceField(ViewingStatus.choices)
    selected_option_id = serializers.UUIDField(allow_null=True)
    time_options = TimeOptionSerializer(many=True)
    flagged = serializers.BooleanField()
    meeting_place = serializers.CharField(
        help_text="Where to meet; empty until it is agreed and the reader may know."
    )
    allowed_actions = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ViewingRequest
        fields = (
            *("id", "property", "poster", "seeker", "status", "notes", "selected_option_id"),
            *("time_options", "round", "flagged", "meeting_place", "cancellation_reason"),
            *("outcome", "allowed_actions", "created_at", "updated_at"),
        )

    def to_representation(self, instance: ViewingRequest) -> dict[str, Any]:
        return viewing_answer(instance, by=self.context["view"].caller)


class ViewingEventSerializer(serializers.ModelSerializer):
    event_type = serializers.ChoiceField(EventType.choices)
    payload = serializers.SerializerMethodField()

    class Meta:
        model = ViewingEvent
        fields = ("id", "event_type", "actor", "payload", "created_at")

    def get_payload(self, event: ViewingEvent) -> dict[str, Any]:
        """Without the ways on which somebody is reminded: they are no concern of the other side."""
        told = {name: value for name, value in event.payload.items() if name != "channels"}
        if reason := told.get("reason"):
            told["reason"] = str(say_reason(reason))
        return told


class AssistantSerializer(serializers.Serializer):
    conversation_id = serializers.UUIDField()
    reply = serializers.CharField(help_text="In the reader's language; lines are parted by \\n.")
    suggestions = serializers.ListField(
        child=serializers.CharField(), help_text="Answers to tap: each is understood as a text."
    )
    viewing_request_id = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(ConversationState.choices)


class SentSerializer(serializers.Serializer):
    sent = serializers.BooleanField()


def viewing_answer(viewing: ViewingRequest, *, by: Actor) -> dict[str, Any]:
    own = ("id", "status", "notes", "selected_option_id", "round", "outcome")
    now, seeker = clock.now(), viewing.seeking_principal
    return {
        **{name: getattr(viewing, name) for name in own},
        "property": _property(viewing.listing),
        "poster": {"id": viewing.poster_id, "full_name": viewing.poster.public_name},
        "seeker": {"full_name": seeker.public_name, "contact_verified": is_verified(seeker)},
        "time_options": [_option(option) for option in viewing.options.all()],
        "flagged": viewing.is_flagged,
        "cancellation_reason": str(viewing.shown_reason),
        "meeting_place": visible_place(viewing, viewing.side_of(by), now),
        "allowed_actions": allowed_actions(viewing, by, now),
        "created_at": viewing.created_at,
        "updated_at": viewing.updated_at,
    }


def _property(listing: Property) -> dict[str, Any]:
    return {
        "id": listing.pk,
        "title": listing.title,
        "url": listing.get_absolute_url(),
        "cover_url": listing.cover_url,
        "timezone": listing.timezone,
    }


def _option(option: ViewingTimeOption) -> dict[str, Any]:
    return {name: getattr(option, name) for name in TimeOptionSerializer.Meta.fields}
