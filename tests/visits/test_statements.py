"""How much of the database each verb takes, without savepoints; no step gets dearer unnoticed."""

import pytest

from ghar.errors import SlotTaken
from tests.factories import UserFactory
from tests.statements import statements_of
from tests.visits.actions import at, fresh, matched, meet, tour
from visits.services import assigning, closing, scheduling

pytestmark = pytest.mark.django_db


def test_a_booking_of_a_tour(listing, seeker, guide):
    """Pair, listing, who is busy, agents, line of the party, claims, the agent's turn, visit, event
    with decision and audit, lines with hints.
    """
    tour(listing, seeker)  # the rows of the calendar are made with the first
    assert statements_of(lambda: tour(listing, seeker, hour=14)) <= 10


def test_a_tour_that_comes_too_late(listing, seeker, guide):
    """Pair, listing, who is busy: that says which times near by are free. Nobody looks for an agent."""
    tour(listing, seeker)
    late = UserFactory()

    def come_too_late():
        with pytest.raises(SlotTaken):
            tour(listing, late)

    assert statements_of(come_too_late) <= 3


def test_a_booking_of_a_meeting(listing, seeker, peer):
    matched(seeker, peer)
    meet(listing, seeker, peer)
    assert statements_of(lambda: meet(listing, seeker, peer, hour=14)) <= 9


@pytest.mark.parametrize(
    ("verb", "most"),
    [("confirm", 9), ("reschedule", 16), ("cancel", 7), ("note", 5), ("assign", 8)],
)
def test_steps(visit, seeker, poster, admin, verb, most):
    steps = {
        "confirm": lambda: scheduling.confirm_visit(visit=visit, by=poster),
        "reschedule": lambda: scheduling.reschedule_visit(
            visit=visit, new_date=at(5, 10), by=seeker
        ),
        "cancel": lambda: closing.cancel_visit(visit=visit, by=seeker),
        "note": lambda: scheduling.edit_visit(
            visit=visit, changes={"interest_level": 4}, by=seeker
        ),
        "assign": lambda: assigning.assign_agent(
            visit=visit, trigger="handover", by=visit.agent.user
        ),
    }
    assert statements_of(steps[verb]) <= most


def test_an_agreement_on_a_new_time_and_its_undoing(confirmed, seeker, poster):
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=seeker)
    visit = fresh(confirmed)
    assert statements_of(lambda: scheduling.confirm_visit(visit=visit, by=poster)) <= 20
    assert statements_of(lambda: closing.undo_step(visit=visit, by=poster)) <= 23
