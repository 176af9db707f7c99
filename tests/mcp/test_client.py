"""The official client of the Model Context Protocol against a site that runs."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.exceptions import MCPError
import pytest

from ghar.accounts.models import User
from ghar.audit.models import AuditEvent
from tests.factories import ApiTokenFactory, LiveListingFactory, bearer
from tests.serving.servers import WebProcess
from tests.visits.actions import at
from visits.models import Visit

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[[Client], Awaitable[Any]]


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker) -> Iterator[WebProcess]:
    with django_db_blocker.unblock():
        process = WebProcess(login="ghar_web")
    yield process
    process.kill()


# Both generations of the protocol: with the handshake, and without.
@pytest.fixture(params=["legacy", "auto"])
def connect(site: WebProcess, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`connect(user, work)` runs `work(client)` as that user's assistant."""

    def run(user: User, work: Work, path: str = "/mcp") -> Any:
        token = bearer(ApiTokenFactory(user=user, made_with_otp=True))
        return anyio.run(_with_client, site.port, path, token, request.param, work)

    return run


async def _with_client(port: int, path: str, token: str, mode: str, work: Work) -> Any:
    async with create_mcp_http_client(headers={"Authorization": token}) as http:
        wire = streamable_http_client(f"http://127.0.0.1:{port}{path}", http_client=http)
        async with Client(wire, mode=mode) as client:
            return await work(client)


def test_an_assistant_books_lists_reads_and_cancels(connect, seeker, outsider, poster):
    listing = LiveListingFactory(owner=poster)
    when = at(3, 10).isoformat()

    async def book(client: Client) -> dict[str, Any]:
        listed = await client.list_tools()
        assert "visits_schedule" in {tool.name for tool in listed.tools}
        body = {"property_id": str(listing.pk), "scheduled_date": when}
        return (await client.call_tool("visits_schedule", body)).structured_content

    async def look_and_cancel(client: Client) -> list[dict[str, Any]]:
        mine = (await client.call_tool("visits_list", {})).structured_content["items"]
        it = {"visit_id": mine[0]["id"]}
        read = (await client.call_tool("visits_get", it)).structured_content
        gone = await client.call_tool("visits_cancel", {**it, "reason": "I found a room"})
        return [*mine, read, gone.structured_content]

    booked = connect(seeker, book)
    one, read, gone = connect(seeker, look_and_cancel)
    assert one == read == booked
    assert (gone["id"], gone["status"]) == (booked["id"], "cancelled")
    written = AuditEvent.objects.filter(target_id=booked["id"]).order_by("id")
    assert list(written.values_list("action", "channel")) == [
        ("visit_scheduled", "mcp"),
        ("visit_cancelled", "mcp"),
    ]


def test_an_assistant_is_refused_what_belongs_to_somebody_else(connect, seeker, outsider, poster):
    listing = LiveListingFactory(owner=poster)

    async def book(client: Client) -> str:
        body = {"property_id": str(listing.pk), "scheduled_date": at(3, 10).isoformat()}
        return (await client.call_tool("visits_schedule", body)).structured_content["id"]

    visit_id = connect(seeker, book)

    async def meddle(client: Client) -> list[Any]:
        it = {"visit_id": visit_id}
        read = await client.call_tool("visits_get", it)
        gone = await client.call_tool("visits_cancel", {**it, "reason": "Mine now"})
        mine = await client.call_tool("visits_list", {})
        return [
            *((each.is_error, each.structured_content["error"]["code"]) for each in (read, gone)),
            mine.structured_content["items"],
        ]

    refused = (True, "NOT_FOUND")
    assert connect(outsider, meddle) == [refused, refused, []]
    assert Visit.objects.get(pk=visit_id).is_active


def test_an_assistant_of_the_team_has_its_own_address(connect, admin, seeker):
    async def workload(client: Client) -> dict[str, Any]:
        return (await client.call_tool("agent_workload", {})).structured_content

    assert connect(admin, workload, path="/mcp-admin")["items"] == []
    with pytest.raises(BaseExceptionGroup) as caught:
        connect(seeker, workload, path="/mcp-admin")
    assert caught.group_contains(MCPError, match="You may not do this")
