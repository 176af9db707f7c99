"""`python -m ghar.web` whole: the stream and the pages in one process, and how it stops."""

from collections.abc import Iterator
import signal
import time

from django.test import Client
import pytest

from ghar.accounts.models import User
from tests.realtime.clients import Reader
from tests.serving.servers import Reply, WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@pytest.fixture
def own() -> Iterator[WebProcess]:
    """A process that the test may end."""
    process = WebProcess()
    yield process
    process.kill()


@pytest.fixture(scope="module")
def web(django_db_setup: None, django_db_blocker) -> Iterator[WebProcess]:
    with django_db_blocker.unblock():
        process = WebProcess()
    yield process
    process.kill()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_within_two_seconds_while_a_stream_is_open(
    own: WebProcess, seeker: User, sign: signal.Signals
) -> None:
    with Reader(own.port, seeker) as reader:
        started = time.monotonic()
        own.process.send_signal(sign)
        assert reader.has_ended()
        own.process.wait(10)
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/events/", "/api/v1/flatmates/sse/"])
def test_the_stream_has_two_names_with_and_without_a_slash(web: WebProcess, path: str) -> None:
    reply = Reply(web.port, "GET", path)
    assert (reply.status, reply.json()["error"]["code"]) == (401, "NOT_AUTHENTICATED")


def test_the_cookie_of_a_page_opens_the_stream(
    web: WebProcess, client: Client, seeker: User
) -> None:
    client.force_login(seeker)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    reply = Reply(web.port, "HEAD", "/api/v1/events", headers={"Cookie": cookie})
    assert (reply.status, reply.headers["content-type"]) == (200, "text/event-stream")


def test_pages_come_from_django(web: WebProcess) -> None:
    assert Reply(web.port, "GET", "/healthz").status == 200


def test_secrets_in_addresses_are_not_logged(own: WebProcess) -> None:
    Reply(own.port, "GET", "/v/token-of-somebody/")
    Reply(own.port, "GET", "/api/v1/calendar.ics?key=key-of-somebody")
    log = own.kill()
    assert "GET /v/…/" in log
    assert "-of-somebody" not in log
