"""Tools for assistants over the Model Context Protocol: /mcp for a user's token, /mcp-admin for staff.

Streamable HTTP without sessions: each message stands alone and names its caller by a bearer token.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import translation
from mcp import types
from mcp.server import Server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
import orjson
from starlette.responses import Response
import structlog

from ghar.accounts.authentication import token_of_scope
from ghar.accounts.models import User
from ghar.api.errors import MethodNotAllowed, as_domain_error, error_body, error_headers
from ghar.api.renderers import JSONRenderer
from ghar.api.tools import Call, Tool
from ghar.audit.models import AuditChannel
from ghar.audit.services import through
from ghar.edge import without_forged_headers
from ghar.errors import DomainError, NotAllowed
from ghar.properties.tools import toolbox as properties
from moderation.tools import toolbox as moderation
from viewings.tools import toolbox as viewings

log = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
T = TypeVar("T")

TOOLBOXES: Final = (properties, moderation, viewings)
# So many database connections at most, however many assistants call.
THREADS: Final = 4
INSTRUCTIONS: Final = (
    "Homes and rooms, and the viewings of them. Times are ISO 8601 with an offset, amounts are"
    " integers in minor units. A refusal is an error object {code, message, details}."
)
# A page that a browser was tricked into has no token to send, so the name of the host says nothing.
_ANY_HOST: Final = TransportSecuritySettings(enable_dns_rebinding_protection=False)
_ANY_ANSWER: Final = (b"accept", b"application/json, text/event-stream")


class ToolServer:
    """One address with its tools; the caller is known before a message is read."""

    def __init__(
        self, path: str, tools: dict[str, Tool], check: Callable[[User], None] | None = None
    ) -> None:
        self.path, self.tools, self.check = path, tools, check
        self.listed = [_listed(tool) for tool in tools.values()]
        self.server: Server[Any] = Server(
            f"ghar{path.replace('/', ' ')}",
            instructions=INSTRUCTIONS,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        self.app = self.server.streamable_http_app(
            streamable_http_path=path,
            stateless_http=True,
            json_response=True,
            transport_security=_ANY_HOST,
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            call = await in_thread(self._identify, scope)
            if scope["method"] != "POST":
                raise MethodNotAllowed("POST")
        except Exception as exc:
            error = as_domain_error(exc)
            if error is None:
                raise
            await _refusal(error)(scope, receive, send)
        else:
            inner = {**_with_accept(scope), "path": self.path, "ghar.call": call}
            await self.app(inner, receive, send)

    def _identify(self, scope: Message) -> Call:
        token = token_of_scope(scope)
        if self.check:
            self.check(token.user)
        return Call(token.user, token, (scope.get("client") or ("",))[0])

    async def _list(self, context: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=self.listed)

    async def _call(self, context: Any, params: types.CallToolRequestParams) -> Any:
        tool = self.tools.get(params.name)
        if tool is None:
            raise MCPError(code=types.INVALID_PARAMS, message=f"Unknown tool: {params.name}")
        call = context.request.scope["ghar.call"]
        try:
            return await in_thread(answer, tool, call, params.arguments or {})
        except Exception as exc:
            log.exception("tool_failed", tool=tool.name)
            raise MCPError(code=types.INTERNAL_ERROR, message="Internal error") from exc


def answer(tool: Tool, call: Call, arguments: dict[str, Any]) -> types.CallToolResult:
    """What the tool says, or its refusal in the shape of the API's errors; a fault is raised."""
    with through(AuditChannel.MCP), translation.override(call.user.language):
        try:
            return _result(tool.answer(call, arguments))
        except Exception as exc:
            error = as_domain_error(exc)
            if error is None:
                raise
            return _result(error_body(error), is_error=True)


async def in_thread(work: Callable[..., T], *args: Any) -> T:
    def with_fresh_connections() -> T:
        close_old_connections()
        try:
            return work(*args)
        finally:
            close_old_connections()

    run = sync_to_async(with_fresh_connections, thread_sensitive=False, executor=_threads)
    return await run()


def check_is_staff(user: User) -> None:
    if user.staff_rights_withheld:
        raise NotAllowed(code="MFA_REQUIRED")
    if not user.is_admin:
        raise NotAllowed


def _result(body: dict[str, Any], *, is_error: bool = False) -> types.CallToolResult:
    """As an object and, for assistants that read only words, as text."""
    text = JSONRenderer().render(body)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text.decode())],
        structured_content=orjson.loads(text),
        is_error=is_error,
    )


def _listed(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.input_schema(),
        annotations=types.ToolAnnotations(read_only_hint=tool.only_reads),
    )


def _refusal(error: DomainError) -> Response:
    headers = error_headers(error) | ({"Allow": "POST"} if error.status == 405 else {})
    body = JSONRenderer().render(error_body(error))
    return Response(body, error.status, {**headers, "Cache-Control": "no-store"}, JSONRenderer.media_type)


def _with_accept(scope: Message) -> Message:
    """Who names no type takes any."""
    if any(name == b"accept" for name, _ in scope["headers"]):
        return scope
    return {**scope, "headers": [*scope["headers"], _ANY_ANSWER]}


_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mcp")
SERVERS: Final = (
    ToolServer("/mcp", {n: t for box in TOOLBOXES for n, t in box.for_users.items()}),
    ToolServer(
        "/mcp-admin", {n: t for box in TOOLBOXES for n, t in box.for_staff.items()}, check_is_staff
    ),
)
_by_path: Final = {server.path: server for server in SERVERS}


def serves(path: str) -> bool:
    return path.rstrip("/") in _by_path


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """ASGI, for the paths that it `serves`."""
    await _by_path[scope["path"].rstrip("/")](without_forged_headers(scope), receive, send)


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """While the process lives; once in a process."""
    async with AsyncExitStack() as stack:
        for server in SERVERS:
            await stack.enter_async_context(server.server.session_manager.run())
        yield
