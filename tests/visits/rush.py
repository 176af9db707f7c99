"""Sixteen clients with one wish: the same time, or every seat that there is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
import random
import threading
from typing import Any

from django.db import connections

from ghar.errors import SlotTaken
from tests.factories import LiveListingFactory, UserFactory
from tests.visits.actions import at
from tests.visits.agents import an_agent
from tests.visits.crowd import Client, Step, World, attempt, timed
from visits.models import Agent, Visit
from visits.services.booking import schedule_visit

CLIENTS = 16
Job = Callable[[], Any]


def in_threads(jobs: list[Job]) -> list[Any]:
    """Each on a connection of its own."""

    def run(job: Job) -> Any:
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def at_once(*calls: Job) -> list[str]:
    """What came of each, all started at the same moment."""
    start = threading.Barrier(len(calls))

    def run(call: Job) -> str:
        start.wait(timeout=30)
        return attempt(call)

    return in_threads([partial(run, call) for call in calls])


def crowd(
    world: World, *, attempts: int, minutes: float = 60, run: Callable[..., Any] = in_threads
) -> list[Step]:
    """What came of `attempts` steps of sixteen clients."""
    clients = [Client(world, seed) for seed in range(CLIENTS)]
    jobs = [partial(client.run, attempts // CLIENTS, minutes) for client in clients]
    return [step for steps in run(jobs) for step in steps]


def herd(
    *, rounds: int, run: Callable[..., Any] = in_threads, barrier: Any = threading.Barrier
) -> list[list[Step]]:
    """Round after round everybody books the same time of one place; what came of each round."""
    listing, people = LiveListingFactory(), UserFactory.create_batch(CLIENTS)
    an_agent("Anna"), an_agent("Ben")
    start = barrier(CLIENTS)
    times = [at(3 + number // 9, 9 + number % 9) for number in range(rounds)]

    def come(by: Any) -> list[Step]:
        steps = []
        for time in times:
            start.wait(timeout=60)
            book = partial(schedule_visit, by=by, listing=listing, scheduled_date=time)
            steps.append(timed("book", partial(with_alternatives, book)))
        return steps

    return list(zip(*run([partial(come, by) for by in people]), strict=True))


def with_alternatives(book: Callable[[], Any]) -> None:
    """Whoever comes too late is told three times that are still free."""
    try:
        book()
    except SlotTaken as refused:
        free = refused.details["alternatives"]
        assert len({one["start_at"] for one in free}) == 3
        raise


def fill_seats(
    *, requests: int, agents: int = 20, share: float = 1, run: Callable[..., Any] = in_threads
) -> tuple[list[Step], list[Agent]]:
    """`requests` tours in any order, at times at which `share` of the agents can be had."""
    weights = [1 if share == 1 else 1 + n % 2 for n in range(agents)]
    team = [an_agent(f"Agent {n}", weight=weight) for n, weight in enumerate(weights)]
    at_once = int(agents * share)
    people = UserFactory.create_batch(at_once)
    places = [LiveListingFactory() for _ in range(at_once)]
    times = [at(3 + n // 10, 8 + n % 10) for n in range(requests // at_once)]
    wishes = [(by, place, time) for by, place in zip(people, places, strict=True) for time in times]
    random.Random(7).shuffle(wishes)

    def serve(number: int) -> list[Step]:
        mine = wishes[number::CLIENTS]
        calls = [partial(schedule_visit, by=b, listing=p, scheduled_date=t) for b, p, t in mine]
        return [timed("book", call) for call in calls]

    outcomes = run([partial(serve, number) for number in range(CLIENTS)])
    return [step for steps in outcomes for step in steps], team


def weighted_spread(team: list[Agent]) -> float:
    """How far the one with the most visits is ahead of the one with the fewest, by weight."""
    shares = [Visit.objects.active().filter(agent=one).count() / one.weight for one in team]
    return max(shares) - min(shares)
