"""Who shows which home: filters, fair shares, and what happens when nobody is free."""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest
import time_machine

from ghar.calendar.models import Claim
from ghar.errors import Conflict, InvalidTransition, NotAllowed, NotFound
from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.properties.models import Property
from moderation.services.blocks import block_person
from tests.factories import AdminFactory, LiveListingFactory, UserFactory
from tests.visits.agents import ALWAYS, a_tour, an_agent, fresh, on, why
from visits import tasks
from visits.assignment import candidates_for
from visits.models import Agent, Visit
from visits.services.agents import change_agent, make_agent, set_availability
from visits.services.assigning import assign_agent, assign_waiting, hand_over
from visits.services.closing import cancel_visit, undo_step
from visits.services.records import differences
from visits.services.scheduling import (
    confirm_visit,
    reschedule_visit,
    withdraw_reschedule,
)

pytestmark = pytest.mark.django_db

OFFICE = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(dt.datetime(2027, 5, 3, 6, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


def loads() -> dict[str, int]:
    return {a.name: Visit.objects.active().filter(agent=a).count() for a in Agent.objects.all()}


def by_admin(visit, admin, agent=None):
    return assign_agent(visit=visit, agent=agent, trigger="admin", by=admin)


# --- fair shares ------------------------------------------------------------------------------------
def test_3_agents_and_30_tours_the_counts_differ_by_at_most_1():
    for name in ("Anna", "Bird", "Carl"):
        an_agent(name)
    listing = LiveListingFactory()
    for number in range(30):
        a_tour(on(1 + number // 10, 8 + number % 10), listing=listing)
    assert loads() == {"Anna": 10, "Bird": 10, "Carl": 10}
    assert not Visit.objects.unassigned().exists()


def test_twice_the_weight_gets_twice_the_visits():
    an_agent("Anna"), an_agent("Bird", weight=2)
    for number in range(12):
        a_tour(on(1 + number, 10))
    assert loads() == {"Anna": 4, "Bird": 8}


def test_who_comes_along_to_another_time_keeps_their_turn(monday):
    anna, bird = an_agent("Anna"), an_agent("Bird")
    first = a_tour(on(3, 10))
    monday.shift(60)
    assert (first.agent, a_tour(on(3, 12)).agent) == (anna, bird)
    monday.shift(60)
    assert reschedule_visit(visit=first, new_date=on(4, 10), by=first.user).agent == anna
    assert a_tour(on(3, 15)).agent == anna


def test_a_new_agent_does_not_get_every_visit(admin):
    an_agent("Anna")
    for number in range(6):
        a_tour(on(1 + number, 10))
    newcomer = make_agent(by=admin, name="Bird", languages=["en"], working_hours=ALWAYS)
    assert newcomer.calibration == 6
    for number in range(6):
        a_tour(on(1 + number, 12))
    assert loads() == {"Anna": 9, "Bird": 3}


def test_a_cancelled_visit_is_no_load_and_an_old_one_neither():
    anna, bird = an_agent("Anna"), an_agent("Bird")
    cancelled = a_tour(on(1, 10))
    assert cancelled.agent == anna
    cancel_visit(visit=cancelled, by=cancelled.user)
    Agent.objects.update(last_assigned_at=None)
    assert a_tour(on(2, 10)).agent == anna
    long_ago = a_tour(on(2, 12))
    assert long_ago.agent == bird
    Visit.objects.filter(pk=long_ago.pk).update(scheduled_date=clock.now() - dt.timedelta(days=29))
    assert a_tour(on(3, 10)).agent == bird


# --- filters ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_active": False}, "not_active"),
        ({"is_available": False}, "away"),
        ({"working_hours": {"thu": [["12:00", "18:00"]]}}, "off_hours"),
        ({"days_off": [dt.date(2027, 5, 6)]}, "off_hours"),
        ({"timezone": "America/New_York", "working_hours": OFFICE}, "off_hours"),
        ({"languages": ["fr", "rw"]}, "language"),
        ({"areas": ["Gurugram", "Kigali/Remera"]}, "area"),
        ({"specialities": ["villa", "plot"]}, "speciality"),
    ],
)
def test_whoever_fails_a_filter_is_not_chosen_and_the_decision_says_why(fields, reason):
    an_agent("Anna", **fields)
    visit = a_tour()
    assert (visit.agent, visit.unassigned_since) == (None, clock.now())
    assert why(visit) == {"Anna": reason}
    assert a_tour().decisions.first().agent is None
    an_agent("Bird")
    assert a_tour().agent.name == "Bird"


@pytest.mark.parametrize("areas", [[], ["kigali"], ["Gurugram", "Kigali/kimihurura"]])
@pytest.mark.parametrize("specialities", [[], ["room"]])
def test_areas_are_cities_or_parts_of_them_and_none_means_all(areas, specialities):
    agent = an_agent(areas=areas, specialities=specialities)
    assert a_tour().agent == agent


def test_a_shared_language_is_the_one_of_the_visitors_account():
    french = an_agent("Anna", languages=["fr"])
    an_agent("Bird", languages=["en"])
    assert a_tour(by=UserFactory(language="fr")).agent == french


@pytest.mark.parametrize("blocks_first", [True, False])
@pytest.mark.parametrize("party", ["visitor", "host"])
def test_nobody_shows_a_home_to_or_of_somebody_they_have_parted_from(blocks_first, party):
    agent = an_agent(user=UserFactory(role="agent"))
    visitor, listing = UserFactory(), LiveListingFactory()
    other = visitor if party == "visitor" else listing.owner
    pair = (agent.user, other) if blocks_first else (other, agent.user)
    block_person(by=pair[0], target=pair[1])
    visit = a_tour(by=visitor, listing=listing)
    assert why(visit) == {agent.name: "blocked"}


def test_nobody_shows_their_own_place_or_shows_it_to_themselves():
    agent = an_agent(user=UserFactory(role="agent"))
    for visit in (a_tour(by=agent.user), a_tour(listing=LiveListingFactory(owner=agent.user))):
        assert why(visit) == {agent.name: "party"}


def test_the_buffer_stands_between_two_visits():
    agent = an_agent()
    assert a_tour(on(3, 10)).agent == agent
    assert why(a_tour(on(3, 10, 45))) == {"Anna": "busy"}
    assert why(a_tour(on(3, 9, 15))) == {"Anna": "busy"}
    assert a_tour(on(3, 11)).agent == agent
    assert a_tour(on(3, 9)).agent == agent


def test_a_full_day_is_the_day_of_the_agent():
    agent = an_agent(daily_capacity=2)
    assert [a_tour(on(3, hour)).agent for hour in (8, 23)] == [agent, agent]
    assert why(a_tour(on(3, 12))) == {"Anna": "full_day"}
    assert a_tour(on(4, 1)).agent == agent  # the same day in UTC


def test_off_hours_are_never_assigned_and_never_refused():
    an_agent(working_hours=OFFICE)
    times = [on(6, 10), on(3, 6), on(3, 17, 45), on(3, 22)]  # Sunday, early, late, at night
    assert [a_tour(time).agent for time in times] == [None] * 4


def test_a_suspended_agent_gets_no_visit():
    agent = an_agent(user=UserFactory(role="agent", suspended_at=clock.now()))
    assert why(a_tour()) == {agent.name: "not_active"}


def test_the_decision_holds_every_candidate_in_the_order_in_which_they_stood():
    an_agent("Anna", weight=2), an_agent("Bird"), an_agent("Carl", languages=["hi"])
    first = a_tour()
    visit = a_tour()
    assert (first.agent.name, visit.agent.name) == ("Anna", "Bird")
    decision = visit.decisions.get()
    assert (decision.trigger, decision.agent.name) == ("schedule", "Bird")
    names = {str(agent.pk): agent.name for agent in Agent.objects.all()}
    rows = [
        (names[r["agent_id"]], r["load"], r["weight"], r["score"], r["lost_because"])
        for r in decision.candidates
    ]
    assert rows == [
        ("Bird", 0, 1, 0, ""),
        ("Carl", 0, 1, 0, "language"),
        ("Anna", 1, 2, 0.5, "busy"),
    ]


def test_finding_one_of_fifty_costs_as_many_statements_as_finding_the_only_one(
    django_assert_num_queries, admin
):
    an_agent("Anna")
    visit = a_tour()
    with django_assert_num_queries(1):
        candidates_for(visit, clock.now())
    for number in range(49):
        an_agent(f"Number {number}")
    with django_assert_num_queries(1):
        assert len(candidates_for(visit, clock.now())) == 50


# --- nobody is free ---------------------------------------------------------------------------------
def test_all_agents_away_the_agent_is_null_and_one_is_assigned_when_they_return(on_commit, admin):
    agent = an_agent(is_available=False)
    visit = a_tour()
    assert (visit.agent, visit.unassigned_since) == (None, clock.now())
    with on_commit():
        set_availability(agent=agent, is_available=True, by=admin)
    visit = fresh(visit)
    assert (visit.agent, visit.unassigned_since) == (agent, None)
    assert [d.trigger for d in visit.decisions.all()] == ["release", "schedule"]
    assert visit.events.last().event_type == "assigned"


def test_a_new_agent_gets_what_waits(on_commit, admin):
    visit = a_tour()
    with on_commit():
        agent = make_agent(by=admin, name="Anna", languages=["en"], timezone="Africa/Kigali")
    assert fresh(visit).agent == agent


def test_a_cancelled_visit_frees_its_agent_for_the_one_that_waits(on_commit):
    agent = an_agent()
    first, second = a_tour(), a_tour()
    assert (first.agent, second.agent) == (agent, None)
    with on_commit():
        cancel_visit(visit=first, by=first.user)
    assert fresh(second).agent == agent


def test_a_visit_that_moves_frees_its_agent_once_the_new_time_is_agreed(on_commit):
    agent = an_agent()
    first, second = a_tour(), a_tour()
    with on_commit():
        reschedule_visit(visit=first, new_date=on(5, 10), by=first.user)
    assert fresh(second).agent is None  # the old time is kept until then
    with on_commit():
        confirm_visit(visit=first, by=first.host)
    assert (fresh(first).agent, fresh(second).agent) == (agent, agent)


def test_the_sweep_finds_those_who_come_back_by_themselves(monday):
    agent = an_agent(is_available=False, unavailable_until=on(4, 0))
    visit = a_tour(on(3, 10))
    assert visit.agent is None
    assert a_tour(on(5, 10)).agent == agent  # they are back by then
    assert tasks.assign_waiting() == 0
    Agent.objects.update(unavailable_until=on(2, 0))
    assert tasks.assign_waiting() == 1
    assert (fresh(visit).agent, fresh(visit).decisions.first().trigger) == (agent, "sweep")


def test_the_sweep_writes_a_decision_only_when_something_differs():
    visit = a_tour()
    for _ in range(3):
        assert assign_waiting(now=clock.now()) == 0
    assert visit.decisions.count() == 1
    an_agent(languages=["fr"])
    for _ in range(3):
        assert assign_waiting(now=clock.now()) == 0
    assert visit.decisions.count() == 2


def test_admins_hear_once_when_nobody_is_there_six_hours_ahead(admin, monday):
    visit = a_tour(on(0, 20))
    lines = Notification.objects.filter(user=admin)
    assert not lines.exists()
    monday.move_to(visit.scheduled_date - dt.timedelta(hours=5, minutes=59))
    for _ in range(2):
        assign_waiting(now=clock.now())
    assert lines.get().title == f"Nobody can show {visit.listing.title}"
    late = a_tour(clock.now() + dt.timedelta(hours=3))
    assert lines.latest("id").title == f"Nobody can show {late.listing.title}"


def test_admins_hear_it_again_when_the_next_one_has_gone_too(admin, monday):
    visit = a_tour(clock.now() + dt.timedelta(hours=3))
    lines = Notification.objects.filter(user=admin)
    for number in (1, 2):
        assert lines.count() == number
        monday.shift(60)
        anna = an_agent(f"Anna {number}")
        by_admin(visit, admin, anna)
        monday.shift(60)
        set_availability(agent=anna, is_available=False, by=admin)
        assign_waiting(now=clock.now())
    assert lines.count() == 3


def test_admins_who_have_heard_it_cost_the_sweep_nothing(admin):
    """The same statements for one admin as for three, and none of them writes."""
    visit = a_tour(clock.now() + dt.timedelta(hours=3))
    with CaptureQueriesContext(connection) as with_one:
        assert assign_waiting(now=clock.now()) == 0
    AdminFactory.create_batch(2)
    with CaptureQueriesContext(connection) as with_three:
        assert assign_waiting(now=clock.now()) == 0
    assert len(with_one) == len(with_three)
    assert not [query for query in with_three if "INSERT INTO" in query["sql"]]
    assert Notification.objects.get(title=f"Nobody can show {visit.listing.title}").user == admin


def test_the_alert_is_in_the_readers_language(admin):
    admin.language = "fr"
    admin.save()
    a_tour(clock.now() + dt.timedelta(hours=3))
    told = Notification.objects.get(user=admin)
    assert told.title.startswith("Personne ne peut faire visiter")
    assert "mai" in told.body.split(", et aucun agent")[0]


def test_the_sweep_leaves_held_places_and_past_visits_alone(monday):
    held, past = a_tour(), a_tour(on(1, 10))
    type(held.listing).objects.filter(pk=held.listing_id).update(status="hold_for_review")
    monday.move_to(on(2, 10))
    an_agent()
    assert assign_waiting(now=clock.now()) == 0
    assert (fresh(held).agent, fresh(past).agent) == (None, None)


# --- leaving and handing over -----------------------------------------------------------------------
def test_deactivation_reassigns_open_visits(on_commit, admin):
    anna = an_agent("Anna")
    visits = [a_tour(on(day, 10)) for day in (2, 3)]
    bird = an_agent("Bird")
    with on_commit():
        change_agent(agent=anna, by=admin, changes={"is_active": False})
    assert [fresh(visit).agent for visit in visits] == [bird, bird]
    assert [d.trigger for d in visits[0].decisions.all()] == ["leave", "schedule"]
    assert why(visits[0]) == {"Bird": "", "Anna": "not_active"}
    claims = Claim.objects.active().filter(resource__owner_id=anna.pk)
    assert not claims.exists()


def test_a_visit_that_nobody_else_can_take_waits(on_commit, admin):
    anna, visit = an_agent("Anna"), a_tour()
    with on_commit():
        change_agent(agent=anna, by=admin, changes={"is_active": False})
    visit = fresh(visit)
    assert (visit.agent, visit.unassigned_since) == (None, clock.now())
    assert visit.events.last().event_type == "unassigned"


def test_a_leave_moves_the_visits_within_it_and_no_others(on_commit):
    anna = an_agent("Anna", user=UserFactory(role="agent"))
    during, after = a_tour(on(2, 10)), a_tour(on(8, 10))
    bird = an_agent("Bird")
    with on_commit():
        set_availability(agent=anna, is_available=False, until=on(6, 0), by=anna.user)
    assert (fresh(during).agent, fresh(after).agent) == (bird, anna)


def test_the_sweep_finds_visits_of_an_agent_who_was_suspended():
    anna = an_agent("Anna", user=UserFactory(role="agent"))
    visit = a_tour()
    assert visit.agent == anna
    type(anna.user).objects.filter(pk=anna.user_id).update(suspended_at=clock.now())
    bird = an_agent("Bird")
    assert assign_waiting(now=clock.now()) == 1
    assert fresh(visit).agent == bird


def test_an_agent_hands_a_visit_over():
    anna = an_agent("Anna", user=UserFactory(role="agent"))
    visit = a_tour()
    bird = an_agent("Bird")
    assert hand_over(visit=visit, by=anna.user).agent == bird
    assert why(visit) == {"Bird": "", "Anna": "relieved"}
    assert visit.events.last().actor == "agent"
    with pytest.raises(NotFound):  # they have nothing to do with it any more
        hand_over(visit=visit, by=anna.user)


def test_a_visit_that_is_handed_over_does_not_come_back_by_itself(admin):
    anna = an_agent("Anna", user=UserFactory(role="agent"))
    visit = a_tour()
    assert hand_over(visit=visit, by=anna.user).agent is None
    assert assign_waiting(now=clock.now()) == 0
    assert why(visit) == {"Anna": "handed_over"}
    assert by_admin(visit, admin, anna).agent == anna  # they have talked


def test_at_another_time_whoever_handed_it_over_may_come():
    anna = an_agent("Anna", user=UserFactory(role="agent"))
    visit = a_tour()
    hand_over(visit=visit, by=anna.user)
    assert reschedule_visit(visit=visit, new_date=on(5, 10), by=visit.user).agent == anna
    assert withdraw_reschedule(visit=visit, by=visit.user).agent is None
    assert assign_waiting(now=clock.now()) == 0


def test_a_day_off_moves_the_visits_of_that_day(on_commit, admin):
    anna = an_agent("Anna")
    that_day, another = a_tour(on(3, 1)), a_tour(on(4, 10))  # the day before in UTC
    bird = an_agent("Bird")
    with on_commit():
        change_agent(agent=anna, by=admin, changes={"days_off": [dt.date(2027, 5, 6)]})
    assert (fresh(that_day).agent, fresh(another).agent) == (bird, anna)
    assert why(that_day) == {"Bird": "", "Anna": "off_hours"}


def test_the_sweep_moves_what_was_left_on_a_day_off():
    """The process died after the day off was written, before the visits were moved."""
    anna = an_agent("Anna")
    visit = a_tour(on(3, 10))
    bird = an_agent("Bird")
    Agent.objects.filter(pk=anna.pk).update(days_off=[visit.scheduled_date.date()])
    assert assign_waiting(now=clock.now(), most=10) == 0
    assert assign_waiting(now=clock.now()) == 1
    assert fresh(visit).agent == bird


def test_the_sweep_leaves_whom_an_admin_named_for_their_day_off(admin):
    anna, visit = an_agent("Anna"), a_tour(on(3, 10))
    off = [visit.scheduled_date.date()]
    bird = an_agent("Bird", days_off=off)
    assert by_admin(visit, admin, bird).agent == bird
    assert assign_waiting(now=clock.now()) == 0
    assert fresh(visit).agent == bird
    by_admin(visit, admin, anna)
    Agent.objects.filter(pk=anna.pk).update(days_off=off)
    visit.events.filter(actor="admin").update(actor="system")
    Property.objects.filter(pk=visit.listing_id).update(status="hold_for_review")
    assert assign_waiting(now=clock.now()) == 0


def test_what_an_admin_agreed_on_holds_for_that_time_alone(admin, monday):
    an_agent("Anna")
    visit = a_tour(on(3, 10))
    bird = an_agent("Bird", days_off=[on(3, 10).date()])
    by_admin(visit, admin, bird)
    monday.shift(60)
    moved = reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user)
    assert moved.agent == bird  # who comes along
    Agent.objects.filter(pk=bird.pk).update(days_off=[on(4, 10).date()])
    assert assign_waiting(now=clock.now()) == 1
    assert fresh(visit).agent.name == "Anna"


def test_the_sweep_leaves_whom_an_admin_named_when_another_time_is_taken_back(admin, monday):
    visit = a_tour(on(3, 10))
    bird = an_agent("Bird", days_off=[on(3, 10).date()])
    by_admin(visit, admin, bird)
    monday.shift(60)
    reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user)
    assert withdraw_reschedule(visit=visit, by=visit.user).agent == bird
    an_agent("Anna")
    assert assign_waiting(now=clock.now()) == 0
    assert fresh(visit).agent == bird


# --- an admin names somebody ------------------------------------------------------------------------
def test_an_admin_names_an_agent_who_is_not_at_work_then(admin):
    an_agent("Anna")
    bird, visit = an_agent("Bird", working_hours={}), a_tour()
    assert by_admin(visit, admin, bird).agent == bird
    assert why(visit) == {"Bird": "", "Anna": "not_named"}
    decisions = visit.decisions.count()
    assert by_admin(visit, admin, bird).agent == bird
    assert visit.decisions.count() == decisions


def confirmed_elsewhere(visit, admin, bird):
    """A new time is proposed, Bird is named for it, and the host agrees."""
    confirm_visit(visit=visit, by=visit.host)
    reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user)
    by_admin(visit, admin, bird)
    return confirm_visit(visit=visit, by=visit.host)


def handed_over_and_back(visit, admin, bird):
    """Bird hands the new time over, the team talks with them, and the host agrees."""
    confirm_visit(visit=visit, by=visit.host)
    reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user)
    by_admin(visit, admin, bird)
    hand_over(visit=visit, by=bird.user)
    by_admin(visit, admin, bird)
    return confirm_visit(visit=visit, by=visit.host)


def cancelled_and_undone(visit, admin, bird):
    by_admin(visit, admin, bird)
    cancel_visit(visit=visit, reason="A cold", by=visit.user)
    return undo_step(visit=visit, by=visit.user)


def withdrawn(visit, admin, bird):
    by_admin(visit, admin, bird)
    Agent.objects.filter(pk=bird.pk).update(working_hours=ALWAYS)
    reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user)
    Agent.objects.filter(pk=bird.pk).update(working_hours={})
    return withdraw_reschedule(visit=visit, by=visit.user)


def undone_when_somebody_else_came_along(visit, admin, bird):
    by_admin(visit, admin, bird)
    assert reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user).agent != bird
    return undo_step(visit=visit, by=visit.user)


@pytest.mark.parametrize(
    "steps",
    [
        confirmed_elsewhere,
        handed_over_and_back,
        cancelled_and_undone,
        withdrawn,
        undone_when_somebody_else_came_along,
    ],
)
def test_whom_an_admin_named_keeps_the_tour_at_that_time(admin, steps):
    an_agent("Anna")
    bird = an_agent("Bird", user=UserFactory(role="agent"), working_hours={})
    visit = a_tour()
    assert steps(visit, admin, bird).agent == bird
    assert differences(fresh(visit)) == {}


def test_an_agent_who_proposes_or_confirms_a_time_outside_of_their_hours_keeps_it(admin):
    anna = an_agent("Anna", user=UserFactory(role="agent"), working_hours=OFFICE)
    visit = a_tour()
    an_agent("Bird")
    assert reschedule_visit(visit=visit, new_date=on(3, 20), by=anna.user).agent == anna
    assert confirm_visit(visit=visit, by=visit.user).agent == anna
    reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user)
    Agent.objects.filter(pk=anna.pk).update(working_hours={})
    assert confirm_visit(visit=visit, by=anna.user).agent == anna
    cancel_visit(visit=visit, by=visit.user)
    assert undo_step(visit=visit, by=visit.user).agent == anna


@pytest.mark.parametrize("who", ["agent", "admin"])
def test_whoever_has_handed_it_over_or_was_relieved_does_not_get_it_back(admin, who):
    """They would have come then; they come to another time alone, which is taken back."""
    anna = an_agent("Anna", user=UserFactory(role="agent"), working_hours=OFFICE)
    visit, bird = a_tour(), an_agent("Bird")
    reschedule_visit(visit=visit, new_date=on(3, 20), by=anna.user)
    confirm_visit(visit=visit, by=visit.user)
    if who == "agent":
        hand_over(visit=visit, by=anna.user)
    else:
        by_admin(visit, admin, bird)
    Agent.objects.filter(pk=bird.pk).update(is_available=False)
    assert reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user).agent == anna
    assert withdraw_reschedule(visit=visit, by=visit.user).agent is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_active": False}, "not_active"),
        ({"is_available": False}, "away"),
        ({"languages": ["hi"]}, "language"),
        ({"areas": ["Gurugram"]}, "area"),
        ({"specialities": ["villa"]}, "speciality"),
    ],
)
def test_a_named_agent_must_pass_every_other_filter(admin, fields, reason):
    anna, visit = an_agent("Anna"), a_tour()
    bird = an_agent("Bird", **fields)
    with pytest.raises(Conflict) as refused:
        by_admin(visit, admin, bird)
    assert (refused.value.code, refused.value.details) == (
        "AGENT_NOT_SUITABLE",
        {"lost_because": reason},
    )
    visit = fresh(visit)
    assert visit.agent == anna
    assert Claim.objects.active().filter(resource__owner_id=anna.pk).count() == 1


def test_a_named_agent_who_is_busy(admin):
    bird = an_agent("Bird")
    other = a_tour()
    anna = an_agent("Anna")
    visit = a_tour()
    assert (other.agent, visit.agent) == (bird, anna)
    with pytest.raises(Conflict) as refused:
        by_admin(visit, admin, bird)
    assert refused.value.details == {"lost_because": "busy"}


def test_an_admin_who_asks_for_anybody_else_keeps_the_agent_when_there_is_nobody(admin):
    anna, visit = an_agent("Anna"), a_tour()
    assert by_admin(visit, admin).agent == anna
    bird = an_agent("Bird")
    assert by_admin(visit, admin).agent == bird


@pytest.mark.parametrize("who", ["visitor", "host", "outsider"])
def test_nobody_else_assigns(who, outsider, admin):
    an_agent("Anna")
    visit = a_tour()
    by = {"visitor": visit.user, "host": visit.host, "outsider": outsider}[who]
    with pytest.raises(NotFound if who == "outsider" else NotAllowed):
        assign_agent(visit=visit, trigger="admin", by=by)


def test_an_agent_names_nobody():
    anna = an_agent("Anna", user=UserFactory(role="agent"))
    visit, bird = a_tour(), an_agent("Bird")
    with pytest.raises(NotAllowed):
        assign_agent(visit=visit, agent=bird, trigger="admin", by=anna.user)


def test_a_visit_that_is_cancelled_gets_no_agent(admin):
    an_agent("Anna")
    visit = a_tour()
    cancel_visit(visit=visit, by=visit.user)
    with pytest.raises(InvalidTransition):
        by_admin(visit, admin)
