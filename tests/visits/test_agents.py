"""Who shows homes: how they come and go, and what is held about how they do it."""

import datetime as dt

import pytest
import time_machine

from ghar.accounts import personal
from ghar.audit.models import AuditEvent
from ghar.calendar.models import Resource
from ghar.errors import Conflict, Invalid, NotAllowed, RateLimited
from ghar.lib import clock
from tests.factories import UserFactory
from tests.visits.agents import a_tour, an_agent, fresh, on
from visits.models import Agent
from visits.services.agents import (
    MOST_A_DAY,
    change_agent,
    log_interaction,
    make_agent,
    set_availability,
    stats_of,
    with_rating,
)
from visits.services.assigning import AT_ONCE
from visits.services.board import load_board

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(dt.datetime(2027, 5, 3, 6, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


def rating(agent: Agent) -> float | None:
    return with_rating(Agent.objects.filter(pk=agent.pk), clock.now()).get().rating


# --- coming and going -------------------------------------------------------------------------------
def test_a_new_agent_stands_beside_the_others_and_in_the_audit(admin):
    assert make_agent(by=admin, name="Anna", languages=["en"]).calibration == 0
    an_agent("Bird")
    for day in range(1, 5):
        a_tour(on(day, 14))
    loads = {row["name"]: row["open_load"] for row in load_board(clock.now())["items"]}
    assert loads == {"Anna": 2, "Bird": 2}
    carl = make_agent(by=admin, name="Carl", languages=["en"], weight=2)
    assert carl.calibration == 4
    assert Resource.objects.filter(kind="agent", owner_id=carl.pk).exists()
    assert AuditEvent.objects.filter(action="agent_created", target_id=str(carl.pk)).exists()


def test_the_audit_names_what_changed_and_tells_nothing_private(admin):
    agent = an_agent()
    change_agent(agent=agent, by=admin, changes={"name": "Anne", "weight": 2, "days_off": []})
    row = AuditEvent.objects.get(action="agent_changed")
    assert row.data == {"changed": ["name", "weight"], "weight": 2}
    change_agent(agent=agent, by=admin, changes={"weight": 2})
    assert AuditEvent.objects.filter(action="agent_changed").count() == 1


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"working_hours": {"mon": [["18:00", "09:00"]]}}, "working_hours"),
        ({"working_hours": {"someday": []}}, "working_hours"),
        ({"timezone": "Africa/Nowhere"}, "timezone"),
        ({"daily_capacity": 0}, "daily_capacity"),
        ({"weight": 0}, "weight"),
        ({"languages": []}, "languages"),
        ({"specialities": ["castle"]}, "specialities"),
        ({"name": ""}, "name"),
    ],
)
def test_facts_that_make_no_sense_are_refused_by_field(admin, fields, name):
    with pytest.raises(Invalid) as refused:
        make_agent(by=admin, **({"name": "Anna", "languages": ["en"]} | fields))
    assert list(refused.value.details["fields"]) == [name]
    assert not Agent.objects.exists()


def test_an_account_is_one_agent(admin):
    user = UserFactory(role="agent")
    an_agent("Anna", user=user)
    with pytest.raises(Conflict) as refused:
        make_agent(by=admin, name="Bird", languages=["en"], user=user)
    assert refused.value.code == "USER_IS_AGENT"


def test_only_the_team_makes_and_changes_agents(outsider):
    agent = an_agent(user=UserFactory(role="agent"))
    for by in (outsider, agent.user):
        with pytest.raises(NotAllowed):
            make_agent(by=by, name="Bird", languages=["en"])
        with pytest.raises(NotAllowed):
            change_agent(agent=agent, by=by, changes={"weight": 10})
    with pytest.raises(NotAllowed):
        set_availability(agent=agent, is_available=False, by=outsider)


def test_nobody_comes_back_before_they_went(admin):
    agent = an_agent()
    for is_available, until in ((True, on(1, 8)), (False, clock.now())):
        with pytest.raises(Invalid) as refused:
            set_availability(agent=agent, is_available=is_available, until=until, by=admin)
        assert list(refused.value.details["fields"]) == ["until"]


def test_back_at_work_the_reason_is_forgotten(admin):
    agent = an_agent()
    away = set_availability(agent=agent, is_available=False, reason="Family", by=admin)
    assert away.unavailable_reason == "Family"
    back = set_availability(agent=agent, is_available=True, by=admin)
    assert (back.unavailable_reason, back.unavailable_until) == ("", None)


def test_a_worker_moves_what_is_left_of_a_long_list(on_commit, admin, monkeypatch):
    monkeypatch.setattr("visits.services.assigning.AT_ONCE", 1)
    assert AT_ONCE == 50
    anna = an_agent("Anna")
    visits = [a_tour(on(day, 10)) for day in (1, 2, 3)]
    bird = an_agent("Bird")
    with on_commit():
        change_agent(agent=anna, by=admin, changes={"is_active": False})
    assert [fresh(visit).agent for visit in visits] == [bird, bird, bird]
    triggers = [visit.decisions.first().trigger for visit in visits]
    assert triggers == ["leave", "leave", "leave"]


def test_an_account_that_goes_leaves_a_row_without_a_name(admin):
    agent = an_agent(user=UserFactory(role="agent"), unavailable_reason="Family")
    visit = a_tour()
    user = agent.user
    assert personal.export(user)["agent"][0]["name"] == "Anna"
    personal.erase(user)
    user.delete()
    agent = Agent.objects.get()
    assert (agent.user, agent.name, agent.is_active) == (None, "Former agent", False)
    assert (agent.working_hours, agent.unavailable_reason) == ({}, "")
    assert "Anna" not in str(visit.decisions.get().candidates)


# --- how they do it ---------------------------------------------------------------------------------
def test_interactions_move_the_rolling_rating(monday, admin):
    agent = an_agent()
    assert rating(agent) is None
    visitor = a_tour().user
    log_interaction(agent=agent, kind="chat", by=visitor, user_satisfaction=2)
    assert rating(agent) == 2
    monday.move_to(clock.now() + dt.timedelta(days=60))
    log_interaction(agent=agent, kind="call", by=visitor, user_satisfaction=5)
    log_interaction(agent=agent, kind="email", by=admin, response_time_seconds=90)
    assert rating(agent) == 3.5
    assert stats_of(agent, clock.now()) == {
        "agent_id": agent.pk,
        "rating": 3.5,
        "rated": 2,
        "interactions": 3,
        "response_time_seconds": 90,
        "completed": 0,
        "attended": 0,
    }
    monday.move_to(clock.now() + dt.timedelta(days=31))
    assert rating(agent) == 5  # the first one is older than three months


def test_whoever_has_no_visit_with_an_agent_says_nothing_about_them(outsider):
    agent = an_agent(user=UserFactory(role="agent"))
    with pytest.raises(NotAllowed):
        log_interaction(agent=agent, kind="chat", by=outsider, user_satisfaction=1)
    with pytest.raises(NotAllowed):  # nor do they rate themselves
        log_interaction(agent=agent, kind="chat", by=agent.user, user_satisfaction=5)
    assert log_interaction(agent=agent, kind="chat", by=agent.user, response_time_seconds=5)


def test_nobody_makes_a_rating_by_themself(monday):
    agent = an_agent()
    visitor = a_tour().user
    for _ in range(MOST_A_DAY):
        log_interaction(agent=agent, kind="chat", by=visitor, user_satisfaction=1)
    with pytest.raises(RateLimited):
        log_interaction(agent=agent, kind="chat", by=visitor, user_satisfaction=1)
    monday.move_to(clock.now() + dt.timedelta(days=1, seconds=1))
    assert log_interaction(agent=agent, kind="chat", by=visitor, user_satisfaction=5)


# --- the load board ---------------------------------------------------------------------------------
def test_the_board_counts_day_and_week_where_the_agent_is(django_assert_num_queries):
    anna, bird = an_agent("Anna", weight=2, daily_capacity=5), an_agent("Bird")
    for day, hour in ((0, 23), (1, 1), (7, 10)):  # 23:00 of Kigali is 21:00 UTC
        a_tour(on(day, hour))
    an_agent("Carl", is_active=False)
    with django_assert_num_queries(3):
        found = load_board(clock.now())
    rows = {row["agent_id"]: row for row in found["items"]}
    assert rows[anna.pk] == {
        "agent_id": anna.pk,
        "name": "Anna",
        "open_load": 2,
        "capacity": 5,
        "weight": 2,
        "score": 1,
        "today": 1,
        "this_week": 1,
    }
    assert (rows[bird.pk]["open_load"], rows[bird.pk]["today"]) == (1, 0)
    assert (found["spread"], found["waiting"], len(rows)) == (0, 0, 2)


def test_the_board_counts_what_waits():
    a_tour(), a_tour()
    assert load_board(clock.now()) == {"items": [], "spread": 0, "waiting": 2}


def test_what_fails_after_the_commit_leaves_the_answer_alone(monkeypatch, admin, on_commit):
    def fail(**kwargs):
        raise RuntimeError

    monkeypatch.setattr("visits.services.agents.assign_waiting", fail)
    monkeypatch.setattr("visits.services.agents.release_agent", fail)
    anna = an_agent()
    with on_commit():
        change_agent(agent=anna, by=admin, changes={"days_off": [dt.date(2027, 1, 1)]})
    anna.refresh_from_db()
    assert anna.days_off == [dt.date(2027, 1, 1)]
