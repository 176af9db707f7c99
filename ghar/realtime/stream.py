"""The event stream: one small ASGI endpoint that holds neither a thread nor a connection while idle.

django-eventstream's ListenerManager knows which streams listen to which channel and takes the
messages of other processes from Redis. A message carries no event: it says "look", and the stream
reads the rows that follow the place it has reached. So a message that is lost, doubled or late
does no harm, and a reader who is too slow fills no memory.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
import datetime as dt
import json
import random
import re
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import parse_qs

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import Max
from django_eventstream.event import Event as Message
from django_eventstream.views import Listener, RedisListener, get_listener_manager
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError
import structlog

from ghar.errors import DomainError, NotAllowed, NotAuthenticated, Unavailable
from ghar.lib import clock
from ghar.realtime.models import Event, Recipient, retention

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Authenticate = Callable[[Scope], Recipient | None]
T = TypeVar("T")

# What a message over Redis asks of the streams of a channel.
LOOK = "look"
CHECK = "check"

DATABASE_AWAY = (OperationalError, InterfaceError)
COMMENT = ": still here\n\n"
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"private, no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
]


class MethodNotAllowed(DomainError):
    status = 405
    code = "METHOD_NOT_ALLOWED"
    message = "The stream can only be read."


@dataclass(frozen=True)
class StreamSettings:
    """`backlog` is how many events a stream may be behind before it is told to start anew."""

    keepalive_seconds: float = 15
    retry_milliseconds: int = 2000
    redis_retry_seconds: float = 1
    backlog: int = 500
    threads: int = 4


class Place(NamedTuple):
    """How far a stream has come; its text form is the opaque `id:` of an event.

    `known_since` is when the place was reached at the earliest: it tells whether rows behind it
    may have been forgotten.
    """

    seq: int
    known_since: dt.datetime

    def __str__(self) -> str:
        return f"{self.seq}-{int(self.known_since.timestamp())}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        found = re.fullmatch(r"(\d{1,18})-(\d{1,11})", text, re.ASCII)
        if found is None:
            return None
        return cls(int(found[1]), dt.datetime.fromtimestamp(int(found[2]), dt.UTC))


@dataclass
class Reader:
    """The other end of one open stream."""

    scope: Scope
    send: Send
    channel: str
    place: Place
    must_reset: bool = False

    async def write(self, text: str) -> None:
        await self.send({"type": "http.response.body", "body": text.encode(), "more_body": True})


class SteadyRedisListener(RedisListener):
    """The package's listener ends with its first long outage; this one always comes back."""

    pubsub: PubSub

    def __init__(self, retry_seconds: float) -> None:
        super().__init__()
        self.retry_seconds = retry_seconds

    async def start(self) -> None:
        while True:
            try:
                await self.pubsub.subscribe("events_channel")
                # What was said while nobody listened has not been heard.
                _wake_everybody()
                await self.listen()
            except (RedisError, OSError, ValueError, KeyError) as error:
                log.warning("stream_redis_away", error=str(error))
            with suppress(RedisError, OSError):
                await self.pubsub.aclose()
            self.pubsub = self.redis_client.pubsub()
            await asyncio.sleep(self.retry_seconds)


class EventStream:
    """`authenticate` turns a scope into a User or SeekerSession, or None; it may use the database."""

    def __init__(self, authenticate: Authenticate, limits: StreamSettings | None = None) -> None:
        self.authenticate = authenticate
        self.limits = limits or StreamSettings(keepalive_seconds=settings.STREAM_KEEPALIVE_SECONDS)
        self.closing = asyncio.Event()
        # So many database connections at most, however many streams are open.
        self.threads = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="stream")
        self.manager = get_listener_manager()
        self.manager.redis_listener = SteadyRedisListener(self.limits.redis_retry_seconds)

    def close(self) -> None:
        """End all streams: the process stops. Their browsers come back to another one."""
        self.closing.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reader = await self._admit(scope, send)
        except DomainError as refusal:
            await _refuse(send, refusal)
            return
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        if scope["method"] == "GET":
            await self._stream_until_over(reader, receive)
        with suppress(TimeoutError):
            # A reader who has stopped reading must not hold up the end.
            async with asyncio.timeout(1):
                await send({"type": "http.response.body", "body": b""})

    async def _admit(self, scope: Scope, send: Send) -> Reader:
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed
        if self.closing.is_set():
            raise Unavailable
        try:
            return await self._in_thread(self._find_reader, scope, send)
        except DATABASE_AWAY:
            raise Unavailable from None

    def _find_reader(self, scope: Scope, send: Send) -> Reader:
        caller = self.authenticate(scope)
        if caller is None:
            raise NotAuthenticated
        channel, asked = caller.event_channel, _last_event_id(scope)
        place = Place.parse(asked)
        if place and _can_replay(channel, place):
            return Reader(scope, send, channel, place)
        return Reader(scope, send, channel, _newest_place(channel), must_reset=bool(asked))

    async def _stream_until_over(self, reader: Reader, receive: Receive) -> None:
        """Stream until the reader goes, may no longer read, or this process stops."""
        ends = {
            asyncio.ensure_future(self._stream(reader)),
            asyncio.ensure_future(_until_gone(receive)),
            asyncio.ensure_future(self.closing.wait()),
        }
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
        for task in done:
            task.result()

    async def _stream(self, reader: Reader) -> None:
        listener = Listener()
        listener.assign_loop()
        listener.channels = {reader.channel}
        # Before the first look, or an event between the two would wait for the next one.
        self.manager.add_listener(listener)
        try:
            await self._open(reader)
            is_due = False
            while await self._look(reader, is_due=is_due):
                is_due = await self._wait(listener)
        finally:
            self.manager.remove_listener(listener)

    async def _open(self, reader: Reader) -> None:
        # Spread, so that the streams of a lost process do not all come back in one instant.
        retry = round(self.limits.retry_milliseconds * random.uniform(1, 2))  # noqa: S311
        await reader.write(f"retry: {retry}\nid: {reader.place}\n\n")
        if reader.must_reset:
            await reader.write(_block("reset", reader.place, {}))

    async def _wait(self, listener: Listener) -> bool:
        """Wait for a message or the next keep-alive; whether the caller has to be checked again."""
        try:
            async with asyncio.timeout(self.limits.keepalive_seconds):
                await listener.aevent.wait()
        except TimeoutError:
            return True
        with self.manager.lock:
            listener.aevent.clear()
            messages = [m for items in listener.channel_items.values() for m in items]
            is_due = listener.overflow or any(m.type == CHECK for m in messages)
            listener.channel_items, listener.overflow = {}, False
        return is_due

    async def _look(self, reader: Reader, *, is_due: bool) -> bool:
        """Send what is new; with `is_due` check the caller and give a sign of life too."""
        try:
            news = await self._in_thread(self._read_news, reader, is_due)
        except (NotAuthenticated, NotAllowed):
            return False
        except DATABASE_AWAY:
            # The rows wait; the next keep-alive looks again.
            news = ""
        if news or is_due:
            await reader.write(news or COMMENT)
        return True

    def _read_news(self, reader: Reader, is_due: bool) -> str:
        if is_due:
            caller = self.authenticate(reader.scope)
            if caller is None or caller.event_channel != reader.channel:
                raise NotAuthenticated
        events = _events_after(reader.channel, reader.place, self.limits.backlog + 1)
        if len(events) > self.limits.backlog:
            reader.place = _newest_place(reader.channel)
            return _block("reset", reader.place, {})
        blocks = []
        for event in events:
            reader.place = Place(event.seq or 0, event.created_at)
            blocks.append(_block(event.type, reader.place, event.data))
        return "".join(blocks)

    async def _in_thread(self, work: Callable[..., T], *args: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, _with_fresh_connection, work, *args)


def _with_fresh_connection(work: Callable[..., T], *args: Any) -> T:
    close_old_connections()
    try:
        return work(*args)
    finally:
        close_old_connections()


def _events_after(channel: str, place: Place, limit: int) -> list[Event]:
    with transaction.atomic():
        Event.objects.number_pending(channel)
        return list(Event.objects.of(channel).after(place.seq)[:limit])


def _newest_place(channel: str) -> Place:
    now = clock.now()
    with transaction.atomic():
        Event.objects.number_pending(channel)
        newest = Event.objects.of(channel).aggregate(newest=Max("seq"))["newest"]
    return Place(newest or 0, now)


def _can_replay(channel: str, place: Place) -> bool:
    """Whether everything that followed `place` is still here."""
    if place.known_since <= clock.now() - retention():
        return False
    # A place that this channel has not reached comes from elsewhere, or from a lost database.
    return place.seq == 0 or Event.objects.of(channel).filter(seq__gte=place.seq).exists()


def _last_event_id(scope: Scope) -> str:
    """The header of a browser that reconnects by itself, or the query of one that starts anew."""
    for name, value in scope["headers"]:
        if name == b"last-event-id":
            return str(value.decode("latin1"))
    query = parse_qs(scope["query_string"].decode("latin1"))
    return query.get("lastEventId", [""])[0]


def _block(kind: str, place: Place, data: dict[str, Any]) -> str:
    return f"event: {kind}\nid: {place}\ndata: {json.dumps(data)}\n\n"


def _wake_everybody() -> None:
    manager = get_listener_manager()
    with manager.lock:
        channels = list(manager.listeners_by_channel)
    for channel in channels:
        manager.add_to_queues(channel, Message(channel, LOOK, None))


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, refusal: DomainError) -> None:
    error = {"code": refusal.code, "message": str(refusal.message), "details": refusal.details}
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refusal.status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"error": error}).encode()})
