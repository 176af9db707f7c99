"""Many at once, on real transactions: one winner, no deadlock, nobody in two places.

GHAR_RACE_ROUNDS, GHAR_RACE_ATTEMPTS and GHAR_RACE_SEATS run the numbers of the acceptance.
GHAR_SABOTAGE=1 takes the locks and the constraint away: the suite must fail then, see test_sabotage.
"""

from collections import Counter
import datetime as dt
from functools import partial
import os

import pytest
import time_machine

from flatmates.services import matches
from ghar.calendar.models import CalendarEntry
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.properties.services.moves import move_listing
from tests.factories import LiveListingFactory, UserFactory
from tests.visits.actions import at, fresh, matched, meet, tour
from tests.visits.agents import an_agent
from tests.visits.crowd import make_world
from tests.visits.promises import (
    check_claims,
    check_history,
    check_reminders,
    deadlocks,
    overlapping_claims,
)
from tests.visits.rush import CLIENTS, at_once, crowd, fill_seats, herd, weighted_spread
from tests.visits.sabotage import sabotaged
from visits import tasks
from visits.models import Visit
from visits.services import booking
from visits.services.agents import change_agent, make_agent
from visits.services.assigning import assign_agent
from visits.services.closing import cancel_visit, undo_step
from visits.services.scheduling import confirm_visit, reschedule_visit, withdraw_reschedule

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

ROUNDS = int(os.environ.get("GHAR_RACE_ROUNDS", "3"))
ATTEMPTS = int(os.environ.get("GHAR_RACE_ATTEMPTS", "240"))
SEATS = int(os.environ.get("GHAR_RACE_SEATS", "80"))
rounds = pytest.mark.parametrize("round_", range(ROUNDS))


@pytest.fixture(autouse=True)
def surroundings_of_a_race(monkeypatch):
    """A worker's work is a step of its own here, and not part of somebody else's."""
    monkeypatch.setattr("celery.app.task.Task.delay", lambda *args, **kwargs: None)
    before = deadlocks()
    if os.environ.get("GHAR_SABOTAGE"):
        with sabotaged():
            yield
    else:
        yield
    assert deadlocks() == before


def the_herd_has_one_winner_each_round():
    for steps in herd(rounds=ROUNDS):
        assert Counter(step.outcome for step in steps) == {"ok": 1, "VISIT_CONFLICT": CLIENTS - 1}
    assert overlapping_claims() == 0
    assert Visit.objects.active().count() == ROUNDS


def the_crowd_leaves_nobody_in_two_places():
    steps = crowd(make_world(), attempts=ATTEMPTS)
    assert overlapping_claims() == 0
    check_claims(Visit.objects.all())
    for visit in Visit.objects.for_detail():
        check_history(visit)
        check_reminders(visit, clock.now())
    assert [step for step in steps if step.outcome.startswith(("DEADLOCK", "ERROR"))] == []
    assert len(steps) == ATTEMPTS


def every_seat_is_filled_once():
    steps, team = fill_seats(requests=SEATS)
    assert overlapping_claims() == 0
    assert {step.outcome for step in steps} == {"ok"}
    assert not Visit.objects.filter(agent=None).exists()
    assert {Visit.objects.filter(agent=one).count() for one in team} == {SEATS // len(team)}


RACES = [
    the_herd_has_one_winner_each_round,
    the_crowd_leaves_nobody_in_two_places,
    every_seat_is_filled_once,
]


@pytest.mark.parametrize("race", RACES)
def test_sixteen_clients(race):
    race()


def test_the_work_is_shared_by_weight_while_there_is_a_choice():
    steps, team = fill_seats(requests=SEATS, share=0.5)
    assert {step.outcome for step in steps} == {"ok"}
    assert weighted_spread(team) <= 2


@rounds
def test_somebody_new_who_books_several_places_at_once(round_):
    """Their row of the calendar is made by several transactions that wait for one agent."""
    an_agent()
    new, places = UserFactory(), [LiveListingFactory() for _ in range(6)]
    times = [at(3, 8 + 2 * number) for number in range(6)]
    outcomes = at_once(
        *(
            lambda place=place, time=time: booking.schedule_visit(
                by=new, listing=place, scheduled_date=time
            )
            for place, time in zip(places, times, strict=True)
        )
    )
    assert outcomes == ["ok"] * 6
    check_claims(Visit.objects.all())


@rounds
def test_no_meeting_outlives_the_match(round_):
    one, other, place = UserFactory(), UserFactory(), LiveListingFactory()
    match = matched(one, other)
    outcomes = at_once(
        *(lambda hour=hour: meet(place, one, other, hour=hour) for hour in (9, 11, 13)),
        lambda: matches.unmatch(match=match, by=other),
        lambda: meet(place, other, one, hour=15),
    )
    assert set(outcomes) <= {"ok", "NO_ACTIVE_MATCH"}
    assert not Visit.objects.active().exists()
    check_claims(Visit.objects.all())


@rounds
def test_a_hold_beside_bookings_agreements_and_what_is_taken_back_stops_them_all(round_):
    """Whatever came first: no reminder goes out about a place that is on hold."""
    place = LiveListingFactory()
    people = UserFactory.create_batch(6)
    visits = [tour(place, by, hour=8 + 2 * n) for n, by in enumerate(people[:4])]
    confirm_visit(visit=visits[3], by=place.owner)
    cancel_visit(visit=visits[3], by=people[3])
    outcomes = at_once(
        *(lambda visit=visit: confirm_visit(visit=visit, by=place.owner) for visit in visits[:3]),
        lambda: move_listing(listing=place, verb="check_hold", by=SYSTEM, now=clock.now()),
        lambda: undo_step(visit=visits[3], by=people[3]),
        *(lambda by=by: tour(place, by, day=4, hour=9) for by in people[4:]),
    )
    assert set(outcomes) <= {"ok", "LISTING_NOT_AVAILABLE", "VISIT_CONFLICT"}
    assert not CalendarEntry.objects.filter(is_active=True, is_frozen=False).exists()
    check_claims(Visit.objects.all())


@rounds
def test_of_a_withdrawn_place_nothing_comes_back(round_):
    place, by = LiveListingFactory(), UserFactory()
    visit = tour(place, by)
    cancel_visit(visit=visit, by=by)
    at_once(
        lambda: move_listing(listing=place, verb="withdraw", by=place.owner, now=clock.now()),
        lambda: undo_step(visit=visit, by=by),
        lambda: tour(place, UserFactory(), hour=15),
    )
    assert not Visit.objects.active().exists()
    check_claims(Visit.objects.all())


@rounds
def test_two_admins_who_assign_at_once_leave_one_agent(round_, admin):
    team = [an_agent(name) for name in ("Anna", "Ben", "Carol")]
    visit = tour(LiveListingFactory(), UserFactory())
    outcomes = at_once(
        *(
            lambda named=named: assign_agent(visit=visit, trigger="admin", by=admin, agent=named)
            for named in (team[1], team[2], None, team[0])
        )
    )
    assert outcomes == ["ok"] * 4
    visit = fresh(visit)
    assert visit.decisions.first().agent == visit.agent
    check_claims([visit])
    check_history(visit)


def test_two_admins_who_make_an_agent_of_one_account(admin):
    user = UserFactory()
    make = partial(make_agent, by=admin, name="Anna", languages=["en"], user=user)
    outcomes = at_once(*[make] * 4)
    assert sorted(outcomes) == [*["USER_IS_AGENT"] * 3, "ok"]


@rounds
def test_two_tours_want_one_agent_and_one_gets_them(round_, admin):
    visits = [tour(LiveListingFactory(), UserFactory()) for _ in range(4)]
    anna = an_agent()
    outcomes = at_once(
        *(
            lambda visit=visit: assign_agent(visit=visit, trigger="admin", by=admin, agent=anna)
            for visit in visits
        )
    )
    assert Counter(outcomes) == {"ok": 1, "AGENT_NOT_SUITABLE": 3}
    assert Visit.objects.filter(agent=anna).count() == 1
    check_claims(Visit.objects.all())


@rounds
def test_nobody_is_left_with_an_agent_who_leaves_at_that_moment(round_, admin):
    anna, ben = an_agent("Anna"), an_agent("Ben")
    outcomes = at_once(
        *(
            lambda hour=hour: tour(LiveListingFactory(), UserFactory(), hour=hour)
            for hour in range(8, 14)
        ),
        lambda: change_agent(agent=anna, by=admin, changes={"is_active": False}),
    )
    assert outcomes == ["ok"] * 7
    assert Visit.objects.filter(agent=ben).count() == 6
    check_claims(Visit.objects.all())


@rounds
def test_agreeing_beside_taking_back_leaves_one_story(round_):
    an_agent("Anna", user=UserFactory())
    place, by = LiveListingFactory(), UserFactory()
    visit = tour(place, by)
    reschedule_visit(visit=visit, new_date=at(4, 15), by=by)
    outcomes = at_once(
        lambda: confirm_visit(visit=visit, by=place.owner),
        lambda: withdraw_reschedule(visit=visit, by=by),
    )
    # Taken back first, the host agrees to the time that stood.
    assert outcomes in (["ok", "ok"], ["ok", "INVALID_TRANSITION"], ["ok", "NOT_ALLOWED"])
    visit = fresh(visit)
    assert visit.is_confirmed
    check_claims([visit])
    check_history(visit)
    check_reminders(visit, clock.now())


@rounds
def test_a_reminder_beside_a_step_takes_nobody_by_surprise(round_):
    """The worker comes while both sides do something about the visit."""
    an_agent("Anna", user=UserFactory())
    place, people = LiveListingFactory(), UserFactory.create_batch(4)
    visits = [tour(place, by, hour=9 + n) for n, by in enumerate(people)]
    for visit in visits:
        confirm_visit(visit=visit, by=place.owner)
    with time_machine.travel(at(3, 9) - dt.timedelta(hours=23), tick=True):
        outcomes = at_once(
            tasks.send_due_reminders,
            tasks.send_due_reminders,
            lambda: cancel_visit(visit=visits[0], by=people[0]),
            lambda: reschedule_visit(visit=visits[1], new_date=at(3, 15), by=place.owner),
            lambda: cancel_visit(visit=visits[2], by=place.owner),
        )
        assert outcomes == ["ok"] * 5
        tasks.send_due_reminders()
        for visit in map(fresh, visits):
            check_history(visit)
            check_reminders(visit, clock.now())
