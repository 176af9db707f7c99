"""Who can come to a tour, found the slow way: a second opinion on visits.assignment."""

from collections.abc import Iterable
import datetime as dt
from zoneinfo import ZoneInfo

from ghar.calendar.models import Claim
from visits.models import Agent, Visit
from visits.models.agents import WEEKDAYS

MARGIN = dt.timedelta(minutes=15)


class Whoever:
    """The agents and their calendars as they are at this moment."""

    def __init__(self, guides: Iterable[Agent]) -> None:
        ids = [guide.pk for guide in guides]
        self.guides = list(Agent.objects.filter(pk__in=ids).select_related("user"))
        self.claims = list(Claim.objects.active().select_related("resource"))
        self.visits = list(Visit.objects.exclude(status="cancelled"))

    def why_not(self, agent: Agent, visit: Visit, *, is_named: bool = False) -> str:
        agent = next(guide for guide in self.guides if guide.pk == agent.pk)
        zone = ZoneInfo(agent.timezone)
        start = visit.scheduled_date.astimezone(zone)
        end = start + visit.length
        if not (agent.is_active and agent.is_available):
            return "away"
        if not is_named and not _works(agent, start, end):
            return "off hours"
        if not is_named and _has_given_it_away(agent, visit):
            return "handed over"
        if agent.user_id in (visit.user_id, visit.host_id):
            return "takes part"
        others = [v for v in self.visits if v.agent_id == agent.pk and v.pk != visit.pk]
        days = [other.scheduled_date.astimezone(zone).date() for other in others]
        if days.count(start.date()) >= agent.daily_capacity:
            return "full"
        return "busy" if self._is_busy(agent, visit, start - MARGIN, end + MARGIN) else ""

    def _is_busy(self, agent: Agent, visit: Visit, start: dt.datetime, end: dt.datetime) -> bool:
        own = {("agent", agent.pk), ("person", agent.user_id)}
        return any(
            (claim.resource.kind, claim.resource.owner_id) in own
            and claim.subject_id != visit.pk
            and claim.busy.lower < end
            and start < claim.busy.upper
            for claim in self.claims
        )


def _has_given_it_away(agent: Agent, visit: Visit) -> bool:
    """Since its time was last proposed."""
    given = False
    for event in visit.events.all():
        if event.event_type == "rescheduled":
            given = False
        elif event.event_type in ("assigned", "unassigned") and event.actor == "agent":
            given = given or event.actor_id == agent.user_id
    return given


def _works(agent: Agent, start: dt.datetime, end: dt.datetime) -> bool:
    pairs = agent.working_hours.get(WEEKDAYS[start.weekday()], [])
    return any(f"{start:%H:%M}" >= first and f"{end:%H:%M}" <= last for first, last in pairs)
