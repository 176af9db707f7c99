"""The cards of a host say how many requests wait for an answer, and lead to them."""

import pytest

from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.properties.services.moves import move_listing
from tests.factories import LiveListingFactory, SeekerSessionFactory
from tests.viewings.actions import ask, at, confirm_first, fresh
from viewings.models import ViewingRequest
from viewings.policies.steps import needs_answer_of
from viewings.services import closing, scheduling
from viewings.services.requests import create_request
from viewings.states import POSTER

pytestmark = pytest.mark.django_db


def is_counted(viewing) -> bool:
    """By the query, which says the same as the policy of one row."""
    counted = ViewingRequest.objects.waiting_for_poster().filter(pk=viewing.pk).exists()
    assert counted == needs_answer_of(fresh(viewing), POSTER)
    return counted


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 viewing request waits for you"), (2, "2 viewing requests wait for you")],
)
def test_a_card_counts_the_requests_for_its_place_and_leads_there(
    browser, listing, poster, number, words
):
    other = LiveListingFactory(owner=poster)
    for _ in range(number):
        ask(listing, SeekerSessionFactory())
    page = browser(poster).get("/host/").text
    mine, theirs = (
        page.split(str(place.pk))[1].split("</article>")[0] for place in (listing, other)
    )
    assert words in mine
    assert 'href="/host/viewings/"' in mine
    assert "for you" not in theirs


def test_who_lists_a_place_reads_nothing_of_what_others_are_asked(browser, listing, poster):
    ask(LiveListingFactory(), SeekerSessionFactory())
    assert "for you" not in browser(poster).get("/host/").text


def test_a_request_without_times_waits_for_the_host(listing, seeker):
    assert is_counted(create_request(listing=listing, by=seeker))


def test_what_was_proposed_to_the_seeker_waits_for_them(viewing, poster, seeker):
    assert is_counted(viewing)
    scheduling.offer_times(viewing=viewing, times=[at(5, 10)], by=poster)
    assert not is_counted(viewing)
    scheduling.select_time(viewing=viewing, option=viewing.options.last(), by=seeker)
    assert is_counted(viewing)


def test_what_is_agreed_moved_on_hold_or_over(viewing, listing, poster, seeker):
    confirm_first(viewing, poster)
    assert not is_counted(viewing)
    scheduling.reschedule_viewing(viewing=viewing, times=[at(6, 10)], by=seeker)
    assert is_counted(viewing)
    held = move_listing(listing=listing, verb="check_hold", by=SYSTEM, now=clock.now())
    assert not is_counted(viewing)
    move_listing(listing=held, verb="check_pass", by=SYSTEM, now=clock.now())
    closing.cancel_viewing(viewing=viewing, by=seeker)
    assert not is_counted(viewing)
