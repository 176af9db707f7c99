"""What a reader who has stopped reading costs: nothing but the place that his stream has reached."""

import asyncio
from collections.abc import Callable
import uuid

from asgiref.sync import sync_to_async
from django.db import connections
import pytest

from ghar.accounts.models import User
from ghar.realtime.models import Event
from ghar.realtime.stream import EventStream, Scope, StreamSettings

pytestmark = pytest.mark.django_db(transaction=True)
Tell = Callable[..., uuid.UUID]

LIMITS = StreamSettings(keepalive_seconds=0.1, backlog=3, threads=1)


class StoppedReader:
    """The client end of one ASGI call: takes the head of the answer and then nothing, until it reads."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.stopped = asyncio.Event()
        self.text = ""

    async def receive(self) -> Scope:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Scope) -> None:
        text = message.get("body", b"").decode()
        if "event:" in text:
            self.stopped.set()
            await self.reads.wait()
        self.text += text

    async def has_read(self, text: str) -> None:
        async with asyncio.timeout(5):
            while text not in self.text:
                await asyncio.sleep(0.02)


def test_a_reader_who_stops_and_reads_again_is_reset(seeker: User, tell: Tell) -> None:
    async def scenario() -> str:
        stream = EventStream(lambda _: seeker, LIMITS)
        reader = StoppedReader()
        scope = {"method": "GET", "headers": [], "query_string": b""}
        call = asyncio.ensure_future(stream(scope, reader.receive, reader.send))
        await reader.has_read("retry:")
        await sync_to_async(tell)(seeker)
        await reader.stopped.wait()
        for _ in range(LIMITS.backlog + 1):
            await sync_to_async(tell)(seeker)
        reader.reads.set()
        await reader.has_read("event: reset")
        last = await sync_to_async(tell)(seeker)
        await reader.has_read(str(last))
        stream.close()
        await call
        await asyncio.wrap_future(stream.threads.submit(connections.close_all))
        await sync_to_async(connections.close_all)()
        return reader.text

    text = asyncio.run(scenario())
    assert text.count("event: viewing_updated") == 2
    assert text.count("event: reset") == 1
    assert Event.objects.count() == LIMITS.backlog + 3
