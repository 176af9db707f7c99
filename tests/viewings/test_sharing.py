"""A seeker tells a friend where they go and when; the friend reads it and can do nothing."""

import datetime as dt

import pytest
import time_machine

from ghar.lib import clock
from ghar.properties.models import Property
from tests.viewings.actions import ask, at, confirm_first, fresh
from viewings.services import closing, scheduling
from viewings.services.links import link_path

pytestmark = pytest.mark.django_db

HEADING = "Tell a friend where you go"


@pytest.fixture
def path(confirmed):
    return confirmed.get_absolute_url()


def words(page) -> str:
    return page.context["words_for_friend"]


def test_the_words_say_the_place_the_time_and_the_public_page(
    browser, confirmed, path, listing, seeker, settings
):
    settings.BASE_URL = "https://ghar.test/"
    page = browser(seeker).get(path)
    title, time, place, address = words(page).split("\n")
    assert title == f"I am going to see a place: {listing.title}"
    assert time.endswith("10:00 (Rwanda Time)")
    assert place == listing.exact_place
    assert address == f"https://ghar.test{listing.get_absolute_url()}"
    assert HEADING in page.text


def test_without_scripts_they_are_read_and_sent_by_links(browser, path, seeker):
    page = browser(seeker).get(path).text
    for link in ('href="sms:?&amp;body=I%20am%20going', 'href="mailto:?body=I%20am%20going'):
        assert link in page


def test_the_private_link_is_never_among_them(browser, listing, poster, seeker_session):
    viewing = confirm_first(ask(listing, seeker_session), poster)
    link = link_path(viewing, now=clock.now())
    for client, path in ((browser(), link), (browser(seeker_session), viewing.get_absolute_url())):
        page = client.get(path)
        assert HEADING in page.text
        assert "/v/" not in words(page)
        assert str(viewing.pk) not in words(page)


def test_who_has_not_proved_a_contact_names_the_part_of_town(
    browser, listing, poster, seeker_session
):
    viewing = confirm_first(ask(listing, seeker_session), poster)
    page = browser(seeker_session).get(viewing.get_absolute_url())
    assert words(page).split("\n")[2] == listing.place
    assert listing.address not in page.text


def test_a_meeting_point_is_where_they_go(browser, confirmed, path, poster, seeker):
    browser(poster).post(f"{path}meeting_point/", {"meeting_point": "At the bakery"})
    assert words(browser(seeker).get(path)).split("\n")[2] == "At the bakery"


def test_a_page_that_nobody_can_open_is_not_named(browser, path, listing, seeker):
    Property.objects.filter(pk=listing.pk).update(status="paused")
    assert "http" not in words(browser(seeker).get(path))


def test_there_is_nothing_to_tell_before_a_time_is_agreed(browser, viewing, seeker):
    page = browser(seeker).get(viewing.get_absolute_url())
    assert (words(page), HEADING in page.text) == ("", False)


def test_while_another_time_is_asked_for_the_agreed_one_is_told(browser, confirmed, path, seeker):
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(5, 16)], by=seeker)
    assert "10:00" in words(browser(seeker).get(path))


def test_nothing_is_told_of_what_is_called_off_on_hold_or_long_over(
    browser, confirmed, path, listing, seeker, poster
):
    with time_machine.travel(fresh(confirmed).chosen.end_at + dt.timedelta(days=2), tick=False):
        assert words(browser(seeker).get(path)) == ""
    Property.objects.filter(pk=listing.pk).update(status="hold_for_review")
    assert words(browser(seeker).get(path)) == ""
    closing.cancel_viewing(viewing=confirmed, by=poster)
    assert words(browser(seeker).get(path)) == ""


def test_it_is_for_whoever_goes_there(browser, path, poster, admin):
    for reader in (poster, admin):
        assert HEADING not in browser(reader).get(path).text
