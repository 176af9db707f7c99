"""From the line on the site to the channels of its reader: by a worker, once, whatever else fails."""

import datetime as dt

from django.core import mail
from django.db import DataError, connection, transaction
import pytest

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.models import ClockOffset
from ghar.notifications.models import Channel, Delivery, Notification, NotificationType, Purpose
from ghar.notifications.services import lines, outbox, preferences
from ghar.notifications.services.lines import Line
from ghar.realtime.models import Event
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def mail_is_connected(settings):
    settings.CHANNELS = ["email"]


def tell(*readers):
    kind = NotificationType.VISIT_CONFIRMED
    told = [Line(reader, kind, "Your visit", "/visits/", "Tomorrow at ten.") for reader in readers]
    lines.notify(*told, now=NOON, purpose=Purpose.VIEWINGS)


def test_a_line_is_dispatched_after_the_commit_of_its_cause(seeker, on_commit):
    with on_commit():
        tell(seeker)
        assert not Delivery.objects.exists()
    assert [message.to for message in mail.outbox] == [[seeker.email]]


def test_nothing_of_a_cause_that_came_to_nothing_goes_out(seeker, on_commit):
    with on_commit(), transaction.atomic():
        tell(seeker)
        transaction.set_rollback(True)
    assert outbox.dispatch_lines(now=NOON) == 0
    assert mail.outbox == []


def test_a_line_whose_wake_up_was_lost_is_found_by_the_next_sweep(seeker, poster):
    tell(seeker, poster)
    outbox.send_due_deliveries(now=NOON)
    assert {message.to[0] for message in mail.outbox} == {seeker.email, poster.email}


def test_what_the_reader_chose_last_counts(seeker):
    tell(seeker)
    preferences.set_channels(principal=seeker, choices={"email": {"viewings": False}})
    assert outbox.dispatch_lines(now=NOON) == 1
    assert not Delivery.objects.exists()


def test_one_line_that_cannot_be_addressed_does_not_hold_up_the_others(seeker, settings):
    settings.CHANNELS = ["console"]
    settings.APPRISE_URLS = {"sms": "json://127.0.0.1:9/{address}"}
    lost = UserFactory(phone="+250788123456", phone_verified=True)
    preferences.set_channels(principal=lost, choices={"sms": {"viewings": True}})
    User.objects.filter(pk=lost.pk).update(timezone="Nowhere/Else")
    tell(User.objects.get(pk=lost.pk), seeker)
    assert outbox.dispatch_lines(now=NOON) == 2
    assert outbox.dispatch_lines(now=NOON) == 0
    assert set(Delivery.objects.values_list("user", flat=True)) == {seeker.pk}


@pytest.mark.parametrize("number", [1, 30])
def test_dispatching_costs_the_same_for_one_and_thirty(number, django_assert_num_queries):
    tell(*(UserFactory() for _ in range(number)))
    # Two of a savepoint, the lines, what their readers chose, the deliveries, what is done.
    with django_assert_num_queries(6):
        assert outbox.dispatch_lines(now=NOON) == number
    assert Delivery.objects.count() == number


def test_a_reminder_does_not_wait_for_the_dispatch_of_everything_else(seeker, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 2)
    kind = NotificationType.VISIT_REMINDER
    urgent = Line(seeker, kind, "Visit in two hours", "/visits/", channels=[Channel.EMAIL])
    lines.notify(urgent, now=NOON, purpose=Purpose.VIEWINGS)
    tell(*(UserFactory() for _ in range(5)))
    assert outbox.send_due_deliveries(now=NOON) == 2 + 3
    assert mail.outbox[0].to == [seeker.email]
    assert Notification.objects.filter(is_dispatched=False).count() == 3


def test_lines_that_cannot_be_dispatched_do_not_hold_up_what_is_queued(seeker, poster, monkeypatch):
    tell(seeker)
    outbox.dispatch_lines(now=NOON)
    tell(poster)
    monkeypatch.setattr(outbox, "standings", broken)
    outbox.send_due_deliveries(now=NOON)
    assert [message.to for message in mail.outbox] == [[seeker.email]]


def broken(_readers):
    raise DataError


def test_a_line_that_waited_for_a_worker_does_not_wake_its_reader(settings):
    settings.CHANNELS = ["console"]
    reader = UserFactory(email=None, phone="+250788123456", phone_verified=True, timezone="UTC")
    preferences.set_channels(principal=reader, choices={"sms": {"viewings": True}})
    tell(reader)
    outbox.dispatch_lines(now=NOON.replace(hour=23))
    assert Delivery.objects.get().due_at == NOON.replace(day=2, hour=7)


def test_a_line_is_one_hint_on_a_clock_that_runs_ahead(seeker, settings):
    settings.CLOCK_ADJUSTABLE = True
    ClockOffset.objects.create(offset=dt.timedelta(days=1))
    clock.forget_offset()
    kind = NotificationType.VISIT_CONFIRMED
    told = Line(seeker, kind, "Your visit", "/visits/")
    lines.notify(told, now=clock.now(), purpose=Purpose.VIEWINGS)
    Event.objects.all().delete()
    outbox.dispatch_lines(now=clock.now())
    assert not Event.objects.exists()


def test_what_the_release_before_writes_during_an_update_is_not_sent_twice(seeker):
    """It knows neither column, and queues by itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications (id, user_id, type, title, body, route, is_read, visible_at,"
            " key, thread, created_at)"
            " VALUES (gen_random_uuid(), %s, 'new_like', '', '', '/', false, %s, '', '', %s)",
            [seeker.pk, NOON, NOON],
        )
    assert outbox.dispatch_lines(now=NOON) == 0


def test_a_line_that_is_held_back_names_no_channels(seeker):
    kind, later = NotificationType.LISTING_APPROVED, NOON + MINUTE
    told = Line(seeker, kind, "Approved", "/", visible_at=later, channels=[Channel.EMAIL])
    with pytest.raises(ValueError, match="held back"):
        lines.notify(told, now=NOON, purpose=Purpose.MODERATION)


def test_what_the_reader_knows_already_is_mailed_and_wakes_nobody(settings):
    settings.CHANNELS = ["console"]
    reader = UserFactory(phone="+250788123456", phone_verified=True)
    preferences.set_channels(principal=reader, choices={"sms": {"viewings": True}})
    kind = NotificationType.VISIT_CONFIRMED
    told = Line(reader, kind, "You agreed on a time", "/visits/", is_read=True)
    lines.notify(told, now=NOON, purpose=Purpose.VIEWINGS)
    assert not Event.objects.exists()
    assert lines.count_unread(reader) == 0
    outbox.dispatch_lines(now=NOON)
    assert list(Delivery.objects.values_list("channel", flat=True)) == ["email"]
