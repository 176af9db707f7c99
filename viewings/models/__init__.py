from viewings.models.events import LATENESS, ViewingEvent
from viewings.models.options import MAX_OPEN_OPTIONS, ViewingTimeOption
from viewings.models.requests import ViewingRequest, ViewingRequestQuerySet

__all__ = [
    "LATENESS",
    "MAX_OPEN_OPTIONS",
    "ViewingEvent",
    "ViewingRequest",
    "ViewingRequestQuerySet",
    "ViewingTimeOption",
]
