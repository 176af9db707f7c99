"""A reader of event streams, and the processes that serve them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
import json
import os
import subprocess
import sys
import time
from typing import Any, NamedTuple

from django.conf import settings

from ghar.accounts.models import Principal, SeekerSession
from tests.databases import database_url
from tests.factories import ApiTokenFactory, bearer, secret_of
from tests.serving.servers import free_port, wait_for_port


class Received(NamedTuple):
    type: str
    id: str
    data: dict[str, Any]


def credentials(person: Principal) -> dict[str, str]:
    if isinstance(person, SeekerSession):
        return {"X-Seeker-Session": secret_of(person)}
    return {"Authorization": bearer(ApiTokenFactory(user=person))}


class Reader:
    """An open stream of one caller."""

    def __init__(
        self, port: int, person: Principal, *, last_event_id: str = "", query: str = ""
    ) -> None:
        headers = credentials(person)
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        self.connection = HTTPConnection("127.0.0.1", port, timeout=10)
        self.connection.request("GET", f"/api/v1/events{query}", headers=headers)
        self.response: HTTPResponse = self.connection.getresponse()
        self.opening_id = self._block()["id"] if self.response.status == 200 else ""

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()
        self.connection.close()

    def next(self) -> Received:
        """The next event; comments are passed over. EOFError when the stream has ended."""
        while True:
            block = self._block()
            if "data" in block:
                return Received(block["event"], block["id"], json.loads(block["data"]))

    def take(self, count: int) -> list[Received]:
        return [self.next() for _ in range(count)]

    def has_comment(self) -> bool:
        return "" in self._block()

    def has_ended(self) -> bool:
        try:
            while True:
                self._block()
        except (EOFError, OSError):
            return True

    def _block(self) -> dict[str, str]:
        """The fields of one block; a comment is the field ''."""
        fields: dict[str, str] = {}
        while line := self.response.readline().decode():
            if line == "\n":
                return fields
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = value.removeprefix(" ")
        raise EOFError


class StreamProcess:
    """A process that serves the stream for the test database."""

    def __init__(
        self,
        *,
        module: str = "tests.realtime.server",
        words: Sequence[str] = (),
        **environment: str,
    ) -> None:
        self.port = free_port()
        self.command = [sys.executable, "-m", module, str(self.port), *words]
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "LOG_LEVEL": "ERROR",
            **environment,
        }
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=self.environment, cwd=settings.BASE_DIR)
        wait_for_port(self.port)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@contextmanager
def stream_process(**environment: str) -> Iterator[StreamProcess]:
    process = StreamProcess(**environment)
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds
