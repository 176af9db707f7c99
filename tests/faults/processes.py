"""The real web, workers and beats on the test database and a Redis of their own, to be killed by pid."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
import os
from pathlib import Path
import signal
import sys
import time

from celery import Celery
from redis import Redis

from ghar.boot.children import Child
from ghar.boot.postgres import Identity
from ghar.boot.site import CELERY, WORKER
from tests.databases import database_url
from tests.faults.mailbox import PLACE, Mail, read
from tests.serving.servers import OwnRedis, free_port, wait_for_port

PATIENCE = 60


@dataclass
class Backstage:
    """The site and what works behind it; its media are in `folder`, as are those of the test. Every
    process ends with the test, see the fixture.
    """

    folder: Path
    redis: OwnRedis = field(default_factory=OwnRedis)
    port: int = field(default_factory=free_port)
    children: list[Child] = field(default_factory=list)

    @property
    def mailbox(self) -> Path:
        return self.folder / "mailbox"

    def start_web(self, *, identity: Identity | None = None) -> Child:
        web = self._start("web", ("-m", "ghar.web"), identity)
        wait_for_port(self.port)
        return web

    def restart(self, web: Child) -> None:
        web.start()
        wait_for_port(self.port)

    def start_worker(self, *, identity: Identity | None = None) -> Child:
        return self._start(f"worker{len(self.children)}", WORKER, identity)

    def start_beat(self) -> Child:
        name = f"beat{len(self.children)}"
        schedule = ("--pidfile=", "--schedule", str(self.folder / f"{name}.schedule"))
        return self._start(name, (*CELERY, "beat", "--loglevel", "INFO", *schedule))

    def wait_until_ready(self) -> None:
        """The workers: a beat needs nothing but to be alive."""
        for child in self.children:
            if child.name.startswith("worker"):
                child.wait_until(lambda log=child.log: b" ready." in log.read_bytes())

    def send(self, task: str) -> None:
        """Have a worker run the task, whatever beat does."""
        with Celery(broker=self.redis.url, set_as_current=False) as app:
            app.send_task(task)

    def run_until(self, condition: Callable[[], bool], *, task: str) -> None:
        """What beat does, in less time: the task comes again whenever nothing waits."""
        with Redis.from_url(self.redis.url) as redis:

            def has_come_about() -> bool:
                if not redis.llen("celery"):
                    self.send(task)
                return condition()

            wait_until(has_come_about)

    def waiting_tasks(self) -> int:
        """In the queue, and not in the hands of anybody."""
        with Redis.from_url(self.redis.url) as redis:
            assert redis.hlen("unacked") == 0
            return redis.llen("celery")

    def mails(self) -> list[Mail]:
        return read(self.mailbox)

    def end(self) -> None:
        for child in self.children:
            child.kill()
        self.redis.kill()

    def _start(self, name: str, words: tuple[str, ...], identity: Identity | None = None) -> Child:
        environment = {
            "GHAR_VAR": str(self.folder),
            "TMPDIR": str(self.folder),
            "PORT": str(self.port),
            "DATABASE_URL": database_url(login="ghar_web"),
            "REDIS_URL": self.redis.url,
            "CHANNELS": "email",
            "EMAIL_BACKEND": "tests.faults.mailbox.Mailbox",
            PLACE: str(self.mailbox),
            # As on a server: no pages of a debugger.
            "DEBUG": "0",
            "CLOCK_ADJUSTABLE": "1",
            "PYTHONUNBUFFERED": "1",
        }
        log = self.folder / f"{name}.log"
        argv = [sys.executable, *words]
        child = Child(
            name=name, argv=argv, log=log, environment=environment, identity=identity or {}
        )
        self.children.append(child)
        return child


def pool_processes(worker: Child) -> list[int]:
    """The processes of the worker in which tasks run; none while it is not there."""
    pid = worker.process.pid
    with suppress(OSError):
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    return []


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
