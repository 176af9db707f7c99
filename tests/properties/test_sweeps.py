"""What time does to listings: asked about, paused, expired, ranked."""

import datetime as dt

from django.db import connection
import pytest
import time_machine

from ghar.errors import Conflict, InvalidTransition
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.notifications.models import Notification
from ghar.properties.models import Property
from ghar.properties.policies import allowed_actions
from ghar.properties.services import listings, review, sweeps
from ghar.properties.tasks import sweep_listings
from tests.factories import LiveListingFactory, PhotoFactory, PropertyFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def listing(poster):
    return LiveListingFactory(owner=poster)


@pytest.fixture
def asked(listing):
    """Sixty days later; the clock stands there."""
    with time_machine.travel(NOON + 60 * DAY, tick=False):
        sweep_listings()
        listing.refresh_from_db()
        yield listing


def fresh(listing):
    return Property.objects.get(pk=listing.pk)


def told(user):
    return [(n.type, n.title) for n in Notification.objects.of(user).order_by("id")]


# --- is it still available? -----------------------------------------------------------------------
def test_a_listing_untouched_for_sixty_days_is_asked_about_once_and_stays_live(asked, poster):
    sweep_listings()
    assert (asked.is_live, asked.asked_at, asked.is_asked) == (True, clock.now(), True)
    assert told(poster) == [("listing_paused", f"Is {asked.title} still available?")]
    assert Notification.objects.get().route == f"/host/{asked.pk}/"


def test_nobody_is_asked_a_minute_earlier(listing):
    with time_machine.travel(NOON + 60 * DAY - dt.timedelta(minutes=1), tick=False):
        assert sweeps.ask_if_available(now=clock.now()) == 0


def test_yes_starts_the_clock_anew(asked, poster):
    listings.renew_listing(listing=asked, by=poster)
    renewed = fresh(asked)
    assert (renewed.asked_at, renewed.expires_at) == (None, clock.now() + 60 * DAY)
    with time_machine.travel(clock.now() + 8 * DAY, tick=False):
        sweep_listings()
    assert fresh(asked).is_live


def test_an_edit_is_an_answer_too(asked, poster):
    listings.edit_listing(listing=asked, by=poster, price_amount=1)
    assert (fresh(asked).asked_at, fresh(asked).expires_at) == (None, clock.now() + 60 * DAY)


def test_views_of_the_listing_are_no_answer(asked, client):
    client.get(asked.get_absolute_url())
    assert fresh(asked).is_asked


def test_it_is_let_takes_it_down(asked, poster):
    assert listings.withdraw_listing(listing=asked, by=poster).status == "withdrawn"


def test_silence_for_seven_days_pauses_with_the_way_back(asked, poster):
    with time_machine.travel(clock.now() + 7 * DAY - dt.timedelta(minutes=1), tick=False):
        assert sweeps.pause_unanswered(now=clock.now()) == 0
    with time_machine.travel(clock.now() + 7 * DAY, tick=False):
        sweep_listings()
        sweep_listings()
        paused = fresh(asked)
        assert (paused.status, paused.pause_reason) == ("paused", "not_confirmed")
        assert told(poster)[1:] == [("listing_paused", f"{asked.title} is paused")]
        back = listings.resume_listing(listing=paused, by=poster)
        assert (back.status, back.pause_reason, back.asked_at) == ("live", "", None)


def test_a_paused_listing_expires_sixty_days_after_the_pause_and_can_be_renewed(listing, poster):
    with time_machine.travel(NOON + 30 * DAY, tick=False):
        listings.pause_listing(listing=listing, by=poster)
    with time_machine.travel(NOON + 89 * DAY, tick=False):
        sweep_listings()
        assert fresh(listing).status == "paused"
    with time_machine.travel(NOON + 90 * DAY, tick=False):
        assert sweeps.expire_listings(now=clock.now()) == 1
        assert sweeps.expire_listings(now=clock.now()) == 0
        renewed = listings.renew_listing(listing=listing, by=poster)
        assert (renewed.status, renewed.expires_at) == ("live", clock.now() + 60 * DAY)
        assert renewed.pause_reason == ""


def test_what_moved_on_between_the_look_and_the_lock_is_left_alone(listing, poster, monkeypatch):
    due = Property.objects.to_ask_at(NOON + 60 * DAY)
    found = due.values_list("pk", flat=True)
    assert list(found) == [listing.pk]
    listings.pause_listing(listing=listing, by=poster)
    assert not sweeps._change(due, listing.pk, sweeps._ask, now=NOON + 60 * DAY)
    assert told(poster) == []


def test_one_that_cannot_be_changed_stops_no_other(listing, poster, monkeypatch):
    other = LiveListingFactory(owner=poster)
    Property.objects.update(expires_at=NOON)

    def ask(row, **how):
        if row == listing:
            raise ValueError
        return ask_now(row, **how)

    ask_now = sweeps._ask
    monkeypatch.setattr(sweeps, "_ask", ask)
    assert sweeps.ask_if_available(now=NOON + DAY) == 1
    assert [row.asked_at is None for row in (fresh(listing), fresh(other))] == [True, False]


# --- the reason of a pause ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "reason"), [("poster", "owner"), ("admin", "moderation"), ("system", "reports")]
)
def test_a_pause_says_whose_it_is(listing, who, reason, request):
    by = SYSTEM if who == "system" else request.getfixturevalue(who)
    paused = listings.pause_listing(listing=listing, by=by)
    assert (paused.pause_reason, paused.is_paused_by_moderation) == (reason, who != "poster")


# --- the move-in date -----------------------------------------------------------------------------
def room(poster, day, kind="flatmate", zone="Africa/Kigali"):
    return LiveListingFactory(owner=poster, property_type=kind, available_from=day, timezone=zone)


@pytest.mark.parametrize(
    ("kind", "zone", "moment", "status"),
    [
        # Midnight after 12 June comes to Kigali at 22:00 UTC, to Kolkata at 18:30.
        ("flatmate", "Africa/Kigali", dt.datetime(2026, 6, 12, 21, 59, tzinfo=dt.UTC), "live"),
        ("flatmate", "Africa/Kigali", dt.datetime(2026, 6, 12, 22, 0, tzinfo=dt.UTC), "paused"),
        ("pg", "Asia/Kolkata", dt.datetime(2026, 6, 12, 18, 29, tzinfo=dt.UTC), "live"),
        ("pg", "Asia/Kolkata", dt.datetime(2026, 6, 12, 18, 30, tzinfo=dt.UTC), "paused"),
        ("pg", "", dt.datetime(2026, 6, 13, 0, 0, tzinfo=dt.UTC), "paused"),
        ("room", "Africa/Kigali", dt.datetime(2026, 7, 1, tzinfo=dt.UTC), "live"),
        ("apartment", "Africa/Kigali", dt.datetime(2026, 7, 1, tzinfo=dt.UTC), "live"),
    ],
)
def test_a_room_with_people_is_paused_the_day_after_its_move_in(poster, kind, zone, moment, status):
    listing = room(poster, dt.date(2026, 6, 12), kind, zone)
    with time_machine.travel(moment, tick=False):
        sweep_listings()
    assert fresh(listing).status == status


@pytest.fixture
def over(poster):
    """A flatmate listing that was paused because its move-in date is over."""
    listing = room(poster, NOON.date())
    with time_machine.travel(NOON + DAY, tick=False):
        sweep_listings()
        sweep_listings()
        yield fresh(listing)


def test_the_pause_is_told_once_with_the_way_back(over, poster):
    assert (over.status, over.pause_reason) == ("paused", "move_in_passed")
    assert told(poster) == [("listing_paused", f"{over.title} is paused")]
    assert Notification.objects.get().body == (
        "The move-in date has passed. Choose a new one to bring it back."
    )


def test_it_does_not_come_back_while_the_date_is_over(over, poster):
    assert "resume" not in allowed_actions(over, poster)
    with pytest.raises(Conflict) as refused:
        listings.resume_listing(listing=over, by=poster)
    assert (refused.value.code, refused.value.details["available_from"]) == (
        *("MOVE_IN_PASSED", "2026-06-10"),
    )


@pytest.mark.parametrize("day", [dt.date(2026, 6, 11), dt.date(2026, 9, 1), None])
def test_a_new_date_or_none_brings_it_back(over, poster, day):
    edited = listings.edit_listing(listing=over, by=poster, available_from=day)
    assert "resume" in allowed_actions(edited, poster)
    assert listings.resume_listing(listing=edited, by=poster).status == "live"
    sweep_listings()
    assert fresh(over).is_live


def test_a_new_date_given_while_other_changes_are_checked_counts(over, poster):
    listings.edit_listing(listing=over, by=poster, title="Other words")
    listings.edit_listing(listing=over, by=poster, available_from=dt.date(2026, 9, 1))
    version = fresh(over).content_version
    back = review.pass_check(listing=over, content_version=version, now=clock.now())
    assert (back.status, "resume" in allowed_actions(back, poster)) == ("paused", True)


def test_another_date_that_is_over_does_not(over, poster):
    edited = listings.edit_listing(listing=over, by=poster, available_from=dt.date(2026, 6, 1))
    with pytest.raises(Conflict):
        listings.resume_listing(listing=edited, by=poster)


def test_a_renewal_after_it_expired_says_that_it_is_free_now(over, poster):
    with time_machine.travel(clock.now() + 60 * DAY, tick=False):
        sweep_listings()
        assert fresh(over).status == "expired"
        renewed = listings.renew_listing(listing=over, by=poster)
        assert (renewed.status, renewed.available_from) == ("live", None)


def test_the_refusal_comes_after_the_table_of_steps(listing, poster):
    with pytest.raises(InvalidTransition):
        listings.resume_listing(listing=listing, by=poster)


def test_a_moderator_lifts_a_pause_whatever_the_date(poster, admin):
    listing = room(poster, NOON.date() - 5 * DAY)
    listings.pause_listing(listing=listing, by=admin)
    assert listings.resume_listing(listing=listing, by=admin).status == "live"


# --- the rank of what is new ----------------------------------------------------------------------
def approved(poster, admin, at):
    listing = PhotoFactory(listing=PropertyFactory(owner=poster, status="pending_review")).listing
    with time_machine.travel(at, tick=False):
        return review.approve_listing(listing=listing, by=admin, now=clock.now())


def renewed(listing, at):
    with time_machine.travel(at, tick=False):
        sweep_listings()
        return listings.renew_listing(listing=fresh(listing), by=listing.owner)


def test_a_first_approval_ranks_above_a_renewal_for_a_day(listing, poster, admin):
    new = approved(poster, admin, NOON + 61 * DAY)
    renewed(listing, NOON + 62 * DAY - dt.timedelta(minutes=1))
    assert list(Property.objects.newest()) == [new, listing]


def test_after_its_day_a_renewal_ranks_above_it(listing, poster, admin):
    new = approved(poster, admin, NOON + 61 * DAY)
    renewed(listing, NOON + 62 * DAY + dt.timedelta(minutes=1))
    assert list(Property.objects.newest()) == [listing, new]


def test_a_renewal_that_nobody_asked_for_moves_nothing(listing, poster):
    before = fresh(listing).rank_at
    again = renewed(listing, NOON + 5 * DAY)
    assert again.rank_at == before


def test_no_row_is_skipped_or_repeated_when_a_boost_ends_between_pages(poster, admin, api):
    rows = [approved(poster, admin, NOON + n * dt.timedelta(hours=5)) for n in range(6)]
    client, seen, query = api(), [], {"limit": 2}
    for page in range(3):
        with time_machine.travel(NOON + DAY + page * dt.timedelta(hours=9), tick=False):
            body = client.get("/api/v1/properties", query).json()
        seen += [item["id"] for item in body["items"]]
        query["cursor"] = body["next_cursor"]
    assert seen == [str(row.pk) for row in reversed(rows)]


# --- the database ---------------------------------------------------------------------------------
@pytest.fixture
def many(poster):
    """Enough for the planner to care: of a thousand a few are due for each sweep."""
    rows = [
        PropertyFactory.build(
            owner=poster,
            property_type="flatmate",
            status="paused" if n % 2 else "live",
            rank_at=NOON - n * DAY,
            expires_at=NOON + (n - 20) * DAY,
            asked_at=NOON - n * DAY if n % 200 == 0 else None,
            available_from=NOON.date() + (n - 20) * DAY,
        )
        for n in range(1000)
    ]
    Property.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE properties")


def test_each_sweep_and_the_list_have_their_index(many):
    listings = Property.objects
    due = {
        "property_to_ask": listings.to_ask_at(NOON),
        "property_unanswered": listings.unanswered_since(NOON - 9 * DAY),
        "property_paused_until": listings.expired_by(NOON),
        "property_move_in": listings.past_move_in_at(NOON),
        "property_newest": listings.filter(status="live").order_by("-rank_at", "-id"),
    }
    plans = {index: rows.values("pk")[:20].explain() for index, rows in due.items()}
    assert [index for index, plan in plans.items() if index not in plan] == []
