"""The team's tools about who shows what."""

import datetime as dt

import pytest

from ghar.audit.models import AuditEvent
from ghar.lib import clock
from ghar.lib.ids import uuid7
from tests.mcp.assistants import staff
from tests.visits.actions import fresh, tour
from tests.visits.agents import an_agent
from visits.models import Agent

pytestmark = pytest.mark.django_db
API = "/api/v1"


def last_audit() -> tuple[str, str, str]:
    row = AuditEvent.objects.order_by("id").last()
    return row.action, row.actor_id, row.channel


def test_the_directory_is_the_one_of_the_api(admin, api, guide):
    an_agent("Bela")
    listed = staff(admin).ask("agent_list")
    assert [item["name"] for item in listed["items"]] == ["Agnes", "Bela"]
    assert api(admin).get(f"{API}/agents").json() == listed


def test_the_directory_goes_on_where_it_ended(admin):
    for name in ("Cleo", "Anna", "Bela"):
        an_agent(name)
    first = staff(admin).ask("agent_list", limit=2)
    rest = staff(admin).ask("agent_list", limit=2, cursor=first["next_cursor"])
    names = [item["name"] for page in (first, rest) for item in page["items"]]
    assert names == ["Anna", "Bela", "Cleo"]


def test_the_workload_is_the_one_of_the_api(admin, api, visit):
    load = staff(admin).ask("agent_workload")
    assert [(item["name"], item["open_load"]) for item in load["items"]] == [("Agnes", 1)]
    assert api(admin).get(f"{API}/agents/workload").json() == load


def test_a_waiting_tour_gets_the_agent_that_was_named(admin, seeker, listing):
    waiting = tour(listing, seeker)
    bela = an_agent("Bela")
    an_agent("Cleo")
    given = staff(admin).ask("agent_assign_visit", visit_id=waiting.pk, agent_id=bela.pk)
    assert given["agent"]["id"] == str(bela.pk)
    assert last_audit() == ("visit_assigned", str(admin.pk), "mcp")


def test_without_a_name_the_best_who_is_free_gets_it(admin, seeker, listing):
    waiting = tour(listing, seeker)
    assert staff(admin).ask("agent_assign_visit", visit_id=waiting.pk)["agent"] is None
    an_agent("Bela")
    assert staff(admin).ask("agent_assign_visit", visit_id=waiting.pk)["agent"]["name"] == "Bela"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"is_available": False}, "away"), ({"is_active": False}, "not_active")],
)
def test_who_cannot_come_is_refused_with_the_reason(admin, visit, fields, reason):
    absent = an_agent("Bela", **fields)
    error = staff(admin).refused("agent_assign_visit", visit_id=visit.pk, agent_id=absent.pk)
    assert (error["code"], error["details"]) == (
        "AGENT_NOT_SUITABLE",
        {"lost_because": reason},
    )
    assert fresh(visit).agent.name == "Agnes"


def test_unknown_visits_and_agents_are_not_found(admin, visit):
    team = staff(admin)
    assert team.code("agent_assign_visit", visit_id=uuid7()) == "NOT_FOUND"
    assert team.code("agent_assign_visit", visit_id=visit.pk, agent_id=uuid7()) == "NOT_FOUND"
    away = {"is_available": False}
    assert team.code("agent_set_availability", agent_id=uuid7(), **away) == "NOT_FOUND"


def test_somebody_on_leave_hands_their_visits_to_others(admin, visit, guide, on_commit):
    an_agent("Bela")
    until = clock.now() + dt.timedelta(days=9)
    with on_commit():
        sent = staff(admin).ask(
            "agent_set_availability", agent_id=guide.pk, is_available=False, until=until
        )
    assert (sent["is_available"], sent["name"]) == (False, "Agnes")
    assert fresh(visit).agent.name == "Bela"
    rows = AuditEvent.objects.filter(action="agent_availability")
    assert rows.values_list("actor_id", "channel").get() == (str(admin.pk), "mcp")


def test_somebody_comes_back(admin, guide):
    Agent.objects.update(is_available=False)
    back = staff(admin).ask("agent_set_availability", agent_id=guide.pk, is_available=True)
    assert back["is_available"] is True


def test_a_leave_ends_in_the_future(admin, guide):
    wrong = {"is_available": False, "until": clock.now() - dt.timedelta(hours=1)}
    error = staff(admin).refused("agent_set_availability", agent_id=guide.pk, **wrong)
    assert list(error["details"]["fields"]) == ["until"]
