"""Reminders by real workers and a real beat that are killed with -9 in the middle of their work.

The numbers of the acceptance: GHAR_BENCH_ROUNDS=40 GHAR_BENCH_OVERDUE=10000. Without them a small
part of each runs. Every reminder goes to the site and by e-mail, which arrives in a file of the
bench with its key, the Message-ID. A worker that is killed takes its time to start again: what is
late on a machine with other work than this is late because of that. Catching up is only counted while
it goes on: to read all that has arrived twenty times a second would take time from the workers.
"""

import datetime as dt
import os
from pathlib import Path
import statistics
import time

from ghar.lib import clock
from ghar.notifications.models import Notification
from tests.faults.plans import agree_on_viewings, told
from tests.faults.processes import wait_until
from tests.faults.siege import besiege

ROUNDS = int(os.environ.get("GHAR_BENCH_ROUNDS", "4"))
OVERDUE = int(os.environ.get("GHAR_BENCH_OVERDUE", "1000"))


def bench_kills(backstage):
    workers = [backstage.start_worker(), backstage.start_worker()]
    backstage.start_beat()
    backstage.wait_until_ready()
    outcome = besiege(backstage, workers, kills=ROUNDS)
    sent = outcome.lateness
    print(f"\n{len(sent)} reminders over {ROUNDS} kills: lost {outcome.lost}")
    print(f"  told twice on the site {outcome.told_twice}, under two keys {outcome.under_two_keys}")
    print(f"  interrupted in hand {outcome.interrupted}, same key again {outcome.arrived_again}")
    print(
        f"  late: p50 {statistics.median(sent):.1f} s, p99 {outcome.p99:.1f} s, most {sent[-1]:.1f} s"
    )
    assert (outcome.lost, outcome.told_twice, outcome.under_two_keys) == (0, 0, 0)
    assert outcome.p99 <= 5


def mails_in(mailbox: Path) -> int:
    return mailbox.read_bytes().count(b"\n") if mailbox.exists() else 0


def bench_catching_up(backstage):
    started = time.perf_counter()
    agree_on_viewings([clock.now() - dt.timedelta(hours=1)] * (OVERDUE // 2))
    print(f"\n{OVERDUE} made in {time.perf_counter() - started:.0f} s")
    backstage.start_worker()
    backstage.start_beat()
    backstage.wait_until_ready()
    started = time.perf_counter()
    wait_until(lambda: Notification.objects.count() >= OVERDUE, seconds=600)
    on_site = time.perf_counter() - started
    wait_until(lambda: mails_in(backstage.mailbox) >= OVERDUE, seconds=600)
    by_mail = time.perf_counter() - started
    print(f"{OVERDUE} overdue: on the site in {on_site:.1f} s, by e-mail in {by_mail:.1f} s")
    assert (len(told()), set(told().values())) == (OVERDUE, {1})
