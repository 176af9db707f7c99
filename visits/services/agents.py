"""The people who show homes: who they are, when they work, how they do."""

import datetime as dt
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Avg, Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.accounts.services.profiles import name_agent
from ghar.api import limits
from ghar.audit import services as audit
from ghar.calendar.models import ResourceKind
from ghar.calendar.services.claims import ResourceKey, find_resources
from ghar.errors import Conflict, Invalid, NotAllowed, RateLimited
from ghar.lib import clock
from ghar.lib.actors import Actor
from ghar.lib.pairs import lock_pair
from visits.assignment import load_of, with_load
from visits.models import Agent, AgentInteraction, Visit
from visits.policies import agents as policies
from visits.rules.fairness import calibration_for
from visits.rules.hours import problems_of
from visits.services.assigning import AT_ONCE, assign_waiting, release_agent, somebody_is_free
from visits.services.records import lock_visit
from visits.states import AssignmentTrigger, InteractionKind, Outcome, VisitStatus

# What a rating is made of.
RATED: Final = dt.timedelta(days=90)
# Of one person about one agent, so that nobody makes a rating by themself.
DAY, MOST_A_DAY = dt.timedelta(days=1), 10
CHANGEABLE: Final = frozenset(
    {
        *("user", "name", "languages", "areas", "specialities", "agent_type", "experience_level"),
        *("timezone", "working_hours", "days_off", "daily_capacity", "weight", "is_active"),
    }
)
# What people wrote or when they are where: the audit, which nobody can change, does without.
PRIVATE: Final = frozenset({"name", "user", "days_off", "working_hours"})


@transaction.atomic
def make_agent(*, by: Actor, **fields: Any) -> Agent:
    """A new agent stands beside the others from the start: see fairness.calibration_for."""
    now = clock.now()
    policies.check_is_team(by)
    agent = Agent(**_known(fields), created_at=now)
    others = with_load(Agent.objects.active(), now)
    loads = [load_of(other, now) for other in others]
    agent.calibration = calibration_for(loads, weight=agent.weight)
    _save(agent)
    # Made now: a row made by the first booking would join the line late.
    find_resources([ResourceKey(ResourceKind.AGENT, agent.pk)])
    if agent.user:
        name_agent(user=agent.user, by=by, now=now)
    audit.record(by=by, action="agent_created", target=agent, now=now)
    _look_again(now)
    return agent


@transaction.atomic
def change_agent(*, agent: Agent, by: Actor, changes: dict[str, Any]) -> Agent:
    """`changes` hold new values by field. An agent who is deactivated has open visits re-assigned."""
    now = clock.now()
    policies.check_is_team(by)
    agent = _lock(agent)
    was_active, changed = agent.is_active, []
    for name, value in _known(changes).items():
        if getattr(agent, name) != value:
            setattr(agent, name, value)
            changed.append(name)
    if not changed:
        return agent
    _save(agent)
    # Before the audit, in which everybody waits: it locks the account.
    if "user" in changed and agent.user:
        name_agent(user=agent.user, by=by, now=now)
    data = {name: changes[name] for name in changed if name not in PRIVATE}
    audit.record(
        by=by, action="agent_changed", target=agent, now=now, data={"changed": changed, **data}
    )
    if (was_active and not agent.is_active) or "days_off" in changed:
        _move_visits(agent, now)
    if agent.is_active:
        _look_again(now)
    return agent


@transaction.atomic
def set_availability(
    *,
    agent: Agent,
    is_available: bool,
    by: Actor,
    until: dt.datetime | None = None,
    reason: str = "",
) -> Agent:
    """On leave, until an instant or for now; or back. By the team, or by the agent.

    Visits within the leave are given to others.
    """
    now = clock.now()
    policies.check_is_team_or_self(agent, by)
    if until is not None and (is_available or until <= now):
        raise Invalid.field(
            "until", _("Only somebody who is away comes back, and that lies ahead.")
        )
    agent = _lock(agent)
    agent.is_available, agent.unavailable_until = is_available, until
    agent.unavailable_reason = "" if is_available else reason
    agent.save()
    data = {"is_available": is_available, "until": until}
    audit.record(by=by, action="agent_availability", target=agent, now=now, data=data)
    if is_available:
        _look_again(now)
    else:
        _move_visits(agent, now)
    return agent


@transaction.atomic
def log_interaction(
    *,
    agent: Agent,
    kind: str,
    by: User,
    response_time_seconds: int | None = None,
    user_satisfaction: int | None = None,
) -> AgentInteraction:
    """By somebody whose visit they have or had, by the team, or by the agent; who rates nobody."""
    now = clock.now()
    policies.check_can_log(agent, by)
    if user_satisfaction is not None and agent.user_id == by.pk:
        raise NotAllowed(_("The others say how it was."))
    facts = {"response_time_seconds": response_time_seconds, "user_satisfaction": user_satisfaction}
    return _log(AgentInteraction(agent=agent, user=by, kind=kind, created_at=now, **facts), by)


@transaction.atomic
def rate_agent(*, visit: Visit, by: User, user_satisfaction: int) -> AgentInteraction:
    """1 to 5 stars by the visitor for who showed the place: one line for the two of them.

    Whoever says it again changes the stars, and the line keeps its day, so that nobody makes an old
    rating young. Of the three kinds that there are, a tour is talk.
    """
    now, seen = clock.now(), visit.agent
    limits.hit("ratings", str(by.pk))
    # Of two at once the second changes what the first said.
    visit = lock_visit(visit)
    agent = policies.check_can_rate(visit, by, now)
    if agent != seen:
        raise NotAllowed(_("You have no visit with this agent."))
    if earlier := AgentInteraction.objects.filter(visit=visit, agent=agent).first():
        return _change_rating(earlier, user_satisfaction, by, now)
    facts = {"kind": InteractionKind.CHAT, "user_satisfaction": user_satisfaction}
    return _log(AgentInteraction(agent=agent, visit=visit, user=by, created_at=now, **facts), by)


def _log(interaction: AgentInteraction, by: User) -> AgentInteraction:
    """At most MOST_A_DAY of one person about one agent."""
    agent, now = interaction.agent, interaction.created_at
    recent = AgentInteraction.objects.filter(agent=agent, user=by, created_at__gt=now - DAY)
    if not by.is_admin and recent.count() >= MOST_A_DAY:
        raise RateLimited(retry_after=int(DAY.total_seconds()))
    interaction.save(force_insert=True)
    data = {"agent_id": str(agent.pk), "kind": interaction.kind}
    audit.record(by=by, action="agent_interaction", target=interaction, now=now, data=data)
    return interaction


# --- Figures ----------------------------------------------------------------------------------------
def with_rating(agents: QuerySet[Agent], now: dt.datetime) -> QuerySet[Agent]:
    """With `rating`: how people found the agent in the last three months, or None."""
    recent = _that_count(now).filter(agent=OuterRef("pk"))
    mean = recent.order_by().values("agent").annotate(mean=Avg("user_satisfaction"))
    return agents.annotate(rating=Subquery(mean.values("mean")))


def _that_count(now: dt.datetime) -> QuerySet[AgentInteraction]:
    return AgentInteraction.objects.that_count().filter(created_at__gt=now - RATED)


def ratings_on(visit: Visit, by: User, now: dt.datetime) -> dict[str, Any]:
    """For the page of a visit, in one statement: the `agent_rating` of with_rating, and the
    `given_stars` that the reader has given; nobody else reads those.
    """
    if visit.agent is None:
        return {}
    own = AgentInteraction.objects.filter(visit=visit, agent=visit.agent, user=by)
    agents = with_rating(Agent.objects.filter(pk=visit.agent.pk), now)
    given = agents.annotate(given_stars=Subquery(own.values("user_satisfaction")))
    rating, stars = given.values_list("rating", "given_stars").get()
    return {"agent_rating": rating, "given_stars": stars}


def stats_of(agent: Agent, now: dt.datetime) -> dict[str, Any]:
    """What everybody may know of an agent's work."""
    recent = _that_count(now).filter(agent=agent)
    found = recent.aggregate(
        rating=Avg("user_satisfaction"),
        rated=Count("user_satisfaction"),
        interactions=Count("pk"),
        response_time_seconds=Avg("response_time_seconds"),
    )
    visits = Visit.objects.filter(agent=agent).aggregate(
        completed=Count("pk", filter=Q(status=VisitStatus.COMPLETED)),
        attended=Count("pk", filter=Q(outcome=Outcome.ATTENDED)),
    )
    return {"agent_id": agent.pk, **found, **visits}


def _change_rating(
    rating: AgentInteraction, stars: int, by: User, now: dt.datetime
) -> AgentInteraction:
    if rating.user_satisfaction == stars:
        return rating
    rating.user_satisfaction = stars
    rating.save(update_fields=["user_satisfaction"])
    data = {"agent_id": str(rating.agent_id)}
    audit.record(by=by, action="agent_rating_changed", target=rating, now=now, data=data)
    return rating


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(fields) - CHANGEABLE):
        raise ValueError(f"not to be set: {unknown}")
    if problems := problems_of(fields.get("working_hours", {})):
        raise Invalid(details={"fields": {"working_hours": problems}})
    return fields


def _lock(agent: Agent) -> Agent:
    return Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)


def _save(agent: Agent) -> None:
    if agent.user_id:
        lock_pair(agent.user_id, agent.user_id)  # two at once would both find nobody
    if agent.user_id and Agent.objects.filter(user=agent.user_id).exclude(pk=agent.pk).exists():
        raise Conflict(_("This account belongs to another agent."), code="USER_IS_AGENT")
    try:
        agent.full_clean(validate_unique=False)
    except ValidationError as error:
        raise Invalid(details={"fields": error.message_dict}) from error
    agent.save()


def _move_visits(agent: Agent, now: dt.datetime) -> None:
    """After commit, each in a transaction of its own; a worker does what is left of a long list."""
    # No partial: Django asks what fails here for its name.
    transaction.on_commit(lambda: release_agent(agent=agent, now=now), robust=True)
    somebody_is_free()


def _look_again(now: dt.datetime) -> None:
    trigger = AssignmentTrigger.RELEASE
    transaction.on_commit(
        lambda: assign_waiting(now=now, trigger=trigger, most=AT_ONCE), robust=True
    )
    somebody_is_free()
