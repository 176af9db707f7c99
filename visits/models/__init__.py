from visits.models.agents import Agent, AgentInteraction, AgentQuerySet, AssignmentDecision
from visits.models.events import VisitEvent
from visits.models.safety import VisitCheckIn, VisitShare
from visits.models.visits import Visit, VisitQuerySet

__all__ = [
    "Agent",
    "AgentInteraction",
    "AgentQuerySet",
    "AssignmentDecision",
    "Visit",
    "VisitCheckIn",
    "VisitEvent",
    "VisitQuerySet",
    "VisitShare",
]
