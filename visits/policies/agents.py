"""What the team, the agents and those who meet them may do about each other."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.errors import InvalidTransition, ListingNotAvailable, NotAllowed, is_allowed
from ghar.lib.actors import Actor
from visits.models import Agent, Visit
from visits.policies.steps import allowed_actions, is_frozen, side_of, took_place
from visits.states import VISITOR


def check_is_team(by: Actor) -> None:
    if not by.is_admin:
        raise NotAllowed


def check_is_team_or_self(agent: Agent, by: Any) -> None:
    if not is_team_or_self(agent, by):
        raise NotAllowed


def is_team_or_self(agent: Agent, by: Any) -> bool:
    return by.is_admin or agent.user_id == by.pk


def check_can_log(agent: Agent, by: User) -> None:
    if is_team_or_self(agent, by):
        return
    if not Visit.objects.of(by).filter(agent=agent).exists():
        raise NotAllowed(_("You have no visit with this agent."))


def check_can_rate(visit: Visit, by: User, now: dt.datetime) -> Agent:
    """The agent of a tour that took place, for its visitor; once they work here no more, nobody."""
    agent, side = visit.agent, side_of(visit, by)
    if agent is None or side != VISITOR or agent.user_id == by.pk or not _is_listed(agent):
        raise NotAllowed
    if is_frozen(visit):
        raise ListingNotAvailable
    if not took_place(visit.outcome):
        raise InvalidTransition(details={"allowed": allowed_actions(visit, by, now)})
    return agent


def can_rate(visit: Visit, by: User, now: dt.datetime) -> bool:
    return is_allowed(check_can_rate, visit, by, now)


def _is_listed(agent: Agent) -> bool:
    """As AgentQuerySet.listed_for says it of rows: the API finds no others to rate."""
    return agent.is_active and not (agent.user and agent.user.is_suspended)
