"""The edge: what stands between the network and Django's few threads.

A thread is taken when the whole request is here and given back when the whole answer is made, so
that people on slow lines wait for themselves alone. Files leave without a thread: the application
answers with the header X-Ghar-File (a path under `files_root`) and the edge sends the file.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
import json
import os
from pathlib import Path
from tempfile import SpooledTemporaryFile
import time
from typing import Any

from starlette.responses import FileResponse, Response
import structlog

from ghar.lib.disk import is_no_room

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

CHUNK = 64 * 1024
FILE_HEADER = b"x-ghar-file"
PROGRAMS = ("/api/", "/mcp")  # what no person reads
# What the file itself decides; it is the same in every language and for everybody who may have it.
FILE_FACTS = {
    FILE_HEADER,
    *(b"content-length", b"content-type", b"content-language", b"etag", b"last-modified", b"vary"),
}
_PAGE = (
    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
    "<title>{message}</title><h1>{message}</h1></html>"
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class EdgeSettings:
    """Bytes and seconds.

    A body may take `grace_seconds` and then as long as `lowest_rate` needs for what has come so
    far, `longest_seconds` at most. One that is too large is read up to `drained` all the same:
    a browser that is cut off while it sends never reads the answer.
    """

    largest_body: int = 1024 * 1024
    largest_multipart: int = 10 * 1024 * 1024 + 512 * 1024
    drained: int = 64 * 1024 * 1024
    longest_seconds: float = 300
    grace_seconds: float = 10
    lowest_rate: int = 2048
    bodies_at_once: int = 200
    in_memory: int = 256 * 1024


class Refusal(Exception):
    """An answer that the edge gives itself, in the shape of the API's errors."""

    status = 503
    code = "UNAVAILABLE"
    message = "We are very busy. Please try again in a moment."
    headers: Headers = [(b"retry-after", b"5")]


class TooLarge(Refusal):
    status = 413
    code = "TOO_LARGE"
    message = "This is larger than we can take."
    headers: Headers = []


class FarTooLarge(TooLarge):
    headers: Headers = [(b"connection", b"close")]


class TooSlow(Refusal):
    status = 408
    code = "TOO_SLOW"
    message = "This took too long to arrive. Please try again."
    headers: Headers = [(b"connection", b"close")]


class FileGone(Refusal):
    status = 404
    code = "NOT_FOUND"
    message = "There is nothing here."
    headers: Headers = []


class ReaderGone(Exception):
    """The client has left; nobody waits for an answer."""


class Answer:
    """The whole answer of the application, taken from its thread as fast as it is made."""

    def __init__(self, in_memory: int) -> None:
        self.status = 500
        self.headers: Headers = []
        # Closed by Edge._send.
        self.body: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(in_memory)  # noqa: SIM115

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body.write(message.get("body", b""))

    def header(self, name: bytes) -> bytes:
        return dict(self.headers).get(name, b"")


class Edge:
    def __init__(
        self, app: App, *, files_root: Path | str, limits: EdgeSettings | None = None
    ) -> None:
        self.app = app
        self.files_root = Path(files_root).resolve()
        self.limits = limits or EdgeSettings()
        self.bodies = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        scope = without_forged_headers(scope)
        try:
            answer = await self._ask(scope, receive)
            await self._send(answer, scope, receive, send)
        except Refusal as refusal:
            await _refuse(refusal, scope, send)
        except ReaderGone:
            return
        except OSError as error:
            if not is_no_room(error):
                raise
            log.error("disk_full", detail=str(error))
            await _refuse(Refusal(), scope, send)

    async def _ask(self, scope: Message, receive: Receive) -> Answer:
        """The application's answer to the request, once all of that is here."""
        if not _has_body(scope):
            return await self._call(scope, receive)
        if self.bodies >= self.limits.bodies_at_once:
            raise Refusal
        self.bodies += 1
        try:
            with SpooledTemporaryFile(self.limits.in_memory) as body:
                await self._read_body(scope, receive, body)
                length = body.tell()
                body.seek(0)
                return await self._call(_with_length(scope, length), _replay(body, length))
        finally:
            self.bodies -= 1

    async def _read_body(
        self, scope: Message, receive: Receive, body: "SpooledTemporaryFile[bytes]"
    ) -> None:
        limit, is_too_large = self._largest(scope), False
        async for chunk, received in self._chunks(receive):
            if received > self.limits.drained:
                raise FarTooLarge
            is_too_large = received > limit
            if not is_too_large:
                body.write(chunk)
        if is_too_large:
            raise TooLarge

    async def _chunks(self, receive: Receive) -> AsyncIterator[tuple[bytes, int]]:
        """The body as it comes, with the number of bytes so far; TooSlow when it hardly does."""
        limits, start, received = self.limits, time.monotonic(), 0
        while True:
            allowed = limits.grace_seconds + received / limits.lowest_rate
            deadline = start + min(allowed, limits.longest_seconds)
            try:
                message = await asyncio.wait_for(receive(), deadline - time.monotonic())
            except TimeoutError:
                raise TooSlow from None
            if message["type"] == "http.disconnect":
                raise ReaderGone
            chunk = message.get("body", b"")
            received += len(chunk)
            yield chunk, received
            if not message.get("more_body", False):
                return

    def _largest(self, scope: Message) -> int:
        kind = dict(scope["headers"]).get(b"content-type", b"")
        is_multipart = kind.lower().startswith(b"multipart/form-data")
        return self.limits.largest_multipart if is_multipart else self.limits.largest_body

    async def _call(self, scope: Message, receive: Receive) -> Answer:
        answer = Answer(self.limits.in_memory)
        await self.app(scope, receive, answer.take)
        return answer

    async def _send(self, answer: Answer, scope: Message, receive: Receive, send: Send) -> None:
        with answer.body as body:
            named = answer.header(FILE_HEADER)
            if named:
                await self._file(named, answer, scope)(scope, receive, send)
                return
            body.seek(0)  # writes the last of it: a disk without room for that says so now
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": answer.headers,
                }
            )
            while chunk := body.read(CHUNK):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    def _file(self, named: bytes, answer: Answer, scope: Message) -> Response:
        """The response that sends the file, ranges and conditions included."""
        path = (self.files_root / os.fsdecode(named)).resolve()
        if not path.is_relative_to(self.files_root) or not path.is_file():
            raise FileGone
        media_type = answer.header(b"content-type").decode("latin1") or None
        response: Response = FileResponse(path, media_type=media_type, stat_result=path.stat())
        etag = response.headers["etag"]
        if dict(scope["headers"]).get(b"if-none-match", b"").decode("latin1") == etag:
            response = Response(status_code=304, headers={"etag": etag})
        response.raw_headers.extend(h for h in answer.headers if h[0] not in FILE_FACTS)
        return response


def without_forged_headers(scope: Message) -> Message:
    """The scope without header names that WSGI would take for others, as X_Forwarded_For."""
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    return {**scope, "headers": headers}


def _has_body(scope: Message) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _with_length(scope: Message, length: int) -> Message:
    """WSGI reads only as far as Content-Length says, and a chunked request has none."""
    framing = {b"content-length", b"transfer-encoding"}
    headers = [(name, value) for name, value in scope["headers"] if name not in framing]
    return {**scope, "headers": [*headers, (b"content-length", str(length).encode())]}


def _replay(body: "SpooledTemporaryFile[bytes]", length: int) -> Receive:
    async def receive() -> Message:
        chunk = body.read(CHUNK)
        return {"type": "http.request", "body": chunk, "more_body": body.tell() < length}

    return receive


async def _refuse(refusal: Refusal, scope: Message, send: Send) -> None:
    if scope["path"].startswith(PROGRAMS):
        kind = b"application/json"
        error = {"code": refusal.code, "message": refusal.message, "details": {}}
        body = json.dumps({"error": error})
    else:
        kind = b"text/html; charset=utf-8"
        body = _PAGE.format(message=refusal.message)
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), *refusal.headers]
    content = body.encode()
    headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
