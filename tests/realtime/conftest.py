from collections.abc import Callable, Iterator
import uuid

import pytest

from ghar.accounts.models import SeekerSession, User
from ghar.realtime import services
from ghar.realtime.models import EventType
from tests.realtime.clients import StreamProcess


@pytest.fixture
def tell() -> Callable[..., uuid.UUID]:
    """Emit one event to the given people; the id of the object that it is about."""

    def emit(*people: User | SeekerSession) -> uuid.UUID:
        object_id = uuid.uuid4()
        services.emit(
            to=people,
            type=EventType.VIEWING_UPDATED,
            object_type="viewing_request",
            object_id=object_id,
            status="confirmed",
            route="/viewings/",
        )
        return object_id

    return emit


@pytest.fixture(scope="module")
def process(django_db_setup: None, django_db_blocker) -> Iterator[StreamProcess]:
    """One process of the stream for all tests of a module."""
    with django_db_blocker.unblock():
        process = StreamProcess()
    yield process
    process.kill()
