"""What a moderator looks for among visits and agents."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ghar.admin import AttentionFilter
from ghar.lib import clock
from visits.models import VisitEvent
from visits.services.assigning import URGENT
from visits.states import Outcome, VisitEventType

MANY_MOVES = 3


def unassigned(visits: Any) -> Any:
    return visits.unassigned().upcoming(clock.now())


def urgent(visits: Any) -> Any:
    """Nobody comes, and the start is near."""
    return unassigned(visits).filter(scheduled_date__lt=clock.now() + URGENT)


def disputed(visits: Any) -> Any:
    told = VisitEvent.objects.filter(event_type=VisitEventType.DISPUTED)
    return visits.filter(pk__in=told.values("visit"))


def often_moved(visits: Any) -> Any:
    return visits.filter(reschedule_count__gte=MANY_MOVES)


def missed(visits: Any) -> Any:
    return visits.filter(outcome__in=[Outcome.VISITOR_NO_SHOW, Outcome.HOST_NO_SHOW])


class VisitAttention(AttentionFilter):
    narrowings = {
        "unassigned": (_("without an agent"), unassigned),
        "urgent": (_("without an agent, in less than six hours"), urgent),
        "disputed": (_("outcome disputed"), disputed),
        "moved": (_("moved three times or more"), often_moved),
        "missed": (_("somebody did not come"), missed),
    }


class AwayFilter(admin.SimpleListFilter):
    title = _("leave")
    parameter_name = "leave"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("here", _("at work")), ("away", _("away"))]

    def queryset(self, request: Any, queryset: Any) -> QuerySet:
        here = queryset.at_work(clock.now())
        if self.value() == "away":
            return queryset.active().exclude(pk__in=here.values("pk"))
        return here if self.value() == "here" else queryset
