"""Every step in every state by every side, asked of the verbs, of the policies and of the database."""

from contextlib import contextmanager
from itertools import product

from django.db import IntegrityError, transaction
import pytest
import time_machine

from ghar.errors import InvalidTransition, NotAllowed, NotFound
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from tests.visits.actions import at, complete, fresh, tour
from tests.visits.agents import an_agent
from visits.models import Visit
from visits.policies import steps as policies
from visits.services import assigning, closing, scheduling
from visits.states import TRANSITIONS, VisitStatus

pytestmark = pytest.mark.django_db

STATES = [str(status) for status in VisitStatus]
VERBS = [*policies.STEPS, "expire"]

# OK: the step is taken; SAME: a repeat that changes nothing; else the refusal.
OK, SAME, NO, FORBIDDEN, UNKNOWN = "ok", "same", InvalidTransition, NotAllowed, NotFound
NEVER = [FORBIDDEN] * 5

# The visitor asks and proposes the other time and cancels; the host or the other one confirms.
#              scheduled  confirmed  completed  cancelled  rescheduled
ACTIVE = [OK, OK, NO, NO, OK]
AGREES = [OK, SAME, NO, NO, OK]
PROPOSED = [FORBIDDEN, SAME, NO, NO, FORBIDDEN]
MAY_CANCEL = [OK, OK, NO, SAME, OK]
MAY_COMPLETE = [NO, OK, SAME, NO, NO]
NOT_THEIRS = [NO, NO, NO, NO, FORBIDDEN]
OWN_PROPOSAL = [NO, NO, NO, NO, OK]
NOTHING_TO_UNDO = [NO, NO, NO, NO, NO]
VISITOR = {
    "confirm": PROPOSED,
    "reschedule": ACTIVE,
    "withdraw": OWN_PROPOSAL,
    "cancel": MAY_CANCEL,
    "complete": NEVER,
    "undo": [NO, NO, NO, OK, OK],
    "assign": NEVER,
    "expire": NEVER,
}
HOST = {
    **VISITOR,
    "confirm": AGREES,
    "withdraw": NOT_THEIRS,
    "complete": MAY_COMPLETE,
    "undo": [NO, OK, NO, NO, NO],
}
AGENT = {**HOST, "undo": [NO, NO, OK, NO, NO], "assign": ACTIVE}
ADMIN = {**AGENT, "undo": NOTHING_TO_UNDO}
OUTSIDER = dict.fromkeys(VERBS, [UNKNOWN] * 5)
AUTOMATIC = {
    **dict.fromkeys(VERBS, NEVER),
    "withdraw": OWN_PROPOSAL,
    "cancel": MAY_CANCEL,
    "complete": MAY_COMPLETE,
    "expire": [OK, NO, NO, NO, OK],
}
TOUR = {
    "seeker": VISITOR,
    "poster": HOST,
    "agent": AGENT,
    "admin": ADMIN,
    "outsider": OUTSIDER,
    "system": AUTOMATIC,
}
# Two who meet have nobody else who could say how it was; at whose place is no matter.
MEET = {
    "seeker": {**VISITOR, "complete": MAY_COMPLETE},
    "peer": {**HOST, "undo": [NO, OK, OK, NO, NO]},
    "poster": OUTSIDER,
    "agent": OUTSIDER,
    "admin": {**ADMIN, "assign": NEVER},
    "outsider": OUTSIDER,
    "system": AUTOMATIC,
}


@pytest.fixture
def standing(request):
    """`standing(kind, state)`: a tour or a meeting that has come to this state."""

    def bring_to(kind, state):
        visit = request.getfixturevalue({"tour": "visit", "meet": "meeting"}[kind])
        seeker = request.getfixturevalue("seeker")
        other = request.getfixturevalue({"tour": "poster", "meet": "peer"}[kind])
        last = request.getfixturevalue({"tour": "agent", "meet": "peer"}[kind])
        if state in ("confirmed", "completed"):
            scheduling.confirm_visit(visit=visit, by=other)
        if state == "rescheduled":
            scheduling.reschedule_visit(visit=visit, new_date=at(5, 10), by=seeker)
        if state == "completed":
            complete(visit, last)
        if state == "cancelled":
            closing.cancel_visit(visit=visit, by=seeker)
        return fresh(visit)

    return bring_to


def take(verb, visit, by):
    """The step itself; completion and expiry once the time has begun."""
    if verb == "expire":
        return policies.check_step(visit, "expire", by, clock.now())
    return {
        "confirm": scheduling.confirm_visit,
        "reschedule": lambda **who: scheduling.reschedule_visit(new_date=at(6, 10), **who),
        "withdraw": scheduling.withdraw_reschedule,
        "cancel": closing.cancel_visit,
        "complete": closing.complete_visit,
        "undo": closing.undo_step,
        "assign": lambda **who: assigning.assign_agent(trigger="admin", **who),
    }[verb](visit=visit, by=by)


@contextmanager
def when(verb, visit):
    if verb in ("complete", "expire"):
        with time_machine.travel(visit.scheduled_date, tick=False):
            yield
    else:
        yield


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome_of(verb, visit, by):
    before = visit.events.count()
    try:
        with when(verb, visit), undone():
            take(verb, visit, by)
            if verb == "expire":
                return OK
            return OK if visit.events.count() > before else SAME
    except (InvalidTransition, NotAllowed, NotFound) as refusal:
        assert visit.events.count() == before
        return type(refusal)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("kind", "table"), [("tour", TOUR), ("meet", MEET)], ids=["tour", "meet"])
def test_every_step_by_every_side(request, standing, kind, table, state):
    people = {name: request.getfixturevalue(name) for name in table if name != "system"}
    people["system"] = SYSTEM
    column = STATES.index(state)
    visit = standing(kind, state)
    an_agent("Ben")  # to whom a tour can be handed over
    expected = {(v, name): table[name][v][column] for v, name in product(VERBS, table)}
    found = {(v, name): outcome_of(v, visit, people[name]) for v, name in expected}
    wrong = {step: (found[step], expected[step]) for step in found if found[step] != expected[step]}
    assert wrong == {}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("kind", "table"), [("tour", TOUR), ("meet", MEET)], ids=["tour", "meet"])
def test_what_is_offered_is_what_is_possible(request, standing, kind, table, state):
    visit = standing(kind, state)
    column = STATES.index(state)
    for name in table:
        by = SYSTEM if name == "system" else request.getfixturevalue(name)
        for verb in policies.STEPS:
            with when(verb, visit):
                is_offered = verb in policies.allowed_actions(visit, by, clock.now())
            assert is_offered is (table[name][verb][column] == OK), (verb, name)


@pytest.mark.parametrize(("old", "new"), [p for p in product(STATES, STATES) if p[0] != p[1]])
def test_the_database_refuses_every_other_step(listing, seeker, poster, old, new):
    visit = Visit.objects.create(
        listing=listing, user=seeker, host=poster, status=old, scheduled_date=at(3, 10)
    )
    row = Visit.objects.filter(pk=visit.pk)
    if (old, new) in TRANSITIONS.pairs():
        assert row.update(status=new) == 1
        return
    with pytest.raises(IntegrityError, match="illegal step"), transaction.atomic():
        row.update(status=new)


@pytest.mark.parametrize("proposer", ["seeker", "poster", "agent", "admin"])
def test_nobody_confirms_what_they_proposed(request, confirmed, proposer):
    by = request.getfixturevalue(proposer)
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=by)
    with pytest.raises(NotAllowed):
        scheduling.confirm_visit(visit=confirmed, by=by)
    others = {"seeker": ["poster", "agent", "admin"], "admin": ["poster", "seeker"]}
    for name in others.get(proposer, ["seeker", "admin"]):
        assert outcome_of("confirm", fresh(confirmed), request.getfixturevalue(name)) == OK


@pytest.mark.parametrize("side", ["poster", "agent", "admin"])
def test_nobody_completes_before_the_start(request, confirmed, side):
    by = request.getfixturevalue(side)
    with pytest.raises(InvalidTransition):
        closing.complete_visit(visit=confirmed, by=by)
    assert complete(confirmed, by).status == "completed"


def test_what_an_admin_booked_the_host_confirms(listing, seeker, poster, admin, guide, agent):
    visit = tour(listing, admin, visitor=seeker)
    for by in (seeker, agent, admin):
        with pytest.raises(NotAllowed):
            scheduling.confirm_visit(visit=visit, by=by)
    assert scheduling.confirm_visit(visit=visit, by=poster).status == "confirmed"
