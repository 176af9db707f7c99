"""Tools of visits: book, look, call off; and for the team, who shows what."""

from typing import Any, Final
import uuid

from rest_framework import serializers

from ghar.api.tools import Call, PageInput, Toolbox, ToolInput, page_of
from ghar.lib import clock
from ghar.properties.models import Property
from visits.models import Agent, Visit
from visits.models.visits import NEWEST_FIRST, NEXT_FIRST
from visits.policies.steps import undo_since
from visits.serializers import (
    AssignInput,
    AvailabilityInput,
    CancelInput,
    OwnAgentSerializer,
    VisitFilters,
    VisitInput,
    VisitSerializer,
    WorkloadSerializer,
)
from visits.services import agents, assigning, board, booking, closing
from visits.services.people import people_named
from visits.states import AssignmentTrigger

LIST: Final = "visits_list"
AGENTS: Final = "agent_list"
UPCOMING, PAST = "upcoming", "past"
toolbox = Toolbox()


class ScheduleTool(ToolInput, VisitInput):
    words = {
        "property_id": "Of the listing, from properties_search.",
        "scheduled_date": "When it begins, with its offset: 2 hours to 180 days ahead.",
        "visit_context": "A tour with the host or an agent, or a meeting with a flatmate to be.",
        "counterparty_user_id": "For flatmate_meet: whom to meet, an active match of the user's.",
        "conversation_id": "For flatmate_meet: the conversation of the two, if you know it.",
        "match_id": "For flatmate_meet: the match of the two, if you know it.",
        "special_requirements": "What those who show the place should know before.",
    }


class OneVisit(ToolInput):
    visit_id = serializers.UUIDField(help_text="From visits_list or visits_schedule.")


class ListTool(PageInput, VisitFilters):
    when = serializers.ChoiceField(
        [UPCOMING, PAST],
        required=False,
        help_text="upcoming: active ones ahead, the next first. past: the others. Else all.",
    )
    words = {"status": "Only those that stand so."}


class CancelTool(OneVisit, CancelInput):
    words = {"reason": "The others read it."}


class AssignTool(OneVisit, AssignInput):
    words = {"agent_id": "From agent_list; without it the best who is free."}


class AvailabilityTool(ToolInput, AvailabilityInput):
    agent_id = serializers.UUIDField(help_text="From agent_list.")
    words = {
        "is_available": "false: on leave from now on. true: back.",
        "until": "The end of the leave, if it is known.",
        "reason": "For the team.",
    }


@toolbox.add("visits_schedule", ScheduleTool, VisitSerializer)
def schedule(call: Call, *, property_id: uuid.UUID, **body: Any) -> dict[str, Any]:
    """Book a visit for the user. The time is held at once; the host, the agent or the person to
    meet confirms it (`status` confirmed). Ask the user before you book.

    VISIT_CONFLICT with three bookable details.alternatives where somebody is busy then. PAST_DATE,
    TOO_SOON, TOO_FAR, NO_ACTIVE_MATCH, LISTING_NOT_AVAILABLE.
    """
    visit = booking.schedule_visit(
        by=call.caller,
        listing=call.get_one(Property.objects.select_related("owner"), property_id),
        scheduled_date=body["scheduled_date"],
        visit_context=body["visit_context"],
        special_requirements=body["special_requirements"],
        **people_named(body, by=call.caller),
    )
    return _read(call, visit.pk)


@toolbox.add(LIST, ListTool, VisitSerializer, many=True, only_reads=True)
def list_visits(call: Call, *, when: str = "", **wanted: Any) -> dict[str, Any]:
    """Visits of the user as visitor, counterparty, host or agent."""
    now, found = clock.now(), Visit.objects.of(call.caller)
    if "status" in wanted:
        found = found.filter(status=wanted["status"])
    if when:
        found = found.upcoming(now) if when == UPCOMING else found.past(now)
    order = NEXT_FIRST if when == UPCOMING else NEWEST_FIRST
    rows = found.for_list(undo_since(now))
    return page_of(f"{LIST} {when}", rows, lambda page: _answers(call, page), wanted, order)


@toolbox.add("visits_get", OneVisit, VisitSerializer, only_reads=True)
def get_visit(call: Call, *, visit_id: uuid.UUID) -> dict[str, Any]:
    """One visit of the user, with `allowed_actions`."""
    return _read(call, visit_id)


@toolbox.add("visits_cancel", CancelTool, VisitSerializer, destroys=True, is_repeatable=True)
def cancel(call: Call, *, visit_id: uuid.UUID, reason: str) -> dict[str, Any]:
    """Call a visit off; all others hear it, with the reason. Ask the user first."""
    visit = call.get_one(Visit.objects.visible_to(call.caller).for_detail(), visit_id)
    closing.cancel_visit(visit=visit, by=call.caller, reason=reason)
    return _read(call, visit_id)


# --- the team's
@toolbox.add(AGENTS, PageInput, OwnAgentSerializer, many=True, staff=True, only_reads=True)
def list_agents(call: Call, **wanted: Any) -> dict[str, Any]:
    """Everybody who shows homes, by name: languages, areas, hours, capacity, leave, rating."""
    rows = agents.with_rating(Agent.objects.listed_for(call.caller), clock.now())
    return page_of(AGENTS, rows, _agents, wanted, ("name", "id"))


@toolbox.add("agent_workload", ToolInput, WorkloadSerializer, staff=True, only_reads=True)
def workload(call: Call) -> dict[str, Any]:
    """How much each active agent has to do, as assignment counts it, the fullest first."""
    return WorkloadSerializer(board.load_board(clock.now())).data


@toolbox.add("agent_assign_visit", AssignTool, VisitSerializer, staff=True)
def assign(call: Call, *, visit_id: uuid.UUID, agent_id: uuid.UUID | None) -> dict[str, Any]:
    """Give a tour its agent, or another one. AGENT_NOT_SUITABLE with details.lost_because if the
    named one cannot; without a name `agent` stays null while nobody is free.
    """
    visit = call.get_one(Visit.objects.visible_to(call.caller).for_detail(), visit_id)
    listed = Agent.objects.listed_for(call.caller)
    agent = call.get_one(listed, agent_id) if agent_id else None
    trigger = AssignmentTrigger.ADMIN
    assigning.assign_agent(visit=visit, agent=agent, trigger=trigger, by=call.caller)
    return _read(call, visit_id)


@toolbox.add(
    "agent_set_availability", AvailabilityTool, OwnAgentSerializer, staff=True, destroys=True
)
def set_availability(call: Call, *, agent_id: uuid.UUID, **leave: Any) -> dict[str, Any]:
    """Send an agent on leave, or bring one back. Visits within the leave go to others."""
    listed = Agent.objects.listed_for(call.caller)
    agent = call.get_one(listed, agent_id)
    agents.set_availability(agent=agent, by=call.caller, **leave)
    fresh = call.get_one(agents.with_rating(listed, clock.now()), agent_id)
    return _agents([fresh])[0]


def _read(call: Call, pk: uuid.UUID) -> dict[str, Any]:
    mine = Visit.objects.visible_to(call.caller).for_list(undo_since(clock.now()))
    return _answers(call, [call.get_one(mine, pk)])[0]


def _answers(call: Call, visits: list[Visit]) -> Any:
    return VisitSerializer(visits, many=True, context={"view": call}).data


def _agents(found: list[Agent]) -> Any:
    return OwnAgentSerializer(found, many=True).data
