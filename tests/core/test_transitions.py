import pytest

from ghar.errors import InvalidTransition, NotAllowed, require_step
from ghar.lib.transitions import Transitions, row

DOOR = Transitions(
    row("open", ["closed"], "open", ["guest", "host"]),
    row("close", ["open"], "closed", ["guest", "host"]),
    row("lock", ["closed"], "locked", ["host"]),
)


def test_a_step_leads_to_its_target():
    assert require_step(DOOR, verb="open", source="closed", actors=["guest"]).target == "open"


def test_a_step_that_the_state_refuses_names_what_is_possible_to_this_caller():
    with pytest.raises(InvalidTransition) as refused:
        require_step(DOOR, verb="close", source="closed", actors=["guest"])
    assert refused.value.details == {"allowed": ["open"]}


def test_a_step_that_only_others_may_take_is_not_allowed():
    with pytest.raises(NotAllowed):
        require_step(DOOR, verb="lock", source="closed", actors=["guest"])


def test_pairs_leave_out_steps_that_stay_where_they_are():
    table = Transitions(*DOOR.rows, row("knock", ["closed"], "closed", ["guest"]))
    assert table.pairs() == [("closed", "locked"), ("closed", "open"), ("open", "closed")]
