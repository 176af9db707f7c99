"""How much of the database each verb takes, without savepoints; no step gets dearer unnoticed."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest

from tests.visits.actions import at, fresh, matched, meet, tour
from visits.services import assigning, closing, scheduling

pytestmark = pytest.mark.django_db


@pytest.fixture
def statements():
    """`statements(work)`: what it asked of the database."""

    def count(work):
        with CaptureQueriesContext(connection) as captured:
            work()
        asked = [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"][:30]]
        for number, sql in enumerate(asked, 1):
            print(number, sql.strip()[:110])  # noqa: T201 -- shown with a failure alone
        return len(asked)

    return count


def test_a_booking_of_a_tour(statements, listing, seeker, guide):
    """Listing, block, agents, line of the party, their time, claims, the agent's day, decision,
    visit, event, audit, lines, choices, messages, hints.
    """
    tour(listing, seeker)  # the rows of the calendar are made with the first
    assert statements(lambda: tour(listing, seeker, hour=14)) <= 15


def test_a_booking_of_a_meeting(statements, listing, seeker, peer):
    matched(seeker, peer)
    meet(listing, seeker, peer)
    assert statements(lambda: meet(listing, seeker, peer, hour=14)) <= 13


@pytest.mark.parametrize(
    ("verb", "most"),
    [("confirm", 13), ("reschedule", 20), ("cancel", 11), ("note", 6), ("assign", 9)],
)
def test_steps(statements, visit, seeker, poster, admin, verb, most):
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
    assert statements(steps[verb]) <= most


def test_an_agreement_on_a_new_time_and_its_undoing(statements, confirmed, seeker, poster):
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=seeker)
    visit = fresh(confirmed)
    assert statements(lambda: scheduling.confirm_visit(visit=visit, by=poster)) <= 24
    assert statements(lambda: closing.undo_step(visit=visit, by=poster)) <= 27
