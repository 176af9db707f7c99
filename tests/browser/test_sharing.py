"""What leaves the page of a viewing for a friend, by a script and without one."""

import pytest

from ghar.lib import clock
from tests.factories import LiveListingFactory, SeekerSessionFactory
from tests.viewings.actions import ask, confirm_first
from viewings.services.links import link_path

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHEET = "navigator.share = async (data) => { window.shared = data; }"


@pytest.fixture
def link(poster) -> str:
    """The private link of a viewing that is agreed."""
    viewing = ask(LiveListingFactory(owner=poster), SeekerSessionFactory())
    return link_path(confirm_first(viewing, poster), now=clock.now())


def test_the_sheet_of_the_phone_gets_the_words_and_never_the_private_link(new_page, link):
    page = new_page(viewport={"width": 320, "height": 640})
    page.add_init_script(SHEET)
    page.goto(link)
    page.get_by_role("button", name="Share with a friend").click()
    shared = page.evaluate("window.shared")
    assert list(shared) == ["text"]
    assert shared["text"].startswith("I am going to see a place: ")
    assert "/v/" not in shared["text"]
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_without_scripts_a_message_with_the_words_is_one_tap_away(new_page, link):
    page = new_page(link, java_script_enabled=False)
    assert page.get_by_role("button", name="Share with a friend").is_hidden()
    for way in ("By text message", "By e-mail"):
        assert "I%20am%20going" in page.get_by_role("link", name=way).get_attribute("href")
