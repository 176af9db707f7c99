"""A worker that is asked to stop: what it has begun it ends, and then it is gone."""

import signal
import time

from django.db import transaction
import pytest

from ghar.boot.children import Child
from ghar.boot.site import PRODUCT_STOP_SECONDS
from ghar.calendar.models import CalendarEntry
from ghar.lib import clock
from tests.faults.plans import agree_on_viewings, told
from tests.faults.processes import Backstage
from tests.interleaving import until_somebody_waits

pytestmark = pytest.mark.faults


def has_ended(worker: Child, *, seconds: float = PRODUCT_STOP_SECONDS) -> bool:
    """By itself, in the time that the supervisor gives it."""
    deadline = time.monotonic() + seconds
    while worker.is_alive and time.monotonic() < deadline:
        time.sleep(0.02)
    return not worker.is_alive


def test_an_idle_worker_stops_by_itself_with_a_second_to_spare(backstage: Backstage) -> None:
    worker = backstage.start_worker()
    backstage.wait_until_ready()
    worker.process.send_signal(signal.SIGTERM)
    assert has_ended(worker, seconds=PRODUCT_STOP_SECONDS - 1)
    assert worker.process.wait() == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_that_stops_ends_what_it_has_begun_and_leaves_the_rest(
    backstage: Backstage, sign: signal.Signals
) -> None:
    agree_on_viewings([clock.now()])
    worker = backstage.start_worker()
    backstage.wait_until_ready()
    with transaction.atomic():
        list(CalendarEntry.objects.select_for_update())
        for _ in range(20):
            backstage.send("viewings.send_due_reminders")
        until_somebody_waits()
        worker.process.send_signal(sign)
        time.sleep(0.5)
        assert worker.is_alive
    assert has_ended(worker)
    assert list(told().values()) == [1, 1]
    assert backstage.waiting_tasks() >= 10
