from viewings.models.conversations import AssistantConversation
from viewings.models.events import LATENESS, ViewingEvent
from viewings.models.options import MAX_OPEN_OPTIONS, ViewingTimeOption
from viewings.models.requests import ViewingRequest, ViewingRequestQuerySet

__all__ = [
    "LATENESS",
    "MAX_OPEN_OPTIONS",
    "AssistantConversation",
    "ViewingEvent",
    "ViewingRequest",
    "ViewingRequestQuerySet",
    "ViewingTimeOption",
]
