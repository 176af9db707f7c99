"""How much the agents have to do, as assignment counts it."""

from collections import defaultdict
from collections.abc import Iterable
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from visits.assignment import load_of, waiting_visits, with_load
from visits.models import Agent, Visit
from visits.rules.fairness import spread

# The days of a week lie no further off, in any zone.
WEEK_AROUND = dt.timedelta(days=8)


def load_board(now: dt.datetime) -> dict[str, Any]:
    """Everybody who is active, the fullest first; `spread` and `score` are open load by weight."""
    agents = list(with_load(Agent.objects.active(), now).order_by("-open_load", "name", "pk"))
    dates, loads = _dates_of(agents, now), [load_of(agent, now) for agent in agents]
    return {
        "items": [
            {
                "agent_id": agent.pk,
                "name": agent.name,
                "open_load": agent.open_load,
                "capacity": agent.daily_capacity,
                "weight": agent.weight,
                "score": round(load.score, 2),
                **_this_week(dates[agent.pk], ZoneInfo(agent.timezone), now),
            }
            for agent, load in zip(agents, loads, strict=True)
        ],
        "spread": round(spread(loads), 2),
        "waiting": waiting_visits(now).count(),
    }


def _dates_of(agents: list[Agent], now: dt.datetime) -> dict[Any, list[dt.datetime]]:
    around = (now - WEEK_AROUND, now + WEEK_AROUND)
    near = Visit.objects.filter(agent__in=agents, scheduled_date__range=around)
    dates = defaultdict(list)
    for agent_id, date in near.not_cancelled().values_list("agent", "scheduled_date"):
        dates[agent_id].append(date)
    return dates


def _this_week(dates: Iterable[dt.datetime], zone: ZoneInfo, now: dt.datetime) -> dict[str, int]:
    """Of the day and the week, from Monday on, as it is where the agent is."""
    today = now.astimezone(zone).date()
    days = [date.astimezone(zone).date() for date in dates]
    return {
        "today": days.count(today),
        "this_week": sum(day.isocalendar()[:2] == today.isocalendar()[:2] for day in days),
    }
