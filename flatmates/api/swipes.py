"""The routes of the deck, swipes, likes, matches and tags of societies."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from flatmates.models import Match, Profile, SocietyTagVote, Swipe
from flatmates.search import (
    LATEST_FIRST,
    ORDER,
    deck_of,
    interest_in_listings,
    likes_received,
    likes_sent,
    why_empty,
)
from flatmates.serializers.people import peer_card
from flatmates.serializers.swipes import (
    DeckFilters,
    DeckSerializer,
    LikeSerializer,
    MatchSerializer,
    OutgoingLikeSerializer,
    SwipedSerializer,
    SwipeInput,
    TagSerializer,
    TagVoteInput,
    UndoneSerializer,
    empty_answer,
    interest_answers,
    like_answer,
    match_answer,
    outgoing_answers,
    swiped_answer,
    tag_answer,
    undone_answer,
)
from flatmates.services import matches, swipes, tags
from flatmates.services.profiles import profile_or_blank
from flatmates.states import SwipeTarget
from ghar.accounts.models import User
from ghar.api import limits
from ghar.api.permissions import Anybody, IsSignedIn
from ghar.api.routers import Router
from ghar.api.schema import PAGE
from ghar.api.viewsets import ViewSet
from ghar.lib.ids import UUID_PATTERN
from ghar.properties.models import Property


@extend_schema_view(list=extend_schema(parameters=[DeckFilters, *PAGE]))
class DeckViewSet(ViewSet):
    """Whom the caller may still swipe, the last active first."""

    queryset = Profile.objects.none()
    serializer_class = DeckSerializer
    permission_classes = [IsSignedIn]

    def list(self, request: Request) -> Response:
        me, filters = profile_or_blank(self.caller), self.read_query(DeckFilters)
        deck = deck_of(me, filters).for_cards()
        response = self.page(
            deck, lambda rows: [peer_card(row, viewer_profile=me) for row in rows], order=ORDER
        )
        if not response.data["items"]:
            response.data |= empty_answer(why_empty(me))
        return response


class SwipeViewSet(ViewSet):
    queryset = Swipe.objects.none()
    serializer_class = SwipedSerializer
    permission_classes = [IsSignedIn]

    @extend_schema(request=SwipeInput, responses=SwipedSerializer)
    def create(self, request: Request) -> Response:
        body = self.read(SwipeInput)
        if body["target_type"] == SwipeTarget.PROPERTY:
            listing = self.get_one(Property.objects.all(), body["property_id"])
            swiped = swipes.swipe_listing(by=self.caller, listing=listing, action=body["action"])
        else:
            swiped = swipes.swipe_person(
                by=self.caller,
                target=self.get_one(User.objects.all(), body["target_user_id"]),
                action=body["action"],
                context_listing=self._context(body["context_property_id"]),
            )
        return Response(swiped_answer(swiped))

    @extend_schema(request=None, responses=UndoneSerializer)
    @action(detail=False, methods=["post"])
    def undo(self, request: Request) -> Response:
        self.read_nothing()
        limits.hit("undos", str(self.caller.pk))
        return Response(undone_answer(swipes.undo_swipe(by=self.caller)))

    def _context(self, pk: Any) -> Property | None:
        return self.get_one(Property.objects.live(), pk) if pk else None


@extend_schema_view(list=extend_schema(parameters=PAGE))
class LikeViewSet(ViewSet):
    """Who likes the caller and waits for an answer."""

    queryset = Swipe.objects.none()
    serializer_class = LikeSerializer
    permission_classes = [IsSignedIn]

    def list(self, request: Request) -> Response:
        me = profile_or_blank(self.caller)
        likes = likes_received(self.caller)
        response = self.page(
            likes, lambda rows: [like_answer(row, me) for row in rows], order=LATEST_FIRST
        )
        response.data["listings"] = interest_answers(list(interest_in_listings(self.caller)[:100]))
        return response


@extend_schema_view(list=extend_schema(parameters=PAGE))
class OutgoingLikeViewSet(ViewSet):
    """Whom and what the caller likes, without those who like back."""

    queryset = Swipe.objects.none()
    serializer_class = OutgoingLikeSerializer
    permission_classes = [IsSignedIn]

    def list(self, request: Request) -> Response:
        return self.page(likes_sent(self.caller), outgoing_answers, order=LATEST_FIRST)


@extend_schema_view(list=extend_schema(parameters=PAGE))
class MatchViewSet(ViewSet):
    queryset = Match.objects.none()
    serializer_class = MatchSerializer
    permission_classes = [IsSignedIn]
    lookup_value_regex = UUID_PATTERN

    def list(self, request: Request) -> Response:
        mine = Match.objects.visible_to(self.caller).active().for_list()
        return self.page(
            mine,
            lambda rows: [match_answer(row, self.caller) for row in rows],
            order=("-matched_at", "-id"),
        )

    @extend_schema(request=None, responses=MatchSerializer)
    @action(detail=True, methods=["put"])
    def unmatch(self, request: Request, pk: str) -> Response:
        mine = Match.objects.visible_to(self.caller)
        match = self.get_one(mine, pk)
        self.read_nothing()
        matches.unmatch(match=match, by=self.caller)
        return Response(match_answer(self.get_one(mine.for_list(), pk), self.caller))


@extend_schema_view(society_tags=extend_schema(parameters=PAGE))
class SocietyTagViewSet(ViewSet):
    """What neighbours say about where a live listing is."""

    queryset = SocietyTagVote.objects.none()
    serializer_class = TagSerializer
    lookup_value_regex = UUID_PATTERN

    def get_permissions(self) -> list[BasePermission]:
        return [Anybody() if self.action == "society_tags" else IsSignedIn()]

    @extend_schema(responses=TagSerializer(many=True))
    @action(detail=True, url_path="society-tags")
    def society_tags(self, request: Request, pk: str) -> Response:
        listing = self.get_one(Property.objects.live(), pk)
        reader = self.caller if isinstance(self.caller, User) else None
        found = tags.tags_of(listing, reader=reader)
        return self.page(found, lambda rows: [tag_answer(row) for row in rows], order=("tag",))

    @extend_schema(request=TagVoteInput, responses=TagSerializer)
    @action(detail=True, methods=["post"], url_path="society-tags/votes")
    def votes(self, request: Request, pk: str) -> Response:
        listing = self.get_one(Property.objects.live(), pk)
        body = self.read(TagVoteInput)
        limits.hit("tag_votes", str(self.caller.pk))
        row = tags.vote_tag(by=self.caller, listing=listing, tag=body["tag"], vote=body["vote"])
        return Response(tag_answer(row))


router = Router()
router.register("flatmates/profiles", DeckViewSet, basename="flatmates-deck")
router.register("flatmates/swipes", SwipeViewSet, basename="flatmates-swipe")
router.register("flatmates/likes", LikeViewSet, basename="flatmates-like")
router.register("flatmates/outgoing-likes", OutgoingLikeViewSet, basename="flatmates-outgoing-like")
router.register("flatmates/matches", MatchViewSet, basename="flatmates-match")
router.register("flatmates/listings", SocietyTagViewSet, basename="flatmates-listing")
