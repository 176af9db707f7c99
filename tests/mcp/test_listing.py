"""What tools/list says, against the public contract."""

from jsonschema import Draft202012Validator
import pytest

from ghar.mcp import SERVERS

USERS, STAFF = SERVERS
READ = {"properties_search", "properties_get", "visits_list", "visits_get"}
RISK = {"risk.compute_listing_fingerprint", "risk.score_listing"}
VIEWING = {
    *("viewing.create_request", "viewing.offer_times", "viewing.select_time", "viewing.confirm"),
    *("viewing.reschedule", "viewing.cancel", "notify.viewing_update"),
}
CHANGE = {
    *("visits_schedule", "visits_cancel"),
    *("properties_update", "properties_submit", "properties_appeal"),
}
TEAM_READS = {"agent_list", "agent_workload", "moderation_queue"}
TEAM_CHANGES = {
    *("admin.risk_override", "agent_assign_visit", "agent_set_availability", "moderation_decide"),
}
EVERY = [(server.path, tool) for server in SERVERS for tool in server.listed]
IDS = [f"{path} {tool.name}" for path, tool in EVERY]


def names(server) -> set[str]:
    return {tool.name for tool in server.listed}


def test_users_have_the_tools_of_the_contract():
    assert names(USERS) == READ | RISK | VIEWING | CHANGE


def test_staff_have_those_and_their_own():
    assert names(STAFF) == names(USERS) | TEAM_READS | TEAM_CHANGES


def test_hints_say_what_only_reads():
    assert {t.name for t in USERS.listed if t.annotations.read_only_hint} == READ | RISK
    # For staff a check stores what it found.
    assert {t.name for t in STAFF.listed if t.annotations.read_only_hint} == READ | TEAM_READS


def test_hints_say_by_what_somebody_loses_something():
    destroying = {tool.name for tool in STAFF.listed if tool.annotations.destructive_hint}
    assert destroying == {
        *("properties_update", "visits_cancel", "viewing.cancel"),
        *("admin.risk_override", "moderation_decide", "agent_set_availability"),
    }


@pytest.mark.parametrize(("path", "tool"), EVERY, ids=IDS)
def test_every_tool_and_every_argument_is_explained(path, tool):
    assert len(tool.description) > 40
    Draft202012Validator.check_schema(tool.input_schema)
    arguments = tool.input_schema["properties"]
    assert [name for name, facts in arguments.items() if not facts.get("description")] == []
    assert tool.input_schema["additionalProperties"] is False


@pytest.mark.parametrize(("path", "tool"), EVERY, ids=IDS)
def test_every_answer_is_described_as_an_object(path, tool):
    Draft202012Validator.check_schema(tool.output_schema)
    assert tool.output_schema["type"] == "object"


@pytest.mark.parametrize(("path", "tool"), EVERY, ids=IDS)
def test_whatever_changes_something_can_be_sent_twice(path, tool):
    only_checks = path == "/mcp-admin" and tool.name in RISK
    expected = not (tool.annotations.read_only_hint or only_checks)
    assert ("idempotency_key" in tool.input_schema["properties"]) is expected


@pytest.mark.parametrize(
    ("name", "required"),
    [
        ("visits_schedule", {"property_id", "scheduled_date"}),
        ("viewing.create_request", {"property_id"}),
        ("viewing.offer_times", {"viewing_request_id", "time_options"}),
        ("viewing.select_time", {"viewing_request_id", "time_option_id"}),
        ("viewing.confirm", {"viewing_request_id"}),
        ("viewing.reschedule", {"viewing_request_id", "new_time_options"}),
        ("viewing.cancel", {"viewing_request_id"}),
        ("notify.viewing_update", {"viewing_request_id", "to", "channel", "message"}),
        ("risk.compute_listing_fingerprint", {"property_id"}),
        ("risk.score_listing", {"property_id"}),
        ("properties_update", {"property_id"}),
        ("admin.risk_override", {"property_id", "decision"}),
    ],
)
def test_only_what_the_contract_asks_for_is_required(name, required):
    tool = next(tool for tool in STAFF.listed if tool.name == name)
    assert set(tool.input_schema["required"]) == required


def test_the_docs_name_every_tool(settings):
    page = (settings.BASE_DIR / "docs/assistants.md").read_text()
    assert [name for name in names(STAFF) if f"`{name}`" not in page] == []
