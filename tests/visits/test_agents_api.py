"""The routes of agents: who reads what, who may what, and that bad input is told."""

import datetime as dt

import pytest
import time_machine

from ghar.audit.models import AuditEvent
from ghar.lib.ids import uuid7
from tests.factories import UserFactory
from tests.visits.actions import UNKNOWN_ID
from tests.visits.agents import a_tour, an_agent, fresh, on
from visits.models import Agent

pytestmark = pytest.mark.django_db

AGENTS = "/api/v1/agents"
PUBLIC = {
    *("id", "name", "languages", "areas", "agent_type", "experience_level", "timezone"),
    *("is_active", "is_available", "rating"),
}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(dt.datetime(2027, 5, 3, 6, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def anna(agent) -> Agent:
    return an_agent("Anna", user=agent, unavailable_reason="Family")


def code(response) -> str:
    return response.json()["error"]["code"]


# --- the directory ----------------------------------------------------------------------------------
def test_the_directory_shows_nothing_private(api, seeker, anna, admin):
    left, away = an_agent("Bird", is_active=False), an_agent("Carl", is_available=False)
    page = api(seeker).get(AGENTS).json()
    assert [(row["name"], row["is_available"]) for row in page["items"]] == [
        ("Anna", True),
        ("Carl", False),
    ]
    assert set(page["items"][0]) == PUBLIC
    assert set(api(seeker).get(f"{AGENTS}/{anna.pk}").json()) == PUBLIC
    assert api(seeker).get(f"{AGENTS}/{left.pk}").status_code == 404
    assert set(api(seeker).get(f"{AGENTS}/{away.pk}/stats").json()) == {
        *("agent_id", "rating", "rated", "interactions", "response_time_seconds"),
        *("completed", "attended"),
    }


def test_the_team_and_the_agent_read_the_rest(api, admin, agent, anna):
    bird = an_agent("Bird", is_active=False)
    own = api(agent).get(f"{AGENTS}/{anna.pk}").json()
    assert (own["user_id"], own["unavailable_reason"]) == (str(agent.pk), "Family")
    assert api(admin).get(f"{AGENTS}/{bird.pk}").json()["daily_capacity"] == 12
    assert len(api(admin).get(AGENTS).json()["items"]) == 2


def test_an_agent_who_is_suspended_is_not_listed(api, seeker, anna):
    type(anna.user).objects.filter(pk=anna.user_id).update(suspended_at="2027-05-01T00:00Z")
    assert api(seeker).get(AGENTS).json()["items"] == []


@pytest.mark.parametrize("who", ["seeker", "admin"])
def test_a_page_of_thirty_costs_as_many_statements_as_one_of_three(
    who, request, api, django_assert_max_num_queries
):
    caller = request.getfixturevalue(who)
    for number in range(30):
        an_agent(f"Agent {number:02}")
    with django_assert_max_num_queries(4):
        first = api(caller).get(AGENTS, {"limit": 20}).json()
    second = api(caller).get(AGENTS, {"limit": 20, "cursor": first["next_cursor"]}).json()
    names = [row["name"] for row in first["items"] + second["items"]]
    assert names == [f"Agent {number:02}" for number in range(30)]
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_assigned_are_those_who_show_the_caller_homes(api, seeker, outsider, anna):
    an_agent("Bird", languages=["fr"])
    a_tour(by=seeker)
    assert [row["name"] for row in api(seeker).get(f"{AGENTS}/assigned").json()["items"]] == [
        "Anna"
    ]
    assert api(outsider).get(f"{AGENTS}/assigned").json()["items"] == []


def test_the_visits_of_an_agent_are_for_them_and_the_team(
    api, admin, agent, seeker, anna, django_assert_max_num_queries
):
    visits = [a_tour(on(day, 10)) for day in (1, 2, 3)]
    path = f"{AGENTS}/{anna.pk}/visits"
    for reader in (agent, admin):
        with django_assert_max_num_queries(5):
            page = api(reader).get(path).json()
        assert [row["id"] for row in page["items"]] == [str(v.pk) for v in reversed(visits)]
    assert api(admin).get(path, {"status": "cancelled"}).json()["items"] == []
    assert code(api(admin).get(path, {"status": "lost"})) == "VALIDATION_ERROR"
    for stranger in (seeker, visits[0].user):
        assert api(stranger).get(path).status_code == 404


# --- the team ---------------------------------------------------------------------------------------
def test_an_agent_is_made_and_deactivating_one_reassigns_its_visits(api, admin, on_commit):
    with on_commit():
        made = api(admin).post(AGENTS, {"name": "Anna", "areas": ["Kigali"]}, format="json")
    assert made.status_code == 201
    answer = made.json()
    assert (answer["languages"], answer["timezone"]) == ([admin.language], admin.timezone)
    Agent.objects.update(timezone="Africa/Kigali")
    visit = a_tour(on(3, 10))
    assert str(visit.agent_id) == answer["id"]
    bird = an_agent("Bird")
    with on_commit():
        left = api(admin).patch(f"{AGENTS}/{answer['id']}", {"is_active": False}, format="json")
    assert (left.status_code, left.json()["is_active"]) == (200, False)
    assert fresh(visit).agent == bird


def test_all_away_the_visit_waits_and_is_assigned_when_one_returns(api, admin, anna, on_commit):
    path = f"{AGENTS}/{anna.pk}/availability"
    with on_commit():
        body = {"is_available": False, "until": "2027-06-01T00:00:00+02:00", "reason": "Leave"}
        away = api(admin).patch(path, body, format="json").json()
    assert (away["is_available"], away["unavailable_reason"]) == (False, "Leave")
    visit = a_tour()
    assert visit.agent is None
    with on_commit():
        back = api(anna.user).patch(path, {"is_available": True}, format="json")
    assert (back.status_code, back.json()["is_available"]) == (200, True)
    assert fresh(visit).agent == anna


def test_the_workload_is_the_teams(api, admin, seeker, agent, anna):
    a_tour()
    found = api(admin).get(f"{AGENTS}/workload").json()
    assert found["items"] == [
        {
            "agent_id": str(anna.pk),
            "name": "Anna",
            "open_load": 1,
            "capacity": 12,
            "weight": 1,
            "score": 1,
            "today": 0,
            "this_week": 1,
        }
    ]
    assert (found["spread"], found["waiting"]) == (0, 0)
    assert api().get(f"{AGENTS}/workload").status_code == 401
    for other in (seeker, agent):
        assert code(api(other).get(f"{AGENTS}/workload")) == "NOT_ALLOWED"


@pytest.mark.parametrize("who", [None, "seeker", "agent"])
def test_others_make_and_change_nobody(who, request, api, anna):
    caller = api(request.getfixturevalue(who) if who else None)
    expected = 403 if who else 401
    assert caller.post(AGENTS, {"name": "Me"}, format="json").status_code == expected
    assert caller.patch(f"{AGENTS}/{anna.pk}", {}, format="json").status_code == expected
    away = caller.patch(f"{AGENTS}/{anna.pk}/availability", {"is_available": True}, format="json")
    assert away.status_code == (200 if who == "agent" else expected)
    assert Agent.objects.count() == 1


# --- interactions -----------------------------------------------------------------------------------
def test_a_visitor_says_how_it_was_and_the_rating_moves(api, seeker, outsider, agent, anna):
    a_tour(by=seeker)
    path = f"{AGENTS}/{anna.pk}/interactions"
    body = {"kind": "chat", "response_time_seconds": 40, "user_satisfaction": 4}
    made = api(seeker).post(path, body, format="json")
    assert made.status_code == 201
    assert body.items() <= made.json().items()
    assert api(seeker).get(f"{AGENTS}/{anna.pk}").json()["rating"] == 4
    (line,) = api(agent).get(path).json()["items"]
    assert "user_id" not in line
    assert api(seeker).get(path).status_code == 404
    assert api(outsider).post(path, body, format="json").status_code == 403


# --- bad input --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"name": ""},
        {"name": "A\x00"},
        {"name": "A", "languages": []},
        {"name": "A", "languages": "en"},
        {"name": "A", "languages": ["English"]},
        {"name": "A", "areas": [["Kigali"]]},
        {"name": "A", "areas": ["x"] * 51},
        {"name": "A", "weight": "nan"},
        {"name": "A", "weight": 0},
        {"name": "A", "weight": 1e300},
        {"name": "A", "daily_capacity": 10**30},
        {"name": "A", "timezone": "Nowhere"},
        {"name": "A", "timezone": None},
        {"name": "A", "working_hours": []},
        {"name": "A", "working_hours": None},
        {"name": "A", "working_hours": {"mon": "09:00-18:00"}},
        {"name": "A", "working_hours": {"mon": [["25:00", "26:00"]]}},
        {"name": "A", "days_off": ["yesterday"]},
        {"name": "A", "agent_type": "chief"},
        {"name": "A", "user_id": "me"},
        {"name": "A", "user_id": str(uuid7())},
        {"name": "A", "calibration": 0},
        {"name": "A", "id": str(uuid7())},
    ],
)
def test_an_agent_that_makes_no_sense_is_a_422(api, admin, body):
    refused = api(admin).post(AGENTS, body, format="json")
    assert (refused.status_code, code(refused)) == (422, "VALIDATION_ERROR")
    assert not Agent.objects.exists()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("availability", {}),
        ("availability", {"is_available": False, "until": "2027-06-01T00:00:00"}),
        ("availability", {"is_available": False, "until": "2020-06-01T00:00:00Z"}),
        ("availability", {"is_available": False, "until": "9999-12-31T23:59:59Z"}),
        ("availability", {"is_available": True, "until": "2027-06-01T00:00:00Z"}),
        ("availability", {"is_available": "perhaps"}),
        ("interactions", {"kind": "smoke"}),
        ("interactions", {"kind": "chat", "user_satisfaction": 6}),
        ("interactions", {"kind": "chat", "response_time_seconds": -1}),
        ("interactions", {"kind": "chat", "response_time_seconds": 10**12}),
        ("interactions", {"kind": "chat", "user": "me"}),
    ],
)
def test_other_bad_input_is_a_422_too(api, admin, anna, path, body):
    client = api(admin)
    call = client.patch if path == "availability" else client.post
    refused = call(f"{AGENTS}/{anna.pk}/{path}", body, format="json")
    assert (refused.status_code, code(refused)) == (422, "VALIDATION_ERROR")


def test_an_account_is_one_agent(api, admin, anna):
    body = {"name": "Bird", "user_id": str(anna.user_id)}
    refused = api(admin).post(AGENTS, body, format="json")
    assert (refused.status_code, code(refused)) == (409, "USER_IS_AGENT")
    user = UserFactory(language="fr", timezone="Africa/Kigali")
    made = api(admin).post(AGENTS, body | {"user_id": str(user.pk)}, format="json").json()
    assert (made["user_id"], made["languages"]) == (str(user.pk), ["fr"])


@pytest.mark.parametrize("pk", ["nobody", "0", UNKNOWN_ID])
def test_an_unknown_agent_is_not_found(api, admin, pk):
    for path in ("", "/stats", "/visits", "/interactions"):
        assert api(admin).get(f"{AGENTS}/{pk}{path}").status_code == 404
    assert api(admin).patch(f"{AGENTS}/{pk}", {}, format="json").status_code == 404


def test_the_account_of_an_agent_says_so_and_nobody_is_signed_out(api, admin, seeker, poster):
    caller = api(seeker)
    body = {"user_id": str(seeker.pk), "name": "Sita", "languages": ["en"], "areas": []}
    made = api(admin).post("/api/v1/agents/", body).json()
    assert caller.get("/api/v1/users/me/").json()["role"] == "agent"
    api(admin).patch(f"/api/v1/agents/{made['id']}/", {"user_id": str(poster.pk)})
    assert api(poster).get("/api/v1/users/me/").json()["role"] == "agent"
    told = AuditEvent.objects.filter(action="role_changed").values_list("target_id", flat=True)
    assert set(told) == {str(seeker.pk), str(poster.pk)}
