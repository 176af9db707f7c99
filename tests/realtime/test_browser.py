"""stream.js in a real browser: one stream for all tabs, and elements that fetch themselves anew."""

from collections.abc import Callable, Iterator
import shutil
import uuid

from django.db import connections
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
import pytest

from ghar.accounts.models import User
from tests.realtime.clients import StreamProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Tell = Callable[..., uuid.UUID]


@pytest.fixture
def site(seeker: User) -> Iterator[StreamProcess]:
    process = StreamProcess(module="tests.realtime.pages", words=[str(seeker.pk)])
    yield process
    process.kill()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[BrowserContext]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    # Playwright runs a loop in this thread, beside which Django would refuse the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched.new_context()
        launched.close()
        connections.close_all()


def open_page(browser: BrowserContext, site: StreamProcess) -> Page:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{site.port}/")
    return page


def open_leader(browser: BrowserContext, site: StreamProcess) -> Page:
    """The first tab, which holds the stream and has fetched once because it knew no place."""
    page = open_page(browser, site)
    expect(page.locator("section")).to_have_text("fetched 1")
    return page


def test_eight_tabs_share_one_stream_and_all_show_the_change(
    browser: BrowserContext, site: StreamProcess, seeker: User, tell: Tell
) -> None:
    leader = open_leader(browser, site)
    followers = [open_page(browser, site) for _ in range(7)]
    tell(seeker)
    for page in followers:
        expect(page.locator("section")).not_to_have_text("first", timeout=1500)
        expect(page.locator("#live-status")).to_have_text("It has changed")
    streams = leader.request.get(f"http://127.0.0.1:{site.port}/most-streams")
    assert streams.text() == "1"


def test_what_somebody_is_typing_is_not_replaced(
    browser: BrowserContext, site: StreamProcess, seeker: User, tell: Tell
) -> None:
    page = open_leader(browser, site)
    page.locator("#note").fill("half a sentence")
    tell(seeker)
    expect(page.locator("section")).to_have_text("fetched 2")
    expect(page.locator("#note")).to_have_value("half a sentence")
    page.locator("#note").blur()
    expect(page.locator("#note")).to_have_value("")


def test_another_tab_takes_the_stream_over_and_goes_on_where_it_stood(
    browser: BrowserContext, site: StreamProcess, seeker: User, tell: Tell
) -> None:
    leader, follower = open_leader(browser, site), open_page(browser, site)
    tell(seeker)
    expect(follower.locator("section")).not_to_have_text("first")
    before = follower.locator("section").text_content() or ""
    leader.close()
    tell(seeker)
    expect(follower.locator("section")).not_to_have_text(before)


@pytest.mark.faults
def test_the_page_catches_up_after_its_server_was_killed(
    browser: BrowserContext, site: StreamProcess, seeker: User, tell: Tell
) -> None:
    page = open_leader(browser, site)
    tell(seeker)
    expect(page.locator("section")).to_have_text("fetched 2")
    site.kill()
    tell(seeker)
    site.start()
    # The new process counts its fetches from one.
    expect(page.locator("section")).to_have_text("fetched 1", timeout=10_000)
