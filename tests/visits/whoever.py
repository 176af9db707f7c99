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

    def why_not(self, agent: Agent, visit: Visit, *, has_agreed: bool = False) -> str:
        agent = next(guide for guide in self.guides if guide.pk == agent.pk)
        zone = ZoneInfo(agent.timezone)
        start = visit.scheduled_date.astimezone(zone)
        end = start + visit.length
        if not (agent.is_active and agent.is_available):
            return "away"
        if not has_agreed and not _works(agent, start, end):
            return "off hours"
        if not has_agreed and _has_given_it_away(agent, visit):
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
    """At the time that it has now."""
    when, given = None, set()
    for event in visit.events.all():
        when = event.changes.get("scheduled_date", when)
        if event.event_type in ("assigned", "unassigned") and event.actor == "agent":
            given.add((event.actor_id, dt.datetime.fromisoformat(when)))
    return (agent.user_id, visit.scheduled_date) in given


def _works(agent: Agent, start: dt.datetime, end: dt.datetime) -> bool:
    pairs = agent.working_hours.get(WEEKDAYS[start.weekday()], [])
    return any(f"{start:%H:%M}" >= first and f"{end:%H:%M}" <= last for first, last in pairs)
