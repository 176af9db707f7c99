"""A crowd that books, moves and cancels tours, meetings and viewings on a few calendars at once."""

from collections.abc import Callable
import datetime as dt
from functools import partial
from itertools import pairwise
import random
import time
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction

from ghar.accounts.models import User
from ghar.errors import DomainError
from ghar.properties.models import Property
from tests.factories import AdminFactory, LiveListingFactory, UserFactory
from tests.visits.actions import at, matched
from tests.visits.agents import ZONE, an_agent
from viewings.models import ViewingRequest
from viewings.policies.booking import ProposedTime
from viewings.services import closing as viewing_ends
from viewings.services import requests
from viewings.services import scheduling as viewing_times
from visits.models import Agent, Visit
from visits.services import assigning, booking, closing, scheduling
from visits.states import AssignmentTrigger

DAYS, HOURS, MINUTES = (3, 4, 5), range(9, 17), (0, 30)
# What is pressed, and how often.
STEPS = {
    "book": 30,
    "meet": 6,
    "reschedule": 13,
    "confirm": 10,
    "withdraw": 6,
    "cancel": 8,
    "assign": 7,
    "hand_over": 3,
    "undo": 5,
    "sweep": 1,
    "ask": 4,
    "answer": 4,
    "move_viewing": 2,
    "cancel_viewing": 2,
}
Call = Callable[[], Any]


class World(NamedTuple):
    seekers: list[User]
    posters: list[User]
    admin: User
    listings: list[Property]
    agents: list[Agent]


class Step(NamedTuple):
    name: str
    outcome: str
    ms: float


@transaction.atomic
def make_world(*, seekers: int = 8, agents: int = 4) -> World:
    """Few people with much to do: an agent who looks for a home too, posters who visit each other,
    everybody matched with the next one, and one open house of two seats.
    """
    people, posters = UserFactory.create_batch(seekers), UserFactory.create_batch(2)
    places = [LiveListingFactory(owner=posters[n % 2], capacity=1 + n // 4) for n in range(5)]
    for one, other in pairwise(people):
        matched(one, other)
    users = [people[0], UserFactory(), *[None] * (agents - 2)]
    team = [an_agent(f"Agent {n}", user=user) for n, user in enumerate(users)]
    return World([*people, *posters], posters, AdminFactory(), places, team)


def attempt(call: Call) -> str:
    """ok, the code of a refusal, DEADLOCK, or ERROR with what nobody expected."""
    try:
        call()
    except DomainError as refused:
        return refused.code
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", "")
        return "DEADLOCK" if state == "40P01" else f"ERROR {state} {error}"
    except Exception as error:  # noqa: BLE001 -- told by the test
        return f"ERROR {error!r}"
    return "ok"


def timed(name: str, call: Call) -> Step:
    started = time.perf_counter()
    outcome = attempt(call)
    return Step(name, outcome, (time.perf_counter() - started) * 1000)


class Client:
    """Presses whatever there is to press, as whoever might."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)

    def run(self, steps: int, minutes: float) -> list[Step]:
        """As many steps, or as many as fit into the time."""
        until, done = time.monotonic() + 60 * minutes, []
        while len(done) < steps and time.monotonic() < until:
            done.append(self.step())
        return done

    def step(self) -> Step:
        name = self.random.choices(list(STEPS), list(STEPS.values()))[0]
        call = getattr(self, name)()
        return timed(name, call) if call else timed("book", self.book())

    # --- visits -----------------------------------------------------------------------------------
    def book(self) -> Call:
        by, place = self.random.choice(self.world.seekers), self.random.choice(self.world.listings)
        return partial(booking.schedule_visit, by=by, listing=place, scheduled_date=self._time())

    def meet(self) -> Call:
        first = self.random.randrange(len(self.world.seekers) - 3)
        by, other = self.random.sample(self.world.seekers[first : first + 2], 2)
        context = {"visit_context": "flatmate_meet", "counterparty": other}
        place, when = self.world.listings[0], self._time()
        return partial(booking.schedule_visit, by=by, listing=place, scheduled_date=when, **context)

    def reschedule(self) -> Call | None:
        return self._press(scheduling.reschedule_visit, new_date=self._time())

    def confirm(self) -> Call | None:
        return self._press(scheduling.confirm_visit)

    def withdraw(self) -> Call | None:
        return self._press(scheduling.withdraw_reschedule, among={"status": "rescheduled"})

    def cancel(self) -> Call | None:
        return self._press(closing.cancel_visit)

    def undo(self) -> Call | None:
        visit = self._visit(Visit.objects.order_by("-updated_at")[:20])
        step = visit.last_step if visit else None
        by = User.objects.filter(pk=step.actor_id).first() if step else None
        return partial(closing.undo_step, visit=visit, by=by) if by else None

    def assign(self) -> Call | None:
        visit = self._visit(Visit.objects.active().filter(visit_context="property_tour"))
        named = self.random.choice([None, *self.world.agents])
        how = {"trigger": AssignmentTrigger.ADMIN, "by": self.world.admin, "agent": named}
        return partial(assigning.assign_agent, visit=visit, **how) if visit else None

    def hand_over(self) -> Call | None:
        visit = self._visit(Visit.objects.active().filter(agent__user__isnull=False))
        by = visit.agent.user if visit and visit.agent else None
        return partial(assigning.hand_over, visit=visit, by=by) if by else None

    def sweep(self) -> Call:
        return partial(assigning.assign_waiting, now=booking.clock.now())

    # --- viewings ---------------------------------------------------------------------------------
    def ask(self) -> Call:
        by, place = self.random.choice(self.world.seekers), self.random.choice(self.world.listings)
        times = sorted({self._time() for _ in range(3)})
        return partial(requests.create_request, listing=place, by=by, times=list(map(half, times)))

    def answer(self) -> Call | None:
        viewing = self._viewing()
        options = viewing.open_options if viewing else []
        if not viewing or not options:
            return None
        verb = self.random.choice([viewing_times.select_time, viewing_times.confirm_viewing])
        option = self.random.choice(options)
        return partial(verb, viewing=viewing, option=option, by=viewing.poster)

    def move_viewing(self) -> Call | None:
        viewing = self._viewing()
        if viewing is None:
            return None
        by, times = self.random.choice([viewing.seeker, viewing.poster]), [half(self._time())]
        return partial(viewing_times.reschedule_viewing, viewing=viewing, times=times, by=by)

    def cancel_viewing(self) -> Call | None:
        viewing = self._viewing()
        if viewing is None:
            return None
        return partial(viewing_ends.cancel_viewing, viewing=viewing, by=viewing.seeker)

    # --- choosing ---------------------------------------------------------------------------------
    def _time(self) -> dt.datetime:
        choose = self.random.choice
        return at(choose(DAYS), choose(HOURS), choose(MINUTES))

    def _press(self, verb: Callable[..., Any], *, among: Any = None, **more: Any) -> Call | None:
        """A verb on an active visit, by one of its people or the team."""
        visit = self._visit(Visit.objects.active().filter(**among or {}))
        if visit is None:
            return None
        by = self.random.choice([*visit.parties, self.world.admin])
        return partial(verb, visit=visit, by=by, **more)

    def _visit(self, visits: Any) -> Visit | None:
        ids = list(visits.values_list("pk", flat=True))
        return Visit.objects.for_detail().get(pk=self.random.choice(ids)) if ids else None

    def _viewing(self) -> ViewingRequest | None:
        ids = list(ViewingRequest.objects.active().values_list("pk", flat=True))
        found = ViewingRequest.objects.for_detail()
        return found.get(pk=self.random.choice(ids)) if ids else None


def half(start: dt.datetime) -> ProposedTime:
    return ProposedTime(start, start + dt.timedelta(minutes=30), ZONE)
