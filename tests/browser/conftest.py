"""The whole site in processes of its own, and Chromium to look at it."""

from collections.abc import Callable, Iterator
import os
from pathlib import Path
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
import pytest

from tests.databases import database_url
from tests.serving.servers import free_port, wait_for_port


class Web:
    """The web process with its own login, on the test database."""

    def __init__(self, var: Path) -> None:
        self.media, self.port = var / "media", free_port()
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(login="ghar_web"),
            "REDIS_URL": own_redis(),
            "GHAR_VAR": str(var),
            "PORT": str(self.port),
            "DEBUG": "1",
            "STAFF_MFA_REQUIRED": "0",
            "LOG_LEVEL": "WARNING",
        }
        self.processes = [self._start("-m", "ghar.web")]
        wait_for_port(self.port)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait(10)

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *words], env=self.environment, cwd=settings.BASE_DIR
        )


class Site(Web):
    """With worker and beat."""

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        celery = ("-m", "celery", "-A", "ghar.celery")
        # A wake-up can be lost; the sweeps find what is due again, as in the product.
        schedule = ("--pidfile=", "--schedule", str(var / "schedule"))
        self.processes += [
            self._start(*celery, "worker", "--concurrency=1", "--loglevel=WARNING"),
            self._start(*celery, "beat", *schedule, "--loglevel=WARNING"),
        ]


def own_redis() -> str:
    """A Redis database that no other test process uses, so that no other worker takes our tasks."""
    number = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    parts = urlsplit(settings.REDIS_URL)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


@pytest.fixture
def site(transactional_db: None, settings, tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    settings.MEDIA_ROOT = site.media
    yield site
    site.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    flags = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs a loop in this thread, beside which Django would refuse the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield launched
        launched.close()
        connections.close_all()


@pytest.fixture
def new_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """A page in a window of its own; every problem that its console reports fails the test, at its
    end: a failure that is raised while an event is handled takes the driver along.
    """
    problems: list[str] = []

    def note_violation(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(f"{message.text} ({message.location['url']})")

    def open_one(path: str = "/", **options: object) -> Page:
        context: BrowserContext = browser.new_context(base_url=site.address(""), **options)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on("console", note_violation)
        page.goto(path)
        return page

    yield open_one
    noted = list(problems)  # not what the end breaks off
    for context in browser.contexts:
        context.close()
    assert noted == []


@pytest.fixture(autouse=True)
def passwords_of_the_product(settings) -> None:
    """The cheap hasher of the other tests is unknown to the processes of the site."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
