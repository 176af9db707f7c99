"""The verbs of the shortlist and of saved searches, and what the database holds of them."""

import datetime as dt

from django.db import IntegrityError, transaction
import pytest

from ghar.accounts import personal
from ghar.errors import Conflict, Invalid, ListingNotAvailable
from ghar.lib import clock
from ghar.properties.models import SavedListing, SavedMatch, SavedSearch, city_key
from ghar.properties.services import listings, saved
from ghar.properties.services.alerts import next_alert
from tests.factories import LiveListingFactory, PropertyFactory, SavedSearchFactory

pytestmark = pytest.mark.django_db

KIGALI = {"city": "Kigali"}
TUESDAY = dt.datetime(2026, 5, 5, 12, tzinfo=dt.UTC)


# --- searches -------------------------------------------------------------------------------------
def test_a_search_keeps_its_filters_without_those_that_ask_for_nothing(seeker):
    asked = {**KIGALI, "q": "", "property_type": [], "price_max": None, "sort": "price"}
    assert saved.save_search(by=seeker, filters=asked).filters == KIGALI


def test_a_search_without_a_name_is_called_after_its_filters(seeker):
    filters = {**KIGALI, "property_type": ["room"], "price_max": 300_000, "currency": "RWF"}
    search = saved.save_search(by=seeker, filters=filters)
    assert search.name.replace("\xa0", " ") == "Room, Kigali, up to RWF 300,000"


def test_the_copied_columns_say_what_the_filters_say(seeker):
    filters = {
        "city": "Gurgaon",
        "purpose": "rent",
        "currency": "INR",
        "price_min": 1,
        "price_max": 2,
        "property_type": ["room", "studio"],
    }
    search = saved.save_search(by=seeker, filters=filters)
    copies = (search.city, search.purpose, search.currency, search.price_min, search.price_max)
    assert copies == (city_key("Gurugram"), "rent", "INR", 1, 2)
    assert search.property_types == ["room", "studio"]


def test_a_search_for_everything_is_refused(seeker):
    with pytest.raises(Invalid) as refused:
        saved.save_search(by=seeker, filters={"q": "", "sort": "newest"})
    assert list(refused.value.details["fields"]) == ["filters"]


def test_a_price_needs_its_currency(seeker):
    with pytest.raises(Invalid) as refused:
        saved.save_search(by=seeker, filters={"price_max": 100})
    assert list(refused.value.details["fields"]) == ["currency"]


def test_twenty_searches_are_enough(seeker, outsider):
    SavedSearchFactory.create_batch(20, user=seeker)
    with pytest.raises(Conflict) as refused:
        saved.save_search(by=seeker, filters=KIGALI)
    assert refused.value.code == "TOO_MANY_SEARCHES"
    assert saved.save_search(by=outsider, filters=KIGALI).user == outsider


@pytest.mark.parametrize(
    ("frequency", "zone", "expected"),
    [
        ("daily", "Africa/Kigali", "2026-05-06T06:00:00+00:00"),
        ("daily", "America/New_York", "2026-05-06T12:00:00+00:00"),
        ("daily", "America/Los_Angeles", "2026-05-05T15:00:00+00:00"),
        ("weekly", "Africa/Kigali", "2026-05-12T06:00:00+00:00"),
        ("instant", "Africa/Kigali", None),
        ("off", "Africa/Kigali", None),
    ],
)
def test_a_digest_comes_at_eight_where_its_reader_is(frequency, zone, expected):
    found = next_alert(frequency, zone, TUESDAY)
    assert (found and found.isoformat()) == expected


def test_eight_stays_eight_when_the_clocks_change():
    """Summer time ends in New York on the first of November, at two in the morning."""
    before = dt.datetime(2026, 10, 31, 13, tzinfo=dt.UTC)
    found = next_alert("daily", "America/New_York", before)
    assert found.isoformat() == "2026-11-01T13:00:00+00:00"


def test_a_late_worker_does_not_move_the_weekday():
    late = dt.datetime(2026, 5, 5, 9, 30, tzinfo=dt.UTC)
    assert next_alert("weekly", "UTC", late).isoformat() == "2026-05-12T08:00:00+00:00"


def test_another_name_leaves_the_rhythm(seeker):
    search = SavedSearchFactory(user=seeker, frequency="weekly")
    due = search.due_at
    changed = saved.change_search(search=search, by=seeker, name="Near work")
    assert (changed.name, changed.frequency, changed.due_at) == ("Near work", "weekly", due)


def test_another_rhythm_plans_the_next_alert_anew(seeker):
    search = SavedSearchFactory(user=seeker, frequency="off")
    assert search.next_run_at is None
    changed = saved.change_search(search=search, by=seeker, frequency="daily")
    assert changed.next_run_at == next_alert("daily", seeker.timezone, clock.now())


def test_what_waited_when_alerts_are_switched_off_is_not_told_later(seeker):
    search = SavedSearchFactory(user=seeker)
    SavedMatch.objects.create(search=search, listing=LiveListingFactory())
    saved.change_search(search=search, by=seeker, frequency="off")
    assert not search.matches.untold().exists()


def test_a_removed_search_takes_its_matches_along(seeker):
    search = SavedSearchFactory(user=seeker)
    SavedMatch.objects.create(search=search, listing=LiveListingFactory())
    saved.delete_search(search=search, by=seeker)
    assert (SavedSearch.objects.count(), SavedMatch.objects.count()) == (0, 0)


# --- the shortlist --------------------------------------------------------------------------------
def test_a_place_is_saved_once_and_its_note_stays(seeker):
    listing = LiveListingFactory(title="Room with a view")
    saved.save_listing(listing=listing, by=seeker, note="Ask about the stairs")
    saved.save_listing(listing=listing, by=seeker)
    row = SavedListing.objects.get()
    assert (row.title, row.note) == ("Room with a view", "Ask about the stairs")


def test_a_note_can_be_emptied(seeker):
    listing = LiveListingFactory()
    saved.save_listing(listing=listing, by=seeker, note="Too far")
    assert saved.save_listing(listing=listing, by=seeker, note="").note == ""


def test_what_is_not_live_is_not_put_on_the_shortlist(seeker):
    with pytest.raises(ListingNotAvailable):
        saved.save_listing(listing=PropertyFactory(), by=seeker)


def test_the_note_of_a_place_that_is_gone_can_still_be_changed(seeker):
    listing = LiveListingFactory()
    saved.save_listing(listing=listing, by=seeker)
    listings.pause_listing(listing=listing, by=listing.owner)
    listing.refresh_from_db()
    assert saved.save_listing(listing=listing, by=seeker, note="Was good").note == "Was good"


def test_taking_a_place_off_twice_changes_nothing(seeker):
    listing = LiveListingFactory()
    saved.save_listing(listing=listing, by=seeker)
    for _ in range(2):
        saved.unsave_listing(listing_id=listing.pk, by=seeker)
    assert not SavedListing.objects.exists()


# --- what the database forbids --------------------------------------------------------------------
def test_a_pair_of_person_and_place_is_unique(seeker):
    listing = LiveListingFactory()
    SavedListing.objects.create(user=seeker, listing=listing, title="x")
    with pytest.raises(IntegrityError, match="saved_listing_once"), transaction.atomic():
        SavedListing.objects.create(user=seeker, listing=listing, title="x")


def test_a_pair_of_search_and_place_is_unique(seeker):
    search, listing = SavedSearchFactory(user=seeker), LiveListingFactory()
    SavedMatch.objects.create(search=search, listing=listing)
    with pytest.raises(IntegrityError, match="saved_match_once"), transaction.atomic():
        SavedMatch.objects.create(search=search, listing=listing)


# --- personal data --------------------------------------------------------------------------------
def test_the_export_holds_what_one_keeps_and_nobody_elses(seeker, outsider):
    saved.save_search(by=seeker, filters=KIGALI, name="Near work")
    saved.save_search(by=outsider, filters=KIGALI)
    listing = LiveListingFactory(title="Room with a view")
    saved.save_listing(listing=listing, by=seeker, note="Nice light")
    told = personal.export(seeker)["saved"]
    assert [(row["name"], row["filters"]) for row in told["searches"]] == [("Near work", KIGALI)]
    assert [(row["title"], row["note"]) for row in told["shortlist"]] == [
        ("Room with a view", "Nice light")
    ]


def test_what_one_keeps_goes_with_the_account(seeker):
    saved.save_search(by=seeker, filters=KIGALI)
    saved.save_listing(listing=LiveListingFactory(), by=seeker)
    seeker.delete()
    assert (SavedSearch.objects.count(), SavedListing.objects.count()) == (0, 0)
