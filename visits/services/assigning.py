"""Give a tour its agent, and another one when that one cannot come.

The best candidate is tried first; if somebody else has just taken that time of theirs, the next.
When nobody is free the visit waits without one: it is tried again whenever somebody becomes free,
and every minute.
"""

from collections.abc import Callable, Iterable
import datetime as dt
from typing import Any, Final
import uuid

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
import structlog

from ghar.accounts.models import User
from ghar.errors import (
    Conflict,
    DomainError,
    NotAllowed,
    SlotTaken,
)
from ghar.lib import clock
from ghar.lib.actors import SYSTEM, Actor
from ghar.lib.wake import wake
from ghar.notifications.models import Notification, NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from visits import assignment
from visits.assignment import Candidate
from visits.models import Agent, AssignmentDecision, Visit
from visits.policies import steps as policies
from visits.services import records, slots, telling
from visits.states import AGENT, AssignmentTrigger, VisitEventType
from visits.states import SYSTEM as SYSTEM_SIDE

log = structlog.get_logger(__name__)

# From here on the admins hear that nobody is there to show the place.
URGENT: Final = dt.timedelta(hours=6)
# So many while somebody waits for the answer; a worker does the others.
AT_ONCE: Final = 50
# An agent may still come if the team has talked with them, or they say so themselves.
AGREED: Final = frozenset({"off_hours", "handed_over"})
# What somebody asks for by themselves; the other triggers follow from a step that was allowed.
ASKED_FOR: Final = frozenset({AssignmentTrigger.ADMIN, AssignmentTrigger.HANDOVER})


@transaction.atomic
def assign_agent(*, visit: Visit, trigger: str, by: Actor, agent: Agent | None = None) -> Visit:
    """Find an agent for a tour, or take the one whom an admin names.

    A named agent must pass every filter but those that an admin may agree on with them, see AGREED:
    else Conflict AGENT_NOT_SUITABLE with `details.lost_because`. The visit's own agent may ask for
    another one, see hand_over. Naming the one who has it already changes nothing.
    """
    visit = records.lock_visit(visit)
    now = clock.now()
    side, old = check_can_assign(visit, agent, trigger, by=by, now=now), visit.agent
    if agent is not None and agent == old:
        return visit
    if agent is not None:
        _take_named(visit, agent, now)
    else:
        trigger = AssignmentTrigger.HANDOVER if side == AGENT else trigger
        choose_agent(visit, trigger=trigger, now=now, without=old)
    _write(visit, old, by=by, side=side, now=now)
    return visit


def hand_over(*, visit: Visit, by: Actor) -> Visit:
    """The agent of a visit cannot come: somebody else does, or it waits for somebody."""
    return assign_agent(visit=visit, trigger=AssignmentTrigger.HANDOVER, by=by)


def check_can_assign(
    visit: Visit, agent: Agent | None, trigger: str, *, by: Actor, now: dt.datetime
) -> str:
    """The caller's side. Only the team names an agent."""
    if trigger not in ASKED_FOR:
        return policies.side_of(visit, by)
    side = policies.check_step(visit, "assign", by, now)
    if side == AGENT and agent is not None:
        raise NotAllowed(_("Hand it over, and the next one in turn gets it."))
    return side


def choose_agent(
    visit: Visit, *, trigger: str, now: dt.datetime, without: Agent | None = None
) -> Agent | None:
    """The best agent who is free, or None; on the row in memory, with the decision written down.

    For a visit that the caller has locked or makes. `without` has it now and is to be relieved.
    """
    stood = _relieve(assignment.candidates_for(visit, now), without, trigger)
    if without is not None:
        slots.drop_agent(visit=visit)
    chosen, judged = _take_first(visit, stood, now)
    if chosen is not None or _is_news(visit, judged, trigger):
        _decision(visit, chosen, judged, trigger=trigger, now=now).save()
    visit.agent = chosen
    visit.unassigned_since = None if chosen else visit.unassigned_since or now
    warn_admins(visit, now=now)
    return chosen


def take_time_and_agent(visit: Visit, *, now: dt.datetime) -> AssignmentDecision | None:
    """Claim the time of a new tour and of the best agent in one go, which is how it nearly always
    ends: the decision, not saved. None, with nothing claimed, where nobody can come or somebody has
    just been faster. SlotTaken where the time is not free.
    """
    slots.check_free(visit)
    stood = assignment.candidates_for(visit, now)
    if not stood or stood[0].lost_because:
        return None
    first = stood[0].agent
    if not _take(visit, first, now, claim=slots.take_time_with, in_turn=True):
        return None
    visit.agent = first
    return _decision(visit, first, stood, trigger=AssignmentTrigger.SCHEDULE, now=now)


def keep_agent(visit: Visit, *, by: Actor, now: dt.datetime) -> dict[str, Any]:
    """The agent comes along to another time of the visit, or another one is found; what changed.

    Without any the visit looks for one at its new time. The row is not saved here.
    """
    old = visit.agent
    if not assignment.needs_agent(visit, now) or (old and _comes_along(visit, old, by, now)):
        return {}
    choose_agent(visit, trigger=AssignmentTrigger.RESCHEDULE, now=now, without=old)
    return _changes(visit) if visit.agent != old else {}


def _comes_along(visit: Visit, agent: Agent, by: Actor, now: dt.datetime) -> bool:
    somebody_is_free()  # the time that they leave may suit another visit
    alone = Agent.objects.filter(pk=agent.pk)
    [judged] = assignment.candidates_for(visit, now, among=alone)
    why = judged.lost_because
    # Whoever takes the step themself, which is not written down yet, agrees with what comes of it.
    if why in AGREED and (by == agent.user or assignment.has_agreed(agent, visit)):
        why = assignment.why_not(judged.agent, visit, besides=AGREED)
    # Nothing new is assigned: the agent's turn stays where it is.
    return not why and _take(visit, agent, agent.last_assigned_at or now)


def _changes(visit: Visit) -> dict[str, Any]:
    return {"agent_id": visit.agent_id, "unassigned_since": visit.unassigned_since}


def _relieve(stood: list[Candidate], old: Agent | None, trigger: str) -> list[Candidate]:
    """Whoever has it comes last if an admin looks for somebody else, and not at all otherwise."""
    if trigger == AssignmentTrigger.ADMIN:
        return sorted(stood, key=lambda candidate: candidate.agent == old)
    return [
        c._replace(lost_because="relieved") if c.agent == old and not c.lost_because else c
        for c in stood
    ]


def _take_first(
    visit: Visit, stood: list[Candidate], now: dt.datetime
) -> tuple[Agent | None, list[Candidate]]:
    """The first of those who can, and all of them with what came out.

    Rather one to whom nobody has given a visit since they were counted: else all who look at the
    same moment would choose the same one.
    """
    able = [candidate for candidate in stood if not candidate.lost_because]
    for in_turn in (True, False):
        for place, candidate in enumerate(able):
            if _take(visit, candidate.agent, now, in_turn=in_turn):
                return candidate.agent, _passed_over(stood, able[:place])
    return None, _passed_over(stood, able)


def _passed_over(stood: list[Candidate], tried: list[Candidate]) -> list[Candidate]:
    return [c._replace(lost_because="slot_taken") if c in tried else c for c in stood]


def _take(
    visit: Visit,
    agent: Agent,
    turn: dt.datetime,
    *,
    claim: Callable[..., None] = slots.take_agent,
    in_turn: bool = False,
) -> bool:
    """Claim the agent's time; from then on it was their turn at `turn`.

    The savepoint gives the agent free again where that comes to nothing: whoever waited for one
    agent while holding another would deadlock.
    """
    try:
        with transaction.atomic():
            claim(visit=visit, agent=agent)
            _check_still_open(visit, agent, turn, in_turn=in_turn)
    except SlotTaken:
        return False
    return True


def _check_still_open(visit: Visit, agent: Agent, turn: dt.datetime, *, in_turn: bool) -> None:
    """Their day is not full and they have not left, as it stands now that their time is locked.

    In turn, nobody has given them a visit since they were counted: their day is as it was then.
    """
    row: QuerySet[Agent] = Agent.objects.active().filter(pk=agent.pk)
    if in_turn:
        row = row.filter(last_assigned_at=agent.last_assigned_at)
    else:
        row = assignment.with_room_for(visit, row, agent.timezone)
    # Never the same twice: a sweep gives out many visits at one moment, and whoever has counted the
    # agent's day notices that another visit has come to it.
    later = Greatest(turn, F("last_assigned_at") + dt.timedelta(microseconds=1))
    if not row.update(last_assigned_at=later):
        raise SlotTaken


def _take_named(visit: Visit, agent: Agent, now: dt.datetime) -> None:
    """The agent whom an admin wants."""
    stood = assignment.candidates_for(visit, now)
    named = next(candidate for candidate in stood if candidate.agent == agent)
    why = assignment.why_not(named.agent, visit, besides=AGREED)
    if visit.agent_id:
        slots.drop_agent(visit=visit)
    if why or not _take(visit, named.agent, now):
        raise _not_suitable(agent, why or "slot_taken")
    others = [c._replace(lost_because=c.lost_because or "not_named") for c in stood if c != named]
    judged = [named._replace(lost_because=""), *others]
    _decision(visit, named.agent, judged, trigger=AssignmentTrigger.ADMIN, now=now).save()
    visit.agent, visit.unassigned_since = named.agent, None


def _not_suitable(agent: Agent, why: str) -> Conflict:
    words = {"name": agent.name, "why": assignment.REASONS[why]}
    return Conflict(
        _("%(name)s cannot come: %(why)s.") % words,
        code="AGENT_NOT_SUITABLE",
        details={"lost_because": why},
    )


def _is_news(visit: Visit, judged: list[Candidate], trigger: str) -> bool:
    """A visit that waits is tried every minute; only what differs from the last time is written."""
    if trigger not in (AssignmentTrigger.SWEEP, AssignmentTrigger.RELEASE):
        return True
    last = AssignmentDecision.objects.filter(visit=visit).first()
    if last is None or last.agent_id is not None:
        return True
    before = {row["agent_id"]: row["lost_because"] for row in last.candidates}
    return before != {str(c.agent.pk): c.lost_because for c in judged}


def _decision(
    visit: Visit, agent: Agent | None, judged: list[Candidate], *, trigger: str, now: dt.datetime
) -> AssignmentDecision:
    return AssignmentDecision(
        visit=visit,
        agent=agent,
        trigger=trigger,
        candidates=[candidate.as_row() for candidate in judged],
        decided_at=now,
    )


def _write(visit: Visit, old: Agent | None, *, by: Actor, side: str, now: dt.datetime) -> None:
    """What came of it, to the row, the history and the people."""
    if visit.agent != old:
        event = VisitEventType.ASSIGNED if visit.agent else VisitEventType.UNASSIGNED
        changes = records.change(visit, **_changes(visit))
        if visit.is_confirmed:
            slots.enter_calendar(visit, now=now)  # the reminders change hands
        records.record(visit, event, by=by, side=side, changes=changes, now=now)
        telling.tell(visit, verb="assign", by=by, now=now, was=old)


def warn_admins(visit: Visit, *, now: dt.datetime) -> None:
    """Nobody is there to show the place, and the start is near: the team hears it once each time
    that somebody has gone.
    """
    if visit.agent_id or visit.scheduled_date - now >= URGENT:
        return
    times = f"{visit.scheduled_date:%Y%m%d%H%M}-{visit.unassigned_since:%Y%m%d%H%M%S}"
    key = f"unassigned-{visit.pk}-{times}"
    if Notification.objects.of_cause(key).exists():
        return
    lines = [
        Line(
            to=admin,
            type=NotificationType.VISIT_SCHEDULED,
            title=format_lazy(_("Nobody can show {place}"), place=visit.listing),
            body=format_lazy(
                _("{time}, and no agent is free. Please find somebody."),
                time=telling.time_of(visit),
            ),
            route=reverse("admin:visits_visit_change", args=[visit.pk]),
            key=key,
        )
        for admin in User.objects.admins()
    ]
    notify(*lines, now=now, purpose=Purpose.VIEWINGS)


# --- The queue --------------------------------------------------------------------------------------
def assign_waiting(
    *, now: dt.datetime, trigger: str = AssignmentTrigger.SWEEP, most: int | None = None
) -> int:
    """Try every visit that waits, and those of agents who have left; how many found somebody.

    `most`: as many as somebody waits for; without it those on new days off too.
    """
    ids = list(assignment.waiting_visits(now).values_list("pk", flat=True)[:most])
    if most is None:
        ids += [visit.pk for visit in assignment.visits_on_days_off(now)]
    return _assign_each(ids, trigger=trigger, now=now)


def release_agent(*, agent: Agent, now: dt.datetime) -> int:
    """The agent leaves, or is away: somebody else comes to their visits, or these wait."""
    ids = [visit.pk for visit in assignment.visits_to_move(agent, now)[:AT_ONCE]]
    return _assign_each(ids, trigger=AssignmentTrigger.LEAVE, now=now)


def somebody_is_free() -> None:
    """After commit, whoever waits is tried again: a visit was cancelled or moved."""
    wake("visits.assign_waiting", AssignmentTrigger.RELEASE)


def _assign_each(ids: Iterable[uuid.UUID], *, trigger: str, now: dt.datetime) -> int:
    """Each in a transaction of its own: one that cannot be helped must not stop the others."""
    return sum(_assign_one(pk, trigger=trigger, now=now) for pk in ids)


def _assign_one(pk: uuid.UUID, *, trigger: str, now: dt.datetime) -> bool:
    """Whether it has somebody now. It may have been cancelled or helped since it was listed."""
    try:
        with transaction.atomic():
            visit = records.lock_visit(Visit(pk=pk))
            if not assignment.needs_agent(visit, now):
                return False
            old, why = visit.agent, trigger
            if old is not None:
                why = assignment.why_replaced(old, visit) or ""
            if not why:
                return False
            choose_agent(visit, trigger=why, now=now, without=old)
            _write(visit, old, by=SYSTEM, side=SYSTEM_SIDE, now=now)
    except DomainError as refused:
        log.warning("visit_not_assigned", visit=str(pk), code=refused.code)
        return False
    return visit.agent_id is not None
