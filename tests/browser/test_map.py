"""The map of areas by the pointer, and its list without scripts."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
import pytest

from tests.factories import LiveListingFactory

pytestmark = pytest.mark.browser
TELEPHONE = {"width": 320, "height": 640}


@pytest.fixture
def places(transactional_db: None) -> None:
    for city, locality in [("Kigali", "Remera"), ("Kigali", "Gisozi"), ("Gurugram", "Sector 45")]:
        LiveListingFactory(city=city, locality=locality, latitude=None, longitude=None)


def test_a_mark_on_the_map_opens_its_area(places: None, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=TELEPHONE)
    page.goto("/rooms/map/")
    marks = page.locator(".map__mark")
    expect(marks).to_have_count(2)
    marks.filter(has_text="Kigali").click()
    page.wait_for_url("**area=*")
    expect(marks).to_have_count(2)
    expect(page.locator(".card__link")).to_have_count(2)
    page.locator(".areas").get_by_role("link", name="Gisozi").focus()
    expect(page.locator(".map__mark--near")).to_have_text("1 Gisozi")
    page.get_by_role("button", name="Zoom in").click()
    assert page.evaluate("document.documentElement.scrollWidth") == TELEPHONE["width"]


def test_names_give_way_to_numbers_where_they_would_hide_each_other(
    transactional_db: None, new_page: Callable[..., Page]
) -> None:
    for longitude in (30.06, 30.071, 30.148):
        LiveListingFactory(locality="Gisozi", longitude=longitude)
    page = new_page()
    page.goto("/rooms/map/")
    names = page.locator(".map__mark span span").filter(visible=True)
    expect(page.locator(".map__mark")).to_have_count(3)
    expect(names).to_have_count(0)
    page.locator(".area__link").first.focus()
    expect(names).to_have_count(1)
    page.get_by_role("heading", name="Areas").click()
    for _ in range(2):
        page.get_by_role("button", name="Zoom in").click()
        page.wait_for_timeout(400)  # as long as the zoom takes
    expect(page.locator(".map--crowded")).to_have_count(0)


def test_without_scripts_the_areas_are_a_list(places: None, new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/rooms/map/")
    expect(page.locator("place-map")).not_to_be_visible()
    page.get_by_role("link", name="Kigali").click()
    page.locator(".areas").get_by_role("link", name="Remera").click()
    expect(page.locator(".card__link")).to_have_count(1)
