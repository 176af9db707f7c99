"""The team's console: the queue with its clock, why this agent, re-assigning, the load board."""

import datetime as dt

from django.test import Client
from django.urls import reverse
import pytest
import time_machine

from ghar.audit.models import AuditEvent
from ghar.lib import clock
from ghar.lib.ids import uuid7
from tests.visits.actions import UNKNOWN_ID, matched, meet
from tests.visits.agents import a_tour, an_agent, fresh, on
from visits.models import Agent, Visit
from visits.models.agents import WEEKDAYS
from visits.services.scheduling import confirm_visit, reschedule_visit

pytestmark = pytest.mark.django_db

VISITS, AGENTS, BOARD = "/admin/visits/visit/", "/admin/visits/agent/", "/admin/visits/agent/board/"
WEEK = dict.fromkeys(WEEKDAYS[:5], "09:00-12:00, 13:00-18:00")


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(dt.datetime(2027, 5, 3, 6, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser():
    def open_browser(user=None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return open_browser


@pytest.fixture
def team(browser, admin) -> Client:
    return browser(admin)


def page(visit) -> str:
    return reverse("admin:visits_visit_change", args=[visit.pk])


def step(visit, verb) -> str:
    return reverse("admin:visits_visit_step", args=[visit.pk, verb])


def facts(**changes) -> dict:
    usual = {
        "name": "Anna",
        "languages": "en, fr",
        "areas": "Kigali",
        "agent_type": "general",
        "experience_level": "expert",
        "timezone": "Africa/Kigali",
        "daily_capacity": 8,
        "weight": 1.5,
        "is_active": "on",
        "days_off": "2027-12-24, 2027-12-25",
    }
    return {**usual, **WEEK, **changes}


def words(response) -> str:
    return " ".join(response.content.decode().split())


# --- who comes in -----------------------------------------------------------------------------------
@pytest.mark.parametrize("who", [None, "seeker", "agent"])
def test_nobody_but_the_team_comes_in(who, request, browser):
    visit, agent = a_tour(), an_agent()
    client = browser(request.getfixturevalue(who) if who else None)
    inside = [VISITS, AGENTS, BOARD, page(visit), f"{AGENTS}{agent.pk}/change/"]
    assert [client.get(path).status_code for path in inside] == [302] * 5
    refused = client.post(step(visit, "cancel"), {"reason": "Mine now"})
    assert (refused.status_code, fresh(visit).is_active) == (302, True)
    away = client.post(reverse("admin:visits_agent_leave", args=[agent.pk]))
    assert (away.status_code, Agent.objects.get().is_available) == (302, True)


def test_a_moderator_without_the_second_factor_comes_no_further(team, settings):
    settings.STAFF_MFA_REQUIRED = True
    visit = a_tour()
    for path in (VISITS, AGENTS, BOARD, page(visit)):
        assert team.get(path).status_code == 403
    assert team.post(step(visit, "cancel"), {"reason": "Mine now"}).status_code == 403


@pytest.mark.parametrize("pk", ["x", UNKNOWN_ID])
def test_what_does_not_exist_is_not_found(team, pk):
    assert team.get(f"{VISITS}{pk}/change/").status_code == 404
    assert team.post(f"{VISITS}{uuid7()}/step/cancel/", {"reason": ""}).status_code == 404
    assert team.post(f"{AGENTS}{uuid7()}/leave/").status_code == 404


def test_history_is_read_only(team):
    an_agent()
    visit = a_tour()
    decision = visit.decisions.get()
    assert team.get(f"{VISITS}add/").status_code == 403
    assert team.get(f"{VISITS}{visit.pk}/delete/").status_code == 403
    path = f"/admin/visits/assignmentdecision/{decision.pk}/"
    assert team.get(f"{path}change/").status_code == 200
    assert team.post(f"{path}change/", {"trigger": "admin"}).status_code == 403
    assert team.get(f"{path}delete/").status_code == 403
    assert team.get("/admin/visits/agentinteraction/").status_code == 200
    assert team.get(f"{AGENTS}{decision.agent_id}/delete/").status_code == 403


# --- the queue --------------------------------------------------------------------------------------
def test_the_queue_begins_with_what_comes_first_and_has_a_clock(team, monday):
    late, soon = a_tour(on(2, 10)), a_tour(on(0, 13))
    an_agent("Bird")
    helped = a_tour(on(1, 10))
    monday.move_to(clock.now() + dt.timedelta(hours=2))
    listed = words(team.get(VISITS, {"attention": "unassigned"}))
    assert listed.index(page(soon)) < listed.index(page(late))
    assert page(helped) not in listed
    assert '<span class="late">waits since 2 hours ago, starts in 3 hours</span>' in listed
    assert "<strong>2</strong> without an agent<" in listed
    home = words(team.get("/admin/"))
    assert "<strong>2</strong> without an agent<" in home
    assert "<strong>1</strong> without an agent, in less than six hours<" in home
    urgent = words(team.get(VISITS, {"attention": "urgent"}))
    assert page(soon) in urgent
    assert page(late) not in urgent


def test_each_thing_that_wants_attention_has_its_list(team):
    quiet, moved, missed = a_tour(), a_tour(), a_tour()
    Visit.objects.filter(pk=moved.pk).update(reschedule_count=3)
    Visit.objects.filter(pk=missed.pk).update(status="confirmed")
    Visit.objects.filter(pk=missed.pk).update(status="completed", outcome="host_no_show")
    disputed = a_tour()
    disputed.events.create(number=9, event_type="disputed", actor="visitor")
    for name, visit in (("moved", moved), ("missed", missed), ("disputed", disputed)):
        listed = words(team.get(VISITS, {"attention": name}))
        assert page(visit) in listed, name
        assert page(quiet) not in listed, name


def test_the_list_costs_the_same_for_one_row_and_for_three(team, django_assert_max_num_queries):
    a_tour()
    for _ in range(2):
        with django_assert_max_num_queries(18):
            assert team.get(VISITS).status_code == 200
        a_tour(), a_tour()


# --- one visit --------------------------------------------------------------------------------------
def test_why_this_agent(team):
    an_agent("Anna", weight=2), an_agent("Bird", languages=["fr"]), an_agent("Carl")
    visit = a_tour()
    text = words(team.get(page(visit)))
    rows = text[text.index("Why this agent") : text.index("What happened")]
    for name, came_of_it in (
        ("Anna", "<strong>chosen</strong>"),
        ("Carl", "came later in turn"),
        ("Bird", "no shared language"),
    ):
        assert f'<th scope="row">{name}</th> <td>{came_of_it}</td> <td>0</td>' in rows
    assert "A visit was booked" in rows


def test_nobody_was_free_is_told_too(team, admin):
    text = words(team.get(page(a_tour())))
    assert "Nobody was free" in text
    assert "There was nobody to ask." in text


def test_the_kept_time_is_shown_until_the_new_one_is_agreed(team):
    visit = a_tour()
    confirm_visit(visit=visit, by=visit.host)
    reschedule_visit(visit=visit, new_date=on(4, 10), by=visit.user)
    assert "Until a new time is agreed" in words(team.get(page(visit)))
    confirm_visit(visit=visit, by=visit.host)
    assert "Until a new time is agreed" not in words(team.get(page(visit)))


def test_a_meeting_has_no_agent_to_ask_for(team, listing, seeker, peer):
    matched(seeker, peer)
    text = words(team.get(page(meet(listing, seeker, peer))))
    assert "Why this agent" not in text
    assert "Choose an agent" not in text


def test_an_agent_is_chosen_or_found(team, admin):
    anna, visit = an_agent("Anna"), a_tour()
    bird, carl = an_agent("Bird"), an_agent("Carl", languages=["fr"])
    text = words(team.get(page(visit)))
    assert "Carl, open load 0 (no shared language)" in text
    assert team.post(step(visit, "assign"), {"agent": str(bird.pk)}).status_code == 302
    assert fresh(visit).agent == bird
    refused = team.post(step(visit, "assign"), {"agent": str(carl.pk)})
    assert refused.status_code == 409
    assert "Carl cannot come: no shared language." in words(refused)
    assert team.post(step(visit, "assign"), {"agent": ""}).status_code == 302
    assert fresh(visit).agent == anna
    assert team.post(step(visit, "assign"), {"agent": "nobody"}).status_code == 422
    audited = AuditEvent.objects.filter(action="visit_assigned", actor_id=str(admin.pk))
    assert [row.channel for row in audited] == ["admin", "admin"]


def test_the_team_takes_the_steps_of_a_visit(team, monday):
    visit = a_tour()
    assert team.post(step(visit, "confirm")).status_code == 302
    moved = team.post(step(visit, "reschedule"), {"day": "2027-05-07", "time": "10:00"})
    assert (moved.status_code, fresh(visit).status) == (302, "rescheduled")
    assert team.post(step(visit, "withdraw")).status_code == 302
    monday.move_to(fresh(visit).scheduled_date)
    over = team.post(step(visit, "complete"), {"outcome": "visitor_no_show"})
    assert (over.status_code, fresh(visit).outcome) == (302, "visitor_no_show")
    again = team.post(step(visit, "cancel"), {"reason": "Too late"})
    assert (again.status_code, fresh(visit).status) == (409, "completed")
    assert team.post(step(visit, "explode")).status_code == 404
    assert team.get(step(visit, "cancel")).status_code == 405


def test_a_time_that_makes_no_sense_shows_the_form_again(team):
    visit = a_tour()
    past = team.post(step(visit, "reschedule"), {"day": "2020-05-07", "time": "10:00"})
    assert past.status_code == 422
    assert "This time has passed" in words(past)


def test_agents_are_found_for_several_visits_at_once(team):
    waiting, other = a_tour(on(1, 10)), a_tour(on(1, 10))
    agent = an_agent()
    body = {"action": "find_agents", "_selected_action": [waiting.pk, other.pk]}
    text = words(team.post(VISITS, body, follow=True))
    assert {fresh(waiting).agent, fresh(other).agent} == {agent, None}
    assert "1 visit has an agent." in text
    assert "nobody is free." in text


# --- agents -----------------------------------------------------------------------------------------
def test_an_agent_is_made_with_hours_day_by_day(team, on_commit):
    assert team.get(f"{AGENTS}add/").status_code == 200
    waiting = a_tour(on(3, 10))
    with on_commit():
        assert team.post(f"{AGENTS}add/", facts()).status_code == 302
    agent = Agent.objects.get()
    assert agent.working_hours == {
        day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in WEEKDAYS[:5]
    }
    assert agent.days_off == [dt.date(2027, 12, 24), dt.date(2027, 12, 25)]
    assert fresh(waiting).agent == agent
    assert AuditEvent.objects.filter(action="agent_created", channel="admin").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mon", "nine to five"),
        ("tue", "18:00-09:00"),
        ("wed", "09:00-12:00, 11:00-13:00"),
        ("thu", "-"),
        ("languages", ""),
        ("weight", "nan"),
        ("daily_capacity", "0"),
        ("timezone", "Nowhere"),
        ("days_off", "tomorrow"),
        ("user", UNKNOWN_ID),
    ],
)
def test_facts_that_make_no_sense_are_told_at_their_field(team, field, value):
    refused = team.post(f"{AGENTS}add/", facts(**{field: value}))
    assert refused.status_code == 200
    assert list(refused.context["adminform"].form.errors) == [field]
    assert not Agent.objects.exists()


def test_an_agent_changes_through_the_verb(team, admin):
    agent = an_agent("Anna", working_hours={})
    path = f"{AGENTS}{agent.pk}/change/"
    assert team.get(path).status_code == 200
    assert team.post(path, facts(name="Anne")).status_code == 302
    agent.refresh_from_db()
    assert (agent.name, agent.weight, agent.languages) == ("Anne", 1.5, ["en", "fr"])
    row = AuditEvent.objects.get(action="agent_changed")
    assert (row.actor_id, "working_hours" in row.data["changed"]) == (str(admin.pk), True)


def test_deactivating_an_agent_gives_the_visits_to_others(team, on_commit):
    anna, visit = an_agent("Anna"), a_tour()
    bird = an_agent("Bird")
    with on_commit():
        team.post(AGENTS, {"action": "deactivate", "_selected_action": [anna.pk]})
    assert fresh(visit).agent == bird
    with on_commit():
        team.post(AGENTS, {"action": "activate", "_selected_action": [anna.pk]})
    assert Agent.objects.get(name="Anna").is_active


def test_leave_and_back(team, on_commit):
    anna, visit = an_agent("Anna"), a_tour()
    leave = reverse("admin:visits_agent_leave", args=[anna.pk])
    with on_commit():
        assert team.post(leave, {"back_on": "2027-05-20", "reason": "Family"}).status_code == 302
    anna.refresh_from_db()
    back_on = dt.datetime(2027, 5, 19, 22, tzinfo=dt.UTC)  # the morning in Kigali
    assert (anna.unavailable_until, anna.unavailable_reason) == (back_on, "Family")
    assert fresh(visit).agent is None
    assert "Family" in words(team.get(f"{AGENTS}{anna.pk}/change/"))
    assert page(visit) not in words(team.get(AGENTS, {"leave": "here"}))
    away = words(team.get(AGENTS, {"leave": "away"}))
    assert f"{AGENTS}{anna.pk}/change/" in away
    with on_commit():
        team.post(reverse("admin:visits_agent_back", args=[anna.pk]))
    assert fresh(visit).agent == anna


def test_a_leave_that_ends_before_it_begins_is_told(team):
    anna = an_agent("Anna")
    leave = reverse("admin:visits_agent_leave", args=[anna.pk])
    text = words(team.post(leave, {"back_on": "2020-01-01"}, follow=True))
    assert "lies ahead" in text
    anna.refresh_from_db()
    assert anna.is_available


def test_the_load_board_draws_every_agent(team):
    an_agent("Anna", weight=2, daily_capacity=4), an_agent("Bird")
    for day in (1, 2, 3):
        a_tour(on(day, 10))
    a_tour(on(1, 10)), a_tour(on(1, 10))
    text = words(team.get(BOARD))
    assert text.count('<rect class="bar__load"') == 4
    assert "0 / 4" in text
    assert "<strong>1</strong> visits wait for an agent" in text


def test_an_empty_board_says_what_to_do(team):
    assert "Add an agent" in words(team.get(BOARD))
