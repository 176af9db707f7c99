"""Many at once, on real transactions: one winner, no deadlock, nobody in two places."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import threading

from django.db import connection, connections
from django.db.utils import IntegrityError, OperationalError
import pytest

from ghar.calendar.models import Claim, Resource
from ghar.calendar.services import claims
from ghar.errors import DomainError, SlotTaken
from ghar.lib import rls
from ghar.properties.services.listings import withdraw_listing
from tests.factories import LiveListingFactory, UserFactory
from tests.viewings.actions import ask, at
from viewings.models import ViewingRequest
from viewings.services import closing, conversations, scheduling

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

SEEKERS = 12


def at_once(calls):
    """Run all calls at the same moment, each on a connection of its own; their outcomes."""
    start = threading.Barrier(len(calls))

    def run(call):
        start.wait()
        try:
            return call()
        except (DomainError, IntegrityError, OperationalError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def confirming(viewing, poster):
    def confirm():
        with rls.acting_for(poster):
            option = viewing.options.first()
            return scheduling.confirm_viewing(viewing=viewing, option=option, by=poster)

    return confirm


def overlapping_claims() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM calendar_claims a JOIN calendar_claims b ON a.id < b.id"
            " AND a.resource_id = b.resource_id AND a.busy && b.busy WHERE a.active AND b.active"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("day", [3, 4, 5])
def test_twelve_requests_for_one_time_confirmed_at_once_have_one_winner(poster, day):
    listing = LiveListingFactory(owner=poster)
    viewings = [ask(listing, UserFactory(), day=day) for _ in range(SEEKERS)]
    outcomes = at_once([confirming(viewing, poster) for viewing in viewings])
    assert Counter(type(outcome) for outcome in outcomes) == {
        ViewingRequest: 1,
        SlotTaken: SEEKERS - 1,
    }
    losers = [outcome for outcome in outcomes if isinstance(outcome, SlotTaken)]
    assert {len(loser.details["alternatives"]) for loser in losers} == {3}
    assert ViewingRequest.objects.confirmed().count() == 1
    assert Claim.objects.active().count() == 3


def test_resources_in_crossed_order_do_not_deadlock(poster):
    """Two places of two posters who want to see each other's at one time."""
    other = UserFactory()
    theirs, mine = LiveListingFactory(owner=other), LiveListingFactory(owner=poster)
    for _ in range(3):
        crossed = [ask(theirs, poster), ask(mine, other)]
        outcomes = at_once([confirming(crossed[0], other), confirming(crossed[1], poster)])
        assert Counter(type(outcome) for outcome in outcomes) == {ViewingRequest: 1, SlotTaken: 1}
        for viewing in ViewingRequest.objects.active():
            closing.cancel_viewing(viewing=viewing, by=viewing.poster)


def test_one_seeker_asking_twice_at_once_has_one_request(poster, seeker):
    listing = LiveListingFactory(owner=poster)
    outcomes = at_once([lambda: ask(listing, seeker)] * 4)
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {
        "ViewingRequest": 1,
        "Conflict": 3,
    }


def test_a_yes_that_is_said_twice_at_once_is_heard_once(poster, seeker):
    """Who comes second reads what the first did, instead of a refusal."""
    listing = LiveListingFactory(owner=poster)
    with rls.acting_for(seeker):
        conversation = conversations.begin(by=seeker, listing=listing)
        conversations.say(conversation=conversation, text="next monday at 11", by=seeker)

    def agree():
        with rls.acting_for(seeker):
            return conversations.say(conversation=conversation, text="yes", by=seeker)

    said = at_once([agree] * 4)
    assert {reply.state for reply in said} == {"waits"}
    assert sum(reply.text.startswith("Sent.") for reply in said) == 1
    assert not any("before" in reply.text for reply in said)
    assert ViewingRequest.objects.count() == 1


def test_the_cap_of_open_requests_holds_at_once(seeker):
    listings = [LiveListingFactory() for _ in range(8)]
    outcomes = at_once([lambda listing=listing: ask(listing, seeker) for listing in listings])
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {
        "ViewingRequest": 5,
        "RateLimited": 3,
    }


def test_selecting_and_offering_at_once_leave_one_story(poster, seeker):
    listing = LiveListingFactory(owner=poster)
    viewing = ask(listing, seeker)
    option = viewing.options.first()

    def select():
        return scheduling.select_time(viewing=viewing, option=option, by=poster)

    def offer():
        return scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)

    at_once([select, offer])
    viewing = ViewingRequest.objects.for_detail().get(pk=viewing.pk)
    has_claims = Claim.objects.active().filter(subject_id=viewing.pk).exists()
    assert has_claims is (viewing.chosen is not None)


def test_without_lock_and_constraint_two_confirmations_collide(poster, monkeypatch):
    """The proof that the race above is one: take both safeguards away and it is lost."""
    monkeypatch.setattr(claims, "_in_line", Resource.objects.all)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE calendar_claims DROP CONSTRAINT claim_no_overlap")
    slow = threading.Barrier(2)
    booked = claims._who_takes_part

    def look_together(*args):
        found = booked(*args)
        slow.wait(timeout=10)
        return found

    monkeypatch.setattr(claims, "_who_takes_part", look_together)
    try:
        listing = LiveListingFactory(owner=poster)
        viewings = [ask(listing, UserFactory()) for _ in range(2)]
        at_once([confirming(viewing, poster) for viewing in viewings])
        assert overlapping_claims() > 0
    finally:
        Claim.objects.all().delete()
        with connection.schema_editor() as editor:
            constraint = Claim._meta.constraints[0]
            editor.add_constraint(Claim, constraint)


def test_the_constraint_alone_still_keeps_people_apart(poster, monkeypatch):
    """Without the lock the last line of defence holds: no overlap, though not a kind answer."""
    monkeypatch.setattr(claims, "_in_line", Resource.objects.all)
    listing = LiveListingFactory(owner=poster)
    viewings = [ask(listing, UserFactory()) for _ in range(4)]
    at_once([confirming(viewing, poster) for viewing in viewings])
    assert overlapping_claims() == 0
    assert ViewingRequest.objects.confirmed().count() == 1


@pytest.mark.parametrize("_round", range(4))
def test_no_request_stays_open_on_a_listing_that_is_withdrawn_at_the_same_moment(_round):
    listing = LiveListingFactory()
    asking = [lambda who=who: ask(listing, who) for who in UserFactory.create_batch(5)]
    at_once([*asking, lambda: withdraw_listing(listing=listing, by=listing.owner)])
    listing.refresh_from_db()
    assert listing.status == "withdrawn"
    assert not ViewingRequest.objects.active().exists()
