"""Workers that are killed again and again while they send reminders, and the account at the end."""

import datetime as dt
from itertools import cycle
import time
from typing import NamedTuple

from ghar.boot.children import Child
from ghar.calendar.models import Reminder
from ghar.lib import clock
from ghar.models import ClockOffset
from ghar.notifications.models import Delivery
from tests.faults.plans import Plan, agree_on_viewings, is_settled, mailed, told
from tests.faults.processes import PATIENCE, Backstage, kill, pool_processes, wait_until

VIEWINGS_A_ROUND = 10
ROUND = dt.timedelta(seconds=5)
# Longer than the lease of what is in hand: at a kill that is due again.
LATER = dt.timedelta(minutes=25)
ROWS = (Reminder.objects, Delivery.objects)


class Outcome(NamedTuple):
    lost: int
    told_twice: int
    under_two_keys: int
    arrived_again: int
    interrupted: int
    lateness: list[float]

    @property
    def p99(self) -> float:
        return self.lateness[int(len(self.lateness) * 0.99)]


def besiege(backstage: Backstage, workers: list[Child], *, kills: int) -> Outcome:
    """One worker after the other: the processes in which tasks run, every fifth time all of it."""
    plan = Plan()
    for number, worker in zip(range(kills), cycle(workers)):
        start = clock.now() + dt.timedelta(seconds=0.5)
        plan |= agree_on_viewings(
            [start + ROUND * share / VIEWINGS_A_ROUND for share in range(VIEWINGS_A_ROUND)]
        )
        wait_until(_somebody_is_at_work)
        whole = [worker.process.pid]
        for pid in whole if number % 5 == 1 else pool_processes(worker):
            kill(pid)
        while clock.now() < start + ROUND:
            _restart(workers)
    return _account(backstage, workers, plan)


def _somebody_is_at_work() -> bool:
    at_work = {"state": "due", "lease_until__gt": clock.now()}
    return any(rows.filter(**at_work).exists() for rows in ROWS)


def _restart(workers: list[Child]) -> None:
    """As the supervisor does."""
    for worker in workers:
        worker.restart_if_due()
    time.sleep(0.1)


def _account(backstage: Backstage, workers: list[Child], plan: Plan) -> Outcome:
    deadline = time.monotonic() + PATIENCE / 3
    while not is_settled() and time.monotonic() < deadline:
        _restart(workers)
    jumped_at = time.time()
    ClockOffset.objects.update_or_create(id=1, defaults={"offset": LATER})
    wait_until(is_settled)
    arrived = mailed(backstage.mails())
    firsts = {who: mails[0].arrived_at for who, mails in arrived.items()}
    return Outcome(
        lost=len(plan.keys() - told().keys()) + len(plan.keys() - arrived.keys()),
        told_twice=sum(times - 1 for times in told().values()),
        under_two_keys=sum(len({mail.key for mail in mails}) - 1 for mails in arrived.values()),
        arrived_again=sum(len(mails) - 1 for mails in arrived.values()),
        interrupted=sum(rows.filter(attempts__gt=1).count() for rows in ROWS),
        lateness=sorted(
            moment - plan[who].timestamp() + (LATER.total_seconds() if moment > jumped_at else 0)
            for who, moment in firsts.items()
        ),
    )
