"""From a host's empty page to an agreed viewing, in two browsers and the admin."""

from collections.abc import Callable
import datetime as dt
import time

from playwright.sync_api import Page, expect
import pytest

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.properties.models import Property
from tests.browser.pages import LIVE, SLOW, sign_in
from tests.moderation.pictures import as_jpeg, draw

pytestmark = pytest.mark.browser


def build_listing(page: Page) -> None:
    """Through the builder, one step after the other."""
    page.goto("/host/new/place/")
    page.get_by_label("Type").select_option("room")
    page.get_by_text("For rent").click()
    page.get_by_label("City").fill("Kigali")
    page.get_by_label("Locality").fill("Remera")
    page.get_by_label("Street address").fill("12 KG 11 Avenue")
    save_step(page)
    page.get_by_label("Bedrooms").fill("1")
    page.get_by_label("Bathrooms").fill("1")
    save_step(page)
    page.get_by_label("Price").fill("180000")
    page.get_by_label("Contact phone").fill("+250 788 123 456")
    save_step(page)
    page.get_by_label("Title").fill("Sunny room near the stadium")
    page.get_by_label("Description").fill(
        "A bright room with its own entrance, a desk by the window and a shared kitchen. "
        "The bus stops at the corner and the market is five minutes away."
    )
    save_step(page)


def save_step(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save and go on").click()


def upload_photos(page: Page) -> None:
    files = [
        {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": as_jpeg(draw(7000 + n))}
        for n in range(3)
    ]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".photo__picture img")).to_have_count(3, timeout=SLOW)


def approve_in_the_admin(page: Page) -> None:
    page.goto("/admin/moderation/case/")
    page.locator("#result_list tbody a").first.click()
    page.locator("button[name=decision][value=approve]").click()
    expect(page.locator(".messagelist")).to_contain_text("Decided")


def ask_for_viewing(page: Page) -> None:
    """As a seeker without an account, who finds it by searching."""
    page.goto("/rooms/?city=Kigali")
    page.get_by_role("link", name="Sunny room near the stadium").first.click()
    page.get_by_role("link", name="Ask for a viewing").first.click()
    day = (clock.now() + dt.timedelta(days=3)).date().isoformat()
    page.get_by_label("Day").first.fill(day)
    page.get_by_label("From").first.fill("10:00")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(".next-step")).to_contain_text("The host answers next")


def test_the_whole_journey(new_page: Callable[..., Page], poster: User, admin: User) -> None:
    host = new_page()
    sign_in(host, poster)
    build_listing(host)
    upload_photos(host)
    listing = Property.objects.get(owner=poster)
    host.goto(f"/host/{listing.pk}/")
    host.get_by_role("button", name="Send it for checking").click()
    # The check runs in the worker; the page hears of it by itself.
    expect(host.locator(".pill").first).to_have_text("In review", timeout=SLOW)

    moderator = new_page()
    sign_in(moderator, admin)
    approve_in_the_admin(moderator)
    expect(host.locator(".pill").first).to_have_text("Live", timeout=LIVE)

    seeker = new_page(viewport={"width": 360, "height": 740})
    ask_for_viewing(seeker)

    host.goto("/host/viewings/")
    host.get_by_role("link", name="Sunny room near the stadium").first.click()
    host.locator("input[name=time_option_id]").first.check()
    host.get_by_role("button", name="Confirm this time").click()
    started = time.monotonic()
    expect(seeker.locator(".next-step")).to_contain_text("It is agreed", timeout=LIVE)
    assert time.monotonic() - started < LIVE / 1000
