import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest
import time_machine

from ghar.accounts.models import SeekerSession
from ghar.audit.models import AuditEvent
from ghar.calendar.models import CalendarEntry, Claim
from ghar.errors import (
    Conflict,
    Invalid,
    InvalidTransition,
    ListingNotAvailable,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    SlotTaken,
)
from ghar.lib import clock
from ghar.lib.formats import format_instant
from ghar.models import ClockOffset
from ghar.notifications.models import Notification
from ghar.properties.models import Property
from ghar.realtime.models import Event
from moderation.models import Attendance
from moderation.services.blocks import block_person
from tests.factories import LiveListingFactory, PropertyFactory, SeekerSessionFactory, UserFactory
from tests.interleaving import before_it_is_locked, gone_before_it_is_locked
from tests.viewings.actions import ask, at, complete, confirm_first, fresh, soon
from viewings.models import ViewingRequest
from viewings.policies import steps as policies
from viewings.policies.address import can_see_address
from viewings.services import closing, messages, requests, scheduling, telling

pytestmark = pytest.mark.django_db


def say(option):
    return format_instant(option.start_at, "Africa/Kigali")


def active_claims(viewing):
    return Claim.objects.active().filter(subject_id=viewing.pk)


# --- asking -----------------------------------------------------------------------------------------
def test_a_request_with_times_writes_created_and_offered(viewing, poster, event_types):
    assert event_types(viewing) == ["created", "offered"]
    assert [o.slot for o in viewing.options.all()] == [1, 2, 3]
    assert Notification.objects.get(user=poster).type == "viewing_offered"
    assert AuditEvent.objects.get().action == "viewing_created"


def test_when_it_was_asked_and_changed_is_told_by_the_one_clock(listing, seeker, settings):
    before = clock.now()
    settings.CLOCK_ADJUSTABLE = True
    ClockOffset.objects.create(offset=dt.timedelta(days=1))
    clock.forget_offset()
    viewing = ask(listing, seeker)
    moments = {viewing.created_at, viewing.updated_at, viewing.options.get().created_at}
    assert min(moments) - before > dt.timedelta(hours=23)


def test_the_poster_is_told_whether_the_contact_is_verified(listing, poster, seeker_session):
    requests.create_request(listing=listing, by=seeker_session, contact="sita@example.org")
    assert "not verified" in Notification.objects.get(user=poster).body
    seeker_session.refresh_from_db()
    assert seeker_session.contact_email == "sita@example.org"
    assert "sita@" not in Notification.objects.get(user=poster).body


def test_a_second_open_request_for_the_place_is_a_conflict(viewing, listing, seeker):
    with pytest.raises(Conflict) as refused:
        ask(listing, seeker)
    assert refused.value.code == "REQUEST_OPEN"
    assert refused.value.details == {"viewing_request_id": str(viewing.pk)}


def test_after_a_cancellation_one_may_ask_again(viewing, listing, seeker):
    closing.cancel_viewing(viewing=viewing, by=seeker)
    assert ask(listing, seeker).status == "proposed"


def test_five_open_requests_are_enough(seeker):
    for _ in range(5):
        ask(LiveListingFactory(), seeker)
    with pytest.raises(RateLimited):
        ask(LiveListingFactory(), seeker)


def test_what_is_agreed_is_no_open_request(seeker, settings):
    settings.OPEN_VIEWINGS_PER_SEEKER = 1
    agreed = ask(LiveListingFactory(), seeker)
    confirm_first(agreed, agreed.poster)
    ask(LiveListingFactory(), seeker, hours=(15,))
    with pytest.raises(RateLimited):
        ask(LiveListingFactory(), seeker, hours=(17,))


def test_nobody_views_their_own_place(listing, poster):
    with pytest.raises(NotAllowed):
        ask(listing, poster)


@pytest.mark.parametrize("is_blocker", [True, False])
def test_nobody_asks_for_a_place_of_somebody_from_whom_a_block_parts(
    listing, seeker, poster, is_blocker
):
    by, target = (seeker, poster) if is_blocker else (poster, seeker)
    block_person(target=target, by=by)
    with pytest.raises(NotFound):
        ask(listing, seeker)
    assert not ViewingRequest.objects.exists()


def test_a_draft_of_somebody_is_not_found(seeker):
    with pytest.raises(NotFound):
        ask(PropertyFactory(), seeker)


def test_a_listing_that_was_live_is_not_available(listing, seeker):
    Property.objects.filter(pk=listing.pk).update(status="paused")
    listing.refresh_from_db()
    with pytest.raises(ListingNotAvailable):
        ask(listing, seeker)


@pytest.mark.parametrize(
    ("time", "code"),
    [
        (lambda: soon(hours=-1), "PAST_DATE"),
        (lambda: soon(minutes=29), "TOO_SOON"),
        (lambda: soon(days=181), "TOO_FAR"),
        (lambda: at(3, 10, minutes=181), "VALIDATION_ERROR"),
        (lambda: at(3, 10, minutes=0), "VALIDATION_ERROR"),
        (lambda: at(3, 10)._replace(timezone="Mars/Base"), "VALIDATION_ERROR"),
    ],
)
def test_times_that_cannot_be_are_refused(listing, seeker, time, code):
    with pytest.raises(Invalid) as refused:
        requests.create_request(listing=listing, by=seeker, times=[time()])
    assert refused.value.code == code
    assert not ViewingRequest.objects.exists()


def test_the_same_time_twice_is_refused(listing, seeker):
    with pytest.raises(Invalid):
        requests.create_request(listing=listing, by=seeker, times=[at(3, 10), at(3, 10)])


# --- offering ---------------------------------------------------------------------------------------
def test_an_offer_adds_to_ones_own(viewing, seeker):
    scheduling.offer_times(viewing=viewing, times=[at(4, 10), at(4, 12)], by=seeker)
    assert [o.status for o in fresh(viewing).options.all()] == ["offered"] * 5


def test_a_sixth_open_time_is_refused_and_nothing_stored(viewing, seeker):
    with pytest.raises(Invalid) as refused:
        scheduling.offer_times(viewing=viewing, times=[at(4, h) for h in (9, 10, 11)], by=seeker)
    assert refused.value.code == "TOO_MANY_OPTIONS"
    assert viewing.options.count() == 3


def test_an_offer_of_the_other_side_rejects_the_open_ones(viewing, poster, event_types):
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    statuses = [(o.source, o.status, o.slot) for o in fresh(viewing).options.all()]
    assert statuses == [("seeker", "rejected", None)] * 3 + [("poster", "offered", 1)]
    assert event_types(viewing) == ["created", "offered", "offered"]


def test_an_offer_of_the_other_side_frees_what_was_held(viewing, poster, seeker):
    scheduling.select_time(viewing=viewing, option=viewing.options.first(), by=poster)
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    assert active_claims(viewing).count() == 0
    assert fresh(viewing).selected_option is None


# --- selecting --------------------------------------------------------------------------------------
def test_a_selected_time_is_held(viewing, poster):
    option = viewing.options.first()
    scheduling.select_time(viewing=viewing, option=option, by=poster)
    claims = active_claims(viewing)
    assert {claim.resource.kind for claim in claims} == {"person", "seat"}
    assert claims.count() == 3
    lasts = claims[0].hold_until - clock.now()
    assert dt.timedelta(hours=23, minutes=59) < lasts <= dt.timedelta(hours=24)


def test_the_same_selection_again_changes_nothing(viewing, poster, event_types):
    option = viewing.options.first()
    for _ in range(2):
        scheduling.select_time(viewing=viewing, option=option, by=poster)
    assert event_types(viewing) == ["created", "offered", "selected"]


def test_choosing_again_what_one_offered_is_not_allowed(viewing, poster, seeker):
    option = viewing.options.first()
    scheduling.select_time(viewing=viewing, option=option, by=poster)
    with pytest.raises(NotAllowed):
        scheduling.select_time(viewing=viewing, option=option, by=seeker)


def test_the_chosen_time_of_a_cancelled_request_is_not_chosen_again(viewing, poster):
    option = viewing.options.first()
    scheduling.select_time(viewing=viewing, option=option, by=poster)
    closing.cancel_viewing(viewing=viewing, by=poster)
    with pytest.raises(InvalidTransition):
        scheduling.select_time(viewing=viewing, option=option, by=poster)


def test_another_selection_frees_the_first(viewing, poster):
    first, second, _ = viewing.options.all()
    scheduling.select_time(viewing=viewing, option=first, by=poster)
    scheduling.select_time(viewing=viewing, option=second, by=poster)
    assert [o.status for o in fresh(viewing).options.all()] == ["offered", "selected", "offered"]
    assert {claim.busy.lower for claim in active_claims(viewing)} == {second.start_at}


def test_nobody_selects_what_they_offered(viewing, seeker):
    with pytest.raises(NotAllowed):
        scheduling.select_time(viewing=viewing, option=viewing.options.first(), by=seeker)


def test_the_option_of_another_request_is_not_found(viewing, poster):
    other = ask(LiveListingFactory(owner=poster), UserFactory())
    with pytest.raises(NotFound):
        scheduling.select_time(viewing=viewing, option=other.options.first(), by=poster)


def test_a_rejected_option_cannot_be_selected(viewing, seeker, poster):
    option = viewing.options.first()
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    with pytest.raises(InvalidTransition) as refused:
        scheduling.select_time(viewing=viewing, option=option, by=poster)
    assert "cancel" in refused.value.details["allowed"]


def test_a_hold_of_one_request_keeps_the_others_out(viewing, listing, poster, outsider):
    other = ask(listing, outsider)
    scheduling.select_time(viewing=viewing, option=viewing.options.first(), by=poster)
    with pytest.raises(SlotTaken):
        scheduling.select_time(viewing=other, option=other.options.first(), by=poster)


# --- confirming -------------------------------------------------------------------------------------
def test_confirming_with_an_option_selects_and_confirms_in_one(
    viewing, poster, seeker, event_types
):
    confirmed = confirm_first(viewing, poster)
    assert confirmed.status == "confirmed"
    assert [o.status for o in fresh(viewing).options.all()] == ["selected", "rejected", "rejected"]
    assert event_types(viewing) == ["created", "offered", "selected", "confirmed"]
    assert {claim.hold_until for claim in active_claims(viewing)} == {None}
    assert Notification.objects.filter(user=seeker).get().type == "viewing_confirmed"
    assert AuditEvent.objects.filter(action="viewing_confirmed").count() == 1


def test_a_held_time_becomes_permanent(viewing, poster):
    scheduling.select_time(viewing=viewing, option=viewing.options.first(), by=poster)
    scheduling.confirm_viewing(viewing=viewing, by=poster)
    assert {claim.hold_until for claim in active_claims(viewing)} == {None}
    assert active_claims(viewing).count() == 3


def test_a_repeat_of_confirm_writes_no_event(viewing, poster, event_types):
    option = viewing.options.first()
    confirm_first(viewing, poster)
    scheduling.confirm_viewing(viewing=viewing, by=poster)
    scheduling.confirm_viewing(viewing=viewing, option=option, by=poster)
    assert event_types(viewing) == ["created", "offered", "selected", "confirmed"]
    assert Event.objects.filter(type="viewing_updated", object_id=viewing.pk).exists()


def test_another_time_cannot_be_confirmed_afterwards(confirmed, poster):
    with pytest.raises(InvalidTransition):
        scheduling.confirm_viewing(viewing=confirmed, option=confirmed.options.last(), by=poster)


def test_nothing_selected_cannot_be_confirmed(viewing, poster):
    with pytest.raises(InvalidTransition) as refused:
        scheduling.confirm_viewing(viewing=viewing, by=poster)
    assert refused.value.details["allowed"] == [
        "offer",
        "select",
        "confirm",
        "reschedule",
        "cancel",
    ]


def test_the_seeker_cannot_confirm(viewing, seeker):
    with pytest.raises(NotAllowed):
        confirm_first(viewing, seeker)


def test_a_poster_cannot_confirm_a_time_that_nobody_else_agreed_to(viewing, poster):
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    with pytest.raises(NotAllowed):
        scheduling.confirm_viewing(viewing=viewing, option=viewing.options.last(), by=poster)


def test_the_seekers_choice_is_confirmed_by_the_poster(viewing, poster, seeker):
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    scheduling.select_time(viewing=viewing, option=viewing.options.last(), by=seeker)
    assert scheduling.confirm_viewing(viewing=viewing, by=poster).status == "confirmed"


def test_with_auto_the_seekers_choice_confirms_itself(
    viewing, listing, poster, seeker, event_types
):
    Property.objects.filter(pk=listing.pk).update(viewing_confirmation="auto")
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    chosen = scheduling.select_time(viewing=viewing, option=viewing.options.last(), by=seeker)
    assert chosen.status == "confirmed"
    assert viewing.events.get(event_type="confirmed").actor == "system"
    assert event_types(viewing)[-2:] == ["selected", "confirmed"]


def test_with_auto_the_posters_choice_waits_like_any_other(viewing, listing, poster):
    Property.objects.filter(pk=listing.pk).update(viewing_confirmation="auto")
    chosen = scheduling.select_time(viewing=viewing, option=viewing.options.first(), by=poster)
    assert chosen.status == "proposed"


def test_who_comes_too_late_gets_three_bookable_times(confirmed, listing, poster, outsider):
    late = ask(listing, outsider)
    with pytest.raises(SlotTaken) as refused:
        confirm_first(late, poster)
    alternatives = refused.value.details["alternatives"]
    assert len(alternatives) == 3
    times = [
        at(3, 10)._replace(
            start_at=dt.datetime.fromisoformat(a["start_at"]),
            end_at=dt.datetime.fromisoformat(a["end_at"]),
        )
        for a in alternatives
    ]
    scheduling.offer_times(viewing=late, times=times, by=outsider)
    option = late.options.filter(start_at=times[0].start_at).get()
    assert scheduling.confirm_viewing(viewing=late, option=option, by=poster).status == "confirmed"


def test_a_rejected_option_whose_time_went_elsewhere_is_slot_taken(
    viewing, listing, poster, outsider
):
    late = ask(listing, outsider)
    option = late.options.first()
    scheduling.offer_times(viewing=late, times=[at(5, 10)], by=poster)
    confirm_first(viewing, poster)
    with pytest.raises(SlotTaken):
        scheduling.confirm_viewing(viewing=late, option=option, by=poster)


def test_the_others_who_hoped_for_the_time_are_told_at_once(viewing, listing, poster, outsider):
    ask(listing, outsider)
    confirm_first(viewing, poster)
    told = Notification.objects.get(user=outsider)
    assert "has been taken" in told.title
    assert told.body.count(";") == 2
    assert "Rwanda Time" in told.body
    assert say(fresh(viewing).chosen) not in told.body


def test_where_nothing_is_free_nothing_is_offered(viewing, listing, poster, outsider, monkeypatch):
    ask(listing, outsider)
    monkeypatch.setattr(telling, "alternatives_to", lambda *_: [])
    confirm_first(viewing, poster)
    assert Notification.objects.get(user=outsider).body.endswith("You can propose other times.")


def test_what_they_are_offered_is_free_for_them_and_about_the_place_they_want(
    viewing, listing, poster, seeker, outsider
):
    other = LiveListingFactory(owner=poster)
    ask(other, outsider)
    busy = confirm_first(*_elsewhere(seeker, hour=11))  # of the winner: tells nothing
    taken = confirm_first(*_elsewhere(outsider, hour=9))
    confirm_first(viewing, poster)
    told = Notification.objects.of(outsider).filter(title__contains="has been taken").get()
    assert other.title in told.body
    assert listing.title not in told.body
    assert say(fresh(taken).chosen) not in told.body
    assert say(fresh(busy).chosen) in told.body


def _elsewhere(by, *, hour):
    place = LiveListingFactory()
    return ask(place, by, hours=(hour,)), place.owner


def test_while_an_open_house_has_a_seat_nobody_hears_that_it_is_taken(listing, poster):
    Property.objects.filter(pk=listing.pk).update(capacity=2)
    listing.refresh_from_db()
    first, second, third = (ask(listing, UserFactory()) for _ in range(3))
    told = Notification.objects.filter(title__contains="has been taken")
    confirm_first(first, poster)
    assert not told.exists()
    confirm_first(second, poster)
    assert [line.user for line in told] == [third.seeker]


def test_a_poster_is_in_one_place_at_a_time(confirmed, poster, outsider):
    elsewhere = ask(LiveListingFactory(owner=poster), outsider)
    with pytest.raises(SlotTaken):
        confirm_first(elsewhere, poster)


def test_a_seeker_is_in_one_place_at_a_time(confirmed, seeker):
    other = LiveListingFactory()
    elsewhere = ask(other, seeker)
    with pytest.raises(SlotTaken):
        confirm_first(elsewhere, other.owner)


def test_an_open_house_has_several_seats(listing, poster):
    Property.objects.filter(pk=listing.pk).update(capacity=2)
    listing.refresh_from_db()
    for _ in range(2):
        confirm_first(ask(listing, UserFactory()), poster)
    with pytest.raises(SlotTaken):
        confirm_first(ask(listing, UserFactory()), poster)


# --- rescheduling -----------------------------------------------------------------------------------
def test_rescheduling_keeps_the_old_time_until_the_new_one(
    confirmed, poster, seeker, outsider, listing
):
    old = fresh(confirmed).chosen
    moved = scheduling.reschedule_viewing(viewing=confirmed, times=[at(5, 10)], by=seeker)
    assert (moved.status, moved.round, moved.agreed_option) == ("rescheduled", 2, old)
    assert moved.selected_option is None
    assert {claim.busy.lower for claim in active_claims(confirmed)} == {old.start_at}
    with pytest.raises(SlotTaken):
        confirm_first(ask(listing, outsider), poster)
    option = confirmed.options.get(round=2)
    scheduling.confirm_viewing(viewing=confirmed, option=option, by=poster)
    assert {claim.busy.lower for claim in active_claims(confirmed)} == {option.start_at}


def test_once_the_agreed_time_has_come_it_is_closed_and_not_moved(confirmed, seeker, poster):
    start = fresh(confirmed).chosen.start_at
    with time_machine.travel(start, tick=False):
        for person in (seeker, poster):
            with pytest.raises(InvalidTransition) as refused:
                scheduling.reschedule_viewing(viewing=confirmed, times=[at(5, 10)], by=person)
            assert "reschedule" not in refused.value.details["allowed"]
        assert closing.complete_viewing(viewing=confirmed, by=poster).status == "completed"


def test_the_new_time_may_overlap_ones_own_old_one(confirmed, poster, seeker):
    half_past = at(3, 10)._replace(
        start_at=at(3, 10).start_at + dt.timedelta(minutes=15),
        end_at=at(3, 10).end_at + dt.timedelta(minutes=15),
    )
    scheduling.reschedule_viewing(viewing=confirmed, times=[half_past], by=seeker)
    option = confirmed.options.get(round=2)
    scheduling.select_time(viewing=confirmed, option=option, by=poster)
    assert active_claims(confirmed).count() == 6
    scheduling.confirm_viewing(viewing=confirmed, by=poster)
    assert [c.busy.lower for c in active_claims(confirmed)] == [half_past.start_at] * 3


def test_three_reschedules_raise_a_flag(viewing, seeker, poster):
    for round_number, by in ((2, seeker), (3, poster), (4, seeker)):
        times = [at(3 + round_number, 10)]
        moved = scheduling.reschedule_viewing(viewing=viewing, times=times, by=by)
        assert (moved.round, moved.is_flagged) == (round_number, round_number == 4)


def test_the_team_settles_a_flag(viewing, admin, seeker, event_types):
    ViewingRequest.objects.filter(pk=viewing.pk).update(is_flagged=True)
    settled = messages.settle_flag(viewing=viewing, note="Talked to both.", by=admin)
    assert settled.is_flagged is False
    assert event_types(viewing)[-1] == "admin_intervened"
    assert AuditEvent.objects.get(action="viewing_settled").data["note"] == "Talked to both."
    with pytest.raises(NotAllowed):
        messages.settle_flag(viewing=viewing, note="", by=seeker)


def test_the_sequence_of_the_entry_only_rises(confirmed, poster, seeker):
    sequences, uids = [], set()

    def note():
        entry = CalendarEntry.objects.get(subject_id=confirmed.pk)
        sequences.append(entry.sequence)
        uids.add(entry.uid)

    note()
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(5, 10)], by=seeker)
    note()
    option = confirmed.options.get(round=2)
    scheduling.confirm_viewing(viewing=confirmed, option=option, by=poster)
    note()
    messages.give_meeting_point(viewing=confirmed, meeting_point="At the gate", by=poster)
    note()
    closing.cancel_viewing(viewing=confirmed, by=seeker)
    note()
    assert sequences == [0, 0, 1, 2, 3]
    assert len(uids) == 1


# --- ending -----------------------------------------------------------------------------------------
def test_cancelling_frees_the_time_at_once(
    confirmed, listing, poster, seeker, outsider, event_types
):
    cancelled = closing.cancel_viewing(viewing=confirmed, by=seeker, reason="Found a place")
    assert (cancelled.status, cancelled.cancellation_reason) == ("cancelled", "Found a place")
    assert active_claims(confirmed).count() == 0
    assert confirm_first(ask(listing, outsider), poster).status == "confirmed"


def test_a_second_cancel_changes_nothing(confirmed, seeker, poster, event_types):
    closing.cancel_viewing(viewing=confirmed, by=seeker)
    before = event_types(confirmed), AuditEvent.objects.count(), Notification.objects.count()
    closing.cancel_viewing(viewing=confirmed, by=poster, reason="again")
    after = event_types(confirmed), AuditEvent.objects.count(), Notification.objects.count()
    assert before == after


def test_the_poster_completes(confirmed, poster, seeker):
    done = complete(confirmed, poster, outcome="visitor_no_show")
    assert (done.status, done.outcome) == ("completed", "visitor_no_show")
    with pytest.raises(InvalidTransition):
        closing.cancel_viewing(viewing=confirmed, by=seeker)


@pytest.mark.parametrize("who", ["poster", "admin"])
@pytest.mark.parametrize("outcome", ["attended", "visitor_no_show", "host_no_show"])
def test_nobody_says_how_it_was_before_it_begins(request, confirmed, who, outcome):
    by, viewing = request.getfixturevalue(who), fresh(confirmed)
    with time_machine.travel(viewing.chosen.start_at - dt.timedelta(minutes=1), tick=False):
        assert "complete" not in policies.allowed_actions(viewing, by, clock.now())
        with pytest.raises(InvalidTransition, match="It has not begun") as refused:
            closing.complete_viewing(viewing=confirmed, by=by, outcome=outcome)
    assert "complete" not in refused.value.details["allowed"]
    assert fresh(confirmed).is_confirmed
    assert not Attendance.objects.exists()


def test_closed_before_it_begins_it_was_called_off(api, confirmed, poster, seeker):
    start = fresh(confirmed).chosen.start_at
    with time_machine.travel(start - dt.timedelta(hours=1), tick=False):
        answer = api(poster).post(f"/api/v1/viewings/{confirmed.pk}/complete")
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert fresh(confirmed).outcome == ""
    noted = Attendance.objects.values_list("person", "presence")
    assert list(noted) == [(poster.pk, "cancelled_late")]
    line = Notification.objects.of(seeker).order_by("-id").first()
    assert line.type == "viewing_cancelled"
    assert not CalendarEntry.objects.get(subject_id=confirmed.pk).is_active


def test_the_address_stays_while_the_agreed_time_does(confirmed, seeker):
    def is_shown(now):
        return can_see_address(fresh(confirmed), "seeker", now)

    closing_time = fresh(confirmed).chosen.end_at + dt.timedelta(hours=24)
    assert is_shown(clock.now())
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(6, 10)], by=seeker)
    assert is_shown(closing_time - dt.timedelta(seconds=1))
    assert not is_shown(closing_time)  # and the new time is still ahead
    closing.cancel_viewing(viewing=confirmed, by=seeker)
    assert not is_shown(clock.now())


def test_a_hold_that_nobody_confirmed_ends(viewing, poster, event_types):
    scheduling.select_time(viewing=viewing, option=viewing.options.first(), by=poster)
    assert closing.release_expired_holds(now=clock.now() + dt.timedelta(hours=25)) == 1
    released = fresh(viewing)
    assert released.selected_option is None
    assert [o.status for o in released.options.all()] == ["offered"] * 3
    assert active_claims(viewing).count() == 0
    assert event_types(viewing)[-1] == "hold_expired"
    assert closing.release_expired_holds(now=clock.now() + dt.timedelta(hours=25)) == 0


def test_the_end_of_a_hold_leaves_what_was_agreed(confirmed, poster, seeker):
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(5, 10)], by=seeker)
    option = confirmed.options.get(round=2)
    scheduling.select_time(viewing=confirmed, option=option, by=poster)
    closing.release_expired_holds(now=clock.now() + dt.timedelta(hours=25))
    assert {c.busy.lower for c in active_claims(confirmed)} == {at(3, 10).start_at}


def test_the_system_completes_a_day_after(confirmed):
    end = fresh(confirmed).chosen.end_at
    closing.close_past_viewings(now=end + dt.timedelta(hours=23))
    assert fresh(confirmed).status == "confirmed"
    a_day_after = end + dt.timedelta(hours=24)
    with time_machine.travel(a_day_after, tick=False):
        closing.close_past_viewings(now=a_day_after)
    assert fresh(confirmed).status == "completed"


def test_a_past_viewing_on_hold_does_not_stop_the_others(confirmed, listing, poster, outsider):
    other = confirm_first(ask(LiveListingFactory(owner=poster), outsider, hours=(16,)), poster)
    Property.objects.filter(pk=listing.pk).update(status="hold_for_review")
    later = fresh(other).chosen.end_at + dt.timedelta(days=2)
    with time_machine.travel(later, tick=False):
        assert closing.close_past_viewings(now=later) == 1
    assert (fresh(confirmed).status, fresh(other).status) == ("confirmed", "completed")


@pytest.mark.parametrize("is_agreed", [True, False])
def test_a_sweep_goes_on_past_a_viewing_that_has_just_gone(viewing, poster, outsider, is_agreed):
    other = ask(LiveListingFactory(owner=poster), outsider, hours=(16,))
    if is_agreed:
        confirm_first(viewing, poster), confirm_first(other, poster)
    later = at(5, 10).start_at
    with time_machine.travel(later, tick=False), gone_before_it_is_locked(viewing):
        assert closing.close_past_viewings(now=later) == 1
    assert fresh(other).status == ("completed" if is_agreed else "cancelled")


@pytest.mark.parametrize("is_agreed", [True, False])
def test_a_sweep_does_not_count_what_somebody_has_just_closed(viewing, poster, is_agreed):
    if is_agreed:
        confirm_first(viewing, poster)
    step = closing.complete_viewing if is_agreed else closing.cancel_viewing
    later = at(5, 10).start_at
    with (
        time_machine.travel(later, tick=False),
        before_it_is_locked(viewing, lambda: step(viewing=viewing, by=poster)),
    ):
        assert closing.close_past_viewings(now=later) == 0


def test_the_sweep_of_holds_goes_on_past_a_viewing_that_has_just_gone(viewing, poster, outsider):
    other = ask(LiveListingFactory(owner=poster), outsider, hours=(16,))
    for request in (viewing, other):
        option = request.options.first()
        scheduling.select_time(viewing=request, option=option, by=poster)
    with gone_before_it_is_locked(viewing):
        assert closing.release_expired_holds(now=clock.now() + dt.timedelta(hours=25)) == 1
    assert fresh(other).selected_option is None


def test_the_sweep_of_holds_does_not_count_what_has_just_been_confirmed(viewing, poster):
    option = viewing.options.first()
    scheduling.select_time(viewing=viewing, option=option, by=poster)
    with before_it_is_locked(viewing, lambda: confirm_first(viewing, poster)):
        assert closing.release_expired_holds(now=clock.now() + dt.timedelta(hours=25)) == 0
    assert fresh(viewing).chosen == option


def test_what_nobody_confirmed_runs_out(viewing, event_types):
    closing.close_past_viewings(now=at(3, 13).start_at)
    assert fresh(viewing).status == "proposed"
    closing.close_past_viewings(now=at(3, 15).start_at)
    assert fresh(viewing).status == "cancelled"
    assert event_types(viewing)[-1] == "expired"


def test_a_request_without_any_time_is_closed_after_a_month(listing, seeker, outsider, event_types):
    viewing, other = (requests.create_request(listing=listing, by=p) for p in (seeker, outsider))
    scheduling.offer_times(viewing=other, times=[at(40, 10)], by=listing.owner)
    for days, closed in ((29, 0), (30, 1), (31, 0)):
        now = clock.now() + dt.timedelta(days=days)
        with time_machine.travel(now, tick=False):
            assert closing.close_past_viewings(now=now) == closed
    assert (fresh(viewing).status, fresh(other).status) == ("cancelled", "proposed")
    assert event_types(viewing)[-1] == "expired"
    told = Notification.objects.of(seeker).order_by("-id").first()
    assert told.title == f"The request to see {listing.title} is closed"


@pytest.mark.parametrize("is_chosen", [False, True])
@pytest.mark.parametrize("minutes_late", [0, 60 * 24 + 3])
def test_unanswered_earlier_times_lapse_and_the_agreed_one_stands(
    confirmed, poster, seeker, event_types, is_chosen, minutes_late
):
    agreed = fresh(confirmed).chosen
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(2, 10), at(2, 12)], by=seeker)
    if is_chosen:
        option = confirmed.options.filter(round=2).first()
        scheduling.select_time(viewing=confirmed, option=option, by=poster)
    now = at(2, 12).start_at + dt.timedelta(minutes=minutes_late)
    with time_machine.travel(now, tick=False):
        assert closing.close_past_viewings(now=now) == 1
        assert closing.close_past_viewings(now=now) == 0
    viewing = fresh(confirmed)
    assert (viewing.status, viewing.chosen, viewing.agreed_option) == ("confirmed", agreed, None)
    assert [o.status for o in viewing.options.all()].count("selected") == 1
    assert event_types(viewing)[-1] == "fell_back"
    assert {c.busy.lower for c in active_claims(viewing)} == {agreed.start_at}
    assert CalendarEntry.objects.get(subject_id=viewing.pk).is_active
    for person in (seeker, poster):
        assert "stays as it was" in Notification.objects.of(person).order_by("-id").first().title


def test_what_was_agreed_for_before_the_new_times_runs_out_with_them(confirmed, seeker):
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(5, 10)], by=seeker)
    for time, status in ((at(3, 10), "rescheduled"), (at(5, 10), "cancelled")):
        with time_machine.travel(time.start_at, tick=False):
            closing.close_past_viewings(now=time.start_at)
        assert fresh(confirmed).status == status


def test_on_hold_unanswered_times_wait_too(confirmed, seeker, listing):
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(2, 10)], by=seeker)
    Property.objects.filter(pk=listing.pk).update(status="hold_for_review")
    for time in (at(2, 11), at(4, 10)):
        assert closing.close_past_viewings(now=time.start_at) == 0
        assert fresh(confirmed).status == "rescheduled"
    later = at(3 + 14, 11).start_at
    with time_machine.travel(later, tick=False):
        assert closing.close_past_viewings(now=later) == 1
    assert fresh(confirmed).status == "cancelled"
    assert not Attendance.objects.exists()


def test_what_was_agreed_is_closed_once_it_has_been_on_hold_for_two_weeks(confirmed, listing):
    Property.objects.filter(pk=listing.pk).update(status="rejected")
    end = fresh(confirmed).chosen.end_at
    for days, closed in ((1, 0), (13, 0), (14, 1)):
        now = end + dt.timedelta(days=days)
        with time_machine.travel(now, tick=False), CaptureQueriesContext(connection) as asked:
            assert closing.close_past_viewings(now=now) == closed
        # What waits costs no transaction of its own.
        assert bool([q for q in asked if "FOR NO KEY UPDATE" in q["sql"]]) is bool(closed)
    assert (fresh(confirmed).status, fresh(confirmed).outcome) == ("completed", "")
    assert not Attendance.objects.exists()


# --- beside the negotiation ---------------------------------------------------------------------------
def test_the_events_do_not_say_where_to_come_to(viewing, poster):
    messages.give_meeting_point(viewing=viewing, meeting_point="At the gate", by=poster)
    assert viewing.events.get(event_type="meeting_point").payload == {}


def test_a_claimed_session_asks_for_nothing_more(listing, seeker_session, seeker):
    stale = SeekerSession.objects.get(pk=seeker_session.pk)
    SeekerSession.objects.filter(pk=stale.pk).update(claimed_by=seeker, claimed_at=clock.now())
    with pytest.raises(NotAuthenticated):
        ask(listing, stale)
    assert not ViewingRequest.objects.exists()


def test_a_session_that_asked_for_ones_own_place_is_claimed_and_the_request_ends(
    listing, seeker_session, poster
):
    viewing = ask(listing, seeker_session)
    requests.claim_session_viewings(session=seeker_session, user=poster, now=clock.now())
    assert fresh(viewing).status == "cancelled"


def test_a_message_goes_to_the_other_side(viewing, seeker, poster):
    by_site = {"to": "poster", "channel": "in_app", "message": "I am late", "by": seeker}
    assert messages.notify_other_side(viewing=viewing, **by_site) is True
    assert Notification.objects.of(poster).get(type="new_message").body == "I am late"


def test_a_message_is_announced_in_the_readers_language(viewing, seeker, poster):
    poster.language = "fr"
    poster.save()
    by_site = {"to": "poster", "channel": "in_app", "message": "I am late", "by": seeker}
    assert messages.notify_other_side(viewing=viewing, **by_site)
    told = Notification.objects.of(poster).get(type="new_message")
    assert told.title.startswith("Un message à propos du logement")


def test_a_channel_that_is_not_read_sends_nothing(viewing, seeker, poster):
    by_sms = {"to": "poster", "channel": "sms", "message": "I am late", "by": seeker}
    assert messages.notify_other_side(viewing=viewing, **by_sms) is False
    assert not Notification.objects.of(poster).filter(type="new_message").exists()


def test_nobody_writes_to_themselves(viewing, seeker):
    with pytest.raises(NotAllowed):
        messages.notify_other_side(
            viewing=viewing, to="seeker", channel="in_app", message="Hello", by=seeker
        )


def test_a_stranger_finds_nothing(viewing, outsider):
    verbs = [
        lambda: scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=outsider),
        lambda: confirm_first(viewing, outsider),
        lambda: closing.cancel_viewing(viewing=viewing, by=outsider),
        lambda: messages.give_meeting_point(viewing=viewing, meeting_point="x", by=outsider),
    ]
    for verb in verbs:
        with pytest.raises(NotFound):
            verb()


def test_another_session_finds_nothing(listing):
    viewing = ask(listing, SeekerSessionFactory())
    with pytest.raises(NotFound):
        closing.cancel_viewing(viewing=viewing, by=SeekerSessionFactory())
