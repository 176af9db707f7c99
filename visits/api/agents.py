"""The routes of agents: a directory for everybody, and their work for the team and themselves."""

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ghar.accounts.models import User
from ghar.api.permissions import IsAdmin, IsSignedIn
from ghar.api.routers import Router
from ghar.api.schema import PAGE
from ghar.api.viewsets import ViewSet
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.lib.ids import UUID_PATTERN
from visits.models import Agent, AgentQuerySet, Visit
from visits.models.visits import NEWEST_FIRST
from visits.policies.agents import check_can_log, check_is_team_or_self
from visits.policies.steps import undo_since
from visits.serializers import (
    AgentChanges,
    AgentInput,
    AgentSerializer,
    AgentStatsSerializer,
    AvailabilityInput,
    InteractionInput,
    InteractionSerializer,
    OwnAgentSerializer,
    VisitFilters,
    VisitSerializer,
    WorkloadSerializer,
    agent_answers,
)
from visits.services import agents, board

BY_NAME = ("name", "id")


@extend_schema_view(
    list=extend_schema(parameters=PAGE),
    create=extend_schema(request=AgentInput, responses={201: OwnAgentSerializer}),
    partial_update=extend_schema(request=AgentChanges, responses=OwnAgentSerializer),
)
class AgentViewSet(ViewSet):
    """Those who show homes. The directory names who is active; the team finds the others too."""

    queryset = Agent.objects.all()
    serializer_class = AgentSerializer
    permission_classes = [IsSignedIn]
    lookup_value_regex = UUID_PATTERN

    def get_permissions(self) -> Any:
        is_teams = self.action in ("create", "partial_update", "workload")
        return [IsAdmin()] if is_teams else super().get_permissions()

    def list(self, request: Request) -> Response:
        return self._page(self._listed())

    @extend_schema(parameters=PAGE, responses=AgentSerializer(many=True))
    @action(detail=False)
    def assigned(self, request: Request) -> Response:
        """Those who show the caller homes in the visits that are under way."""
        theirs = Visit.objects.active().filter(user=self.caller).values("agent")
        return self._page(Agent.objects.filter(pk__in=theirs))

    @extend_schema(responses=WorkloadSerializer)
    @action(detail=False, pagination_class=None)
    def workload(self, request: Request) -> Response:
        return Response(WorkloadSerializer(board.load_board(clock.now())).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer_with(pk)

    def create(self, request: Request) -> Response:
        """Languages and zone are those of the account, or of the caller, unless said otherwise."""
        body = self._read(AgentInput)
        model = body.get("user") or self.caller
        usual = {"languages": [model.language], "timezone": model.timezone}
        agent = agents.make_agent(by=self.caller, **usual | body)
        return self._answer_with(agent.pk, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        agent = self._one(pk)
        agents.change_agent(agent=agent, by=self.caller, changes=self._read(AgentChanges))
        return self._answer_with(pk)

    @extend_schema(request=AvailabilityInput, responses=OwnAgentSerializer)
    @action(detail=True, methods=["patch"])
    def availability(self, request: Request, pk: str) -> Response:
        agent = self._one(pk)
        check_is_team_or_self(agent, self.caller)
        agents.set_availability(agent=agent, by=self.caller, **self.read(AvailabilityInput))
        return self._answer_with(pk)

    @extend_schema(responses=AgentStatsSerializer)
    @action(detail=True)
    def stats(self, request: Request, pk: str) -> Response:
        return Response(AgentStatsSerializer(agents.stats_of(self._one(pk), clock.now())).data)

    @extend_schema(parameters=[VisitFilters, *PAGE], responses=VisitSerializer(many=True))
    @action(detail=True)
    def visits(self, request: Request, pk: str) -> Response:
        theirs = Visit.objects.filter(agent=self._own(pk), **self.read_query(VisitFilters))
        rows = theirs.for_list(undo_since(clock.now()))
        return self.page(rows, VisitSerializer, order=NEWEST_FIRST)

    @extend_schema(parameters=PAGE, responses=InteractionSerializer(many=True))
    @action(detail=True)
    def interactions(self, request: Request, pk: str) -> Response:
        rows = self._own(pk).interactions.all()
        return self.page(rows, InteractionSerializer, order=("-created_at", "-id"))

    @extend_schema(request=InteractionInput, responses={201: InteractionSerializer})
    @interactions.mapping.post
    def log_interaction(self, request: Request, pk: str) -> Response:
        agent = self._one(pk)
        check_can_log(agent, self.caller)
        made = agents.log_interaction(agent=agent, by=self.caller, **self.read(InteractionInput))
        return Response(InteractionSerializer(made).data, status=201)

    def _read(self, body: Any) -> dict[str, Any]:
        """With the account itself in place of its id."""
        fields = self.read(body)
        if "user_id" not in fields:
            return fields
        pk = fields.pop("user_id")
        user = User.objects.filter(pk=pk, is_active=True).first() if pk else None
        if pk and user is None:
            raise Invalid.field("user_id", _("There is no such account."))
        return fields | {"user": user}

    def _listed(self) -> AgentQuerySet:
        return Agent.objects.listed_for(self.caller)

    def _one(self, pk: str) -> Agent:
        return self.get_one(self._listed(), pk)

    def _own(self, pk: str) -> Agent:
        """NotFound but for the team and the agent."""
        mine = self._listed() if self.caller.is_admin else Agent.objects.of_user(self.caller)
        return self.get_one(mine, pk)

    def _page(self, found: AgentQuerySet) -> Response:
        rows = agents.with_rating(found, clock.now())
        return self.page(rows, partial(agent_answers, by=self.caller), order=BY_NAME)

    def _answer_with(self, pk: Any, status: int = 200) -> Response:
        agent = self.get_one(agents.with_rating(self._listed(), clock.now()), pk)
        return Response(agent_answers([agent], by=self.caller)[0], status=status)


router = Router()
router.register("agents", AgentViewSet, basename="agent")
