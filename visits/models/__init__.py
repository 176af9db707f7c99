from visits.models.agents import Agent, AgentInteraction, AssignmentDecision
from visits.models.visits import Visit, VisitDispute, VisitEvent, VisitQuerySet, VisitShare

__all__ = [
    "Agent",
    "AgentInteraction",
    "AssignmentDecision",
    "Visit",
    "VisitDispute",
    "VisitEvent",
    "VisitQuerySet",
    "VisitShare",
]
