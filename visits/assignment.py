"""Who could show a home, and why the others could not: one statement, whatever the number.

The load of an agent is counted from the visits each time. A stored counter would drift.
"""

from collections.abc import Callable, Collection
import datetime as dt
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    prefetch_related_objects,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ghar.calendar.models import Claim, ResourceKind
from ghar.calendar.services.claims import as_range
from ghar.properties.models import Property
from ghar.properties.states import FREEZES_APPOINTMENTS
from moderation.models import Block
from visits.models import Agent, Visit, VisitEvent
from visits.policies.settings import current_settings
from visits.rules.fairness import WINDOW, Load, calibration_left, order_of
from visits.rules.hours import Span, is_at_work
from visits.states import ADMIN, AGENT, AssignmentTrigger, VisitContext
from visits.states import VisitEventType as E

# After these a visit is somebody else's, or nobody's.
CHANGES_HANDS: Final = frozenset({E.ASSIGNED, E.UNASSIGNED})
# After these it has the time that whoever took the step wants.
SETTLES_TIME: Final = frozenset({E.CONFIRMED, E.RESCHEDULED, E.WITHDRAWN, E.UNDONE})
# No zone is further from another than this.
DAY_AROUND: Final = dt.timedelta(hours=26)

# The agent of a visit has left, is suspended, or is on leave then.
CANNOT_COME: Final = (
    Q(agent__is_active=False)
    | Q(agent__user__is_active=False)
    | Q(agent__user__suspended_at__isnull=False)
    | Q(agent__is_available=False, agent__unavailable_until=None)
    | Q(agent__is_available=False, agent__unavailable_until__gt=F("scheduled_date"))
)

REASONS: Final = {
    "not_active": _("not active"),
    "away": _("away"),
    "off_hours": _("not at work then"),
    "language": _("no shared language"),
    "area": _("not in this area"),
    "speciality": _("not for this type of home"),
    "party": _("takes part themself"),
    "blocked": _("one of them has blocked the other"),
    "full_day": _("has a full day"),
    "busy": _("busy then"),
    "handed_over": _("handed it over"),
    "relieved": _("had it, and somebody else was asked for"),
    "not_named": _("an admin named somebody else"),
    "slot_taken": _("was taken at this very moment"),
}


class Candidate(NamedTuple):
    """`agent` carries the counts of `with_load`."""

    agent: Any
    load: Load
    lost_because: str = ""

    def as_row(self) -> dict[str, Any]:
        return {
            "agent_id": str(self.agent.pk),
            "load": self.load.open,
            "weight": self.load.weight,
            "score": round(self.load.score, 3),
            "lost_because": self.lost_because,
        }


def candidates_for(
    visit: Visit, now: dt.datetime, *, among: QuerySet[Agent] | None = None
) -> list[Candidate]:
    """Every agent, or those `among` them: who can come first, in the order of fairness, then the
    others.

    The visitor's language is the one of their account.
    """
    agents = {agent.pk: agent for agent in _agents_around(visit, now, among)}
    turns = order_of(load_of(agent, now) for agent in agents.values())
    ordered = [(agents[load.agent_id], load) for load in turns]
    found = [Candidate(agent, load, why_not(agent, visit)) for agent, load in ordered]
    return sorted(found, key=lambda candidate: bool(candidate.lost_because))


def with_load(agents: QuerySet[Agent], now: dt.datetime) -> QuerySet[Any]:
    """With `open_load`: visits from four weeks back on that were not cancelled."""
    theirs = Visit.objects.filter(agent=OuterRef("pk"), scheduled_date__gte=now - WINDOW)
    standing = theirs.not_cancelled().order_by().values("agent")
    counted = standing.annotate(number=Count("pk")).values("number")
    return agents.annotate(open_load=Coalesce(Subquery(counted), 0))


def load_of(agent: Any, now: dt.datetime) -> Load:
    left = calibration_left(agent.calibration, age=now - agent.created_at)
    return Load(agent.pk, agent.open_load, agent.weight, left, agent.last_assigned_at)


def visits_that_day(agent: Agent, visit: Visit, dates: list[dt.datetime]) -> int:
    """How many of `dates` are on the day of the visit, where the agent is."""
    zone = ZoneInfo(agent.timezone)
    day = visit.scheduled_date.astimezone(zone).date()
    return sum(date.astimezone(zone).date() == day for date in dates)


def dates_around(visit: Visit, **agent: Any) -> QuerySet[Visit, Any]:
    """The starts of an agent's other visits about that day."""
    around = (visit.scheduled_date - DAY_AROUND, visit.scheduled_date + DAY_AROUND)
    standing = Visit.objects.filter(scheduled_date__range=around, **agent).exclude(pk=visit.pk)
    return standing.not_cancelled().values_list("scheduled_date", flat=True)


def with_room_for(visit: Visit, agents: QuerySet[Agent], zone: str) -> QuerySet[Agent]:
    """Those of `agents`, who live in this zone, whose day is not full without the visit."""
    midnight = dt.datetime.combine(visit.scheduled_date.astimezone(ZoneInfo(zone)), dt.time.min)
    start, end = (
        (midnight + dt.timedelta(days=days)).replace(tzinfo=ZoneInfo(zone)) for days in (0, 1)
    )
    theirs = dates_around(visit, agent=OuterRef("pk")).filter(
        scheduled_date__gte=start, scheduled_date__lt=end
    )
    number = theirs.order_by().values("agent").annotate(number=Count("pk")).values("number")
    return agents.alias(booked=Coalesce(Subquery(number), 0)).filter(booked__lt=F("daily_capacity"))


def waiting_visits(now: dt.datetime) -> QuerySet[Visit]:
    """Tours ahead without an agent, or with one who has to leave; the next one first.

    While its listing is on hold a tour keeps its agent, but not one who has been blocked.
    """
    is_open = ~Q(listing__status__in=FREEZES_APPOINTMENTS)
    apart = Exists(_blocks(OuterRef("agent__user"), OuterRef("user"), OuterRef("host")))
    return _tours_ahead(now).filter(is_open & (Q(agent=None) | CANNOT_COME) | apart)


def why_replaced(agent: Agent, visit: Visit) -> AssignmentTrigger | None:
    """Why the visit's agent has to leave it; None for one who stays."""
    if cannot_come(agent, visit):
        return AssignmentTrigger.LEAVE
    is_blocked = _blocks(agent.user_id, visit.user_id, visit.host_id).exists()
    return AssignmentTrigger.PARTED if is_blocked else None


def _blocks(agent: Any, visitor: Any, host: Any) -> QuerySet[Block]:
    """Ids, or references to them."""
    return Block.objects.between(agent, visitor) | Block.objects.between(agent, host)


def visits_to_move(agent: Agent, now: dt.datetime) -> list[Visit]:
    """The visits ahead that this agent cannot come to, as it is known of them now."""
    theirs = _tours_ahead(now).filter(agent=agent)
    return [visit for visit in theirs if cannot_come(agent, visit)]


def visits_on_days_off(now: dt.datetime) -> list[Visit]:
    """Those whose agent has taken the day off. By Python's zones, which are the ones that count.

    Not while the listing is on hold, and not at a time that the agent has agreed to.
    """
    away = Agent.objects.active().exclude(days_off=[])
    tours = _tours_ahead(now).filter(agent__in=away).select_related("agent__user")
    open_ones = tours.exclude(listing__status__in=FREEZES_APPOINTMENTS)
    off = [tour for tour in open_ones if tour.agent and cannot_come(tour.agent, tour)]
    prefetch_related_objects(off, "events")
    return [tour for tour in off if tour.agent and not has_agreed(tour.agent, tour)]


def _tours_ahead(now: dt.datetime) -> QuerySet[Visit]:
    tours = Visit.objects.upcoming(now).filter(visit_context=VisitContext.PROPERTY_TOUR)
    return tours.order_by("scheduled_date", "pk")


def needs_agent(visit: Visit, now: dt.datetime) -> bool:
    """A tour that stands and has not begun."""
    return visit.is_tour and visit.is_active and visit.scheduled_date > now


def _agents_around(
    visit: Visit, now: dt.datetime, among: QuerySet[Agent] | None
) -> QuerySet[Agent]:
    (start, end), margin = visit.span, current_settings().buffer
    at_work = Q(resource__kind=ResourceKind.AGENT, resource__owner_id=OuterRef("pk"))
    in_private = Q(resource__kind=ResourceKind.PERSON, resource__owner_id=OuterRef("user"))
    busy = as_range((start - margin, end + margin))
    claims = Claim.objects.active().filter(at_work | in_private, busy__overlap=busy)
    agents = Agent.objects.all() if among is None else among
    return with_load(agents.select_related("user"), now).annotate(
        dates=ArraySubquery(dates_around(visit, agent=OuterRef("pk"))),
        is_busy=Exists(claims.exclude(subject_id=visit.pk)),
        is_blocked=Exists(_blocks(OuterRef("user"), visit.user_id, visit.host_id)),
        has_handed_over=_handed_over(visit),
    )


def _handed_over(visit: Visit) -> Exists | Value:
    """Whether the agent has given away this visit at the time that it has now."""
    if visit._state.adding:
        return Value(False)
    events = VisitEvent.objects.filter(visit=visit)
    moved = events.filter(number__lt=OuterRef("number"), changes__has_key="scheduled_date")
    time = moved.order_by("-number").values_list(KT("changes__scheduled_date"))[:1]
    given = events.filter(event_type__in=CHANGES_HANDS, actor=AGENT, actor_id=OuterRef("user"))
    return Exists(given.alias(time=Subquery(time)).filter(time=_plain_time(visit)))


def has_agreed(agent: Agent, visit: Visit) -> bool:
    """Whether an admin has given them the visit at the time that it has now, or they took a step to
    that time themselves, and they have neither handed it over then nor been relieved since.
    """
    now_at, them = _plain_time(visit), str(agent.pk)
    row: dict[str, Any] = {}
    agreed = False
    for event in visit.events.all():
        was_theirs = row.get("agent_id") == them
        row |= event.changes
        is_theirs = row.get("agent_id") == them
        if row.get("scheduled_date") != now_at or not (was_theirs or is_theirs):
            continue
        if event.event_type in CHANGES_HANDS:
            agreed = is_theirs and event.actor == ADMIN
        elif event.event_type in SETTLES_TIME and event.actor == AGENT:
            agreed = agreed or event.actor_id == agent.user_id
    return agreed


def _plain_time(visit: Visit) -> str:
    """As the events of a visit hold it."""
    return visit.scheduled_date.astimezone(dt.UTC).isoformat()


def why_not(agent: Any, visit: Visit, *, besides: Collection[str] = ()) -> str:
    """The first filter that the agent fails; empty for somebody who can come."""
    return next((why for why, fails in FILTERS if why not in besides and fails(agent, visit)), "")


def team_for(visit: Visit) -> list[Agent]:
    """Who shows such places to such visitors, whenever they work."""
    lasting = [fails for why, fails in FILTERS if why in LASTING]
    agents = Agent.objects.active().select_related("user")
    return [agent for agent in agents if not any(fails(agent, visit) for fails in lasting)]


def is_staffed(team: list[Agent], visit: Visit, start: dt.datetime) -> bool:
    """Whether one of them is at work while the visit would take place."""
    span = (start, start + visit.length)
    return any(not is_away(agent, start) and _works(agent, span) for agent in team)


def _is_off_hours(agent: Agent, visit: Visit) -> bool:
    return not _works(agent, visit.span)


def _works(agent: Agent, span: Span) -> bool:
    hours, days_off = agent.working_hours, agent.days_off
    return is_at_work(span, hours=hours, days_off=days_off, zone=agent.timezone)


def _is_full(agent: Any, visit: Visit) -> bool:
    return visits_that_day(agent, visit, agent.dates) >= agent.daily_capacity


def _does_not_do(agent: Agent, visit: Visit) -> bool:
    done = agent.specialities
    return bool(done) and visit.listing.property_type not in done


def is_away(agent: Agent, moment: dt.datetime) -> bool:
    """On leave at that instant, which may be long after now."""
    back = agent.unavailable_until
    return not agent.is_available and (back is None or back > moment)


def cannot_come(agent: Agent, visit: Visit) -> bool:
    """CANNOT_COME for one row, and the days off."""
    if not _is_active(agent) or is_away(agent, visit.scheduled_date):
        return True
    return visit.scheduled_date.astimezone(ZoneInfo(agent.timezone)).date() in agent.days_off


def covers(areas: list[str], listing: Property) -> bool:
    """No area at all means everywhere."""
    places = {listing.city.casefold(), f"{listing.city}/{listing.locality}".casefold()}
    return not areas or not places.isdisjoint(area.casefold() for area in areas)


def _is_active(agent: Agent) -> bool:
    user = agent.user
    return agent.is_active and (user is None or (user.is_active and not user.is_suspended))


# In the order in which they are asked; the first that fails is told. Cheap ones stand first.
FILTERS: Final[list[tuple[str, Callable[[Any, Visit], bool]]]] = [
    ("not_active", lambda agent, visit: not _is_active(agent)),
    ("away", lambda agent, visit: is_away(agent, visit.scheduled_date)),
    ("off_hours", _is_off_hours),
    ("language", lambda agent, visit: visit.user.language not in agent.languages),
    ("area", lambda agent, visit: not covers(agent.areas, visit.listing)),
    ("speciality", _does_not_do),
    ("party", lambda agent, visit: agent.user_id in (visit.user_id, visit.host_id)),
    ("blocked", lambda agent, visit: agent.is_blocked),
    ("handed_over", lambda agent, visit: agent.has_handed_over),
    ("full_day", _is_full),
    ("busy", lambda agent, visit: agent.is_busy),
]
# Those that do not depend on the time of the visit.
LASTING: Final = frozenset({"not_active", "language", "area", "speciality", "party"})
