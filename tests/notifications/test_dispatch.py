"""From the line on the site to the channels of its reader: by a worker, once, whatever else fails."""

from concurrent.futures import ThreadPoolExecutor
import datetime as dt
from threading import Barrier

from django.core import mail
from django.db import connection, transaction
import pytest

from ghar.accounts.models import User
from ghar.notifications import services
from ghar.notifications.models import Delivery, Notification, NotificationType, Purpose
from ghar.notifications.services import Line
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def mail_is_connected(settings):
    settings.CHANNELS = ["email"]


def tell(*readers):
    kind = NotificationType.VISIT_CONFIRMED
    lines = [Line(reader, kind, "Your visit", "Tomorrow at ten.", "/visits/") for reader in readers]
    services.notify_all(lines, now=NOON, purpose=Purpose.VIEWINGS)


def test_a_line_is_dispatched_after_the_commit_of_its_cause(seeker, on_commit):
    with on_commit():
        tell(seeker)
        assert not Delivery.objects.exists()
    assert [message.to for message in mail.outbox] == [[seeker.email]]


def test_nothing_of_a_cause_that_came_to_nothing_goes_out(seeker, on_commit):
    with on_commit(), transaction.atomic():
        tell(seeker)
        transaction.set_rollback(True)
    assert services.dispatch_lines(now=NOON) == 0
    assert mail.outbox == []


def test_a_line_whose_wake_up_was_lost_is_found_by_the_next_sweep(seeker, poster):
    tell(seeker, poster)
    services.send_due_deliveries(now=NOON)
    assert {message.to[0] for message in mail.outbox} == {seeker.email, poster.email}


def test_what_the_reader_chose_last_counts(seeker):
    tell(seeker)
    services.set_channels(principal=seeker, choices={"email": {"viewings": False}})
    assert services.dispatch_lines(now=NOON) == 1
    assert not Delivery.objects.exists()


def test_one_line_that_cannot_be_addressed_does_not_hold_up_the_others(seeker, settings):
    settings.CHANNELS = ["console"]
    settings.APPRISE_URLS = {"sms": "json://127.0.0.1:9/{address}"}
    lost = UserFactory(phone="+250788123456", phone_verified=True)
    services.set_channels(principal=lost, choices={"sms": {"viewings": True}})
    User.objects.filter(pk=lost.pk).update(timezone="Nowhere/Else")
    tell(User.objects.get(pk=lost.pk), seeker)
    assert services.dispatch_lines(now=NOON) == 2
    assert services.dispatch_lines(now=NOON) == 0
    assert set(Delivery.objects.values_list("user", flat=True)) == {seeker.pk}


@pytest.mark.parametrize("number", [1, 30])
def test_dispatching_costs_the_same_for_one_and_thirty(number, django_assert_num_queries):
    tell(*(UserFactory() for _ in range(number)))
    # Two of a savepoint, the lines, what their readers chose, the deliveries, what is done.
    with django_assert_num_queries(6):
        assert services.dispatch_lines(now=NOON) == number
    assert Delivery.objects.count() == number


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_dispatch_each_line_once(monkeypatch):
    monkeypatch.setattr(services, "BATCH", 3)
    tell(*(UserFactory() for _ in range(24)))
    Delivery.objects.all().delete()  # of the worker that the commit woke
    Notification.objects.update(is_dispatched=False)
    together = Barrier(4)

    def work(_number):
        try:
            together.wait(10)
            done = 0
            while batch := services.dispatch_lines(now=NOON):
                done += batch
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 24
    assert Delivery.objects.count() == 24
