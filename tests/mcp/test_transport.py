"""Who is let in at /mcp and /mcp-admin, and what is no message."""

from collections.abc import Iterator
import json
import socket
from typing import Any

import pytest

from ghar.accounts.models import User
from ghar.lib import clock
from tests.factories import ApiTokenFactory, bearer
from tests.serving.servers import Reply, WebProcess

pytestmark = pytest.mark.django_db(transaction=True)

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker) -> Iterator[int]:
    """A web process with the login of the web, in which staff need their second factor."""
    with django_db_blocker.unblock():
        process = WebProcess(login="ghar_web", STAFF_MFA_REQUIRED="1")
    yield process.port
    process.kill()


def of(user: User, **token: Any) -> dict[str, str]:
    return {"Authorization": bearer(ApiTokenFactory(user=user, **token))}


def post(port: int, body: Any = LIST, path: str = "/mcp", **headers: str) -> Reply:
    """As the smallest program would: one POST, nothing before it."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(port, "POST", path, body=sent, headers=JSON | headers)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": params}


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_tools_are_listed_without_a_handshake_or_a_redirect(port, seeker, path):
    reply = post(port, path=path, **of(seeker))
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    assert len(reply.json()["result"]["tools"]) == 18


def test_a_tool_is_called_without_a_handshake(port, seeker):
    reply = post(port, call("visits_list", limit=5), **of(seeker))
    result = reply.json()["result"]
    assert (result["isError"], result["structuredContent"]["items"]) == (False, [])
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]


@pytest.mark.parametrize("path", ["/mcp", "/mcp-admin"])
@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer of bad news"}])
def test_nobody_comes_in_without_a_token(port, transactional_db, path, given):
    reply = post(port, path=path, **given)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    error = reply.json()["error"]
    assert (error["data"]["code"], reply.json()["jsonrpc"]) == ("NOT_AUTHENTICATED", "2.0")


def test_a_cookie_is_no_token(port, client, seeker):
    client.force_login(seeker)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    assert post(port, Cookie=cookie).status == 401


def test_a_dead_token_opens_nothing(port, seeker):
    assert post(port, **of(seeker, expires_at=clock.now())).status == 401


def test_staff_come_in_at_the_admin_address_and_others_do_not(port, admin, seeker, agent):
    reply = post(port, path="/mcp-admin/", **of(admin, made_with_otp=True))
    assert len(reply.json()["result"]["tools"]) == 25
    for other in (seeker, agent):
        refused = post(port, path="/mcp-admin", **of(other))
        assert (refused.status, code(refused)) == (403, "NOT_ALLOWED")


def test_staff_need_a_token_made_with_their_second_factor(port, admin):
    refused = post(port, path="/mcp-admin", **of(admin))
    assert (refused.status, code(refused)) == (403, "MFA_REQUIRED")


def test_the_teams_tools_do_not_exist_for_users(port, seeker, admin):
    for caller in (of(seeker), of(admin, made_with_otp=True)):
        for name in ("admin.risk_override", "moderation_queue", "agent_list", "nothing"):
            reply = post(port, call(name), **caller)
            assert reply.json()["error"]["message"] == f"Unknown tool: {name}"


def test_a_suspended_account_is_closed_here_too(port, seeker):
    User.objects.filter(pk=seeker.pk).update(suspended_at=clock.now())
    refused = post(port, **of(seeker))
    assert (refused.status, code(refused)) == (403, "ACCOUNT_SUSPENDED")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8000", 200),
        ("http://localhost", 200),
        ("https://evil.example", 403),
        ("http://127.0.0.1.evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_pages_of_other_sites_call_no_tools(port, seeker, origin, status):
    assert post(port, Origin=origin, **of(seeker)).status == status


def test_a_name_that_is_not_ours_is_not_served(port, seeker):
    assert post(port, Host="rebound.example", **of(seeker)).status == 400


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS"])
def test_there_is_nothing_but_post(port, seeker, method):
    reply = Reply(port, method, "/mcp", headers=of(seeker))
    assert (reply.status, reply.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"[" * 400 + b"]" * 400, 400),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"x": NaN}}', 400),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"x": "\\ud800"}}', 400),
        (b"[]", 400),
        (b'"tools/list"', 400),
        (b"{}", 400),
        (json.dumps([LIST, LIST]).encode(), 400),
        (b" " * (1024 * 1024 + 1), 413),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_message_is_refused(port, seeker, body, status):
    reply = post(port, body, **of(seeker))
    assert reply.status == status
    assert reply.json()["error"]["message"]


def test_a_message_is_json(port, seeker):
    headers = {"Content-Type": "text/plain", **of(seeker)}
    reply = Reply(port, "POST", "/mcp", body=json.dumps(LIST), headers=headers)
    assert (reply.status, code(reply)) == (415, "UNSUPPORTED_MEDIA")


@pytest.mark.parametrize(
    "params",
    [None, {}, {"name": 7}, {"name": "visits_list", "arguments": []}, {"name": None}, []],
    ids=str,
)
def test_a_call_that_names_no_tool_is_an_error_of_the_protocol(port, seeker, params):
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    reply = post(port, message, **of(seeker))
    assert reply.status in (200, 400)
    assert reply.json()["error"]["code"] in (-32602, -32600)


@pytest.mark.parametrize(
    "arguments",
    [
        {"property_id": []},
        {"property_id": {"a": 1}},
        {"property_id": 10**30},
        {"property_id": "\x00"},
        {"lat": 1e300, "lng": 1e300},
    ],
    ids=str,
)
def test_arguments_that_are_nonsense_are_refused_by_the_tool(port, seeker, arguments):
    for name in ("properties_get", "properties_update", "visits_schedule", "risk.score_listing"):
        reply = post(port, call(name, **arguments), **of(seeker))
        result = reply.json()["result"]
        error = result["structuredContent"]["error"]
        assert (reply.status, result["isError"], error["code"]) == (200, True, "VALIDATION_ERROR")


@pytest.mark.parametrize("method", ["resources/list", "subscriptions/listen", "tools/eat"])
@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28", "1999-01-01"])
def test_what_is_not_offered_is_said_at_once(port, seeker, method, version):
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"notifications": {}}}
    reply = post(port, message, **{"MCP-Protocol-Version": version}, **of(seeker))
    assert reply.status < 500
    assert reply.json()["error"]["code"] < 0
    # And the process goes on.
    assert post(port, **of(seeker)).status == 200


def test_a_notification_is_taken_in(port, seeker):
    message = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert post(port, message, **of(seeker)).status == 202


def test_a_chunked_message_is_read(port, seeker):
    """As some programs send it, without a length."""
    token = of(seeker)["Authorization"]
    body = json.dumps(LIST).encode()
    head = (
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: {token}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(head.encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert b" 200 OK" in wire.recv(65536)


def test_who_accepts_only_events_is_told_that_there_are_none(port, seeker):
    assert post(port, Accept="text/event-stream", **of(seeker)).status == 406
    assert post(port, Accept="*/*", **of(seeker)).status == 200


def code(reply: Reply) -> str:
    return reply.json()["error"]["data"]["code"]
