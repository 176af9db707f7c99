"""Who is told what, when, and once: from a listing that becomes live to the line on the site."""

from concurrent.futures import ThreadPoolExecutor
import datetime as dt
import threading

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
import pytest

from ghar.lib import clock
from ghar.models import DueState
from ghar.notifications.models import Channel, Delivery, Notification, Purpose
from ghar.notifications.services.outbox import dispatch_lines
from ghar.notifications.services.preferences import set_channels
from ghar.properties.models import ListingArrival, SavedMatch, SavedSearch
from ghar.properties.services import alerts, listings, review, saved
from tests.factories import LiveListingFactory, PropertyFactory, SavedSearchFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def publish(admin):
    """`publish(price_amount=…)` is a listing that a moderator has just approved."""

    def approve(**facts):
        listing = PropertyFactory(status="pending_review", **facts)
        return review.approve_listing(listing=listing, by=admin, now=clock.now())

    return approve


def come_in(now=None):
    """What the two workers do, one after the other."""
    alerts.match_new_listings(now=now or clock.now())
    alerts.send_due_alerts(now=now or clock.now())


def told(user):
    lines = Notification.objects.of(user).filter(type="saved_search").order_by("id")
    return [line.title for line in lines]


# --- at once --------------------------------------------------------------------------------------
def test_a_listing_that_becomes_live_is_told_at_once(seeker, publish):
    search = saved.save_search(
        by=seeker, filters={"city": "Kigali"}, name="Kigali", frequency="instant"
    )
    publish(title="Room with a view")
    come_in()
    line = Notification.objects.of(seeker).get()
    assert line.title == "1 new place for “Kigali”"
    assert line.body.replace("\xa0", " ") == "Room with a view: RWF 250,000"
    assert line.route == f"/saved/searches/{search.pk}/"


def test_the_workers_do_it_by_themselves_after_the_commit(seeker, publish, on_commit):
    SavedSearchFactory(user=seeker, name="Kigali", frequency="instant")
    with on_commit():
        publish()
    assert told(seeker) == ["1 new place for “Kigali”"]


def test_the_verb_leaves_one_row_and_asks_no_search(admin):
    SavedSearchFactory.create_batch(3, frequency="instant")
    listing = PropertyFactory(status="pending_review")
    with CaptureQueriesContext(connection) as captured:
        review.approve_listing(listing=listing, by=admin, now=clock.now())
    asked = [query["sql"] for query in captured.captured_queries]
    assert len([sql for sql in asked if "listing_arrivals" in sql]) == 1
    assert [sql for sql in asked if "saved_" in sql] == []
    assert [row.listing for row in ListingArrival.objects.all()] == [listing]


def test_a_listing_is_told_once_however_often_it_comes_back(seeker, publish):
    SavedSearchFactory(user=seeker, frequency="instant")
    listing = publish()
    come_in()
    listings.pause_listing(listing=listing, by=listing.owner)
    listings.resume_listing(listing=listing, by=listing.owner)
    come_in()
    assert len(told(seeker)) == 1
    assert not ListingArrival.objects.exists()


def test_own_listings_are_never_told(poster, publish):
    SavedSearchFactory(user=poster, frequency="instant")
    publish(owner=poster)
    come_in()
    assert (told(poster), SavedMatch.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("filters", "is_told"),
    [
        ({"city": "kigali"}, True),
        ({"city": "Huye"}, False),
        ({"property_type": ["studio", "room"]}, True),
        ({"property_type": ["studio"]}, False),
        ({"purpose": "rent"}, True),
        ({"purpose": "buy"}, False),
        ({"currency": "RWF", "price_max": 250_000}, True),
        ({"currency": "RWF", "price_max": 249_999}, False),
        ({"currency": "RWF", "price_min": 250_001}, False),
        ({"currency": "INR"}, False),
        # What only the search itself can tell.
        ({"q": "hills"}, True),
        ({"q": "castle"}, False),
        ({"bedrooms_min": 2}, False),
        ({"amenities": ["wifi"]}, False),
        ({"move_in": "2026-01-01"}, True),
        ({"lat": -1.95, "lng": 30.09, "radius_km": 2.0}, True),
        ({"lat": 28.45, "lng": 77.02, "radius_km": 2.0}, False),
    ],
)
def test_exactly_what_the_search_finds_is_told(seeker, publish, filters, is_told):
    saved.save_search(by=seeker, filters=filters, frequency="instant")
    publish()
    come_in()
    assert bool(told(seeker)) is is_told


def test_a_city_is_the_same_by_each_of_its_names(seeker, publish):
    saved.save_search(by=seeker, filters={"city": "Bombay"}, frequency="instant")
    publish(city="Mumbai", locality="", currency="INR")
    come_in()
    assert len(told(seeker)) == 1


def test_switched_off_searches_are_left_alone(seeker, publish):
    SavedSearchFactory(user=seeker, frequency="off")
    publish()
    come_in(clock.now() + 30 * DAY)
    assert (told(seeker), SavedMatch.objects.count()) == ([], 0)


def test_a_listing_that_is_gone_when_the_worker_comes_is_not_told(seeker, publish):
    SavedSearchFactory(user=seeker, frequency="instant")
    listing = publish()
    listings.withdraw_listing(listing=listing, by=listing.owner)
    come_in()
    assert told(seeker) == []


def test_a_search_that_cannot_be_told_keeps_no_other_waiting(seeker, outsider, publish):
    broken = SavedSearchFactory(user=outsider, frequency="instant")
    SavedSearch.objects.filter(pk=broken.pk).update(filters={"lat": "north", "lng": 1})
    SavedSearchFactory(user=seeker, frequency="instant", name="Fine")
    publish()
    listing = ListingArrival.objects.get().listing
    SavedMatch.objects.create(search=broken, listing=listing)
    SavedMatch.objects.create(search=SavedSearch.objects.get(user=seeker), listing=listing)
    SavedSearch.objects.update(state=DueState.DUE, due_at=clock.now())
    alerts.send_due_alerts(now=clock.now())
    assert (told(seeker), told(outsider)) == (["1 new place for “Fine”"], [])
    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == (DueState.DUE, 1)


# --- in the morning -------------------------------------------------------------------------------
def test_a_daily_digest_gathers_a_day(seeker, publish):
    search = SavedSearchFactory(user=seeker, name="Kigali", frequency="daily")
    for number in range(7):
        publish(title=f"Room {number}")
    come_in()
    assert told(seeker) == []
    morning = search.next_run_at
    come_in(morning)
    assert told(seeker) == ["7 new places for “Kigali”"]
    lines = Notification.objects.of(seeker).get().body.splitlines()
    assert ([line.split(":")[0] for line in lines[:5]], lines[5:]) == (
        [f"Room {number}" for number in (6, 5, 4, 3, 2)],
        ["and 2 more"],
    )
    search.refresh_from_db()
    assert (search.next_run_at, search.last_run_at) == (morning + DAY, morning)


def test_a_weekly_digest_comes_a_week_later(seeker, publish):
    search = SavedSearchFactory(user=seeker, frequency="weekly")
    publish()
    come_in(clock.now() + 5 * DAY)
    assert told(seeker) == []
    come_in(search.next_run_at)
    assert len(told(seeker)) == 1


def test_a_morning_without_news_is_silent(seeker):
    search = SavedSearchFactory(user=seeker, frequency="daily")
    come_in(search.next_run_at)
    assert told(seeker) == []


def test_what_is_paused_in_the_morning_is_told_when_it_is_back(seeker, publish):
    search = SavedSearchFactory(user=seeker, frequency="daily")
    listing = publish()
    come_in()
    listings.pause_listing(listing=listing, by=listing.owner)
    come_in(search.next_run_at)
    assert told(seeker) == []
    listings.resume_listing(listing=listing, by=listing.owner)
    come_in(search.next_run_at + DAY)
    assert len(told(seeker)) == 1


def test_a_closed_account_is_told_nothing(seeker, publish):
    search = SavedSearchFactory(user=seeker, frequency="daily")
    publish()
    come_in()
    seeker.is_active = False
    seeker.save()
    come_in(search.next_run_at)
    assert told(seeker) == []


# --- by which way ---------------------------------------------------------------------------------
@pytest.mark.parametrize("is_opted_in", [True, False])
def test_e_mail_goes_out_only_to_who_asked_for_it(seeker, publish, is_opted_in):
    choice = {Channel.EMAIL: {Purpose.MARKETING: is_opted_in}}
    set_channels(principal=seeker, choices=choice)
    SavedSearchFactory(user=seeker, frequency="instant")
    publish()
    come_in()
    assert len(told(seeker)) == 1
    dispatch_lines(now=clock.now())
    assert Delivery.objects.of(seeker).filter(channel="email").count() == is_opted_in


def test_the_digest_speaks_the_readers_language(seeker, publish):
    seeker.language = "fr"
    seeker.save()
    SavedSearchFactory(user=seeker, frequency="instant", name="Kigali")
    publish()
    come_in()
    line = Notification.objects.of(seeker).get()
    assert line.title.startswith("1 nouveau logement pour")
    # French parts thousands by a narrow space.
    assert "250\u202f000" in line.body


# --- what it costs --------------------------------------------------------------------------------
@pytest.mark.parametrize("searches", [1, 3])
def test_one_listing_costs_the_same_for_any_number_of_searches(
    searches, publish, django_assert_num_queries
):
    SavedSearchFactory.create_batch(searches, frequency="daily")
    publish()
    # Claim 5, the batch 6 (candidates, the search itself, lock, notes, instants), the row away 2.
    with django_assert_num_queries(13):
        alerts.match_new_listings(now=clock.now())
    assert SavedMatch.objects.count() == searches


# --- two workers at once --------------------------------------------------------------------------
def both(call):
    """Two workers at the same moment, each on a connection of its own."""
    start = threading.Barrier(2)

    def run(_number):
        start.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_two_workers_tell_each_listing_once(round_, admin):
    """The same listing arrives twice, so that each worker has one row of it to match."""
    people = UserFactory.create_batch(6)
    for person in people:
        SavedSearchFactory(user=person, frequency="instant")
    listing = LiveListingFactory()
    now = clock.now()
    for _ in range(2):
        ListingArrival.objects.create(listing=listing, due_at=now)

    def work():
        rows = ListingArrival.objects.select_related("listing")
        for arrival in alerts.claim_due(rows, now=now, limit=1):
            alerts._match(arrival, now=now)
        alerts.send_due_alerts(now=now)

    both(work)
    alerts.send_due_alerts(now=now)
    assert [len(told(person)) for person in people] == [1] * 6
    assert SavedMatch.objects.untold().count() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_digest_is_told_once_though_its_lease_ran_out(seeker):
    search = SavedSearchFactory(user=seeker, frequency="daily")
    SavedMatch.objects.create(search=search, listing=LiveListingFactory())
    now = search.next_run_at
    assert sorted(both(lambda: alerts._tell(search, now=now))) == [False, True]
    assert len(told(seeker)) == 1
