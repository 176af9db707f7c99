"""Any order of steps by anybody keeps what must always be true of viewings."""

import datetime as dt

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
import pytest
import time_machine

from ghar.calendar.models import CalendarEntry, Claim, Reminder
from ghar.errors import DomainError
from ghar.lib import clock
from tests.factories import LiveListingFactory, UserFactory
from tests.viewings.actions import at
from viewings import tasks
from viewings.models import ViewingRequest, ViewingTimeOption
from viewings.services import closing, requests, scheduling
from viewings.states import ACTIVE, TRANSITIONS, OptionStatus

SEEKERS = 3
START = dt.datetime(2027, 5, 3, 6, tzinfo=dt.UTC)
who = st.sampled_from(["seeker", "poster", "admin"])
# Few and close together, so that people collide.
hours = st.lists(st.integers(9, 12), min_size=1, max_size=3, unique=True)
days = st.integers(3, 5)
pick = st.integers(0, 4)


class Viewings(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        # Each example starts with nothing but its own cast, whatever the ones before left.
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.traveller = time_machine.travel(START, tick=False)
        self.time = self.traveller.start()
        self.poster, self.admin = UserFactory(), UserFactory(role="admin")
        self.listings = [LiveListingFactory(owner=self.poster) for _ in range(2)]
        self.seekers = [UserFactory() for _ in range(SEEKERS)]
        self.sequences: dict = {}

    def teardown(self):
        self.traveller.stop()
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # --- steps ------------------------------------------------------------------------------------
    @rule(seeker=st.integers(0, SEEKERS - 1), listing=st.integers(0, 1), day=days, hours=hours)
    def ask(self, seeker, listing, day, hours):
        times = [at(day, hour) for hour in hours]
        by = self.seekers[seeker]
        self._try(requests.create_request, listing=self.listings[listing], by=by, times=times)

    @precondition(lambda self: ViewingRequest.objects.exists())
    @rule(index=pick, side=who, day=days, hours=hours)
    def offer(self, index, side, day, hours):
        self._step(scheduling.offer_times, index, side, times=[at(day, hour) for hour in hours])

    @precondition(lambda self: ViewingRequest.objects.exists())
    @rule(index=pick, side=who, day=days, hours=hours)
    def reschedule(self, index, side, day, hours):
        times = [at(day, hour) for hour in hours]
        self._step(scheduling.reschedule_viewing, index, side, times=times)

    @precondition(lambda self: ViewingTimeOption.objects.exists())
    @rule(index=pick, side=who, option=pick)
    def select(self, index, side, option):
        self._choose(scheduling.select_time, index, side, option)

    @precondition(lambda self: ViewingTimeOption.objects.exists())
    @rule(index=pick, side=who, option=pick)
    def confirm(self, index, side, option):
        self._choose(scheduling.confirm_viewing, index, side, option)

    @precondition(lambda self: ViewingRequest.objects.exists())
    @rule(index=pick, side=who)
    def confirm_what_is_selected(self, index, side):
        self._step(scheduling.confirm_viewing, index, side)

    @precondition(lambda self: ViewingRequest.objects.exists())
    @rule(index=pick, side=who)
    def cancel(self, index, side):
        self._step(closing.cancel_viewing, index, side)

    @rule(passed=st.sampled_from([1, 20, 26]))
    def let_time_pass(self, passed):
        self.time.shift(dt.timedelta(hours=passed))
        tasks.release_expired_holds()
        tasks.close_past_viewings()
        tasks.send_due_reminders()

    def _choose(self, verb, index, side, option):
        viewing = self._viewing(index)
        options = list(viewing.options.all())
        if options:
            self._step(verb, index, side, option=options[option % len(options)])

    def _step(self, verb, index, side, **more):
        viewing = self._viewing(index)
        by = viewing.seeker if side == "seeker" else getattr(self, side)
        self._try(verb, viewing=viewing, by=by, **more)

    def _viewing(self, index):
        found = list(ViewingRequest.objects.order_by("id"))
        return found[-1 - index % len(found)]

    def _try(self, verb, **call):
        """A refusal writes nothing; a step writes its events."""
        before = self._rows()
        try:
            verb(**call)
        except DomainError:
            assert self._rows() == before

    def _rows(self):
        return [
            list(ViewingRequest.objects.order_by("id").values_list("id", "status", "round")),
            list(ViewingTimeOption.objects.order_by("id").values_list("id", "status", "slot")),
            Claim.objects.active().count(),
        ]

    # --- what must always be true -----------------------------------------------------------------
    @invariant()
    def no_resource_is_busy_twice(self):
        spans: dict = {}
        for claim in Claim.objects.active():
            for start, end in spans.get(claim.resource_id, []):
                assert claim.busy.upper <= start or end <= claim.busy.lower
            spans.setdefault(claim.resource_id, []).append((claim.busy.lower, claim.busy.upper))

    @invariant()
    def claims_tell_what_is_selected_or_agreed(self):
        for viewing in ViewingRequest.objects.for_detail():
            claims = Claim.objects.active().filter(subject_id=viewing.pk)
            has_time = viewing.status in ACTIVE and (viewing.chosen or viewing.agreed_option)
            assert claims.exists() is bool(has_time)
            if viewing.is_confirmed:
                spans = {(c.busy.lower, c.busy.upper, c.hold_until) for c in claims}
                assert spans == {(*viewing.chosen.span, None)}
                assert claims.count() == 3

    @invariant()
    def options_fit(self):
        for viewing in ViewingRequest.objects.for_detail():
            selected = [o for o in viewing.options.all() if o.status == OptionStatus.SELECTED]
            assert len(viewing.open_options) <= 5
            assert [o.pk for o in selected] == [
                pk for pk in [viewing.selected_option_id] if pk is not None
            ]

    @invariant()
    def confirmed_means_that_two_sides_agreed(self):
        for viewing in ViewingRequest.objects.confirmed():
            option = viewing.selected_option
            chose = viewing.events.filter(
                event_type="selected", payload__time_option_id=str(option.pk)
            )
            sides = {option.source, *chose.values_list("actor", flat=True)}
            assert len(sides) >= 2 or "admin" in sides

    @invariant()
    def folding_the_events_gives_the_row(self):
        verbs = {
            "confirmed": "confirm",
            "rescheduled": "reschedule",
            "cancelled": "cancel",
            "completed": "complete",
            "expired": "expire",
            "fell_back": "fall_back",
        }
        for viewing in ViewingRequest.objects.all():
            status = "proposed"
            for kind in viewing.events.values_list("event_type", flat=True):
                if kind in verbs:
                    status = TRANSITIONS.find(verbs[kind], status).target
            assert status == viewing.status

    @invariant()
    def reminders_wait_for_what_is_confirmed_and_for_nothing_else(self):
        now = clock.now()
        for viewing in ViewingRequest.objects.for_detail():
            entry = CalendarEntry.objects.filter(subject_id=viewing.pk).first()
            due = Reminder.objects.due().filter(entry__subject_id=viewing.pk, due_at__gt=now)
            rows = list(due.values_list("recipient", "channel", "kind"))
            assert len(rows) == len(set(rows))
            if not viewing.is_confirmed:
                assert rows == []
                continue
            ahead = [h for h in (24, 2) if viewing.chosen.start_at - dt.timedelta(hours=h) > now]
            people = {viewing.seeker.event_channel, viewing.poster.event_channel}
            assert entry.is_active
            assert {row[0] for row in rows} == (people if ahead else set())
            # On the site and by e-mail, for each kind that is still ahead.
            assert len(rows) <= 2 * 2 * len(ahead)

    @invariant()
    def sequences_never_fall(self):
        for entry in CalendarEntry.objects.all():
            assert entry.sequence >= self.sequences.get(entry.pk, 0)
            self.sequences[entry.pk] = entry.sequence


@pytest.mark.long
@pytest.mark.django_db
def test_viewings_in_any_order_of_steps():
    run_state_machine_as_test(
        Viewings,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
