"""Agents and tours as these tests need them, in one line each."""

import datetime as dt
from zoneinfo import ZoneInfo

from ghar.lib import clock
from tests.factories import LiveListingFactory, UserFactory
from visits.models import Agent, Visit
from visits.models.agents import WEEKDAYS
from visits.services.booking import schedule_visit

ZONE = "Africa/Kigali"
ALWAYS = {day: [["00:00", "23:59"]] for day in WEEKDAYS}


def an_agent(name: str = "Anna", **fields) -> Agent:
    """Somebody who works around the clock and speaks English, unless said otherwise."""
    usual = {"languages": ["en"], "timezone": ZONE, "working_hours": ALWAYS}
    return Agent.objects.create(name=name, **(usual | fields))


def on(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """`day` days ahead, at an hour of Kigali."""
    today = clock.now().astimezone(ZoneInfo(ZONE))
    local = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (local + dt.timedelta(days=day)).astimezone(dt.UTC)


def a_tour(at: dt.datetime | None = None, *, by=None, listing=None, **fields) -> Visit:
    """Somebody books a tour of a place of its own."""
    return schedule_visit(
        by=by or UserFactory(),
        listing=listing or LiveListingFactory(),
        scheduled_date=at or on(3, 10),
        **fields,
    )


def fresh(visit: Visit) -> Visit:
    return Visit.objects.for_detail().get(pk=visit.pk)


def why(visit: Visit) -> dict[str, str]:
    """By name, why each lost at the newest decision."""
    names = {str(agent.pk): agent.name for agent in Agent.objects.all()}
    rows = visit.decisions.first().candidates
    return {names[row["agent_id"]]: row["lost_because"] for row in rows}
