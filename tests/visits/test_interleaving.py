"""Steps beside each other in the order in which they were once lost: no deadlock, no full day
overfilled, nobody led by somebody whom they have blocked.
"""

import datetime as dt

from django.db import transaction
import pytest
import time_machine

from ghar.accounts.models import User
from ghar.accounts.services.profiles import TIME_TO_RESTORE, erase_due_accounts
from ghar.calendar.models import CalendarEntry, Reminder, ReminderKind
from ghar.calendar.services.reminders import LEASE
from ghar.lib import clock
from ghar.properties.services.listings import withdraw_listing
from moderation.models import Case, Dispute
from moderation.services import disputes, sanctions
from moderation.services.blocks import block_person
from moderation.services.verdicts import decide_any_case
from tests.factories import LiveListingFactory, ProfileFactory, UserFactory
from tests.interleaving import WAIT, Pause, beside, until_somebody_waits
from tests.viewings.actions import ask, confirm_first
from tests.visits.actions import at, fresh, tour
from tests.visits.agents import an_agent
from viewings import tasks as viewing_tasks
from viewings.services import scheduling as viewing_steps
from visits import assignment, receivers, tasks
from visits.models import Agent, AssignmentDecision, Visit
from visits.services import assigning, booking, scheduling, slots
from visits.services.reliability import dispute_outcome
from visits.states import AssignmentTrigger

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    """What a worker does is a step of its own here."""
    monkeypatch.setattr("celery.app.task.Task.delay", lambda *args, **kwargs: None)


def test_a_booking_does_not_wait_for_a_time_that_is_being_given_up(listing, seeker, guide):
    visit = tour(listing, seeker, hour=10)
    scheduling.reschedule_visit(visit=visit, new_date=at(3, 13), by=seeker)
    other = LiveListingFactory()
    an_agent("Bela")
    for hour in (10, 12):  # from now on its seat and both agents have rows in the calendar
        tour(other, UserFactory(), day=9, hour=hour)
    paused = Pause(slots, "_lock")
    with beside() as start:
        again = start(
            lambda: scheduling.reschedule_visit(visit=visit, new_date=at(5, 13), by=seeker)
        )
        paused.reached()
        refused = start(lambda: tour(other, seeker, hour=13)).exception(WAIT)
        paused.end()
        assert refused.code == "VISIT_CONFLICT"
        assert again.result().scheduled_date == at(5, 13)


def test_who_comes_too_late_holds_nobody_up(listing, seeker, guide):
    """Other times are looked for with every lock given back."""
    tour(listing, seeker, hour=10)
    paused = Pause(slots, "suggest_alternatives")
    with beside() as start:
        late = start(lambda: tour(listing, UserFactory(), hour=10))
        paused.reached()
        assert start(lambda: tour(listing, UserFactory(), hour=12)).result(WAIT).agent
        paused.end()
        assert late.exception(WAIT).code == "VISIT_CONFLICT"


def test_a_sweep_with_one_now_does_not_overfill_a_day(listing, seeker, guide, monkeypatch):
    """It gives out many visits at one `now`; a booking in between must not take that for a sign
    that the agent has got nothing.
    """
    tour(listing, seeker, day=9)
    Agent.objects.update(is_active=False)
    waiting = [tour(LiveListingFactory(), UserFactory(), hour=hour) for hour in (8, 12)]
    Agent.objects.update(is_active=True, daily_capacity=2)
    sweep, look = clock.now(), assignment.candidates_for
    assert assigning._assign_one(waiting[0].pk, trigger="sweep", now=sweep)

    def then_the_sweep_goes_on(visit, now):
        found = look(visit, now)
        monkeypatch.setattr(assignment, "candidates_for", look)
        assert assigning._assign_one(waiting[1].pk, trigger="sweep", now=sweep)
        return found

    monkeypatch.setattr(assignment, "candidates_for", then_the_sweep_goes_on)
    last = tour(listing, seeker, hour=16)
    assert last.agent is None
    assert Visit.objects.filter(agent=guide, scheduled_date__lt=at(4, 2)).count() == 2


def test_who_comes_along_to_a_day_does_not_overfill_it(listing, seeker, guide, monkeypatch):
    """Their turn stays where it is, and a booking in between must notice all the same."""
    moved, look = tour(listing, seeker, day=9), assignment.candidates_for
    Agent.objects.update(daily_capacity=1)

    def then_the_other_moves(visit, now):
        found = look(visit, now)
        monkeypatch.setattr(assignment, "candidates_for", look)
        again = scheduling.reschedule_visit(visit=moved, new_date=at(3, 10), by=seeker)
        assert again.agent == guide
        return found

    monkeypatch.setattr(assignment, "candidates_for", then_the_other_moves)
    assert tour(listing, seeker, hour=16).agent is None


def test_an_agent_who_is_blocked_while_they_are_chosen_does_not_lead(listing, seeker, agent, guide):
    tour(listing, seeker, day=9)
    paused = Pause(assigning, "_decision")
    with beside() as start:
        booked = start(lambda: tour(listing, seeker))
        paused.reached()
        block_person(target=agent, by=seeker)
        paused.end()
        visit = booked.result()
    assert visit.agent == guide
    other = an_agent("Bela")
    assigning.assign_waiting(now=clock.now())
    assert fresh(visit).agent == other
    decision = AssignmentDecision.objects.filter(visit=visit).first()
    assert decision.trigger == AssignmentTrigger.PARTED


def test_a_block_beside_a_step_of_a_viewing(listing, seeker, poster, guide):
    """It ends a tour and a viewing; the audit of the first must not come before the lock of the
    second.
    """
    visit = tour(listing, seeker)
    viewing = ask(LiveListingFactory(owner=poster), seeker, day=6)
    paused = Pause(viewing_steps, "book")
    with beside() as start:
        step = start(lambda: confirm_first(viewing, poster))
        paused.reached()
        block = start(lambda: block_person(target=seeker, by=poster))
        until_somebody_waits()
        paused.end()
        assert (step.exception(), block.exception()) == (None, None)
    viewing.refresh_from_db()
    assert (fresh(visit).status, viewing.status) == ("cancelled", "cancelled")


def test_a_suspension_beside_the_end_of_the_account(visit, poster, admin):
    """Both lock the person first, and then what they planned."""
    asked = clock.now() - TIME_TO_RESTORE
    User.objects.filter(pk=poster.pk).update(deletion_requested_at=asked)
    paused = Pause(receivers, "lock_plans")
    with beside() as start:
        suspension = start(
            lambda: sanctions.suspend_person(
                person=poster, report=None, message="Stop.", note="", by=admin, now=clock.now()
            )
        )
        paused.reached()
        end = start(lambda: erase_due_accounts(now=clock.now()))
        until_somebody_waits()
        paused.end()
        assert (suspension.exception(WAIT), end.result(WAIT)) == (None, 1)


def test_a_suspension_beside_a_step_of_a_visit(visit, poster, admin):
    """It hides a profile and stops a tour; the audit of the first must not come before the lock of
    the second.
    """
    ProfileFactory(user=poster)
    paused = Pause(scheduling, "record")
    with beside() as start:
        step = start(lambda: scheduling.confirm_visit(visit=visit, by=poster))
        paused.reached()
        stop = start(
            lambda: sanctions.suspend_person(
                person=poster, report=None, message="Stop.", note="", by=admin, now=clock.now()
            )
        )
        until_somebody_waits()
        paused.end()
        assert (step.exception(), stop.exception()) == (None, None)
    assert fresh(visit).is_confirmed
    assert CalendarEntry.objects.get(subject_id=visit.pk).is_frozen


def test_a_withdrawal_beside_a_step_of_a_viewing(listing, seeker, poster, guide):
    """It ends a tour and a viewing, as a block does."""
    visit = tour(listing, seeker)
    viewing = ask(listing, UserFactory(), day=6)
    paused = Pause(viewing_steps, "book")
    with beside() as start:
        step = start(lambda: confirm_first(viewing, poster))
        paused.reached()
        withdrawal = start(lambda: withdraw_listing(listing=listing, by=poster))
        until_somebody_waits()
        paused.end()
        assert (step.exception(), withdrawal.exception()) == (None, None)
    viewing.refresh_from_db()
    assert (fresh(visit).status, viewing.status) == ("cancelled", "cancelled")


def test_the_end_of_an_account_beside_a_step_of_a_viewing(listing, seeker, poster, guide):
    """What was booked since they asked for it ends with the account."""
    tour(listing, seeker)
    viewing = ask(LiveListingFactory(), seeker, day=6)
    asked = clock.now() - TIME_TO_RESTORE
    User.objects.filter(pk=seeker.pk).update(deletion_requested_at=asked)
    paused = Pause(viewing_steps, "book")
    with beside() as start:
        step = start(lambda: confirm_first(viewing, viewing.poster))
        paused.reached()
        erased = start(lambda: erase_due_accounts(now=clock.now()))
        until_somebody_waits()
        paused.end()
        assert (step.exception(), erased.result()) == (None, 1)
    assert not Visit.objects.filter(user=seeker).exists()


def reminded_beside(kept, send):
    """How many get their reminder a day ahead while somebody keeps this row locked, and afterwards."""
    alone = type(kept).objects.filter(pk=kept.pk)
    due = Reminder.objects.filter(kind=ReminderKind.H24)
    with time_machine.travel(due.latest("due_at").due_at, tick=False) as moment:
        with beside() as start, transaction.atomic():
            list(alone.select_for_update(no_key=True))
            meanwhile = start(send).result(WAIT)
        left = due.due().filter(entry__subject_id=kept.pk)
        assert set(left.values_list("attempts", flat=True)) == {0}
        moment.shift(LEASE)
        return meanwhile, send()


def test_a_visit_that_somebody_keeps_locked_holds_no_other_reminder_up(
    listing, seeker, poster, guide
):
    kept, other = tour(listing, seeker), tour(listing, UserFactory(), hour=13)
    for visit in (kept, other):
        scheduling.confirm_visit(visit=visit, by=poster)
    assert reminded_beside(kept, tasks.send_due_reminders) == (3, 3)


def test_nor_does_a_viewing(listing, seeker, poster):
    kept, other = ask(listing, seeker), ask(listing, UserFactory(), hours=[13])
    for viewing in (kept, other):
        confirm_first(viewing, poster)
    assert reminded_beside(kept, viewing_tasks.send_due_reminders) == (2, 2)


def test_a_block_of_an_agent_with_two_tours_beside_a_booking(listing, seeker, agent, guide):
    """Two agents found in one transaction would be locked in the order of the tours."""
    led = [tour(LiveListingFactory(), seeker, hour=hour) for hour in (9, 15)]
    assert {visit.agent for visit in led} == {guide}
    others = [an_agent("Cora", daily_capacity=1), an_agent("Bela")]
    Agent.objects.filter(pk__in=[guide.pk, others[0].pk]).update(is_available=False)
    paused = Pause(booking, "record")
    with beside() as start:
        booked = start(lambda: tour(listing, UserFactory(), day=7))
        paused.reached()
        Agent.objects.filter(pk=others[0].pk).update(is_available=True)
        block_person(target=agent, by=seeker)
        swept = start(lambda: assigning.assign_waiting(now=clock.now()))
        until_somebody_waits()
        paused.end()
        assert booked.exception() is None
        assert swept.result() == 2
    assert {fresh(visit).agent for visit in led} == set(others)


def test_what_is_said_while_a_case_is_closed_is_not_forgotten(
    listing, seeker, guide, admin, poster
):
    """It waits, and opens the next case."""
    first, second = (
        scheduling.confirm_visit(visit=tour(listing, seeker, hour=hour), by=poster)
        for hour in (10, 12)
    )
    paused = Pause(disputes, "settle")
    with time_machine.travel(second.scheduled_date + dt.timedelta(hours=1), tick=True):
        dispute_outcome(visit=first, message="Nobody came.", by=seeker, kind="absence")
        case = Case.objects.get()
        with beside() as start:
            decided = start(
                lambda: decide_any_case(
                    case=case, decision="uphold", version=case.version, by=admin
                )
            )
            paused.reached()
            said = start(
                lambda: dispute_outcome(visit=second, message="Again.", by=seeker, kind="absence")
            )
            until_somebody_waits()
            paused.end()
            decided.result(WAIT)
            said.result(WAIT)
    assert Dispute.objects.open().count() == Case.objects.open().count() == 1


@pytest.mark.parametrize("who", ["seeker", "poster"])
def test_a_decision_beside_the_erasure_of_one_of_the_two(
    listing, seeker, guide, admin, poster, who
):
    visit = scheduling.confirm_visit(visit=tour(listing, seeker), by=poster)
    leaving = {"seeker": seeker, "poster": poster}[who]
    paused = Pause(disputes, "settle")
    with time_machine.travel(visit.scheduled_date + dt.timedelta(hours=1), tick=True):
        dispute_outcome(visit=visit, message="Nobody came.", by=seeker, kind="absence")
        left = clock.now() - TIME_TO_RESTORE
        User.objects.filter(pk=leaving.pk).update(is_active=False, deletion_requested_at=left)
        case = Case.objects.get()
        with beside() as start:
            decided = start(
                lambda: decide_any_case(
                    case=case, decision="overturn", version=case.version, by=admin
                )
            )
            paused.reached()
            erased = start(lambda: erase_due_accounts(now=clock.now()))
            until_somebody_waits()
            paused.end()
            decided.result(WAIT)
            assert erased.result(WAIT) == 1
