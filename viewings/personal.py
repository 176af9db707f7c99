"""What viewings hold about people, for the registry in ghar.accounts.personal."""

from typing import Any

from django.db.models import QuerySet

from ghar.accounts.models import User
from ghar.accounts.personal import DELETE, NOT_PERSONAL, register, register_exporter
from ghar.lib import rls
from viewings.models import (
    AssistantConversation,
    ViewingEvent,
    ViewingRequest,
    ViewingTimeOption,
)

OWNERS = {"seeker_id": DELETE, "seeker_session_id": DELETE, "poster_id": DELETE}

register(
    "viewings.ViewingRequest",
    seeker=DELETE,
    seeker_session=DELETE,
    poster=DELETE,
    notes=DELETE,
    meeting_point=DELETE,
    link_nonce=DELETE,
    cancellation_reason=DELETE,
)
register("viewings.ViewingTimeOption", **OWNERS, timezone=NOT_PERSONAL)
register(
    "viewings.AssistantConversation",
    seeker=DELETE,
    seeker_session=DELETE,
    times=DELETE,
    listed=NOT_PERSONAL,
    notes=DELETE,
)
register("viewings.ViewingEvent", **OWNERS, actor=NOT_PERSONAL, payload=DELETE)


def export_viewings(user: User) -> dict[str, Any]:
    """What the user asked for and was asked for; of the other side nothing but the times."""
    with rls.acting_as(rls.WORKER):
        sought = ViewingRequest.objects.sought_by(user)
        hosted = ViewingRequest.objects.hosted_by(user)
        columns = ("id", "listing_id", "status", "created_at", "updated_at")
        own = (sought | hosted).values("pk")
        times = ViewingTimeOption.objects.filter(viewing__in=own)
        events = ViewingEvent.objects.filter(viewing__in=own)
        return {
            "sought": list(sought.values(*columns, "notes", "cancellation_reason")),
            "hosted": list(hosted.values(*columns, "meeting_point", "cancellation_reason")),
            "conversations": list(
                AssistantConversation.objects.visible_to(user).values(
                    *("listing_id", "viewing_id", "state", "times", "notes", "updated_at")
                )
            ),
            "times": _rows(times, "start_at", "end_at", "source", "status"),
            "events": _rows(events.shown_to(user), "event_type", "actor", "created_at"),
        }


def _rows(found: QuerySet[Any], *columns: str) -> list[dict[str, Any]]:
    return list(found.values("viewing_id", *columns))


register_exporter("viewings", export_viewings)
