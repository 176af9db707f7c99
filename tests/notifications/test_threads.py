"""A conversation is one line and one push until it is read."""

from concurrent.futures import ThreadPoolExecutor
import datetime as dt
from threading import Barrier

from django.db import connection, transaction
import pytest

from ghar.models import DueState
from ghar.notifications.models import (
    Channel,
    Delivery,
    Device,
    Notification,
    NotificationType,
    Purpose,
)
from ghar.notifications.services import lines, outbox, preferences
from ghar.realtime.models import Event
from tests.factories import SeekerSessionFactory, UserFactory

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
THREAD = "conversation-1"


@pytest.fixture
def reader(db, settings):
    """Somebody who wants to hear of messages on a phone."""
    settings.CHANNELS = ["console"]
    reader = UserFactory(timezone="UTC")
    Device.objects.create(user=reader, platform="android", token="t")
    preferences.set_channels(principal=reader, choices={"push": {"messages": True}})
    return reader


def say(reader, title="Asha wrote", *, now=NOON, thread=THREAD, **changes):
    """What was said: a line of its own, or the one whose place it took."""
    notify(reader, title, now=now, thread=thread, **changes)
    mine = Notification.objects.of(reader)
    return mine.in_thread(thread).unread().first() or mine.latest("id")


def notify(reader, title="Asha wrote", *, now=NOON, **changes):
    line = lines.Line(reader, NotificationType.NEW_MESSAGE, title, "/chats/1/", **changes)
    lines.notify(line, now=now, purpose=Purpose.MESSAGES)


def test_the_unread_line_takes_the_new_words_and_moves_up(reader):
    first = say(reader, "one")
    other = say(reader, "other", now=NOON + MINUTE, thread="conversation-2")
    again = say(reader, "two", now=NOON + 2 * MINUTE)
    assert again == first
    lines = Notification.objects.of(reader).order_by("-visible_at")
    assert [(line.pk, line.title) for line in lines] == [(first.pk, "two"), (other.pk, "other")]
    assert lines[0].created_at == NOON + 2 * MINUTE


@pytest.mark.django_db(transaction=True)
def test_each_message_is_a_hint_to_open_pages(reader):
    line = say(reader)
    say(reader)
    assert list(Event.objects.values_list("object_id", flat=True)) == [line.pk, line.pk]


def test_one_push_leaves_until_the_thread_is_read(reader):
    say(reader)
    outbox.dispatch_lines(now=NOON)
    say(reader)
    assert outbox.dispatch_lines(now=NOON) == 0
    assert Delivery.objects.count() == 1
    assert lines.mark_thread_read(to=reader, thread=THREAD, now=NOON) == 1
    say(reader)
    outbox.dispatch_lines(now=NOON)
    assert (Notification.objects.count(), Delivery.objects.count()) == (2, 2)


def test_reading_the_line_itself_reads_the_thread(reader):
    line = say(reader)
    outbox.dispatch_lines(now=NOON)
    lines.mark_read(notification=line, is_read=True)
    say(reader)
    outbox.dispatch_lines(now=NOON)
    assert Delivery.objects.count() == 2


def test_what_was_read_in_the_night_is_not_pushed_in_the_morning(reader):
    night = NOON.replace(hour=23)
    say(reader, now=night)
    outbox.dispatch_lines(now=night)
    lines.mark_thread_read(to=reader, thread=THREAD, now=night)
    outbox.send_due_deliveries(now=night + dt.timedelta(hours=8))
    assert Delivery.objects.get().state == DueState.SKIPPED


def test_a_line_made_unread_again_stands_beside_the_new_one(reader):
    old = lines.mark_read(notification=say(reader), is_read=True)
    new = say(reader)
    lines.mark_read(notification=old, is_read=False)
    assert set(Notification.objects.of(reader).unread()) == {old, new}


def test_a_thread_is_read_by_its_reader_alone(reader, outsider):
    say(reader)
    theirs = say(outsider)
    lines.mark_thread_read(to=reader, thread=THREAD, now=NOON)
    assert list(Notification.objects.unread()) == [theirs]


def test_no_thread_is_no_thread_to_read(reader):
    say(reader, thread="")
    assert lines.mark_thread_read(to=reader, thread="", now=NOON) == 0


def test_a_session_has_threads_of_its_own(reader):
    session = SeekerSessionFactory()
    assert say(session) == say(session)
    lines.hand_over(session=session, user=reader)
    say(reader)
    assert Notification.objects.of(reader).count() == 2


@pytest.mark.parametrize("more", [{"key": "k"}, {"visible_at": NOON + MINUTE}])
def test_a_line_of_a_thread_is_neither_keyed_nor_held_back(reader, more):
    with pytest.raises(ValueError, match="thread"):
        say(reader, **more)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("told", [{"thread": THREAD}, {"thread": "", "key": "cause-1"}])
def test_messages_of_one_instant_are_one_line_and_one_push(reader, told):
    together = Barrier(8)

    def message(number):
        try:
            with transaction.atomic():
                together.wait(10)
                return say(reader, f"message {number}", **told).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        lines = set(pool.map(message, range(8)))
    assert lines == {Notification.objects.get().pk}
    outbox.dispatch_lines(now=NOON)
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "statements"),
    [
        ({}, 1),  # the line with its hint
        ({"key": "k"}, 2),
        ({"thread": THREAD}, 2),
        ({"channels": []}, 1),
        ({"channels": [Channel.PUSH]}, 2),
    ],
)
def test_telling_somebody_costs_no_more_than_this(
    reader, told, statements, django_assert_num_queries
):
    with django_assert_num_queries(statements):
        notify(reader, **told)


def test_telling_again_costs_less(reader, django_assert_num_queries):
    notify(reader, thread=THREAD)
    with django_assert_num_queries(2):
        notify(reader, thread=THREAD)
