"""How visits end, by a step, by the clock or by what happens elsewhere; and what waits meanwhile."""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest
import time_machine

from flatmates.models import Match
from flatmates.services.matches import unmatch
from ghar.calendar.models import CalendarEntry, Claim, Reminder
from ghar.errors import Invalid, InvalidTransition, ListingNotAvailable, NotAllowed
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.models import DueState
from ghar.notifications.models import Delivery, Notification
from ghar.notifications.services.preferences import set_channels
from ghar.properties.services.moves import move_listing
from ghar.realtime.models import Event
from moderation.models import Attendance
from moderation.services import sanctions
from moderation.services.blocks import block_person
from tests.factories import LiveListingFactory, UserFactory
from tests.interleaving import before_it_is_locked, gone_before_it_is_locked
from tests.visits.actions import at, complete, fresh, matched, meet, tour, types
from visits import tasks
from visits.models import Visit
from visits.policies import steps as policies
from visits.services import closing, scheduling
from visits.services.records import differences

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def run_at(moment: dt.datetime, task=tasks.close_past_visits) -> int:
    with time_machine.travel(moment, tick=False):
        return task()


def entry_of(visit: Visit) -> CalendarEntry:
    return CalendarEntry.objects.get(subject_id=visit.pk)


def is_free(visit: Visit) -> bool:
    return not Claim.objects.active().filter(subject_id=visit.pk).exists()


def hold(visit: Visit) -> None:
    listing = visit.listing.__class__.objects.get(pk=visit.listing_id)
    move_listing(listing=listing, verb="check_hold", by=SYSTEM, now=clock.now())


def let_go(visit: Visit, admin) -> None:
    """It is looked at once more, and the visits go on."""
    listing = visit.listing.__class__.objects.get(pk=visit.listing_id)
    move_listing(listing=listing, verb="allow", by=admin, now=clock.now())


def suspend(person, admin):
    return sanctions.suspend_person(
        person=person, report=None, message="Stop.", note="", by=admin, now=clock.now()
    )


# --- cancelled --------------------------------------------------------------------------------------
def test_a_cancelled_visit_frees_everybody_and_leaves_the_calendar(
    confirmed, listing, seeker, outsider, guide
):
    visit = closing.cancel_visit(visit=confirmed, reason="I found a place", by=seeker)
    assert (visit.cancelled_by, visit.cancellation_reason) == ("visitor", "I found a place")
    assert is_free(visit)
    assert (entry_of(visit).is_active, entry_of(visit).sequence) == (False, 1)
    assert not Reminder.objects.filter(state=DueState.DUE).exists()
    assert tour(listing, outsider).agent == guide
    assert differences(fresh(visit)) == {}


def test_whoever_did_not_cancel_reads_the_reason(confirmed, seeker, poster, agent):
    closing.cancel_visit(visit=confirmed, reason="I found a place", by=seeker)
    told = Notification.objects.unread().filter(type="visit_cancelled")
    assert {n.user_id: n.body for n in told} == dict.fromkeys(
        [poster.pk, agent.pk], "I found a place"
    )


# --- over -------------------------------------------------------------------------------------------
def test_a_completed_visit_says_how_it_was(confirmed, agent):
    visit = complete(confirmed, agent, notes="Was late", feedback="Too loud")
    assert (visit.status, visit.outcome, visit.actual_date) == (
        *("completed", "attended"),
        confirmed.scheduled_date,
    )
    assert (visit.visit_notes, visit.visitor_feedback) == ("Was late", "Too loud")
    assert is_free(visit)
    assert differences(fresh(visit)) == {}


@pytest.mark.parametrize("side", ["agent", "poster", "admin"])
def test_beside_the_words_of_the_visitor_what_others_say_is_a_note(
    request, confirmed, seeker, side
):
    scheduling.edit_visit(visit=confirmed, changes={"visitor_feedback": "Lovely"}, by=seeker)
    by = request.getfixturevalue(side)
    visit = complete(confirmed, by, notes="Was late", feedback="Too loud")
    assert (visit.visit_notes, visit.visitor_feedback) == ("Was late\nToo loud", "Lovely")
    assert differences(fresh(visit)) == {}


def test_at_a_meeting_nobody_speaks_for_the_other(meeting, seeker, peer):
    scheduling.confirm_visit(visit=meeting, by=peer)
    scheduling.edit_visit(visit=meeting, changes={"visit_notes": "Ring twice"}, by=peer)
    visit = complete(meeting, peer, feedback="Too loud")
    assert (visit.visit_notes, visit.visitor_feedback) == ("Ring twice\nToo loud", "")


# The last ones are part of what was said, and say something else.
@pytest.mark.parametrize(
    "more",
    [{"notes": "Rang twice"}, {"feedback": "Too dark"}, {"notes": "late"}, {"feedback": "loud"}],
)
def test_what_the_second_one_says_is_not_dropped_in_silence(confirmed, agent, poster, more):
    said = {"notes": "Was late", "feedback": "Too loud"}
    complete(confirmed, agent, **said)
    assert complete(confirmed, agent, **said).visit_notes == "Was late"
    with pytest.raises(InvalidTransition):
        complete(confirmed, poster, **more)


@pytest.mark.parametrize(
    ("notes", "then"),
    [
        ("Was late", "Ring twice\nWas late"),
        ("Ring twice, at the gate", "Ring twice, at the gate"),
        ("Ring twice", "Ring twice"),
        ("", "Ring twice"),
    ],
)
def test_nobodys_notes_take_the_place_of_anothers(confirmed, agent, poster, notes, then):
    scheduling.edit_visit(visit=confirmed, changes={"visit_notes": "Ring twice"}, by=agent)
    assert complete(confirmed, poster, notes=notes).visit_notes == then


def test_the_same_step_sent_again_is_none_though_somebody_has_rewritten_the_words(
    confirmed, agent, poster
):
    said = {"notes": "Was late", "feedback": "Too loud"}
    complete(confirmed, agent, **said)
    scheduling.edit_visit(visit=fresh(confirmed), changes={"visit_notes": "Kind"}, by=poster)
    assert complete(confirmed, agent, **said).visit_notes == "Kind"


def test_what_others_have_written_since_stays_when_the_step_is_taken_back(
    confirmed, seeker, agent, poster
):
    complete(confirmed, agent, feedback="Too loud")
    for by, changes in (
        (poster, {"visit_notes": "Keys at the gate"}),
        (seeker, {"visitor_feedback": "Lovely"}),
    ):
        scheduling.edit_visit(visit=fresh(confirmed), changes=changes, by=by)
    visit = closing.undo_step(visit=fresh(confirmed), by=agent)
    assert (visit.visit_notes, visit.visitor_feedback) == ("Keys at the gate", "Lovely")
    assert visit.is_confirmed
    assert differences(fresh(visit)) == {}


def test_of_a_step_that_is_taken_back_its_own_words_go_too(confirmed, agent):
    complete(confirmed, agent, notes="Was late", feedback="Too loud")
    visit = closing.undo_step(visit=fresh(confirmed), by=agent)
    assert (visit.visit_notes, visit.visitor_feedback) == ("", "")


def test_what_does_not_fit_into_the_notes_is_refused(confirmed, seeker, agent):
    scheduling.edit_visit(visit=confirmed, changes={"visitor_feedback": "Lovely"}, by=seeker)
    scheduling.edit_visit(visit=confirmed, changes={"visit_notes": "a" * 1200}, by=agent)
    for said, field in (({"feedback": "b" * 1300}, "feedback"), ({"notes": "c" * 1300}, "notes")):
        with pytest.raises(Invalid) as refused:
            complete(confirmed, agent, **said)
        assert list(refused.value.details["fields"]) == [field]
    assert fresh(confirmed).is_confirmed


def test_of_a_meeting_the_visitor_says_how_it_was(meeting, seeker, peer):
    scheduling.confirm_visit(visit=meeting, by=peer)
    visit = complete(meeting, seeker, feedback="Too loud")
    assert (visit.visit_notes, visit.visitor_feedback) == ("", "Too loud")


def test_who_did_not_come_was_not_there(confirmed, poster):
    visit = complete(confirmed, poster, outcome="visitor_no_show")
    assert (visit.outcome, visit.actual_date) == ("visitor_no_show", None)


def test_a_promised_follow_up_gets_a_day(confirmed, agent):
    scheduling.edit_visit(visit=confirmed, changes={"follow_up_required": True}, by=agent)
    visit = complete(confirmed, agent)
    assert visit.follow_up_date == visit.scheduled_date.date() + dt.timedelta(days=2)


def test_the_visitor_is_asked_how_it_was(confirmed, seeker, agent):
    complete(confirmed, agent)
    asked = Notification.objects.get(title__startswith="How was")
    assert asked.user == seeker


def test_a_day_after_the_end_the_system_closes_what_was_agreed(confirmed):
    end = confirmed.span[1]
    assert run_at(end + 23 * HOUR) == 0
    assert run_at(end + 24 * HOUR) == 1
    assert (fresh(confirmed).status, fresh(confirmed).outcome) == ("completed", "")
    assert differences(fresh(confirmed)) == {}


def test_what_nobody_confirmed_ends_with_its_start(visit, seeker, poster):
    assert run_at(visit.scheduled_date - HOUR) == 0
    assert run_at(visit.scheduled_date) == 1
    assert (fresh(visit).status, types(visit)[-1]) == ("cancelled", "expired")
    assert Notification.objects.filter(title__startswith="The time for").count() == 3
    assert fresh(visit).cancellation_reason == "The time passed before both had agreed"
    assert differences(fresh(visit)) == {}


@pytest.mark.parametrize("is_agreed", [True, False])
def test_a_sweep_goes_on_past_a_visit_that_has_just_gone(listing, seeker, poster, is_agreed):
    gone, other = tour(listing, seeker), tour(listing, seeker, hour=13)
    if is_agreed:
        for visit in (gone, other):
            scheduling.confirm_visit(visit=visit, by=poster)
    with gone_before_it_is_locked(gone):
        assert run_at(other.span[1] + 24 * HOUR) == 1
    assert fresh(other).status == ("completed" if is_agreed else "cancelled")


@pytest.mark.parametrize("is_agreed", [True, False])
def test_a_sweep_does_not_count_what_somebody_has_just_closed(visit, poster, is_agreed):
    if is_agreed:
        visit = scheduling.confirm_visit(visit=visit, by=poster)
    step = closing.complete_visit if is_agreed else closing.cancel_visit
    with before_it_is_locked(visit, lambda: step(visit=visit, by=poster)):
        assert run_at(visit.span[1] + 24 * HOUR) == 0


def test_an_unanswered_earlier_time_lapses_and_the_agreed_one_stands(confirmed, seeker):
    visit = scheduling.reschedule_visit(visit=confirmed, new_date=at(2, 10), by=seeker)
    assert run_at(visit.scheduled_date) == 1
    assert (fresh(visit).status, types(visit)[-1]) == ("confirmed", "withdrawn")
    assert fresh(visit).scheduled_date == confirmed.scheduled_date
    assert differences(fresh(visit)) == {}


def test_on_hold_even_that_waits(confirmed, seeker):
    visit = scheduling.reschedule_visit(visit=confirmed, new_date=at(2, 10), by=seeker)
    hold(visit)
    assert run_at(visit.scheduled_date) == 0
    assert fresh(visit).status == "rescheduled"


def test_what_was_agreed_is_closed_once_it_has_been_on_hold_for_two_weeks(confirmed):
    hold(confirmed)
    lines = Notification.objects.count()
    for hours in (24, 24 * 14 - 1):
        assert run_at(confirmed.span[1] + hours * HOUR) == 0
        assert fresh(confirmed).is_confirmed
    assert run_at(confirmed.span[1] + 24 * 14 * HOUR) == 1
    assert (fresh(confirmed).status, fresh(confirmed).outcome) == ("completed", "")
    assert not Attendance.objects.exists()
    assert Notification.objects.count() == lines  # nobody is asked how a held place was


def test_what_waits_on_hold_costs_the_sweep_no_transaction(listing, seeker, poster, confirmed):
    hold(confirmed)
    with CaptureQueriesContext(connection) as asked:
        assert run_at(confirmed.span[1] + 24 * HOUR) == 0
    assert not [query for query in asked if "FOR NO KEY UPDATE" in query["sql"]]


# --- the listing ------------------------------------------------------------------------------------
STEPS = {
    "confirm": lambda visit, by: scheduling.confirm_visit(visit=visit, by=by),
    "reschedule": lambda visit, by: scheduling.reschedule_visit(
        visit=visit, new_date=at(6, 10), by=by
    ),
    "complete": complete,
    "undo": lambda visit, by: closing.undo_step(visit=visit, by=by),
    "note": lambda visit, by: scheduling.edit_visit(
        visit=visit, changes={"visit_notes": "x"}, by=by
    ),
}


def test_on_hold_a_visit_can_only_be_read_and_cancelled(confirmed, poster, seeker):
    hold(confirmed)
    for name, step in STEPS.items():
        if name != "confirm":  # a repeat, which changes nothing
            with pytest.raises(ListingNotAvailable):
                step(fresh(confirmed), poster)
    assert policies.allowed_actions(fresh(confirmed), poster, clock.now()) == ["cancel"]
    assert closing.cancel_visit(visit=confirmed, by=seeker).status == "cancelled"


def test_a_hold_pauses_the_reminders_and_tells_the_visitor_neutrally(confirmed, seeker, admin):
    hold(confirmed)
    assert entry_of(confirmed).is_frozen
    assert run_at(confirmed.scheduled_date - 24 * HOUR, tasks.send_due_reminders) == 0
    told = Notification.objects.filter(title__contains="not available for the moment")
    assert list(told.values_list("user", flat=True)) == [seeker.pk]
    let_go(confirmed, admin)
    assert not entry_of(confirmed).is_frozen
    assert run_at(confirmed.scheduled_date - 2 * HOUR, tasks.send_due_reminders) == 3


def test_what_comes_back_after_a_hold_is_reminded_of(confirmed, seeker, admin):
    hold(confirmed)
    closing.cancel_visit(visit=confirmed, by=seeker)
    let_go(confirmed, admin)
    closing.undo_step(visit=confirmed, by=seeker)
    assert not entry_of(confirmed).is_frozen


def test_many_visits_on_hold_take_no_more_statements_than_one(visit, seeker):
    alone = tour(LiveListingFactory(), seeker, day=4)
    for hour in (12, 13, 14, 15):
        tour(visit.listing, UserFactory(), hour=hour)
    counts = []
    for one in (alone, visit):
        with CaptureQueriesContext(connection) as captured:
            hold(one)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_everybody_is_hinted_once_at_each_call(confirmed, seeker, poster, agent):
    Event.objects.all().delete()
    hold(confirmed)
    hints = Event.objects.filter(type="visit_updated", object_id=confirmed.pk)
    assert sorted(hints.values_list("channel", flat=True)) == sorted(
        p.event_channel for p in (seeker, poster, agent)
    )


def test_a_withdrawn_listing_cancels_its_visits_for_good(confirmed, visit, poster, seeker):
    closing.cancel_visit(visit=confirmed, by=seeker)
    other = tour(confirmed.listing, UserFactory())
    move_listing(listing=confirmed.listing, verb="withdraw", by=poster, now=clock.now())
    assert (fresh(other).status, fresh(other).cancelled_by) == ("cancelled", "system")
    assert is_free(other)
    with pytest.raises(ListingNotAvailable):
        closing.undo_step(visit=confirmed, by=seeker)


def test_pausing_or_editing_a_listing_changes_nothing(confirmed, poster, seeker):
    move_listing(listing=confirmed.listing, verb="pause", by=poster, now=clock.now())
    assert "reschedule" in policies.allowed_actions(fresh(confirmed), seeker, clock.now())


# --- the people -------------------------------------------------------------------------------------
def test_an_unmatch_cancels_the_meetings_ahead(meeting, seeker, peer):
    scheduling.confirm_visit(visit=meeting, by=peer)
    unmatch(match=meeting.match, by=peer)
    assert (fresh(meeting).status, fresh(meeting).cancelled_by) == ("cancelled", "system")
    assert is_free(meeting)


def test_an_unmatch_while_an_earlier_time_has_just_lapsed(meeting, seeker, peer):
    scheduling.confirm_visit(visit=meeting, by=peer)
    visit = scheduling.reschedule_visit(visit=meeting, new_date=at(2, 10), by=seeker)
    with time_machine.travel(visit.scheduled_date + dt.timedelta(seconds=1), tick=False):
        unmatch(match=meeting.match, by=peer)
    assert fresh(meeting).status == "cancelled"
    assert is_free(meeting)


def test_a_visit_that_cannot_go_back_does_not_stop_the_others(meeting, seeker, peer):
    scheduling.confirm_visit(visit=meeting, by=peer)
    stuck = scheduling.reschedule_visit(visit=meeting, new_date=at(2, 10), by=seeker)
    later = tour(LiveListingFactory(), UserFactory(), day=2, hour=9)
    Match.objects.update(status="unmatched", closed_at=clock.now())
    run_at(stuck.scheduled_date)
    assert fresh(later).status == "cancelled"


def test_a_block_cancels_them_and_nothing_brings_them_back(meeting, listing, seeker, peer):
    later = meet(listing, seeker, peer, day=5)
    closing.cancel_visit(visit=later, by=seeker)
    block_person(target=peer, by=seeker)
    assert fresh(meeting).status == "cancelled"
    assert policies.allowed_actions(fresh(later), seeker, clock.now()) == []


def test_a_block_leaves_meetings_with_others_and_tours_alone(
    visit, listing, seeker, peer, outsider
):
    matched(seeker, peer)
    matched(seeker, outsider)
    other = meet(listing, seeker, outsider, day=4)
    block_person(target=peer, by=seeker)
    assert [fresh(v).status for v in (visit, other)] == ["scheduled", "scheduled"]


def test_with_somebody_suspended_a_visit_waits(confirmed, seeker, poster, admin):
    suspension = suspend(poster, admin)
    assert entry_of(confirmed).is_frozen
    with pytest.raises(ListingNotAvailable):
        STEPS["reschedule"](fresh(confirmed), seeker)
    told = Notification.objects.filter(title__endswith="waits")
    assert seeker.pk in told.values_list("user", flat=True)
    assert poster.pk not in told.values_list("user", flat=True)
    sanctions.lift_suspension(sanction=suspension, note="", by=admin)
    assert not entry_of(confirmed).is_frozen
    assert STEPS["reschedule"](fresh(confirmed), seeker).status == "rescheduled"


def test_what_waits_for_two_things_goes_on_after_both(confirmed, seeker, poster, admin):
    suspension = suspend(poster, admin)
    hold(confirmed)
    sanctions.lift_suspension(sanction=suspension, note="", by=admin)
    on_their_way = Notification.objects.of(seeker).filter(title__contains="goes on")
    assert not on_their_way.exists()
    assert entry_of(confirmed).is_frozen
    let_go(confirmed, admin)
    titles = Notification.objects.of(seeker).values_list("title", flat=True)
    assert [title for title in titles if "available again" in title]


# --- reminders --------------------------------------------------------------------------------------
def test_a_day_and_two_hours_before_each_party_is_reminded_once(confirmed, seeker, poster, agent):
    start = confirmed.scheduled_date
    assert run_at(start - 25 * HOUR, tasks.send_due_reminders) == 0
    assert run_at(start - 24 * HOUR, tasks.send_due_reminders) == 3
    assert run_at(start - 24 * HOUR, tasks.send_due_reminders) == 0
    assert run_at(start - 2 * HOUR, tasks.send_due_reminders) == 3
    for person in (seeker, poster, agent):
        mine = Notification.objects.of(person).filter(type="visit_reminder").order_by("id")
        titles = [n.title.split(":")[0] for n in mine]
        assert titles == ["Visit tomorrow", "Visit in two hours"]
        assert Delivery.objects.of(person).filter(type="visit_reminder").count() == 2
    told = confirmed.events.filter(event_type="reminded").values_list("changes", flat=True)
    assert sorted((c["kind"], c["to"]) for c in told) == [
        (kind, side) for kind in ("h2", "h24") for side in ("agent", "host", "visitor")
    ]
    assert differences(fresh(confirmed)) == {}


def test_who_wants_no_mail_gets_none_and_after_a_cancellation_nobody_does(
    confirmed, seeker, poster
):
    set_channels(principal=seeker, choices={"email": {"viewings": False}})
    run_at(confirmed.scheduled_date - 24 * HOUR, tasks.send_due_reminders)
    assert not Delivery.objects.of(seeker).filter(type="visit_reminder").exists()
    closing.cancel_visit(visit=confirmed, by=poster)
    assert run_at(confirmed.scheduled_date - 2 * HOUR, tasks.send_due_reminders) == 0


# --- notes ------------------------------------------------------------------------------------------
MINE = {"special_requirements": "a lift", "visitor_feedback": "nice", "interest_level": 4}
THEIRS = {
    "visit_notes": "was late",
    "follow_up_required": True,
    "follow_up_date": dt.date(2030, 1, 1),
}


@pytest.mark.parametrize(
    ("side", "own", "others"),
    [
        ("seeker", MINE, THEIRS),
        ("poster", THEIRS, MINE),
        ("agent", THEIRS, MINE),
        ("admin", THEIRS, MINE),
    ],
)
def test_each_side_fills_in_its_own_fields(request, visit, side, own, others):
    by = request.getfixturevalue(side)
    for name, value in others.items():
        with pytest.raises(NotAllowed):
            scheduling.edit_visit(visit=visit, changes={name: value}, by=by)
    changed = scheduling.edit_visit(visit=visit, changes=own, by=by)
    assert {name: getattr(changed, name) for name in own} == own
    assert types(visit) == ["scheduled", "noted"]
    assert differences(fresh(visit)) == {}


def test_what_stays_as_it_is_is_no_event(visit, seeker):
    scheduling.edit_visit(visit=visit, changes={"special_requirements": ""}, by=seeker)
    assert types(visit) == ["scheduled"]


def test_nobody_follows_up_yesterday(visit, agent):
    yesterday = clock.now().date() - dt.timedelta(days=2)
    with pytest.raises(Invalid):
        scheduling.edit_visit(visit=visit, changes={"follow_up_date": yesterday}, by=agent)
