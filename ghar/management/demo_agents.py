"""Those who show homes in the demo: three in each city, with the languages that are spoken there."""

from typing import Any

from ghar.accounts.models import User
from ghar.management.demo import CITIES
from visits.models import Agent
from visits.models.agents import WEEKDAYS
from visits.services.agents import make_agent

LATE_WEEK = {day: [["11:00", "20:00"]] for day in WEEKDAYS[1:]}
SPLIT_WEEK = {day: [["08:00", "12:00"], ["14:00", "18:00"]] for day in WEEKDAYS[:6]}

# {city: [facts]}; what is left out is as usual. The first of all is the account of the demo.
AGENTS: dict[str, list[dict[str, Any]]] = {
    "Kigali": [
        {"name": "Ghar Agent", "languages": ["en", "fr", "rw"], "experience_level": "expert"},
        {"name": "Immaculate Teta", "languages": ["en", "rw"], "working_hours": SPLIT_WEEK},
        {
            "name": "Yves Manzi",
            "languages": ["en", "fr", "rw"],
            "agent_type": "senior",
            "working_hours": LATE_WEEK,
            "weight": 1.5,
        },
    ],
    "Gurugram": [
        {"name": "Anita Malhotra", "languages": ["en", "hi"], "experience_level": "expert"},
        {"name": "Sameer Anand", "languages": ["en", "hi"], "working_hours": LATE_WEEK},
        {
            "name": "Ritu Chawla",
            "languages": ["en", "hi"],
            "agent_type": "specialist",
            "specialities": ["apartment", "villa", "penthouse", "builder_floor"],
        },
    ],
    "Bengaluru": [
        {"name": "Meera Gowda", "languages": ["en", "hi"]},
        {"name": "Vivek Hegde", "languages": ["en"], "working_hours": SPLIT_WEEK},
        {
            "name": "Tara Fernandes",
            "languages": ["en", "hi", "fr"],
            "agent_type": "senior",
            "experience_level": "expert",
            "working_hours": LATE_WEEK,
        },
    ],
}


def make_agents(*, account: User, by: User) -> list[Agent]:
    """The first agent signs in with `account`; the others have none."""
    made: list[Agent] = []
    for city, everybody in AGENTS.items():
        for facts in everybody:
            user = None if made else account
            zone = CITIES[city].timezone
            made.append(make_agent(by=by, user=user, areas=[city], timezone=zone, **facts))
    return made
