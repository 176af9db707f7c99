"""A tour in two browsers at once, and in one that runs no scripts."""

from collections.abc import Callable
import datetime as dt
import time

from playwright.sync_api import Page, expect
import pytest

from ghar.accounts.models import User
from ghar.lib import clock
from tests.browser.test_journey import LIVE, sign_in
from tests.factories import LiveListingFactory
from tests.visits.actions import tour
from tests.visits.agents import an_agent
from visits.models import Visit
from visits.services.scheduling import edit_visit

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def choose_time(page: Page, *, days: int, hour: str) -> None:
    """Of the suggested ones: the day is opened if it is not, and the time chosen."""
    day = page.locator(".times__day", has_text=day_words(days))
    if day.get_attribute("open") is None:
        day.locator("summary").click()
    day.locator(f"input[data-said$=', {hour}']").check()


def day_words(days: int) -> str:
    """As the page says it, in Kigali: two hours ahead of UTC."""
    day = clock.now() + dt.timedelta(days=days, hours=2)
    return f"{day:%A} {day.day} {day:%B}"


def test_a_reschedule_is_seen_live_by_the_other_side(
    new_page: Callable[..., Page], seeker: User, poster: User
) -> None:
    listing = LiveListingFactory(owner=poster)
    visitor = new_page(viewport=PHONE)
    sign_in(visitor, seeker)
    visitor.goto(listing.get_absolute_url())
    visitor.get_by_role("link", name="Book a tour").click()
    choose_time(visitor, days=3, hour="10:00")
    expect(visitor.locator("[data-said-here]")).to_contain_text("10:00")
    visitor.get_by_role("button", name="Book the tour").click()
    expect(visitor.locator(".next-step")).to_contain_text("answers next")

    host = new_page()
    sign_in(host, poster)
    host.goto(Visit.objects.get().get_absolute_url())
    host.get_by_role("button", name="Confirm this time").click()
    expect(visitor.locator(".next-step")).to_contain_text("It is agreed", timeout=LIVE)

    # What one is about to send survives what the other does meanwhile.
    visitor.get_by_text("What they should know").click()
    visitor.get_by_label("What should we know?").fill("I come by bicycle")
    visitor.get_by_role("heading", level=1).click()
    host.get_by_text("Propose another time").click()
    choose_time(host, days=4, hour="16:00")
    host.get_by_role("button", name="Propose this time").click()
    started = time.monotonic()
    expect(visitor.locator(".next-step")).to_contain_text("A new time is proposed", timeout=LIVE)
    assert time.monotonic() - started < LIVE / 1000
    expect(visitor.locator(".next-step")).to_contain_text("16:00")
    expect(visitor.get_by_label("What should we know?")).to_have_value("I come by bicycle")
    expect(visitor.get_by_label("What should we know?")).to_be_visible()
    visitor.get_by_role("button", name="Confirm this time").click()
    expect(host.locator(".next-step")).to_contain_text("It is agreed", timeout=LIVE)
    assert Visit.objects.get().is_confirmed


def test_typing_a_time_takes_back_the_suggested_one(
    new_page: Callable[..., Page], seeker: User, poster: User
) -> None:
    page = new_page()
    sign_in(page, seeker)
    page.goto(f"/rooms/{LiveListingFactory(owner=poster).pk}/visit/new")
    choose_time(page, days=3, hour="10:00")
    page.get_by_text("Another day or time").click()
    day = (clock.now() + dt.timedelta(days=9)).date().isoformat()
    page.get_by_label("Day", exact=True).fill(day)
    page.get_by_label("Time of day").fill("15:15")
    expect(page.locator("[data-said-here]")).to_contain_text("15:15")
    page.get_by_role("button", name="Book the tour").click()
    expect(page.locator(".next-step")).to_contain_text("15:15")


def test_a_tour_is_booked_and_moved_without_scripts(
    new_page: Callable[..., Page], seeker: User, poster: User
) -> None:
    listing = LiveListingFactory(owner=poster)
    page = new_page(java_script_enabled=False, viewport=PHONE)
    sign_in(page, seeker)
    page.goto(f"/rooms/{listing.pk}/visit/new")
    page.get_by_label("What should we know?").fill("No stairs")
    page.get_by_role("button", name="Book the tour").click()
    expect(page.get_by_role("alert")).to_contain_text("Please choose a time")
    expect(page.get_by_label("What should we know?")).to_have_value("No stairs")
    choose_time(page, days=3, hour="10:00")
    page.get_by_role("button", name="Book the tour").click()
    expect(page.locator(".next-step")).to_contain_text("answers next")

    page.get_by_text("Propose another time").click()
    choose_time(page, days=5, hour="12:30")
    page.get_by_role("button", name="Propose this time").click()
    expect(page.locator(".next-step")).to_contain_text("12:30")
    page.goto("/visits/")
    expect(page.locator("article")).to_contain_text("12:30")
    page.get_by_role("link", name="Month").click()
    expect(page.locator("table.month")).to_be_visible()


def test_words_that_came_while_one_wrote_are_not_written_over(
    new_page: Callable[..., Page], seeker: User, poster: User, agent: User
) -> None:
    an_agent("Agnes", user=agent)
    visit = tour(LiveListingFactory(owner=poster), seeker)
    host = new_page()
    sign_in(host, poster)
    host.goto(visit.get_absolute_url())
    host.locator("summary", has_text="Notes").click()
    host.get_by_label("Notes").fill("The dog is kind")
    host.get_by_role("heading", level=1).click()
    edit_visit(visit=visit, changes={"visit_notes": "The bell is broken"}, by=agent)
    expect(host.locator(".facts")).to_contain_text("The bell is broken", timeout=LIVE)
    expect(host.get_by_label("Notes")).to_have_value("The dog is kind")
    host.get_by_role("button", name="Save").click()
    expect(host.get_by_text("Somebody else has changed this meanwhile.")).to_be_visible()
    visit.refresh_from_db()
    assert visit.visit_notes == "The bell is broken"


def test_what_is_wrong_in_a_form_is_still_said_when_the_page_refreshes_itself(
    new_page: Callable[..., Page], seeker: User, poster: User, agent: User
) -> None:
    an_agent("Agnes", user=agent)
    visit = tour(LiveListingFactory(owner=poster), seeker)
    host = new_page()
    sign_in(host, poster)
    host.goto(visit.get_absolute_url())
    host.locator("summary", has_text="Notes").click()
    host.get_by_label("Get in touch again").check()
    host.get_by_role("button", name="Save").click()
    expect(host.get_by_role("alert")).to_contain_text("Please say on which day.")
    edit_visit(visit=visit, changes={"visit_notes": "The bell is broken"}, by=agent)
    expect(host.locator(".facts")).to_contain_text("The bell is broken", timeout=LIVE)
    expect(host.get_by_role("alert")).to_contain_text("Please say on which day.")
