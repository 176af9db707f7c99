"""The form with which somebody asks for a viewing: what it wants to know, and what it says."""

import datetime as dt

import pytest

from ghar.accounts.models import SeekerSession
from tests.factories import LiveListingFactory
from tests.viewings.actions import at
from viewings.models import ViewingRequest
from viewings.services import requests

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(listing):
    return f"/rooms/{listing.pk}/viewing/new"


def row(number, time):
    """One row of the form: the wall clock of Kigali."""
    local = time.start_at + dt.timedelta(hours=2)
    return {f"day_{number}": f"{local:%Y-%m-%d}", f"start_{number}": f"{local:%H:%M}"}


def complaints(response):
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


def test_one_tap_sends_no_empty_request(browser, url):
    visitor = browser()
    page = visitor.get(url).text
    first = page.split('for="id_end_1"')[0]
    assert "(optional)" not in first.split('for="id_day_1"')[1]
    refused = visitor.post(url, {})
    assert refused.status_code == 422
    assert complaints(refused) == {
        "day_1": ["Please propose at least one time, or let the host propose one."]
    }
    assert not ViewingRequest.objects.exists()


def test_who_has_no_time_says_so_and_the_host_proposes(browser, url, seeker, poster):
    visitor, host = browser(seeker), browser(poster)
    path = visitor.post(url, {"no_time": "on"})["Location"]
    asked = visitor.get(path).text
    assert "Times proposed" not in asked
    assert ">Asked</span>" in asked
    assert "The host proposes times next" in asked
    waiting = host.get(path).text
    assert "leaves the time to you" in waiting
    assert '<details class="panel" open>' in waiting
    assert ">Asked</span>" in host.get("/host/viewings/").text
    assert ViewingRequest.objects.get().status == "proposed"


def test_each_wrong_time_is_marked_in_its_row_and_the_contact_in_the_same_round(browser, url):
    form = row(1, at(3, 10)) | row(2, at(-1, 10)) | row(4, at(900, 10)) | {"contact": "nonsense"}
    response = browser().post(url, form)
    assert response.status_code == 422
    assert complaints(response) == {
        "day_2": ["This time has passed."],
        "day_4": ["This is too far ahead."],
        "contact": ["Please give an e-mail address, or a phone number that begins with +."],
    }
    summary = response.text.split("error-summary")[1].split("</ul>")[0]
    assert '<a href="#id_day_2">Time 2, day: This time has passed.</a>' in summary


@pytest.mark.parametrize(
    ("of_browser", "kept", "told"),
    [("Europe/Paris", "Europe/Paris", True), ("", "Africa/Kigali", False)],
)
def test_a_visitor_without_an_account_reads_their_own_time_too(
    browser, url, of_browser, kept, told
):
    visitor = browser()
    assert "data-timezone" in visitor.get(url).text
    path = visitor.post(url, row(1, at(3, 10)) | {"timezone": of_browser})["Location"]
    assert SeekerSession.objects.get().timezone == kept
    assert ("when__reader" in visitor.get(path).text) == told


def test_a_guess_is_not_told_as_theirs_and_gives_way_to_what_the_browser_says(browser, url, poster):
    visitor = browser()
    visitor.post(url, row(1, at(3, 10)))
    there = {"city": "Delhi", "timezone": "Asia/Kolkata"}
    delhi = f"/rooms/{LiveListingFactory(owner=poster, **there).pk}/viewing/new"
    path = visitor.post(delhi, row(1, at(4, 10)))["Location"]
    assert "when__reader" not in visitor.get(path).text
    third = f"/rooms/{LiveListingFactory(owner=poster, **there).pk}/viewing/new"
    visitor.post(third, row(1, at(5, 10)) | {"timezone": "Europe/Paris"})
    assert SeekerSession.objects.get().timezone == "Europe/Paris"
    assert "when__reader" in visitor.get(path).text


def test_who_has_asked_already_is_led_to_that_request_before_filling_anything_in(
    browser, url, listing, seeker, outsider
):
    viewing = requests.create_request(listing=listing, by=seeker)
    page = browser(seeker).get(url)
    assert page.status_code == 409
    assert (
        f'<a class="button" href="{viewing.get_absolute_url()}">See your request</a>' in page.text
    )
    assert "Send the request" not in page.text
    assert browser(outsider).get(url).status_code == 200


def test_the_other_forms_of_times_mark_the_row_as_well(browser, listing, seeker, poster):
    viewing = requests.create_request(listing=listing, by=seeker)
    response = browser(poster).post(f"{viewing.get_absolute_url()}offer/", row(3, at(-1, 10)))
    assert response.status_code == 422
    assert complaints(response) == {"day_3": ["This time has passed."]}
