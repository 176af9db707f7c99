"""Agreeing on a time: confirm, propose another, take that back, take a step back."""

import datetime as dt

import pytest
import time_machine

from flatmates.services.matches import unmatch
from ghar.calendar.models import CalendarEntry, Claim, Reminder
from ghar.errors import Conflict, Invalid, InvalidTransition, NotAllowed, SlotTaken
from ghar.lib import clock
from ghar.models import ClockOffset, DueState
from ghar.notifications.models import Notification
from ghar.realtime.models import Event
from tests.factories import LiveListingFactory, UserFactory
from tests.viewings.actions import ask, confirm_first
from tests.visits.actions import at, complete, fresh, meet, tour, types
from tests.visits.agents import an_agent
from visits.models import Visit
from visits.services import assigning, closing, scheduling
from visits.services.records import differences

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def move(visit: Visit, by, day: int = 5, hour: int = 10) -> Visit:
    return scheduling.reschedule_visit(visit=visit, new_date=at(day, hour), by=by)


def entry_of(visit: Visit) -> CalendarEntry | None:
    return CalendarEntry.objects.filter(subject_id=visit.pk).first()


def due(visit: Visit) -> list[tuple[str, str]]:
    """The live reminders that lead: (kind, recipient)."""
    rows = Reminder.objects.filter(entry__subject_id=visit.pk, state=DueState.DUE, channel="in_app")
    return sorted(rows.values_list("kind", "recipient"))


def reminded(*people) -> list[tuple[str, str]]:
    return sorted((kind, p.event_channel) for p in people for kind in ("h24", "h2"))


def starts_of(visit: Visit, kind: str = "seat") -> list[dt.datetime]:
    mine = Claim.objects.active().filter(subject_id=visit.pk, resource__kind=kind)
    return sorted(claim.busy.lower for claim in mine)


# --- the clock --------------------------------------------------------------------------------------
@pytest.mark.parametrize("changed", ["visit", "guide"])
def test_when_it_changed_is_told_by_the_one_clock(request, visit, changed, settings):
    row = request.getfixturevalue(changed)
    settings.CLOCK_ADJUSTABLE = True
    ClockOffset.objects.create(offset=dt.timedelta(days=1))
    clock.forget_offset()
    row.save(update_fields=["updated_at"])
    row.refresh_from_db()
    assert row.updated_at - row.created_at > dt.timedelta(hours=23)


# --- confirm ----------------------------------------------------------------------------------------
def test_a_confirmed_tour_is_in_the_calendar_with_reminders_for_all(
    confirmed, seeker, poster, agent
):
    entry = entry_of(confirmed)
    assert (entry.start_at, entry.end_at, entry.sequence) == (*confirmed.span, 0)
    assert due(confirmed) == reminded(seeker, poster, agent)
    assert types(confirmed) == ["scheduled", "confirmed"]
    assert differences(fresh(confirmed)) == {}


def test_a_repeat_changes_nothing(confirmed, poster):
    scheduling.confirm_visit(visit=confirmed, by=poster)
    assert types(confirmed) == ["scheduled", "confirmed"]
    assert entry_of(confirmed).sequence == 0


def test_nobody_confirms_a_time_that_has_begun(visit, poster):
    with time_machine.travel(visit.scheduled_date, tick=False), pytest.raises(InvalidTransition):
        scheduling.confirm_visit(visit=visit, by=poster)


def test_everybody_but_whoever_confirmed_has_a_line_to_read_and_all_get_one_hint(
    visit, seeker, poster, agent
):
    Event.objects.all().delete()
    scheduling.confirm_visit(visit=visit, by=poster)
    told = Notification.objects.unread().filter(type="visit_confirmed")
    assert set(told.values_list("user", flat=True)) == {seeker.pk, agent.pk}
    hints = Event.objects.filter(type="visit_updated", status="confirmed")
    assert sorted(hints.values_list("channel", flat=True)) == sorted(
        p.event_channel for p in (seeker, poster, agent)
    )


# --- reschedule -------------------------------------------------------------------------------------
def test_the_old_time_is_kept_until_the_new_one_is_agreed(confirmed, seeker, poster):
    old, new = confirmed.scheduled_date, at(5, 10)
    visit = move(confirmed, seeker)
    assert (visit.scheduled_date, visit.rescheduled_from) == (new, old)
    assert starts_of(visit) == [old, new]
    assert due(visit) == []  # nobody is reminded of a time that may change
    assert entry_of(visit).start_at == old
    visit = scheduling.confirm_visit(visit=visit, by=poster)
    assert starts_of(visit) == [new]
    assert entry_of(visit).start_at == new
    assert entry_of(visit).sequence == 1


def test_a_second_proposal_takes_the_place_of_the_first(confirmed, seeker, poster):
    old = confirmed.scheduled_date
    visit = move(move(confirmed, seeker), poster, day=6)
    assert starts_of(visit) == [old, at(6, 10)]
    assert (visit.rescheduled_from, visit.reschedule_count) == (old, 2)
    assert scheduling.confirm_visit(visit=visit, by=seeker).scheduled_date == at(6, 10)
    assert differences(fresh(visit)) == {}


def test_a_taken_time_offers_three_that_everybody_has_free(visit, confirmed, listing, outsider):
    other = tour(listing, outsider, day=5)
    busy_elsewhere = tour(LiveListingFactory(), visit.user, day=5, hour=11)
    with pytest.raises(SlotTaken) as refused:
        move(confirmed, visit.user)
    assert refused.value.code == "VISIT_CONFLICT"
    starts = [
        dt.datetime.fromisoformat(a["start_at"]) for a in refused.value.details["alternatives"]
    ]
    assert len(starts) == 3
    assert not {other.scheduled_date, busy_elsewhere.scheduled_date} & set(starts)
    for start in starts:
        scheduling.reschedule_visit(visit=fresh(confirmed), new_date=start, by=visit.user)
    assert starts_of(confirmed) == [confirmed.scheduled_date, starts[-1]]


@pytest.mark.parametrize(
    ("ahead", "code"), [(-1, "PAST_DATE"), (119, "TOO_SOON"), (180 * 1440 + 1, "TOO_FAR")]
)
def test_a_new_time_has_the_same_limits(confirmed, seeker, ahead, code):
    with pytest.raises(Invalid) as refused:
        scheduling.reschedule_visit(
            visit=confirmed, new_date=clock.now() + ahead * MINUTE, by=seeker
        )
    assert refused.value.code == code
    assert list(refused.value.details["fields"]) == ["new_date"]


def test_the_same_time_is_no_other_time(confirmed, seeker):
    with pytest.raises(Invalid):
        scheduling.reschedule_visit(visit=confirmed, new_date=confirmed.scheduled_date, by=seeker)


def test_a_visit_and_a_viewing_of_one_person_never_overlap(visit, seeker):
    room = LiveListingFactory()
    elsewhere = ask(room, seeker)
    with pytest.raises(SlotTaken):
        confirm_first(elsewhere, room.owner)
    later = ask(LiveListingFactory(), seeker, day=4)
    confirm_first(later, later.listing.owner)
    with pytest.raises(SlotTaken):
        tour(LiveListingFactory(), seeker, day=4)


# --- withdraw ---------------------------------------------------------------------------------------
def test_a_withdrawn_proposal_leaves_everything_as_it_was(confirmed, seeker, poster, agent):
    before = Visit.objects.filter(pk=confirmed.pk)
    columns = ("status", "scheduled_date", "rescheduled_from", "proposed_by", "agent_id")
    stood = before.values(*columns).get()
    visit = scheduling.withdraw_reschedule(visit=move(confirmed, seeker), by=seeker)
    assert before.values(*columns).get() == stood
    assert starts_of(visit) == [confirmed.scheduled_date]
    assert due(visit) == reminded(seeker, poster, agent)
    assert differences(fresh(visit)) == {}


def test_after_a_second_round_the_visit_goes_back_to_the_first_agreement(confirmed, seeker, poster):
    scheduling.confirm_visit(visit=move(confirmed, poster), by=seeker)
    moved = Visit.objects.values("scheduled_date", "rescheduled_from", "proposed_by")
    stood = moved.get(pk=confirmed.pk)
    again = move(move(fresh(confirmed), seeker, day=7), seeker, day=8)
    scheduling.withdraw_reschedule(visit=again, by=seeker)
    assert moved.get(pk=confirmed.pk) == stood
    assert differences(fresh(confirmed)) == {}


def test_nobody_withdraws_what_another_proposed(confirmed, seeker, poster):
    with pytest.raises(NotAllowed):
        scheduling.withdraw_reschedule(visit=move(confirmed, seeker), by=poster)


# --- undo -------------------------------------------------------------------------------------------
def test_a_confirmation_is_taken_back_by_whoever_gave_it(confirmed, seeker, poster):
    with pytest.raises(InvalidTransition):
        closing.undo_step(visit=confirmed, by=seeker)
    visit = closing.undo_step(visit=confirmed, by=poster)
    assert (visit.status, due(visit), entry_of(visit).is_active) == ("scheduled", [], False)
    assert types(visit)[-1] == "undone"
    assert differences(fresh(visit)) == {}
    again = scheduling.confirm_visit(visit=visit, by=poster)
    assert (entry_of(again).is_active, entry_of(again).sequence) == (True, 2)


def test_once_the_agreed_time_has_come_it_is_closed_and_not_moved(confirmed, seeker, agent):
    with time_machine.travel(confirmed.scheduled_date, tick=False):
        for person in (seeker, agent):
            with pytest.raises(InvalidTransition) as refused:
                scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=person)
            assert "reschedule" not in refused.value.details["allowed"]
        assert closing.complete_visit(visit=confirmed, by=agent).status == "completed"


def test_after_ten_minutes_or_another_step_it_is_too_late(confirmed, seeker, poster):
    with time_machine.travel(clock.now() + 11 * MINUTE), pytest.raises(InvalidTransition):
        closing.undo_step(visit=confirmed, by=poster)
    move(confirmed, seeker)
    with pytest.raises(InvalidTransition):
        closing.undo_step(visit=fresh(confirmed), by=poster)


def test_a_cancelled_visit_comes_back_with_its_time_and_its_agent(confirmed, seeker, guide):
    visit = closing.cancel_visit(visit=confirmed, reason="no", by=seeker)
    assert starts_of(visit) == []
    visit = closing.undo_step(visit=visit, by=seeker)
    assert (visit.status, visit.agent, visit.cancellation_reason) == ("confirmed", guide, "")
    assert starts_of(visit) == [confirmed.scheduled_date]
    assert entry_of(visit).sequence == 2
    assert differences(fresh(visit)) == {}


def test_a_slot_that_is_gone_does_not_come_back(visit, listing, seeker, outsider):
    closing.cancel_visit(visit=visit, by=seeker)
    tour(listing, outsider)
    with pytest.raises(SlotTaken) as refused:
        closing.undo_step(visit=visit, by=seeker)
    assert refused.value.code == "VISIT_CONFLICT"
    assert fresh(visit).status == "cancelled"


def test_an_agreement_on_a_new_time_is_taken_back_to_two_times(confirmed, seeker, poster):
    old = confirmed.scheduled_date
    scheduling.confirm_visit(visit=move(confirmed, seeker), by=poster)
    visit = closing.undo_step(visit=fresh(confirmed), by=poster)
    assert (visit.status, visit.rescheduled_from) == ("rescheduled", old)
    assert starts_of(visit) == [old, at(5, 10)]
    assert (entry_of(visit).start_at, due(visit)) == (old, [])
    assert differences(fresh(visit)) == {}


def test_a_completion_is_taken_back(confirmed, agent):
    visit = complete(confirmed, agent, outcome="visitor_no_show")
    with time_machine.travel(confirmed.scheduled_date + MINUTE, tick=False):
        visit = closing.undo_step(visit=visit, by=agent)
    assert (visit.status, visit.outcome, visit.actual_date) == ("confirmed", "", None)
    assert differences(fresh(visit)) == {}


# --- agents -----------------------------------------------------------------------------------------
def test_reminders_change_hands_with_the_agent(confirmed, seeker, poster, agent, admin):
    ben = an_agent("Ben", user=UserFactory())
    visit = assigning.assign_agent(visit=confirmed, agent=ben, trigger="admin", by=admin)
    assert due(visit) == reminded(seeker, poster, ben.user)
    told = Notification.objects.filter(user=agent).order_by("-pk").first()
    assert told.title == f"Somebody else shows {visit.listing.title}"


def test_a_meeting_between_people_who_parted_goes_no_further(meeting, seeker, peer):
    """It lies behind them, so that the parting has not cancelled it."""
    scheduling.confirm_visit(visit=meeting, by=peer)
    with time_machine.travel(meeting.scheduled_date + MINUTE, tick=False):
        unmatch(match=meeting.match, by=seeker)
        with pytest.raises(Conflict) as refused:
            move(fresh(meeting), seeker)
        assert refused.value.code == "NO_ACTIVE_MATCH"
        assert closing.complete_visit(visit=meeting, by=peer).status == "completed"


def test_each_of_two_confirms_what_the_other_proposed(meeting, listing, seeker, peer):
    with pytest.raises(NotAllowed):
        scheduling.confirm_visit(visit=meeting, by=seeker)
    scheduling.confirm_visit(visit=meeting, by=peer)
    move(meeting, peer)
    with pytest.raises(NotAllowed):
        scheduling.confirm_visit(visit=fresh(meeting), by=peer)
    assert scheduling.confirm_visit(visit=fresh(meeting), by=seeker).scheduled_date == at(5, 10)
    assert meet(listing, seeker, peer, day=7).status == "scheduled"
