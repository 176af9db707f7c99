"""Redis may go away and come back empty: events are rows, so none is lost."""

from collections.abc import Callable, Iterator
import time
import uuid

from django_eventstream import eventstream
import pytest
import redis

from ghar.accounts.models import User
from tests.realtime.clients import Reader, stream_process, within
from tests.realtime.server import LIMITS
from tests.serving.servers import OwnRedis

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


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
    with (
        stream_process(REDIS_URL=own_redis.url) as process,
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
