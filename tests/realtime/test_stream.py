"""The stream as its clients see it: real processes, real sockets, committed rows."""

from collections.abc import Callable
import datetime as dt
from http.client import HTTPConnection
import json
from pathlib import Path
import threading
import time
import uuid

from django.db import connection, transaction
import pytest

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.realtime import services
from ghar.realtime.models import Event
from tests.realtime.clients import Reader, StreamProcess, credentials, stream_process, within
from tests.realtime.server import LIMITS

pytestmark = pytest.mark.django_db(transaction=True)
Tell = Callable[..., uuid.UUID]


def ask(port: int, method: str, person: User | None = None) -> tuple[int, dict[str, str], bytes]:
    plain = HTTPConnection("127.0.0.1", port, timeout=10)
    plain.request(method, "/api/v1/events", headers=credentials(person) if person else {})
    response = plain.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    body = response.read()
    plain.close()
    return response.status, headers, body


def objects(reader: Reader, count: int) -> list[str]:
    return [event.data["object_id"] for event in reader.take(count)]


def objects_after(reader: Reader, tell: Tell, person: User) -> bool:
    """Whether the very next event is the one told now."""
    told = tell(person)
    return objects(reader, 1) == [str(told)]


def test_an_event_arrives_within_a_second_in_every_process(
    process: StreamProcess, poster: User, tell: Tell
) -> None:
    with (
        stream_process() as other,
        Reader(process.port, poster) as here,
        Reader(other.port, poster) as there,
        within(1),
    ):
        told = tell(poster)
        first, second = here.next(), there.next()
    assert first == second
    assert first.type == "viewing_updated"
    event = Event.objects.get()
    assert first.data == {
        "id": str(event.pk),
        "object_type": "viewing_request",
        "object_id": str(told),
        "status": "confirmed",
        "route": "/viewings/",
    }


def test_a_stream_is_for_its_caller_alone(
    process: StreamProcess, seeker: User, poster: User, tell: Tell
) -> None:
    with Reader(process.port, seeker) as reader:
        tell(poster)
        mine = tell(seeker, poster)
        assert objects(reader, 1) == [str(mine)]


def test_an_event_of_a_call_that_failed_is_never_sent(
    process: StreamProcess, seeker: User, tell: Tell
) -> None:
    with Reader(process.port, seeker) as reader:
        with transaction.atomic():
            tell(seeker)
            transaction.set_rollback(True)
        kept = tell(seeker)
        assert objects(reader, 1) == [str(kept)]


@pytest.mark.faults
def test_after_kill_minus_nine_the_stream_resumes_and_nothing_is_missed(
    seeker: User, tell: Tell
) -> None:
    with stream_process() as own:
        with Reader(own.port, seeker) as reader:
            tell(seeker)
            seen = reader.next()
            own.kill()
        missed = [str(tell(seeker)) for _ in range(3)]
        own.start()
        with Reader(own.port, seeker, last_event_id=seen.id) as reader:
            assert objects(reader, 3) == missed
            assert objects_after(reader, tell, seeker)


def test_a_stream_that_broke_before_its_first_event_resumes_too(
    process: StreamProcess, seeker: User, tell: Tell
) -> None:
    with Reader(process.port, seeker) as reader:
        opening = reader.opening_id
    missed = tell(seeker)
    query = f"?lastEventId={opening}"
    with Reader(process.port, seeker, query=query) as reader:
        assert objects(reader, 1) == [str(missed)]


def test_without_a_last_event_id_a_stream_begins_with_now(
    process: StreamProcess, seeker: User, tell: Tell
) -> None:
    tell(seeker)
    with Reader(process.port, seeker) as reader:
        assert objects_after(reader, tell, seeker)


def test_an_event_that_commits_late_is_not_lost_behind_later_ones(
    process: StreamProcess, seeker: User, tell: Tell
) -> None:
    may_commit, has_written = threading.Event(), threading.Event()
    late: list[uuid.UUID] = []

    def commit_late() -> None:
        with transaction.atomic():
            late.append(tell(seeker))
            has_written.set()
            may_commit.wait(5)
        connection.close()

    with Reader(process.port, seeker) as reader:
        writer = threading.Thread(target=commit_late)
        writer.start()
        has_written.wait(5)
        quick = tell(seeker)
        seen = reader.next()
        may_commit.set()
        writer.join()
        assert (seen.data["object_id"], objects(reader, 1)) == (str(quick), [str(late[0])])
    with Reader(process.port, seeker, last_event_id=seen.id) as reader:
        assert objects(reader, 1) == [str(late[0])]


@pytest.mark.parametrize("asked", ["1-1", "999999999-9999999999", "garbage", "-1-0"])
def test_a_place_that_is_not_known_here_resets_the_stream(
    process: StreamProcess, seeker: User, tell: Tell, asked: str
) -> None:
    tell(seeker)
    with Reader(process.port, seeker, last_event_id=asked) as reader:
        assert reader.next().type == "reset"
        assert objects_after(reader, tell, seeker)


def test_a_place_older_than_what_is_kept_resets_the_stream(
    process: StreamProcess, seeker: User, tell: Tell
) -> None:
    with Reader(process.port, seeker) as reader:
        tell(seeker)
        seq = reader.next().id.partition("-")[0]
    eight_days_ago = int((clock.now() - dt.timedelta(days=8)).timestamp())
    old = f"{seq}-{eight_days_ago}"
    with Reader(process.port, seeker, last_event_id=old) as reader:
        assert reader.next().type == "reset"


def test_a_stream_that_is_too_far_behind_is_reset(
    process: StreamProcess, seeker: User, tell: Tell
) -> None:
    with Reader(process.port, seeker) as reader:
        seen = reader.opening_id
    for _ in range(LIMITS.backlog + 1):
        tell(seeker)
    with Reader(process.port, seeker, last_event_id=seen) as reader:
        assert reader.next().type == "reset"
        assert objects_after(reader, tell, seeker)


def test_somebody_unknown_is_told_to_sign_in(process: StreamProcess) -> None:
    status, headers, body = ask(process.port, "GET")
    assert (status, headers["content-type"]) == (401, "application/json")
    assert json.loads(body)["error"]["code"] == "NOT_AUTHENTICATED"


def test_head_answers_without_a_stream(process: StreamProcess, seeker: User) -> None:
    status, headers, body = ask(process.port, "HEAD", seeker)
    assert (status, headers["content-type"], body) == (200, "text/event-stream", b"")


def test_a_stream_is_only_read(process: StreamProcess, seeker: User) -> None:
    status, _, body = ask(process.port, "POST", seeker)
    assert (status, json.loads(body)["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_without_the_database_the_caller_is_asked_to_come_back(seeker: User) -> None:
    with stream_process(DATABASE_URL="postgres://nobody@127.0.0.1:1/none") as lonely:
        status, headers, body = ask(lonely.port, "GET", seeker)
    assert (status, headers["retry-after"]) == (503, "2")
    assert json.loads(body)["error"]["code"] == "UNAVAILABLE"


def test_an_idle_stream_gives_signs_of_life(process: StreamProcess, seeker: User) -> None:
    with (
        Reader(process.port, seeker) as reader,
        within(LIMITS.keepalive_seconds * 2),
    ):
        assert reader.has_comment()


def test_a_suspension_ends_the_streams_of_one_person_at_once(
    process: StreamProcess, seeker: User, poster: User, tell: Tell
) -> None:
    with (
        Reader(process.port, seeker) as suspended,
        Reader(process.port, poster) as other,
    ):
        User.objects.filter(pk=seeker.pk).update(is_active=False)
        with within(LIMITS.keepalive_seconds / 2):
            services.end_streams(seeker.event_channel)
            assert suspended.has_ended()
        assert objects_after(other, tell, poster)


def test_a_suspension_nobody_heard_of_ends_them_at_the_next_sign_of_life(
    process: StreamProcess, seeker: User
) -> None:
    with Reader(process.port, seeker) as suspended:
        User.objects.filter(pk=seeker.pk).update(is_active=False)
        with within(LIMITS.keepalive_seconds * 2):
            assert suspended.has_ended()


def test_an_event_whose_message_was_lost_arrives_with_the_next_sign_of_life(
    process: StreamProcess, seeker: User
) -> None:
    with Reader(process.port, seeker) as reader:
        silent = Event.objects.create(channel=seeker.event_channel, object_id=uuid.uuid4())
        with within(LIMITS.keepalive_seconds * 2):
            assert objects(reader, 1) == [str(silent.object_id)]


def test_a_hundred_idle_streams_hold_no_connection_and_no_thread(seeker: User) -> None:
    with stream_process() as own:
        readers = [Reader(own.port, seeker) for _ in range(100)]
        time.sleep(LIMITS.keepalive_seconds * 1.5)
        threads = len(list(Path(f"/proc/{own.process.pid}/task").iterdir()))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connections = cursor.fetchone()[0]
        for reader in readers:
            reader.connection.close()
    # The module's own process may hold as many.
    assert connections <= 2 * LIMITS.threads
    assert threads <= LIMITS.threads + 8
