"""Whatever dies in the middle of it: everybody is reminded, and once."""

import datetime as dt

from django.core.management import call_command
import pytest

from ghar.lib import clock
from tests.faults.plans import Plan, agree_on_viewings, is_settled, mailed, told
from tests.faults.processes import Backstage, kill, wait_until
from tests.faults.siege import besiege

pytestmark = [pytest.mark.faults, pytest.mark.long]

HOUR = dt.timedelta(hours=1)


def everybody_is_told_once(backstage: Backstage, plan: Plan) -> bool:
    """On the site and by e-mail."""
    arrived = mailed(backstage.mails())
    letters = {who: len(mails) for who, mails in arrived.items()}
    return told() == letters == dict.fromkeys(plan, 1)


def overdue(count: int) -> Plan:
    return agree_on_viewings([clock.now() - HOUR] * count)


def test_workers_killed_at_work_lose_nothing_and_remind_nobody_twice(backstage: Backstage) -> None:
    workers = [backstage.start_worker(), backstage.start_worker()]
    backstage.start_beat()
    backstage.wait_until_ready()
    outcome = besiege(backstage, workers, kills=3)
    assert (outcome.lost, outcome.told_twice, outcome.under_two_keys) == (0, 0, 0)


def test_a_wiped_redis_and_a_dead_worker_cost_no_reminder(backstage: Backstage) -> None:
    """What was queued is gone with both; the rows are the truth."""
    worker = backstage.start_worker()
    backstage.start_beat()
    backstage.wait_until_ready()
    plan = overdue(20)
    wait_until(lambda: bool(told()))
    backstage.redis.kill()
    kill(worker.process.pid)
    plan |= overdue(5)
    backstage.redis.start()
    worker.start()
    wait_until(lambda: told() == dict.fromkeys(plan, 1))


def test_a_beat_run_twice_doubles_nothing(backstage: Backstage) -> None:
    backstage.start_worker()
    for _ in range(2):
        backstage.start_beat()
    backstage.wait_until_ready()
    plan = overdue(20)
    wait_until(is_settled)
    assert everybody_is_told_once(backstage, plan)


def test_a_clock_that_jumps_over_both_reminders_and_back_sends_one(
    backstage: Backstage, settings
) -> None:
    settings.CLOCK_ADJUSTABLE = True
    backstage.start_worker()
    backstage.start_beat()
    backstage.wait_until_ready()
    plan = agree_on_viewings([clock.now() + 26 * HOUR] * 5)
    call_command("advance_clock", "27h")
    wait_until(is_settled)
    call_command("advance_clock", "--reset")
    plan |= overdue(5)
    wait_until(is_settled)
    assert everybody_is_told_once(backstage, plan)
