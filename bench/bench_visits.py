"""Visits under sixteen clients at once, each a process with a connection of its own.

The numbers of the acceptance: GHAR_BENCH_ATTEMPTS=100000 GHAR_BENCH_ROUNDS=1000
GHAR_BENCH_SEATS=2000. Without them a small part of each runs. GHAR_BENCH_MINUTES ends the attempts
early; what is printed is what was made.
"""

from collections import Counter
from collections.abc import Callable
import itertools
import multiprocessing
import os
import statistics
import time
from typing import Any

from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
import pytest
from rest_framework.test import APIClient

from bench.timing import compare, median_ms
from ghar.lib import clock
from tests.factories import ApiTokenFactory, LiveListingFactory, UserFactory, bearer
from tests.visits import rush
from tests.visits.actions import at
from tests.visits.agents import an_agent
from tests.visits.crowd import Step, make_world
from tests.visits.promises import check_claims, overlapping_claims
from visits.models import Visit
from visits.services.booking import schedule_visit

ATTEMPTS = int(os.environ.get("GHAR_BENCH_ATTEMPTS", "1600"))
MINUTES = float(os.environ.get("GHAR_BENCH_MINUTES", "600"))
ROUNDS = int(os.environ.get("GHAR_BENCH_ROUNDS", "20"))
SEATS = int(os.environ.get("GHAR_BENCH_SEATS", "200"))
FORK = multiprocessing.get_context("fork")
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """What a worker would do is not done by the client who is timed: sweeps are steps of their own."""
    monkeypatch.setattr("celery.app.task.Task.delay", lambda *args, **kwargs: None)


def in_processes(jobs: list[Callable[[], Any]]) -> list[Any]:
    connections.close_all()

    def run(job: Callable[[], Any], pipe: Any) -> None:
        pipe.send(job())
        pipe.close()

    pipes = [FORK.Pipe(duplex=False) for _ in jobs]
    workers = [
        FORK.Process(target=run, args=(job, pipe[1])) for job, pipe in zip(jobs, pipes, strict=True)
    ]
    for worker in workers:
        worker.start()
    for _reader, writer in pipes:
        writer.close()
    answers = [reader.recv() for reader, _writer in pipes]
    for worker in workers:
        worker.join()
    return answers


def report(title: str, steps: list[Step], seconds: float) -> None:
    times = sorted(step.ms for step in steps)
    p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    print(
        f"\n{title}: {len(steps)} attempts in {seconds:.0f} s, {len(steps) / seconds:.0f} a second"
    )
    print(f"  p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {times[-1]:.0f} ms")
    print(f"  overlaps {overlapping_claims()}, {dict(Counter(s.outcome for s in steps))}")


def unexpected(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step.outcome.startswith(("DEADLOCK", "ERROR"))]


@committed
def bench_crowd():
    world, started = make_world(), time.perf_counter()
    steps = rush.crowd(world, attempts=ATTEMPTS, minutes=MINUTES, run=in_processes)
    report("everything at once", steps, time.perf_counter() - started)
    for name in sorted({step.name for step in steps}):
        print(f"  {name}: {dict(Counter(s.outcome for s in steps if s.name == name))}")
    print(f"  {Visit.objects.count()} visits, {Visit.objects.active().count()} active")
    assert unexpected(steps) == []
    assert overlapping_claims() == 0
    check_claims(Visit.objects.all())


@committed
def bench_herd():
    started = time.perf_counter()
    rounds = rush.herd(rounds=ROUNDS, run=in_processes, barrier=FORK.Barrier)
    report("a herd on one time", list(itertools.chain(*rounds)), time.perf_counter() - started)
    outcomes = {tuple(sorted(Counter(s.outcome for s in steps).items())) for steps in rounds}
    assert outcomes == {(("VISIT_CONFLICT", rush.CLIENTS - 1), ("ok", 1))}
    assert overlapping_claims() == 0


@committed
@pytest.mark.parametrize("share", [1, 0.5])
def bench_seats(share):
    started = time.perf_counter()
    steps, team = rush.fill_seats(requests=SEATS, share=share, run=in_processes)
    report(f"requests for {share:.0%} of the agents", steps, time.perf_counter() - started)
    waiting = Visit.objects.unassigned().count()
    print(f"  {waiting} without an agent, weighted spread {rush.weighted_spread(team):.1f}")
    assert {step.outcome for step in steps} == {"ok"}
    assert waiting == 0


def ms_of_statements(call: Callable[[], Any]) -> float:
    """What would be left if all of our own Python took no time."""
    waited = 0.0

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal waited
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            waited += time.perf_counter() - started

    with connection.execute_wrapper(watch):
        call()
    return waited * 1000


@committed
def bench_booking():
    """Each in a transaction of its own, as callers have it."""
    listing, seeker = LiveListingFactory(), UserFactory()
    an_agent("Anna", user=UserFactory(), daily_capacity=48)
    an_agent("Ben", user=UserFactory(), daily_capacity=48)
    times = (at(3 + n // 12, 8 + n % 12) for n in itertools.count())
    rows = itertools.count()

    def book():
        schedule_visit(by=seeker, listing=listing, scheduled_date=next(times))

    def insert():
        Visit.objects.create(
            user=seeker,
            listing=listing,
            host=listing.owner,
            scheduled_date=at(100, 9, next(rows)),
            timezone=listing.timezone,
            proposed_by="visitor",
        )

    @transaction.atomic
    def ten_inserts():
        """What a verb of ten statements costs at least."""
        for _ in range(10):
            insert()

    # Each agent and each person once: their rows in the calendar are made with the first.
    for _ in range(3):
        book()
    with CaptureQueriesContext(connection) as captured:
        book()
    asked = [
        q for q in captured if q["sql"] not in ("BEGIN", "COMMIT") and "SAVEPOINT" not in q["sql"]
    ]
    print(f"\na booking takes {len(asked)} statements")
    waited = statistics.median(ms_of_statements(book) for _ in range(60))
    print(f"  {waited:.2f} ms of it with the driver and the database alone")
    compare("booking a tour beside one bare INSERT", book, insert, rounds=60)
    compare("ten bare INSERTs in one transaction beside one", ten_inserts, insert, rounds=60)


@pytest.mark.django_db
def bench_list():
    listing, seeker = LiveListingFactory(), UserFactory()
    for number in range(20):
        schedule_visit(
            by=seeker, listing=listing, scheduled_date=at(3 + number // 10, 8 + number % 10)
        )
    token = ApiTokenFactory(user=seeker)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=bearer(token))

    def by_api():
        assert len(client.get("/api/v1/visits/").json()["items"]) == 20

    by_api()
    with CaptureQueriesContext(connection) as captured:
        by_api()
    # Before other requests empty the log.
    counted = len(captured)
    cpu = median_ms(by_api, rounds=30, clock=time.process_time)
    print(f"\na list of twenty visits: {counted} statements, the token's among them")
    print(f"  {cpu:.1f} ms of CPU, test client and middleware included, at {clock.now():%H:%M}")
