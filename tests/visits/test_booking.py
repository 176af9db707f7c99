"""A tour or a meeting is booked: what it takes, and what refuses it."""

import datetime as dt

import pytest

from ghar.audit.models import AuditEvent
from ghar.calendar.models import Claim, Resource
from ghar.errors import Conflict, Invalid, ListingNotAvailable, NotAllowed, NotFound, SlotTaken
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.notifications.models import Notification
from ghar.properties.services.moves import move_listing
from ghar.realtime.models import Event
from moderation.services.blocks import block_person
from tests.factories import LiveListingFactory, PropertyFactory, UserFactory
from tests.visits.actions import at, fresh, matched, meet, tour, types
from visits.models import Visit
from visits.services import booking
from visits.services.records import differences

pytestmark = pytest.mark.django_db
MARGIN = dt.timedelta(minutes=15)


def kinds(visit):
    return sorted(
        Claim.objects.active().filter(subject_id=visit.pk).values_list("resource__kind", flat=True)
    )


# --- what is made -----------------------------------------------------------------------------------
def test_a_tour_takes_the_visitor_a_seat_and_an_agent(visit, guide, agent):
    assert (visit.status, visit.duration_minutes, visit.proposed_by) == ("scheduled", 30, "visitor")
    assert visit.agent == guide
    assert kinds(visit) == ["agent", "person", "person", "seat"]
    spans = {
        (c.resource.kind, c.resource.owner_id): (c.busy.lower, c.busy.upper)
        for c in Claim.objects.active().select_related("resource")
    }
    start, end = visit.span
    assert spans["seat", visit.listing_id] == (start, end)
    assert spans["agent", guide.pk] == (start - MARGIN, end + MARGIN)
    assert spans["person", agent.pk] == (start - MARGIN, end + MARGIN)


def test_without_an_agent_the_visit_is_made_and_waits(listing, seeker):
    visit = tour(listing, seeker)
    assert visit.agent is None
    assert visit.unassigned_since is not None
    assert kinds(visit) == ["person", "seat"]


def test_a_meeting_takes_both_people_and_no_seat(meeting, seeker, peer):
    assert (meeting.duration_minutes, meeting.agent) == (60, None)
    owners = Claim.objects.active().values_list("resource__owner_id", flat=True)
    assert set(owners) == {seeker.pk, peer.pk}
    assert meeting.match.conversation == meeting.conversation


def test_one_event_holds_the_whole_row(visit):
    assert types(visit) == ["scheduled"]
    assert differences(fresh(visit)) == {}
    told = AuditEvent.objects.get(action="visit_scheduled")
    assert told.target_id == str(visit.pk)
    assert "special_requirements" not in told.data


def test_host_and_agent_hear_of_it_and_everybody_is_refreshed(visit, seeker, poster, agent):
    told = Notification.objects.filter(type="visit_scheduled").values_list("user", flat=True)
    assert sorted(told) == sorted([poster.pk, agent.pk])
    emitted = Event.objects.filter(type="visit_updated").values_list("channel", flat=True)
    assert set(emitted) == {p.event_channel for p in (seeker, poster, agent)}


def test_an_admin_books_for_somebody(listing, seeker, admin):
    visit = tour(listing, admin, visitor=seeker)
    assert (visit.user, visit.proposed_by) == (seeker, "admin")


# --- what refuses it --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (dt.timedelta(minutes=-1), "PAST_DATE"),
        (dt.timedelta(minutes=119), "TOO_SOON"),
        (dt.timedelta(days=180, minutes=1), "TOO_FAR"),
    ],
)
def test_a_time_that_is_past_too_soon_or_too_far(listing, seeker, ahead, code):
    with pytest.raises(Invalid) as refused:
        booking.schedule_visit(by=seeker, listing=listing, scheduled_date=clock.now() + ahead)
    assert refused.value.code == code
    assert not Visit.objects.exists()


def test_off_hours_are_no_reason_to_refuse(listing, seeker):
    assert tour(listing, seeker, hour=3).agent is None


def test_a_taken_slot_offers_three_times_that_can_be_booked(visit, listing, outsider):
    with pytest.raises(SlotTaken) as refused:
        tour(listing, outsider)
    assert refused.value.code == "VISIT_CONFLICT"
    free = refused.value.details["alternatives"]
    assert len(free) == 3
    for one in free:
        start = dt.datetime.fromisoformat(one["start_at"])
        other = UserFactory()
        assert booking.schedule_visit(by=other, listing=listing, scheduled_date=start).pk
        assert one["timezone"] == "Africa/Kigali"


def test_nobody_is_in_two_places_at_once(visit, seeker):
    with pytest.raises(SlotTaken):
        tour(LiveListingFactory(), seeker)


def test_an_open_house_has_several_seats(listing, seeker, outsider):
    listing.capacity = 2
    listing.save()
    tour(listing, seeker)
    tour(listing, outsider)
    with pytest.raises(SlotTaken):
        tour(listing, UserFactory())


def test_of_two_tours_an_agent_takes_one(guide, seeker, outsider):
    assert tour(LiveListingFactory(), seeker).agent == guide
    assert tour(LiveListingFactory(), outsider).agent is None


def test_an_agent_needs_time_between_two_tours(guide, seeker, outsider):
    tour(LiveListingFactory(), seeker)
    near = booking.schedule_visit(
        by=outsider, listing=LiveListingFactory(), scheduled_date=at(3, 10, 45)
    )
    assert near.agent is None
    later = booking.schedule_visit(
        by=UserFactory(), listing=LiveListingFactory(), scheduled_date=at(3, 11)
    )
    assert later.agent == guide


def test_an_agent_who_is_busy_in_private_is_not_chosen(guide, agent, seeker):
    tour(LiveListingFactory(), agent)
    assert tour(LiveListingFactory(), seeker).agent is None


def test_a_listing_that_was_live_is_not_available_and_a_draft_unknown(poster, seeker, listing):
    with pytest.raises(NotFound):
        tour(PropertyFactory(owner=poster), seeker)
    move_listing(listing=listing, verb="pause", by=poster, now=clock.now())
    with pytest.raises(ListingNotAvailable):
        tour(listing, seeker)


def test_ones_own_place_and_other_peoples_calendars(listing, poster, seeker, outsider):
    with pytest.raises(NotAllowed):
        tour(listing, poster)
    with pytest.raises(NotAllowed):
        tour(listing, outsider, visitor=seeker)


def test_a_block_hides_the_place(listing, poster, seeker):
    block_person(target=seeker, by=poster)
    with pytest.raises(NotFound):
        tour(listing, seeker)


def test_a_meeting_needs_an_active_match(listing, seeker, peer):
    with pytest.raises(Conflict) as refused:
        meet(listing, seeker, peer)
    assert refused.value.code == "NO_ACTIVE_MATCH"
    matched(seeker, peer)
    block_person(target=peer, by=seeker)
    with pytest.raises(Conflict) as refused:
        meet(listing, seeker, peer)
    assert refused.value.code == "NO_ACTIVE_MATCH"


def test_a_meeting_names_its_own_match_and_conversation(listing, seeker, peer, outsider):
    matched(seeker, peer)
    other = matched(seeker, outsider)
    with pytest.raises(Conflict):
        meet(listing, seeker, peer, match=other)
    with pytest.raises(Invalid):
        meet(listing, seeker, peer, conversation=other.conversation)


def test_a_tour_has_no_counterparty_and_a_meeting_needs_one(listing, seeker, peer):
    matched(seeker, peer)
    with pytest.raises(Invalid):
        tour(listing, seeker, counterparty=peer)
    with pytest.raises(Invalid):
        tour(listing, seeker, visit_context="flatmate_meet")
    with pytest.raises(Invalid):
        meet(listing, seeker, seeker)


def test_a_held_listing_takes_no_bookings(listing, seeker):
    move_listing(listing=listing, verb="check_hold", by=SYSTEM, now=clock.now())
    with pytest.raises(ListingNotAvailable):
        tour(listing, seeker)


def test_a_refused_booking_leaves_nothing(visit, listing, outsider):
    before = Claim.objects.count(), Visit.objects.count()
    with pytest.raises(SlotTaken):
        tour(listing, outsider)
    assert (Claim.objects.count(), Visit.objects.count()) == before
    assert Resource.objects.filter(owner_id=outsider.pk).count() <= 1
