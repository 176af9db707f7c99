"""The worker that dispatches, beside whoever undoes, claims, or dispatches too."""

from concurrent.futures import ThreadPoolExecutor
import datetime as dt
from threading import Barrier

from django.db import connection, transaction
import pytest

from ghar.accounts.services.sessions import claim_session
from ghar.lib import clock
from ghar.notifications.models import (
    Delivery,
    Notification,
    NotificationQuerySet,
    NotificationType,
    Purpose,
)
from ghar.notifications.services import lines, outbox
from tests.factories import SeekerSessionFactory, UserFactory, secret_of
from tests.interleaving import Pause, beside, until_somebody_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def surroundings_of_a_race(settings, monkeypatch):
    """What a worker does is a step of its own here."""
    settings.CHANNELS = ["email"]
    monkeypatch.setattr("celery.app.task.Task.delay", lambda *args, **kwargs: None)


@pytest.fixture
def session(db):
    return SeekerSessionFactory(contact_email="x@example.org", contact_verified_at=NOON)


def tell(reader, **changes):
    told = lines.Line(reader, NotificationType.LISTING_APPROVED, "Approved", "/", **changes)
    lines.notify(told, now=NOON, purpose=Purpose.MODERATION)


def test_a_decision_is_undone_while_its_line_is_dispatched(seeker):
    tell(seeker, visible_at=NOON + MINUTE, key="decision-1")
    paused = Pause(outbox, "standings")
    with beside() as start:
        worker = start(lambda: outbox.dispatch_lines(now=NOON + MINUTE))
        paused.reached()
        undo = start(lambda: lines.withdraw(key="decision-1", now=NOON))
        until_somebody_waits()
        paused.end()
        assert (worker.exception(), undo.exception()) == (None, None)
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()


def test_a_session_is_claimed_while_its_line_is_dispatched(seeker, session):
    tell(session)
    paused = Pause(outbox, "standings")
    with beside() as start:
        worker = start(lambda: outbox.dispatch_lines(now=NOON))
        paused.reached()
        claim = start(
            lambda: claim_session(secret=secret_of(session), user=seeker, now=clock.now())
        )
        until_somebody_waits()
        paused.end()
        assert (worker.result(), claim.exception()) == (1, None)
    assert Delivery.objects.get().user == seeker


def test_a_line_that_changes_hands_while_it_is_locked_goes_to_its_new_reader(
    seeker, session, monkeypatch
):
    """The worker has found the row, and it changes before it is locked."""
    tell(session)
    look = NotificationQuerySet.undispatched_at

    def waiting(rows, moment):
        return look(rows, moment).select_for_update(of=("self",), no_key=True)

    monkeypatch.setattr(NotificationQuerySet, "undispatched_at", waiting)
    with beside() as start:
        with transaction.atomic():
            lines.hand_over(session=session, user=seeker)
            worker = start(lambda: outbox.dispatch_lines(now=NOON))
            until_somebody_waits()
        assert worker.exception() is None
    outbox.dispatch_lines(now=NOON)
    assert Delivery.objects.get().user == seeker


def test_workers_side_by_side_dispatch_each_line_once(monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 3)
    for _ in range(24):
        tell(UserFactory())
    together = Barrier(4)

    def work(_number):
        try:
            together.wait(10)
            done = 0
            while batch := outbox.dispatch_lines(now=NOON):
                done += batch
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 24
    assert Delivery.objects.count() == 24
