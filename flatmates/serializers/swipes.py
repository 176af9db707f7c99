"""What the API reads and answers about the deck, swipes, likes, matches and tags."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from flatmates.models import Match, Profile, Swipe
from flatmates.rules.tags import LONGEST, is_disputed
from flatmates.search import Emptiness
from flatmates.serializers.chats import (
    ContextPropertySerializer,
    PeerNameSerializer,
    context_property,
    peer_name,
)
from flatmates.serializers.people import PeerSerializer, peer_card
from flatmates.services.swipes import Swiped
from flatmates.states import DealBreaker, MatchStatus, MoveIn, SwipeAction, SwipeTarget, Vote
from ghar.accounts.models import User
from ghar.api.serializers import StrictSerializer
from ghar.properties.models import Property
from ghar.properties.serializers import Degrees, Words
from ghar.properties.states import Currency, GenderPreference

MOST_MONEY = 10**9


# --- Bodies and queries -----------------------------------------------------------------------------
class DeckFilters(serializers.Serializer):
    """The query of the deck. Budgets are major units a month, of the reader's own currency."""

    city = serializers.CharField(required=False, allow_blank=True, max_length=80)
    budget_min = serializers.IntegerField(required=False, min_value=0, max_value=MOST_MONEY)
    budget_max = serializers.IntegerField(required=False, min_value=0, max_value=MOST_MONEY)
    currency = serializers.ChoiceField(Currency.choices, required=False, allow_blank=True)
    move_in = serializers.ChoiceField(MoveIn.choices, required=False, allow_blank=True)
    age_min = serializers.IntegerField(required=False, min_value=18, max_value=100)
    age_max = serializers.IntegerField(required=False, min_value=18, max_value=100)
    gender_preference = serializers.ChoiceField(
        GenderPreference.choices, required=False, allow_blank=True
    )
    lat = Degrees(90)
    lng = Degrees(180)
    radius_km = serializers.FloatField(required=False, min_value=0.1, max_value=200)
    non_negotiables = Words(choices=DealBreaker.values)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("lat" in attrs) != ("lng" in attrs):
            raise serializers.ValidationError({"lat": _("lat and lng belong together.")})
        if "radius_km" in attrs and "lat" not in attrs:
            raise serializers.ValidationError({"lat": _("A distance needs lat and lng.")})
        return attrs


class SwipeInput(StrictSerializer):
    """Of a person (`target_user_id`) or of a listing (`property_id`)."""

    target_type = serializers.ChoiceField(SwipeTarget.choices)
    action = serializers.ChoiceField(SwipeAction.choices)
    target_user_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    property_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    context_property_id = serializers.UUIDField(required=False, allow_null=True, default=None)

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        of_person = body["target_type"] == SwipeTarget.USER
        wanted, other = ("target_user_id", "property_id")[:: 1 if of_person else -1]
        if body[wanted] is None:
            raise serializers.ValidationError({wanted: [_("Whom or what do you mean?")]})
        if body[other] is not None:
            raise serializers.ValidationError({other: [_("This belongs to another target.")]})
        return body


class TagVoteInput(StrictSerializer):
    # Longer than a tag may be: separators at its ends go.
    tag = serializers.CharField(max_length=2 * LONGEST)
    vote = serializers.ChoiceField(Vote.choices)


# --- Answers ----------------------------------------------------------------------------------------
class DeckSerializer(PeerSerializer):
    """Who is on the deck. An empty list says why beside its items: `empty_reason` nobody_here,
    filtered (`hidden_by_filters` people) or seen_everyone.
    """


class SwipedSerializer(serializers.Serializer):
    stored = serializers.BooleanField(help_text="False where it had been said before.")
    did_match = serializers.BooleanField()
    match_id = serializers.UUIDField(allow_null=True)
    conversation_id = serializers.UUIDField(allow_null=True)


class UndoneSerializer(serializers.Serializer):
    target_type = serializers.ChoiceField(SwipeTarget.choices)
    action = serializers.ChoiceField(SwipeAction.choices)
    target_user_id = serializers.UUIDField(allow_null=True)
    property_id = serializers.UUIDField(allow_null=True)


class LikeSerializer(serializers.Serializer):
    """Somebody who likes the caller. Beside the items stand the caller's `listings` that people
    like: [{property_id, title, likes}].
    """

    id = serializers.UUIDField()
    action = serializers.ChoiceField(SwipeAction.choices)
    peer = PeerSerializer()
    liked_at = serializers.DateTimeField()


class OutgoingLikeSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    target_type = serializers.ChoiceField(SwipeTarget.choices)
    action = serializers.ChoiceField(SwipeAction.choices)
    peer = PeerNameSerializer(allow_null=True)
    property = ContextPropertySerializer(allow_null=True)
    liked_at = serializers.DateTimeField()


class MatchSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(MatchStatus.choices)
    peer = PeerNameSerializer()
    context_property = ContextPropertySerializer(allow_null=True)
    conversation_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()


class TagSerializer(serializers.Serializer):
    tag = serializers.CharField()
    current_vote = serializers.ChoiceField(Vote.choices, allow_null=True)
    upvotes = serializers.IntegerField()
    downvotes = serializers.IntegerField()
    disputed = serializers.BooleanField(help_text="Three neighbours say that it is not so.")


def empty_answer(why: Emptiness) -> dict[str, Any]:
    answer: dict[str, Any] = {"empty_reason": why.reason}
    return answer | {"hidden_by_filters": why.hidden} if why.hidden else answer


def swiped_answer(swiped: Swiped) -> dict[str, Any]:
    return {
        "stored": swiped.stored,
        "did_match": swiped.did_match,
        "match_id": swiped.match.pk if swiped.match else None,
        "conversation_id": swiped.conversation.pk if swiped.conversation else None,
    }


def undone_answer(swipe: Swipe) -> dict[str, Any]:
    return {
        "target_type": _target_type(swipe),
        "action": swipe.action,
        "target_user_id": swipe.target_user_id,
        "property_id": swipe.listing_id,
    }


def like_answer(like: Swipe, me: Profile) -> dict[str, Any]:
    return {
        "id": like.pk,
        "action": like.action,
        "peer": peer_card(like.user.profile, viewer_profile=me),
        "liked_at": like.swiped_at,
    }


def outgoing_answers(likes: list[Swipe]) -> list[dict[str, Any]]:
    return [
        {
            "id": like.pk,
            "target_type": _target_type(like),
            "action": like.action,
            "peer": peer_name(like.target_user) if like.target_user else None,
            "property": context_property(like.listing),
            "liked_at": like.swiped_at,
        }
        for like in likes
    ]


def match_answer(match: Match, reader: User) -> dict[str, Any]:
    return {
        "id": match.pk,
        "status": match.status,
        "peer": peer_name(match.peer_of(reader)),
        "context_property": context_property(match.context_listing),
        "conversation_id": match.conversation_id,
        "created_at": match.matched_at,
    }


def interest_answers(listings: list[Property]) -> list[dict[str, Any]]:
    return [
        {"property_id": row.pk, "title": row.title, "likes": getattr(row, "likes", 0)}
        for row in listings
    ]


def tag_answer(row: dict[str, Any]) -> dict[str, Any]:
    votes = {True: Vote.UP.value, False: Vote.DOWN.value}
    return {
        "tag": row["tag"],
        "current_vote": votes.get(row["mine"]),
        "upvotes": row["upvotes"],
        "downvotes": row["downvotes"],
        "disputed": is_disputed(row["downvotes"]),
    }


def _target_type(swipe: Swipe) -> str:
    return (SwipeTarget.USER if swipe.target_user_id else SwipeTarget.PROPERTY).value
