"""The routes of viewings."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ghar import flags
from ghar.api import limits
from ghar.api.features import require_feature
from ghar.api.negotiation import AnyAccept
from ghar.api.permissions import IsCaller
from ghar.api.routers import Router
from ghar.api.schema import PAGE
from ghar.api.viewsets import WRITES, ViewSet
from ghar.lib.ids import UUID_PATTERN
from ghar.properties.models import Property
from moderation.serializers import DisputeInput
from viewings.models import AssistantConversation, ViewingRequest, ViewingTimeOption
from viewings.serializers import (
    AssistantInput,
    AssistantSerializer,
    MeetingPointInput,
    MessageInput,
    OptionalOptionInput,
    OptionInput,
    RequestInput,
    SentSerializer,
    TimesInput,
    ViewingCancelInput,
    ViewingCompleteInput,
    ViewingEventSerializer,
    ViewingFilters,
    ViewingSerializer,
    proposed_times,
)
from viewings.services import closing, conversations, messages, reliability, requests, scheduling
from viewings.services.calendar_file import calendar_file
from viewings.states import SEEKER


def step(body: Any) -> Callable[..., Any]:
    """A verb: POST to its name, answered with the whole request."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(request=body, responses=ViewingSerializer)
        # In this order: `action` forgets what came before it.
        return described(action(detail=True, methods=["post"])(handler))

    return decorate


@extend_schema_view(
    list=extend_schema(parameters=[ViewingFilters, *PAGE]),
    create=extend_schema(request=RequestInput, responses={201: ViewingSerializer}),
    events=extend_schema(parameters=PAGE, responses=ViewingEventSerializer(many=True)),
)
class ViewingViewSet(ViewSet):
    """Viewings of the caller, as seeker (account or session) and as poster; admins see all."""

    queryset = ViewingRequest.objects.all()
    serializer_class = ViewingSerializer
    permission_classes = [IsCaller]
    acts_as_caller = True
    lookup_value_regex = UUID_PATTERN

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in WRITES:
            require_feature(flags.VIEWINGS)

    def list(self, request: Request) -> Response:
        filters = self.read_query(ViewingFilters)
        found = ViewingRequest.objects.visible_to(self.caller)
        if role := filters.get("role"):
            wanted = ViewingRequest.objects
            found = (wanted.sought_by if role == SEEKER else wanted.hosted_by)(self.caller)
        if status := filters.get("status"):
            found = found.filter(status=status)
        return self.page(found.for_detail(), ViewingSerializer)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer_with(pk)

    def create(self, request: Request) -> Response:
        limits.hit("viewing_requests", limits.address_of(request))
        body = self.read(RequestInput)
        listing = self.get_one(Property.objects.select_related("owner"), body["property_id"])
        viewing = requests.create_request(
            listing=listing,
            by=self.caller,
            notes=body["notes"],
            contact=body["contact"],
            times=proposed_times(body["time_options"], listing),
        )
        return self._answer_with(viewing.pk, status=201)

    @extend_schema(request=AssistantInput, responses=AssistantSerializer)
    @action(detail=False, methods=["post"])
    def assistant(self, request: Request) -> Response:
        """Ask for a viewing in one's own words. Nothing is sent before the seeker has agreed to it;
        what the assistant does is what the other routes do, and refused as there.
        """
        limits.hit("messages", self.caller.event_channel)
        body = self.read(AssistantInput)
        conversation = self._conversation(body["conversation_id"], body["property_id"])
        reply = conversations.say(conversation=conversation, text=body["text"], by=self.caller)
        return Response(
            {
                "conversation_id": conversation.pk,
                "reply": reply.text,
                "suggestions": reply.suggestions,
                "viewing_request_id": reply.viewing_id,
                "state": reply.state,
            }
        )

    @action(detail=True)
    def events(self, request: Request, pk: str) -> Response:
        events = self._one(pk).events.shown_to(self.caller)
        return self.page(events, ViewingEventSerializer, order=("id",))

    @step(TimesInput)
    def offer(self, request: Request, pk: str) -> Response:
        return self._propose(scheduling.offer_times, pk)

    @step(TimesInput)
    def reschedule(self, request: Request, pk: str) -> Response:
        return self._propose(scheduling.reschedule_viewing, pk)

    @step(OptionInput)
    def select(self, request: Request, pk: str) -> Response:
        viewing, body = self._one(pk), self.read(OptionInput)
        option = self._option(viewing, body["time_option_id"])
        scheduling.select_time(viewing=viewing, option=option, by=self.caller)
        return self._answer_with(pk)

    @step(OptionalOptionInput)
    def confirm(self, request: Request, pk: str) -> Response:
        viewing, body = self._one(pk), self.read(OptionalOptionInput)
        wanted = body["time_option_id"]
        option = self._option(viewing, wanted) if wanted else None
        scheduling.confirm_viewing(viewing=viewing, option=option, by=self.caller)
        return self._answer_with(pk)

    @step(ViewingCancelInput)
    def cancel(self, request: Request, pk: str) -> Response:
        viewing, body = self._one(pk), self.read(ViewingCancelInput)
        closing.cancel_viewing(viewing=viewing, by=self.caller, **body)
        return self._answer_with(pk)

    @step(ViewingCompleteInput)
    def complete(self, request: Request, pk: str) -> Response:
        viewing, body = self._one(pk), self.read(ViewingCompleteInput)
        closing.complete_viewing(viewing=viewing, by=self.caller, **body)
        return self._answer_with(pk)

    @extend_schema(request=MeetingPointInput, responses=ViewingSerializer)
    @action(detail=True, methods=["post"], url_path="meeting-point")
    def meeting_point(self, request: Request, pk: str) -> Response:
        viewing, body = self._one(pk), self.read(MeetingPointInput)
        messages.give_meeting_point(viewing=viewing, by=self.caller, **body)
        return self._answer_with(pk)

    @extend_schema(request=MessageInput, responses=SentSerializer)
    @action(detail=True, methods=["post"])
    def notify(self, request: Request, pk: str) -> Response:
        viewing, body = self._one(pk), self.read(MessageInput)
        limits.hit("messages", self.caller.event_channel)
        return Response(
            {"sent": messages.notify_other_side(viewing=viewing, by=self.caller, **body)}
        )

    @step(DisputeInput)
    def dispute(self, request: Request, pk: str) -> Response:
        """Object within a week to what is held against the caller; or else say that the other side
        did not come, from a quarter past the start and for a week. NOT_DISPUTABLE if neither is open.
        """
        viewing, body = self._one(pk), self.read(DisputeInput)
        reliability.dispute_outcome(viewing=viewing, by=self.caller, **body)
        return self._answer_with(pk)

    @extend_schema(responses={(200, "text/calendar"): OpenApiTypes.STR})
    @action(detail=True, url_path=r"calendar\.ics", content_negotiation_class=AnyAccept)
    def calendar(self, request: Request, pk: str) -> HttpResponse:
        viewing = self.get_one(ViewingRequest.objects.visible_to(self.caller).for_detail(), pk)
        return HttpResponse(calendar_file(viewing, by=self.caller), content_type="text/calendar")

    def _propose(self, verb: Callable[..., ViewingRequest], pk: str) -> Response:
        viewing, body = self._one(pk), self.read(TimesInput)
        times = proposed_times(body["time_options"], viewing.listing)
        verb(viewing=viewing, times=times, by=self.caller)
        return self._answer_with(pk)

    def _one(self, pk: str) -> ViewingRequest:
        mine = ViewingRequest.objects.visible_to(self.caller)
        return self.get_one(mine.select_related("listing"), pk)

    def _conversation(self, pk: Any, property_id: Any) -> AssistantConversation:
        """The one that goes on, or a new one; each is about one place."""
        listings = Property.objects.select_related("owner")
        listing = self.get_one(listings, property_id) if property_id else None
        if pk is None:
            limits.hit("viewing_requests", limits.address_of(self.request))
            return conversations.begin(by=self.caller, listing=listing)
        conversation = self.get_one(AssistantConversation.objects.visible_to(self.caller), pk)
        if listing is not None:
            conversations.turn_to(conversation=conversation, listing=listing, by=self.caller)
        return conversation

    def _option(self, viewing: ViewingRequest, pk: Any) -> ViewingTimeOption:
        return self.get_one(viewing.options.all(), pk)

    def _answer_with(self, pk: Any, status: int = 200) -> Response:
        mine = ViewingRequest.objects.visible_to(self.caller).for_detail()
        viewing = self.get_one(mine, pk)
        answer = ViewingSerializer(viewing, context=self.get_serializer_context()).data
        return Response(answer, status=status)


router = Router()
router.register("viewings", ViewingViewSet, basename="viewing")
