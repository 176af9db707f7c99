"""The routes of visits."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ghar.api.negotiation import AnyAccept
from ghar.api.permissions import IsSignedIn
from ghar.api.routers import Router
from ghar.api.schema import PAGE
from ghar.api.viewsets import ViewSet
from ghar.lib import clock
from ghar.lib.ids import UUID_PATTERN
from ghar.properties.models import Property
from visits.models import Agent, Visit, VisitQuerySet
from visits.models.visits import NEWEST_FIRST, NEXT_FIRST
from visits.policies.steps import undo_since
from visits.serializers import (
    AssignInput,
    CancelInput,
    CompleteInput,
    FlatmateVisitInput,
    RescheduleInput,
    VisitChanges,
    VisitEventSerializer,
    VisitFilters,
    VisitInput,
    VisitSerializer,
)
from visits.services import assigning, booking, closing, scheduling
from visits.services.calendar_file import calendar_file
from visits.services.people import people_named
from visits.states import AssignmentTrigger, VisitStatus


def listing(**routing: Any) -> Callable[..., Any]:
    """A list of visits beside the main one."""

    def decorate(handler: Callable[..., Any]) -> Any:
        # The description comes last: `action` forgets what came before it.
        described = extend_schema(
            parameters=[VisitFilters, *PAGE], responses=VisitSerializer(many=True)
        )
        return described(action(detail=False, **routing)(handler))

    return decorate


def step(body: Any) -> Callable[..., Any]:
    """A verb: POST to its name, answered with the whole visit."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(request=body, responses=VisitSerializer)
        return described(action(detail=True, methods=["post"])(handler))

    return decorate


class VisitAnswers(ViewSet):
    """What the routes of one visit share."""

    queryset = Visit.objects.all()
    serializer_class = VisitSerializer
    permission_classes = [IsSignedIn]
    lookup_value_regex = UUID_PATTERN

    def _one(self, pk: str) -> Visit:
        return self.get_one(Visit.objects.visible_to(self.caller).for_detail(), pk)

    def _take(self, verb: Callable[..., Visit], visit: Visit, **facts: Any) -> Response:
        verb(visit=visit, by=self.caller, **facts)
        return self._answer_once(visit.pk)

    def _answer_with(self, pk: Any, status: int = 200) -> Response:
        return self._answer_about(Visit.objects.visible_to(self.caller), pk, status)

    def _answer_once(self, pk: Any) -> Response:
        """An agent who has given the visit away, or proposed a time at which they cannot come, has no
        part in it any more, and sees it this once.
        """
        return self._answer_about(Visit.objects.all(), pk)

    def _answer_about(self, visits: VisitQuerySet, pk: Any, status: int = 200) -> Response:
        visit = self.get_one(visits.for_list(undo_since(clock.now())), pk)
        answer = VisitSerializer(visit, context=self.get_serializer_context())
        return Response(answer.data, status=status)


@extend_schema_view(
    list=extend_schema(parameters=[VisitFilters, *PAGE]),
    create=extend_schema(request=VisitInput, responses={201: VisitSerializer}),
    partial_update=extend_schema(request=VisitChanges, responses=VisitSerializer),
    events=extend_schema(parameters=PAGE, responses=VisitEventSerializer(many=True)),
)
class VisitViewSet(VisitAnswers):
    """Tours and meetings of the caller: as visitor, counterparty, host or agent."""

    def list(self, request: Request) -> Response:
        return self._page(Visit.objects.of(self.caller))

    @listing()
    def upcoming(self, request: Request) -> Response:
        found = Visit.objects.of(self.caller).upcoming(clock.now())
        return self._page(found, order=NEXT_FIRST)

    @listing()
    def past(self, request: Request) -> Response:
        return self._page(Visit.objects.of(self.caller).past(clock.now()))

    @listing(url_path="all")
    def every(self, request: Request) -> Response:
        """Admins see everything, agents what is theirs to show."""
        everything = Visit.objects.all()
        is_admin = self.caller.is_admin
        return self._page(everything if is_admin else everything.shown_by(self.caller))

    def create(self, request: Request) -> Response:
        body = self.read(VisitInput)
        visit = booking.schedule_visit(
            by=self.caller,
            listing=self.get_one(Property.objects.select_related("owner"), body["property_id"]),
            scheduled_date=body["scheduled_date"],
            visit_context=body["visit_context"],
            special_requirements=body["special_requirements"],
            **people_named(body, by=self.caller),
        )
        return self._answer_with(visit.pk, status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer_with(pk)

    def partial_update(self, request: Request, pk: str) -> Response:
        visit = self._one(pk)
        scheduling.edit_visit(visit=visit, changes=self.read(VisitChanges), by=self.caller)
        return self._answer_with(pk)

    @step(None)
    def confirm(self, request: Request, pk: str) -> Response:
        self.read_nothing()
        return self._take(scheduling.confirm_visit, self._one(pk))

    @step(RescheduleInput)
    def reschedule(self, request: Request, pk: str) -> Response:
        visit = self._one(pk)
        return self._take(scheduling.reschedule_visit, visit, **self.read(RescheduleInput))

    @step(None)
    def withdraw(self, request: Request, pk: str) -> Response:
        self.read_nothing()
        return self._take(scheduling.withdraw_reschedule, self._one(pk))

    @step(CancelInput)
    def cancel(self, request: Request, pk: str) -> Response:
        visit = self._one(pk)
        return self._take(closing.cancel_visit, visit, **self.read(CancelInput))

    @step(CompleteInput)
    def complete(self, request: Request, pk: str) -> Response:
        visit = self._one(pk)
        return self._take(closing.complete_visit, visit, **self.read(CompleteInput))

    @step(None)
    def undo(self, request: Request, pk: str) -> Response:
        self.read_nothing()
        return self._take(closing.undo_step, self._one(pk))

    @step(AssignInput)
    def assign(self, request: Request, pk: str) -> Response:
        """Without an id: somebody is found. An agent hands their own visit over so."""
        visit, wanted = self._one(pk), self.read(AssignInput)["agent_id"]
        listed = Agent.objects.listed_for(self.caller)
        agent = self.get_one(listed, wanted) if wanted else None
        trigger = AssignmentTrigger.ADMIN
        return self._take(assigning.assign_agent, visit, agent=agent, trigger=trigger)

    @action(detail=True)
    def events(self, request: Request, pk: str) -> Response:
        events = self._one(pk).events.shown_to(self.caller)
        return self.page(events, VisitEventSerializer, order=("number",))

    @extend_schema(responses={(200, "text/calendar"): OpenApiTypes.STR})
    @action(detail=True, url_path=r"calendar\.ics", content_negotiation_class=AnyAccept)
    def calendar(self, request: Request, pk: str) -> HttpResponse:
        file = calendar_file(self._one(pk), by=self.caller)
        return HttpResponse(file, content_type="text/calendar")

    def _page(self, visits: VisitQuerySet, order: tuple[str, ...] = NEWEST_FIRST) -> Response:
        if status := self.read_query(VisitFilters).get("status"):
            visits = visits.filter(status=status)
        return self.page(visits.for_list(undo_since(clock.now())), VisitSerializer, order=order)


class FlatmateVisitViewSet(VisitAnswers):
    """The same steps under the name that the flatmates' app knows."""

    lookup_url_kwarg = "pk"

    @extend_schema(
        operation_id="flatmates_visits_update",
        request=FlatmateVisitInput,
        responses=VisitSerializer,
    )
    def update(self, request: Request, pk: str) -> Response:
        visit, body = self._one(pk), self.read(FlatmateVisitInput)
        if new_date := body.get("scheduled_date"):
            scheduling.reschedule_visit(
                visit=visit, new_date=new_date, by=self.caller, field="scheduled_date"
            )
        elif status := body.get("status"):
            STEP_TO[status](visit=visit, by=self.caller)
        return self._answer_once(pk)


STEP_TO: dict[str, Callable[..., Visit]] = {
    VisitStatus.CONFIRMED: scheduling.confirm_visit,
    VisitStatus.SCHEDULED: scheduling.withdraw_reschedule,
    VisitStatus.CANCELLED: closing.cancel_visit,
    VisitStatus.COMPLETED: closing.complete_visit,
}

router = Router()
router.register("visits", VisitViewSet, basename="visit")
router.register("flatmates/visits", FlatmateVisitViewSet, basename="flatmate-visit")
