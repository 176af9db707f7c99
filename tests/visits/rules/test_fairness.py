"""Whose turn it is, without a database."""

import datetime as dt
import uuid

from hypothesis import given
from hypothesis import strategies as st

from visits.rules.fairness import WINDOW, Load, calibration_for, calibration_left, order_of, spread

ANNA, BIRD, CARL = (uuid.UUID(int=n) for n in range(1, 4))
MONDAY = dt.datetime(2027, 5, 3, 8, tzinfo=dt.UTC)


def give(loads: list[Load], number: int) -> list[Load]:
    """So many visits, one after the other, each to whoever comes first."""
    by_agent = {load.agent_id: load for load in loads}
    for turn in range(number):
        first = order_of(by_agent.values())[0]
        at = MONDAY + dt.timedelta(minutes=turn)
        by_agent[first.agent_id] = first._replace(open=first.open + 1, last_assigned_at=at)
    return list(by_agent.values())


def test_the_smallest_load_comes_first():
    loads = [Load(ANNA, 3), Load(BIRD, 1), Load(CARL, 2)]
    assert [load.agent_id for load in order_of(loads)] == [BIRD, CARL, ANNA]


def test_twice_the_weight_carries_twice_the_load():
    loads = give([Load(ANNA, 0, weight=1), Load(BIRD, 0, weight=2)], 30)
    assert {load.agent_id: load.open for load in loads} == {ANNA: 10, BIRD: 20}


def test_a_tie_goes_to_whoever_waits_longest_and_then_by_id():
    later = MONDAY + dt.timedelta(hours=1)
    loads = [
        Load(CARL, 1, last_assigned_at=later),
        Load(BIRD, 1, last_assigned_at=MONDAY),
        Load(ANNA, 1),
    ]
    assert [load.agent_id for load in order_of(loads)] == [ANNA, BIRD, CARL]
    assert [load.agent_id for load in order_of([Load(BIRD, 0), Load(ANNA, 0)])] == [ANNA, BIRD]


def test_a_new_agent_stands_beside_the_others():
    loads = [Load(ANNA, 8), Load(BIRD, 12, weight=2)]
    calibration = calibration_for(loads, weight=0.5)
    assert Load(CARL, 0, weight=0.5, calibration=calibration).score == 7
    assert calibration_for([], weight=1) == 0


def test_the_calibration_fades_over_four_weeks():
    halves = [calibration_left(8, age=WINDOW * part) for part in (0, 0.5, 1, 2)]
    assert halves == [8, 4, 0, 0]
    assert calibration_left(8, age=dt.timedelta(days=-1)) == 8


@given(st.integers(1, 8), st.integers(0, 60))
def test_equal_agents_are_never_more_than_one_visit_apart(agents, visits):
    loads = give([Load(uuid.UUID(int=n), 0) for n in range(agents)], visits)
    assert spread(loads) <= 1
    assert sum(load.open for load in loads) == visits


@given(st.lists(st.floats(0.5, 4), min_size=1, max_size=6), st.integers(0, 80))
def test_by_weight_nobody_is_more_than_two_ahead(weights, visits):
    loads = give([Load(uuid.UUID(int=n), 0, weight=w) for n, w in enumerate(weights)], visits)
    assert spread(loads) <= 2
