"""What visits and viewings look like in somebody's calendar program, and the private address."""

import datetime as dt

from django.test import Client
from icalendar import Calendar
import pytest
import time_machine

from ghar.accounts.models import User
from ghar.calendar.models import CalendarFeed
from ghar.calendar.services.feed import close_feed, make_feed
from ghar.lib import clock
from ghar.properties.services.moves import move_listing
from tests.factories import LiveListingFactory
from tests.viewings.actions import ask, confirm_first
from tests.visits.actions import at, complete, fresh
from viewings.services.closing import cancel_viewing, close_past_viewings
from visits.services import closing, scheduling

pytestmark = pytest.mark.django_db
FEED = "/api/v1/calendar.ics"


@pytest.fixture
def file_for(api, visit):
    """`file_for(person)` is the one event of the visit's file."""

    def read(person):
        response = api(person).get(f"/api/v1/visits/{visit.pk}/calendar.ics")
        assert (response.status_code, response["Content-Type"]) == (200, "text/calendar")
        calendar = Calendar.from_ical(response.content)
        return calendar["method"], next(iter(calendar.walk("VEVENT")))

    return read


@pytest.fixture
def key(seeker):
    return make_feed(user=seeker, now=clock.now()).split("key=")[1]


def read(key, **headers):
    return Client().get(FEED, {"key": key}, headers=headers)


def events_of(response):
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


# --- one visit --------------------------------------------------------------------------------------
def test_there_is_no_file_before_a_time_is_agreed(api, visit, seeker):
    assert api(seeker).get(f"/api/v1/visits/{visit.pk}/calendar.ics").status_code == 404


def test_one_uid_for_life_and_a_sequence_that_rises(file_for, confirmed, seeker, poster):
    method, first = file_for(seeker)
    assert (method, first["sequence"], first["dtstart"].dt) == ("REQUEST", 0, confirmed.span[0])
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=seeker)
    assert file_for(seeker)[1]["dtstart"].dt == confirmed.span[0]
    scheduling.confirm_visit(visit=fresh(confirmed), by=poster)
    moved = file_for(seeker)[1]
    assert (moved["uid"], moved["sequence"], moved["dtstart"].dt) == (first["uid"], 1, at(5, 10))
    closing.cancel_visit(visit=confirmed, by=poster)
    method, gone = file_for(seeker)
    assert (method, gone["uid"], gone["sequence"]) == ("CANCEL", first["uid"], 2)
    assert str(gone["status"]) == "CANCELLED"


def test_the_exact_address_is_for_those_who_agreed(api, file_for, visit, seeker, poster, listing):
    url = f"/api/v1/visits/{visit.pk}"
    assert api(seeker).get(url).json()["meeting_place"] == ""
    scheduling.confirm_visit(visit=visit, by=poster)
    assert listing.address in str(file_for(seeker)[1]["location"])
    assert listing.address in api(seeker).get(url).json()["meeting_place"]
    closing.cancel_visit(visit=visit, by=poster)
    assert listing.address not in str(file_for(seeker)[1]["location"])


def test_while_another_time_is_asked_for_the_address_goes_with_the_agreed_one(
    api, file_for, confirmed, seeker, listing
):
    agreed = confirmed.scheduled_date
    scheduling.reschedule_visit(visit=confirmed, new_date=at(9, 10), by=seeker)
    for moment, is_shown in (
        (agreed + dt.timedelta(hours=24, minutes=29), True),
        (agreed + dt.timedelta(hours=24, minutes=30), False),
    ):
        with time_machine.travel(moment, tick=False):
            place = api(seeker).get(f"/api/v1/visits/{confirmed.pk}").json()["meeting_place"]
            assert (listing.address in place) is is_shown
            assert (listing.address in str(file_for(seeker)[1]["location"])) is is_shown


def test_without_a_proved_contact_there_is_no_address(file_for, confirmed, seeker, listing):
    seeker.email_verified = False
    seeker.save()
    assert listing.address not in str(file_for(seeker)[1]["location"])


def test_a_meeting_says_nothing_of_where_somebody_else_lives(api, meeting, seeker, peer, listing):
    scheduling.confirm_visit(visit=meeting, by=peer)
    answer = api(peer).get(f"/api/v1/visits/{meeting.pk}").json()
    assert answer["meeting_place"] == ""


# --- the feed ---------------------------------------------------------------------------------------
def test_the_feed_holds_visits_and_viewings_in_order(confirmed, seeker, key):
    viewing = ask(LiveListingFactory(), seeker, day=2)
    confirm_first(viewing, viewing.listing.owner)
    summaries = [str(event["summary"]).split(":")[0] for event in events_of(read(key))]
    assert summaries == ["Viewing", "Visit"]


def test_the_feed_speaks_the_language_of_its_reader(confirmed, seeker, key):
    User.objects.filter(pk=seeker.pk).update(language="fr")
    (event,) = events_of(read(key))
    assert str(event["summary"]).startswith("Visite")


def test_only_agreed_times_of_ones_own_are_in_it(visit, outsider, seeker, key):
    assert events_of(read(key)) == []
    scheduling.confirm_visit(visit=visit, by=visit.host)
    other = make_feed(user=outsider, now=clock.now()).split("key=")[1]
    assert (len(events_of(read(key))), events_of(read(other))) == (1, [])


def test_what_is_cancelled_leaves_and_what_is_over_stays_a_month(confirmed, seeker, agent, key):
    complete(confirmed, agent)
    assert len(events_of(read(key))) == 1
    with time_machine.travel(at(40, 10)):
        assert events_of(read(key)) == []


def test_so_does_a_viewing_that_is_over_and_one_that_is_cancelled_leaves(seeker, key):
    over, cancelled = (ask(LiveListingFactory(), seeker, day=day) for day in (2, 3))
    for viewing in (over, cancelled):
        confirm_first(viewing, viewing.listing.owner)
    cancel_viewing(viewing=cancelled, by=seeker, reason="Ill")
    assert len(events_of(read(key))) == 1
    with time_machine.travel(at(5, 10)):
        assert close_past_viewings(now=clock.now()) == 1
        assert len(events_of(read(key))) == 1


def test_an_unchanged_feed_is_not_sent_again(confirmed, seeker, poster, key):
    first = read(key)
    assert first["Cache-Control"] == "private, no-store"
    same = read(key, if_none_match=first["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    closing.cancel_visit(visit=confirmed, by=poster)
    assert read(key, if_none_match=first["ETag"]).status_code == 200


@pytest.mark.parametrize("wrong", ["", "nonsense", "a" * 5000, "\x00", "' OR 1=1"])
def test_a_wrong_key_finds_nothing(key, wrong):
    assert read(wrong).status_code == 404
    assert Client().get(FEED).status_code == 404


def test_the_key_is_shown_once_kept_hashed_and_replaced(api, seeker, key):
    made = api(seeker).post("/api/v1/calendar/key")
    assert made.status_code == 201
    new = made.json()["url"].split("key=")[1]
    assert CalendarFeed.objects.get(user=seeker).key_hash not in (new, key)
    assert (read(key).status_code, read(new).status_code) == (404, 200)
    assert api(seeker).delete("/api/v1/calendar/key").status_code == 204
    assert read(new).status_code == 404


def test_whoever_is_suspended_or_gone_has_no_feed(seeker, key):
    seeker.suspended_at = clock.now()
    seeker.save()
    assert read(key).status_code == 404
    seeker.suspended_at, seeker.is_active = None, False
    seeker.save()
    assert read(key).status_code == 404
    close_feed(user=seeker)


def test_a_hold_keeps_it_in_the_calendar(confirmed, key):
    listing = confirmed.listing.__class__.objects.get(pk=confirmed.listing_id)
    move_listing(listing=listing, verb="pause", by=listing.owner, now=clock.now())
    assert len(events_of(read(key))) == 1
