"""What visits hold about people, for the registry in ghar.accounts.personal."""

from typing import Any, Final

from ghar.accounts.models import User
from ghar.accounts.personal import (
    DELETE,
    NOT_PERSONAL,
    pseudonymise,
    register,
    register_eraser,
    register_exporter,
)
from visits.models import (
    Agent,
    AgentInteraction,
    Visit,
    VisitCheckIn,
    VisitEvent,
    VisitShare,
)

_LEFT = pseudonymise("emptied when that account goes; the other side keeps the visit")

register(
    "visits.Agent",
    user=_LEFT,
    name=DELETE,
    languages=NOT_PERSONAL,
    areas=NOT_PERSONAL,
    specialities=NOT_PERSONAL,
    agent_type=NOT_PERSONAL,
    experience_level=NOT_PERSONAL,
    timezone=NOT_PERSONAL,
    working_hours=DELETE,
    calibration=NOT_PERSONAL,
    weight=NOT_PERSONAL,
    days_off=DELETE,
    unavailable_reason=DELETE,
)
register("visits.AgentInteraction", user=_LEFT, kind=NOT_PERSONAL)
register("visits.AssignmentDecision", trigger=NOT_PERSONAL, candidates=NOT_PERSONAL)
register(
    "visits.Visit",
    user=DELETE,
    host=DELETE,
    counterparty=_LEFT,
    status_before=NOT_PERSONAL,
    visit_context=NOT_PERSONAL,
    timezone=NOT_PERSONAL,
    proposed_by=NOT_PERSONAL,
    outcome=NOT_PERSONAL,
    cancellation_reason=DELETE,
    cancelled_by=NOT_PERSONAL,
    special_requirements=DELETE,
    visit_notes=DELETE,
    visitor_feedback=DELETE,
)
register(
    "visits.VisitEvent",
    event_type=NOT_PERSONAL,
    actor=NOT_PERSONAL,
    actor_id=DELETE,
    changes=DELETE,
)
register("visits.VisitShare", user=DELETE, token_hash=DELETE)
register("visits.VisitCheckIn", user=DELETE)


# Of a visit its export says what its page says.
EXPORTED: Final = (
    *("id", "listing_id", "visit_context", "status", "scheduled_date", "rescheduled_from"),
    *("actual_date", "completed_at", "outcome", "cancellation_reason", "special_requirements"),
    *("visit_notes", "visitor_feedback", "interest_level", "follow_up_required", "follow_up_date"),
    *("visitor_arrived_at", "other_arrived_at", "created_at"),
)


def export_visits(user: User) -> list[dict[str, Any]]:
    """Where the user is a party, as their pages show it: visitor, counterparty, host or agent."""
    return list(Visit.objects.of(user).values(*EXPORTED))


def export_visit_history(user: User) -> dict[str, Any]:
    """What happened to those visits, and what the user did beside them."""
    events = VisitEvent.objects.filter(visit__in=Visit.objects.of(user).values("pk"))
    return {
        "events": list(
            events.shown_to(user).values("visit_id", "event_type", "actor", "created_at")
        ),
        "shares": list(
            VisitShare.objects.filter(user=user).values("visit_id", "created_at", "revoked_at")
        ),
        "check_ins": list(
            VisitCheckIn.objects.filter(user=user).values("visit_id", "asked_at", "well_at")
        ),
        "said_of_agents": list(
            AgentInteraction.objects.filter(user=user).values(
                *("agent__name", "kind", "response_time_seconds", "user_satisfaction", "created_at")
            )
        ),
    }


def export_agent(user: User) -> list[dict[str, Any]]:
    """What is held about somebody who shows homes."""
    columns = ("name", "languages", "areas", "specialities", "timezone", "working_hours")
    own = Agent.objects.of_user(user)
    return list(own.values(*columns, "days_off", "unavailable_until", "unavailable_reason"))


def forget_agent(user: User) -> None:
    """The row stays for the visits that it has; it names nobody, and shows no more homes."""
    Agent.objects.of_user(user).update(
        name="Former agent", is_active=False, working_hours={}, days_off=[], unavailable_reason=""
    )


def forget_void_ratings(user: User) -> None:
    """Once the tours are gone nobody could tell these from the ratings that count."""
    AgentInteraction.objects.void_with(user).delete()


register_exporter("visits", export_visits)
register_exporter("visit_history", export_visit_history)
register_exporter("agent", export_agent)
register_eraser(forget_agent)
register_eraser(forget_void_ratings)
