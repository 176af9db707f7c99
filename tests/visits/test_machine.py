"""Any order of steps by anybody, over tours, meetings and viewings, keeps what must always be true.

GHAR_MACHINE_STEPS runs more than the two thousand of a push.
"""

from collections import defaultdict
import datetime as dt
import os

from django.db import transaction
from django.test import TestCase
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
import pytest
import time_machine

from flatmates.models import Match
from flatmates.services.matches import make_match, unmatch
from ghar.calendar.models import CalendarEntry, Claim
from ghar.errors import DomainError, NotFound
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.properties.services.moves import move_listing
from ghar.properties.states import FREEZES_APPOINTMENTS
from tests.factories import LiveListingFactory, UserFactory
from tests.visits.actions import at, matched
from tests.visits.agents import an_agent
from tests.visits.crowd import half
from tests.visits.promises import (
    check_claims,
    check_history,
    check_reminders,
    overlapping_claims,
)
from tests.visits.whoever import Whoever
from viewings import tasks as viewing_tasks
from viewings.models import ViewingRequest
from viewings.services import closing as viewing_ends
from viewings.services import requests
from viewings.services import scheduling as viewing_times
from visits import states, tasks
from visits.models import Visit
from visits.services import agents, assigning, booking, closing, scheduling
from visits.services.records import fold
from visits.states import AssignmentTrigger, Outcome

STEPS = int(os.environ.get("GHAR_MACHINE_STEPS", "2000"))
LENGTH = 100
START = dt.datetime(2027, 5, 3, 6, tzinfo=dt.UTC)
# Few and close together, so that people collide.
hours, days, pick = st.integers(9, 12), st.integers(3, 4), st.integers(0, 5)
sides = st.sampled_from(["user", "host", "counterparty", "agent", "admin"])
stories = st.sampled_from(
    [
        *("name, cancel, undo", "name, move, withdraw", "name, move, undo"),
        *("move, name, confirm", "move, name, hand over, name, confirm", "move as agent, agree"),
        "name, alone, hand over, move, withdraw",
        "move as agent, agree, alone, hand over, move, withdraw",
    ]
)
seekers, places, guides = st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)


class Calendars(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        # Each example starts with nothing but its own cast, whatever the ones before left.
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.traveller = time_machine.travel(START, tick=False)
        self.time = self.traveller.start()
        self.seen, self.sequences, self.judged, self.chosen = {}, {}, {}, {}
        self.agreed = defaultdict(set)

    @initialize()
    def arrive(self):
        self.admin, self.stranger = UserFactory(role="admin"), UserFactory()
        self.poster = UserFactory()
        self.seekers = UserFactory.create_batch(3)
        self.listings = [LiveListingFactory(owner=self.poster) for _ in range(2)]
        # One looks for a home too; the other works in the mornings and does two a day.
        mornings = {day: [["08:00", "10:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
        self.guides = [
            an_agent("Anna", user=self.seekers[2]),
            an_agent("Ben", user=UserFactory(), working_hours=mornings, daily_capacity=2),
        ]
        self.matches = [matched(self.seekers[0], self.seekers[1])]

    def teardown(self):
        try:
            if hasattr(self, "admin"):
                self._check(Visit.objects.for_detail())
        finally:
            self.traveller.stop()
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    # --- visits -----------------------------------------------------------------------------------
    @rule(by=seekers, place=places, day=days, hour=hours)
    def book(self, by, place, day, hour):
        listing, when = self.listings[place], at(day, hour)
        self._try(booking.schedule_visit, by=self.seekers[by], listing=listing, scheduled_date=when)

    @rule(first=st.booleans(), day=days, hour=hours)
    def meet(self, first, day, hour):
        by, other = self.seekers[:2] if first else self.seekers[1::-1]
        self._try(
            booking.schedule_visit,
            by=by,
            counterparty=other,
            listing=self.listings[0],
            scheduled_date=at(day, hour),
            visit_context="flatmate_meet",
        )

    @rule(index=pick, side=sides, day=days, hour=hours)
    def reschedule(self, index, side, day, hour):
        self._step(scheduling.reschedule_visit, index, side, new_date=at(day, hour))

    @rule(index=pick, side=sides)
    def confirm(self, index, side):
        self._step(scheduling.confirm_visit, index, side)

    @rule(index=pick, side=sides)
    def withdraw(self, index, side):
        self._step(scheduling.withdraw_reschedule, index, side)

    @rule(index=pick, side=sides)
    def cancel(self, index, side):
        self._step(closing.cancel_visit, index, side)

    @rule(index=pick, side=sides, outcome=st.sampled_from(Outcome.values))
    def complete(self, index, side, outcome):
        self._step(closing.complete_visit, index, side, outcome=outcome)

    @rule(index=pick, side=sides)
    def undo(self, index, side):
        self._step(closing.undo_step, index, side)

    @rule(index=pick, side=sides, note=st.sampled_from(["visit_notes", "visitor_feedback"]))
    def edit(self, index, side, note):
        self._step(scheduling.edit_visit, index, side, changes={note: f"At {clock.now()}"})

    # --- agents -----------------------------------------------------------------------------------
    @rule(index=pick, guide=st.sampled_from([None, 0, 1]))
    def assign(self, index, guide):
        agent = None if guide is None else self.guides[guide]
        how = {"trigger": AssignmentTrigger.ADMIN, "agent": agent}
        self._step(assigning.assign_agent, index, "admin", named=agent, **how)

    @rule(index=pick)
    def hand_over(self, index):
        self._step(assigning.hand_over, index, "agent")

    @rule(by=seekers, place=places, guide=guides, day=days, hour=hours, other=hours, story=stories)
    def tell(self, by, place, guide, day, hour, other, story):
        """Steps that seldom follow each other by chance, on a tour of one who is there."""
        self.listings[place].refresh_from_db()
        if self.listings[place].status in FREEZES_APPOINTMENTS:
            self.hold_or_allow(place)
        self.hire(guide, True)
        self.leave(guide, True)
        self.book(by, place, day, hour)
        steps = {
            "name": lambda: self.assign(0, guide),
            "alone": lambda: self.leave(1 - guide, False),
            "hand over": lambda: self.hand_over(0),
            "move": lambda: self.reschedule(0, "user", day, other),
            "move as agent": lambda: self.reschedule(0, "agent", 7 - day, other),
            "withdraw": lambda: self.withdraw(0, "user"),
            "confirm": lambda: self.confirm(0, "host"),
            "agree": lambda: self.confirm(0, "user"),
            "cancel": lambda: self.cancel(0, "user"),
            "undo": lambda: self.undo(0, "user"),
        }
        for step in story.split(", "):
            steps[step]()

    @rule()
    def look_for_agents(self):
        self._try(tasks.assign_waiting)
        self._check_queue()

    @rule(guide=guides, is_active=st.booleans())
    def hire(self, guide, is_active):
        changes = {"is_active": is_active}
        self._try(agents.change_agent, agent=self.guides[guide], by=self.admin, changes=changes)

    @rule(guide=guides, is_available=st.booleans())
    def leave(self, guide, is_available):
        agent = self.guides[guide]
        self._try(agents.set_availability, agent=agent, is_available=is_available, by=self.admin)

    # --- what happens around them -----------------------------------------------------------------
    @rule(place=places)
    def hold_or_allow(self, place):
        listing = self.listings[place]
        listing.refresh_from_db()
        is_held = listing.status in FREEZES_APPOINTMENTS
        verb, by = ("approve", self.admin) if is_held else ("check_hold", SYSTEM)
        self._try(move_listing, listing=listing, verb=verb, by=by, now=clock.now())

    @rule()
    def part_or_match_again(self):
        match = Match.objects.between(self.seekers[0].pk, self.seekers[1].pk).get()
        if match.is_active:
            self._try(unmatch, match=match, by=self.seekers[0])
            meets = Visit.objects.active().filter(visit_context="flatmate_meet")
            assert not meets.filter(scheduled_date__gte=clock.now()).exists()
        else:
            pair = {"one": self.seekers[0], "other": self.seekers[1]}
            now = clock.now()
            self._try(make_match, before=match, **pair, context_listing=None, now=now)

    @rule(passed=st.sampled_from([dt.timedelta(minutes=11), dt.timedelta(hours=21)]))
    def let_time_pass(self, passed):
        self.time.shift(passed)
        for task in (
            *(tasks.close_past_visits, tasks.assign_waiting, tasks.send_due_reminders),
            *(viewing_tasks.release_expired_holds, viewing_tasks.close_past_viewings),
            viewing_tasks.send_due_reminders,
        ):
            self._try(task)
        self._check(Visit.objects.for_detail())

    # --- viewings ---------------------------------------------------------------------------------
    @rule(by=seekers, place=places, day=days, hour=hours)
    def ask(self, by, place, day, hour):
        times = [half(at(day, hour)), half(at(day, hour + 2))]
        listing = self.listings[place]
        self._try(requests.create_request, listing=listing, by=self.seekers[by], times=times)

    @precondition(lambda self: ViewingRequest.objects.active().exists())
    @rule(index=pick, verb=st.sampled_from(["select_time", "confirm_viewing"]))
    def answer(self, index, verb):
        viewing = self._viewing(index)
        if viewing.open_options:
            option = viewing.open_options[index % len(viewing.open_options)]
            how = {"viewing": viewing, "option": option, "by": self.poster}
            self._try(getattr(viewing_times, verb), **how)

    @precondition(lambda self: ViewingRequest.objects.active().exists())
    @rule(index=pick)
    def cancel_viewing(self, index):
        self._try(viewing_ends.cancel_viewing, viewing=self._viewing(index), by=self.poster)

    # --- how --------------------------------------------------------------------------------------
    def _viewing(self, index):
        found = list(ViewingRequest.objects.active().for_detail().order_by("-pk"))
        return found[index % len(found)]

    def _step(self, verb, index, side, *, named=None, **more):
        """A verb on one of the last visits, by a side of it; a stranger is told of nothing."""
        found = list(Visit.objects.for_detail().order_by("-pk")[:6])
        if not found:
            return
        visit = found[index % len(found)]
        with pytest.raises(NotFound), transaction.atomic():
            verb(visit=visit, by=self.stranger, **more)
        by = self.admin if side == "admin" else getattr(visit, side)
        by = visit.agent and visit.agent.user if side == "agent" else by
        if by is not None:
            self._try(verb, visit=visit, by=by, named=named, **more)

    def _try(self, verb, /, *args, named=None, **call):
        """A refusal writes nothing; a step writes one event for each row that it changes."""
        self.time.shift(dt.timedelta(seconds=1))
        before = self._rows()
        with TestCase.captureOnCommitCallbacks() as after_commit:
            try:
                with transaction.atomic():
                    verb(*args, **call)
            except DomainError:
                assert self._rows() == before
                return
        self._check_events(before, is_task=not call)
        self._check(self._touched(before), named=named, by=call.get("by"))
        before = self._rows()
        with TestCase.captureOnCommitCallbacks(execute=True):
            for callback in after_commit:
                callback()
        if self._rows() != before:
            self._check(self._touched(before))

    def _rows(self):
        rows = Visit.objects.order_by("pk").values_list("pk", "updated_at", "agent", "status")
        return {pk: row for pk, *row in rows}, Claim.objects.active().count()

    def _touched(self, before):
        changed = [pk for pk, row in self._rows()[0].items() if before[0].get(pk) != row]
        return Visit.objects.for_detail().filter(pk__in=changed)

    # --- what must always be true -----------------------------------------------------------------
    def _check_events(self, before, *, is_task):
        """One event a change. The work of a worker may take several steps."""
        for visit in self._touched(before):
            number = visit.events.count()
            new = number - self.seen.get(visit.pk, 0)
            assert new >= 1 if is_task else new == 1
        self._count_events()

    def _count_events(self):
        for visit in Visit.objects.prefetch_related("events"):
            self.seen[visit.pk] = len(visit.events.all())

    def _check(self, visits, *, named=None, by=None):
        now = clock.now()
        assert overlapping_claims() == 0
        check_claims(Visit.objects.for_detail())
        whoever = Whoever(self.guides)
        for visit in visits:
            check_history(visit)
            check_reminders(visit, now)
            self._check_choice(visit, whoever, named=named, by=by)
        for entry in CalendarEntry.objects.all():
            assert entry.sequence >= self.sequences.get(entry.pk, 0)
            self.sequences[entry.pk] = entry.sequence
        assert not Visit.objects.visible_to(self.stranger).exists()
        self._count_events()

    def _check_choice(self, visit, whoever, *, named, by):
        """Whoever is chosen, or comes along to another time, passes every filter at that moment, and
        whoever has to leave does not. What was agreed with them for a time holds for that time.
        """
        events = list(visit.events.all())
        if self.judged.get(visit.pk) == events[-1]:
            return
        before, chosen = self.chosen.get(visit.pk), (visit.agent, visit.scheduled_date)
        self.judged[visit.pk], self.chosen[visit.pk] = events[-1], chosen
        (agent, when), last, agreed = chosen, events[-1], self.agreed[visit.pk]
        had = self._put_back(events) or (before and before[0])

        def why_not(guide):
            has_said = guide == named or guide.user == by or (guide, when) in agreed
            return whoever.why_not(guide, visit, has_agreed=has_said)

        changes_hands = last.event_type in ("assigned", "unassigned")
        if had and had != agent and visit.is_active:
            assert (changes_hands and last.actor != "system") or why_not(had)
            if changes_hands:
                agreed.discard((had, when))
        if agent and visit.is_active and before != chosen:
            assert why_not(agent) == ""
        is_own = last.event_type in ("confirmed", "rescheduled", "withdrawn", "undone")
        if agent and ((agent.user == by and is_own) or (changes_hands and last.actor == "admin")):
            agreed.add(chosen)

    def _put_back(self, events):
        """Who came before the step that is undone, if that has changed it."""
        *earlier, last = events
        steps = [number for number, event in enumerate(earlier) if event.event_type in states.STEPS]
        if last.event_type != "undone" or "agent_id" not in earlier[steps[-1]].changes:
            return None
        then = fold(earlier[: steps[-1]])["agent_id"]
        return next((guide for guide in self.guides if str(guide.pk) == then), None)

    def _check_queue(self):
        """Who waits without an agent waits because none of them can come."""
        whoever = Whoever(self.guides)
        waiting = Visit.objects.unassigned().filter(scheduled_date__gt=clock.now())
        for visit in waiting.exclude(listing__status__in=FREEZES_APPOINTMENTS).for_detail():
            assert visit.unassigned_since is not None
            assert all(whoever.why_not(guide, visit) for guide in whoever.guides)


@pytest.mark.long
@pytest.mark.django_db
def test_calendars_in_any_order_of_steps():
    run_state_machine_as_test(
        Calendars,
        settings=settings(
            max_examples=max(1, STEPS // LENGTH),
            stateful_step_count=LENGTH,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
