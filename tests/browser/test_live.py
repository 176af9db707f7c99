"""What refreshes itself on an open page."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect
import pytest

from ghar.accounts.models import User
from tests.browser.pages import LIVE, sign_in
from tests.factories import LiveListingFactory, PhotoFactory, PropertyFactory

pytestmark = pytest.mark.browser

# As if another tab had heard it on the stream.
HEAR_OF = """(id) => new BroadcastChannel("ghar-stream").postMessage({
  type: "listing_status_changed", data: { object_type: "property", object_id: id },
})"""


def test_a_change_that_comes_while_an_earlier_one_is_fetched_is_shown_too(
    new_page: Callable[..., Page], poster: User
) -> None:
    listing = LiveListingFactory(owner=poster)
    watching, acting = new_page(), new_page()
    for page in (watching, acting):
        sign_in(page, poster)
        page.goto(f"/host/{listing.pk}/")
    expect(watching.locator("body[data-stream=live]")).to_have_count(1)
    fetches = []

    def answer_late(route: Route) -> None:
        """The first with what was true before the listing was shown again, the next even later."""
        answer = route.fetch()
        fetches.append(answer.text())
        if len(fetches) == 1:
            acting.get_by_role("button", name="Show it again").click()
            expect(acting.locator(".pill").first).to_have_text("Live")
        acting.wait_for_timeout(1_000)  # the page that watches hears of it meanwhile
        route.fulfill(response=answer)

    watching.route("**/state/", answer_late)
    acting.get_by_role("button", name="Pause").click()
    expect(watching.locator(".pill").first).to_have_text("Paused", timeout=LIVE)
    expect(watching.locator(".pill").first).to_have_text("Live", timeout=LIVE)
    assert "Paused" in fetches[0]


def test_a_button_that_is_pressed_while_the_page_is_fetched_is_not_taken_away(
    new_page: Callable[..., Page], poster: User
) -> None:
    listing = LiveListingFactory(owner=poster)
    page = new_page()
    sign_in(page, poster)
    page.goto(f"/host/{listing.pk}/")
    expect(page.locator("body[data-stream=live]")).to_have_count(1)
    page.get_by_role("button", name="Pause").hover()
    page.mouse.down()
    page.evaluate(HEAR_OF, str(listing.pk))
    page.wait_for_timeout(1_000)  # what nobody presses is fetched and replaced by then
    page.mouse.up()
    expect(page.locator(".pill").first).to_have_text("Paused", timeout=LIVE)


def test_photos_that_come_while_the_grid_is_fetched_are_fetched_too(
    new_page: Callable[..., Page], poster: User
) -> None:
    listing = PropertyFactory(owner=poster)
    page = new_page()
    sign_in(page, poster)
    page.goto(f"/host/{listing.pk}/photos/")
    fetches = []

    def another_comes_first(route: Route) -> None:
        fetches.append(route.request.url)
        answer = route.fetch()
        if len(fetches) == 1:
            PhotoFactory(listing=listing)
            page.evaluate("document.dispatchEvent(new CustomEvent('photos-changed'))")
        route.fulfill(response=answer)

    page.route("**/photos/grid/", another_comes_first)
    page.evaluate("document.dispatchEvent(new CustomEvent('photos-changed'))")
    expect(page.locator("[data-photo]")).to_have_count(1, timeout=LIVE)
