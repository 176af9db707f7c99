"""What viewings hold about people, for the registry in ghar.accounts.personal."""

from typing import Any

from django.db.models import Q

from ghar.accounts.models import User
from ghar.accounts.personal import DELETE, NOT_PERSONAL, register, register_exporter
from ghar.lib import rls
from viewings.models import ViewingRequest, ViewingTimeOption

PARTIES = {"seeker_id": DELETE, "seeker_session_id": DELETE, "poster_id": DELETE}

register(
    "viewings.ViewingRequest",
    seeker=DELETE,
    seeker_session=DELETE,
    poster=DELETE,
    notes=DELETE,
    meeting_point=DELETE,
    link_nonce=NOT_PERSONAL,
    cancellation_reason=DELETE,
    outcome=DELETE,
)
register("viewings.ViewingTimeOption", **PARTIES, timezone=NOT_PERSONAL)
register("viewings.ViewingEvent", **PARTIES, actor=NOT_PERSONAL, payload=DELETE)


def export_viewings(user: User) -> dict[str, Any]:
    """The viewings that the user asked for or hosts, without the other side's words."""
    with rls.acting_as(rls.WORKER):
        viewings = ViewingRequest.objects.filter(Q(seeker=user) | Q(poster=user))
        asked = ViewingRequest.objects.filter(seeker=user)
        times = ViewingTimeOption.objects.filter(Q(seeker_id=user.pk) | Q(poster_id=user.pk))
        return {
            "viewings": list(viewings.values("id", "listing_id", "status", "round", "created_at")),
            "notes": list(asked.values("id", "notes")),
            "times": list(times.values("viewing_id", "start_at", "end_at", "source", "status")),
        }


register_exporter("viewings", export_viewings)
