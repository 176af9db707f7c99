"""Two people find each other in two browsers; the deck by keyboard alone, and without scripts."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect
import pytest

from ghar.accounts.models import User
from tests.browser.pages import LIVE, sign_in
from tests.factories import ProfileFactory
from tests.flatmates.pairs import matched

pytestmark = pytest.mark.browser

ANSWERS = ("On Sundays", "In the kitchen", "Quiet after ten")


@pytest.fixture
def people() -> list[User]:
    """Asha and Mira, who are shown to each other."""
    return [ProfileFactory(user__full_name=name).user for name in ("Asha Seeker", "Mira Host")]


def card_of(page: Page):
    return page.locator("[data-card]")


def find_each_other(one: Page, other: Page) -> None:
    """Both like each other on the deck; the second learns of the match at once."""
    for page in (one, other):
        page.goto("/people/")
    card_of(one).get_by_role("button", name="Like Mira").click()
    expect(card_of(one)).to_have_count(0)
    card_of(other).get_by_role("button", name="Like Asha").click()
    expect(other.locator(".deck__match")).to_contain_text("It is a match")


def answer_questions(page: Page) -> None:
    for field, answer in zip(page.locator(".questions textarea").all(), ANSWERS, strict=True):
        field.fill(answer)
    page.locator(".questions").get_by_role("button", name="Answer").click()


def test_two_people_meet_in_two_browsers(new_page: Callable[..., Page], people: list[User]) -> None:
    asha, mira = new_page(), new_page(viewport={"width": 360, "height": 740})
    sign_in(asha, people[0])
    sign_in(mira, people[1])
    find_each_other(asha, mira)

    mira.get_by_role("link", name="Say hello").click()
    asha.goto("/chats/")
    asha.get_by_role("main").get_by_role("link", name="Mira").first.click()
    mira.get_by_label("Your message").fill("Hello Asha, the room faces the garden.")
    mira.get_by_role("button", name="Send").click()
    expect(asha.locator("[data-messages]")).to_contain_text("faces the garden", timeout=LIVE)

    answer_questions(mira)
    expect(asha.locator(".questions")).to_contain_text("has answered. Answer too", timeout=LIVE)
    expect(asha.locator(".questions")).not_to_contain_text(ANSWERS[0])
    answer_questions(asha)
    expect(mira.locator(".questions dd").first).to_contain_text(ANSWERS[0], timeout=LIVE)

    asha.get_by_role("button", name="Block").click()
    asha.get_by_role("dialog").get_by_role("button", name="Block").click()
    expect(mira.locator("[data-composer]")).to_contain_text("closed", timeout=LIVE)


@pytest.mark.parametrize("trouble", ["the line drops", "the site is busy"])
def test_a_message_comes_although_the_first_looks_fail(
    new_page: Callable[..., Page], people: list[User], trouble: str
) -> None:
    """By itself, and so do those after it: nobody has to load the page anew."""
    path = matched(*people).get_absolute_url()
    asha, mira = new_page(), new_page()
    for page, person in zip((asha, mira), people, strict=True):
        sign_in(page, person)
        page.goto(path)
    expect(asha.locator("body[data-stream=live]")).to_have_count(1)
    failed = []

    def fail_at_first(route: Route) -> None:
        """As often as the events of one message make it look, and once more."""
        if len(failed) == 3:
            route.fallback()
            return
        failed.append(trouble)
        if trouble == "the line drops":
            route.abort()
        else:
            route.fulfill(status=503)

    asha.route("**/chats/*/?after=*", fail_at_first)
    for words in ("The room faces the garden.", "It is free from May."):
        mira.get_by_label("Your message").fill(words)
        mira.get_by_role("button", name="Send").click()
        expect(asha.locator("[data-messages]")).to_contain_text(words, timeout=LIVE)
    assert failed == [trouble] * 3


def test_the_deck_by_the_keyboard_alone(new_page: Callable[..., Page], people: list[User]) -> None:
    ProfileFactory(user__full_name="Uma Third")
    page = new_page()
    sign_in(page, people[0])
    page.goto("/people/")
    first = card_of(page).locator("h2").inner_text()
    card_of(page).get_by_role("button", name="Like", exact=False).first.focus()
    page.keyboard.press("ArrowLeft")
    expect(card_of(page).locator("h2")).not_to_have_text(first)
    # The next card has the focus, and its name is read out.
    expect(card_of(page)).to_be_focused()
    expect(page.locator("#live-status")).to_contain_text(card_of(page).locator("a").inner_text())
    page.keyboard.press("z")
    expect(card_of(page).locator("h2")).to_have_text(first)


def test_the_deck_and_a_chat_without_scripts(
    new_page: Callable[..., Page], people: list[User]
) -> None:
    asha, mira = new_page(java_script_enabled=False), new_page(java_script_enabled=False)
    sign_in(asha, people[0])
    sign_in(mira, people[1])
    find_each_other(asha, mira)
    mira.get_by_role("link", name="Say hello").click()
    mira.get_by_label("Your message").fill("Hello Asha, the room faces the garden.")
    mira.get_by_role("button", name="Send").click()
    expect(mira.locator("[data-messages]")).to_contain_text("faces the garden")
    asha.goto("/chats/")
    asha.get_by_role("main").get_by_role("link", name="Mira").first.click()
    expect(asha.locator("[data-messages]")).to_contain_text("faces the garden")
