"""The truth table: every verb in every state by every side, asked of the verbs themselves."""

from itertools import product

from django.db import IntegrityError, transaction
import pytest
import time_machine

from ghar.errors import InvalidTransition, NotAllowed, NotFound
from tests.viewings.actions import at, complete, fresh
from viewings.models import ViewingRequest
from viewings.services import closing, scheduling
from viewings.states import TRANSITIONS, ViewingStatus

pytestmark = pytest.mark.django_db

STATES = [str(status) for status in ViewingStatus]
ACTORS = ["seeker", "poster", "admin", "outsider"]

# ok: the step is taken; same: a repeat that changes nothing; else the refusal.
OK, SAME, NO, FORBIDDEN, UNKNOWN = "ok", "same", InvalidTransition, NotAllowed, NotFound

#                 proposed  confirmed rescheduled cancelled completed
TABLE = {
    ("offer", "seeker"): [OK, NO, OK, NO, NO],
    ("offer", "poster"): [OK, NO, OK, NO, NO],
    ("offer", "admin"): [OK, NO, OK, NO, NO],
    # The one open time was offered by the seeker.
    ("select", "seeker"): [FORBIDDEN, NO, FORBIDDEN, NO, NO],
    ("select", "poster"): [OK, NO, OK, NO, NO],
    ("select", "admin"): [OK, NO, OK, NO, NO],
    ("confirm", "seeker"): [FORBIDDEN] * 5,
    ("confirm", "poster"): [OK, NO, OK, NO, NO],
    ("confirm", "admin"): [OK, NO, OK, NO, NO],
    ("reschedule", "seeker"): [OK, OK, OK, NO, NO],
    ("reschedule", "poster"): [OK, OK, OK, NO, NO],
    ("reschedule", "admin"): [OK, OK, OK, NO, NO],
    ("cancel", "seeker"): [OK, OK, OK, SAME, NO],
    ("cancel", "poster"): [OK, OK, OK, SAME, NO],
    ("cancel", "admin"): [OK, OK, OK, SAME, NO],
    ("complete", "seeker"): [FORBIDDEN] * 5,
    ("complete", "poster"): [NO, OK, NO, NO, SAME],
    ("complete", "admin"): [NO, OK, NO, NO, SAME],
    **{
        (verb, "outsider"): [UNKNOWN] * 5
        for verb in ("offer", "select", "confirm", "reschedule", "cancel", "complete")
    },
}


def complete_late(viewing, option, by):
    """When each of its times has begun."""
    with time_machine.travel(at(6, 10).start_at, tick=False):
        return closing.complete_viewing(viewing=viewing, by=by)


VERBS = {
    "offer": lambda viewing, option, by: scheduling.offer_times(
        viewing=viewing, times=[at(6, 10)], by=by
    ),
    "select": lambda viewing, option, by: scheduling.select_time(
        viewing=viewing, option=option, by=by
    ),
    "confirm": lambda viewing, option, by: scheduling.confirm_viewing(
        viewing=viewing, option=option, by=by
    ),
    "reschedule": lambda viewing, option, by: scheduling.reschedule_viewing(
        viewing=viewing, times=[at(6, 10)], by=by
    ),
    "cancel": lambda viewing, option, by: closing.cancel_viewing(viewing=viewing, by=by),
    "complete": complete_late,
}


@pytest.fixture
def standing(viewing, seeker, poster):
    """`standing(state)`: the request in that state, and an option that the seeker offered."""

    def bring_to(state):
        first = viewing.options.first()
        if state in ("confirmed", "rescheduled", "completed"):
            scheduling.confirm_viewing(viewing=viewing, option=first, by=poster)
        if state == "rescheduled":
            scheduling.reschedule_viewing(viewing=viewing, times=[at(5, 10)], by=seeker)
        if state == "completed":
            complete(viewing, poster)
        if state == "cancelled":
            closing.cancel_viewing(viewing=viewing, by=seeker)
        return fresh(viewing), viewing.options.last()

    return bring_to


@pytest.mark.parametrize(("verb", "actor"), TABLE)
@pytest.mark.parametrize("state", STATES)
def test_truth_table(request, standing, verb, actor, state):
    viewing, option = standing(state)
    by = request.getfixturevalue(actor)
    expected = TABLE[verb, actor][STATES.index(state)]
    before = viewing.events.count(), viewing.status
    if expected in (OK, SAME):
        after = VERBS[verb](viewing, option, by)
        source = TRANSITIONS.find(verb, state)
        assert after.status == (source.target if expected == OK else state)
    else:
        with pytest.raises(expected):
            VERBS[verb](viewing, option, by)
    unchanged = (viewing.events.count(), fresh(viewing).status) == before
    assert unchanged is (expected != OK)


def test_the_truth_table_says_what_the_table_of_steps_says():
    for (verb, actor), cells in TABLE.items():
        for state, cell in zip(STATES, cells, strict=True):
            row = TRANSITIONS.find(verb, state)
            if cell == OK:
                assert row is not None
                assert actor in row.actors
            elif cell == NO:
                assert row is None


@pytest.mark.parametrize(("old", "new"), [p for p in product(STATES, STATES) if p[0] != p[1]])
def test_the_database_refuses_every_other_step(listing, seeker, poster, old, new):
    viewing = ViewingRequest.objects.create(
        listing=listing, seeker=seeker, poster=poster, status=old
    )
    row = ViewingRequest.objects.filter(pk=viewing.pk)
    if (old, new) in TRANSITIONS.pairs():
        assert row.update(status=new) == 1
        return
    with pytest.raises(IntegrityError, match="illegal step"), transaction.atomic():
        row.update(status=new)
