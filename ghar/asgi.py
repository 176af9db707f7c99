"""One ASGI process: the event stream without threads; behind the edge tools, and Django for the rest."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware
from django.conf import settings

from ghar.edge import Edge, EdgeSettings, without_forged_headers
from ghar.wsgi import application as pages  # first of all: it sets Django up

from ghar import mcp  # isort: skip
from ghar.accounts.authentication import principal_of_scope  # isort: skip
from ghar.realtime.api import STREAM_PATHS  # isort: skip
from ghar.realtime.stream import EventStream  # isort: skip

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

stream = EventStream(authenticate=principal_of_scope)
threads = WSGIMiddleware(pages, workers=settings.WEB_THREADS)  # type: ignore[arg-type]
limits = EdgeSettings(
    largest_body=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    # Around the picture stands what the form says of it.
    largest_multipart=settings.MEDIA_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2,
)
edge = Edge(threads, files_root=settings.MEDIA_ROOT, limits=limits)
tools = Edge(mcp.application, files_root=settings.MEDIA_ROOT, limits=limits)


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].rstrip("/") in STREAM_PATHS:
        await stream(without_forged_headers(scope), receive, send)
    elif scope["type"] == "http" and mcp.serves(scope["path"]):
        await tools(scope, receive, send)
    elif scope["type"] == "http":
        await edge(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    async with mcp.running():
        await send({"type": "lifespan.startup.complete"})
        await receive()
        stream.close()
    await send({"type": "lifespan.shutdown.complete"})
