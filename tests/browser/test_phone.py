"""What a phone shows, measured: sizes and places that no text of a page tells."""

import pytest

from tests.browser.pages import sign_in
from tests.factories import LiveListingFactory
from tests.flatmates.people import match_of, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 360, "height": 640}}


def test_a_phone_has_large_icons_and_the_keyboard_goes_on_after_show_more(new_page):
    LiveListingFactory.create_batch(3)
    page = new_page("/rooms/?limit=2", **PHONE)
    icons = page.locator(".bottom-nav .icon").all()
    assert {icon.bounding_box()["width"] for icon in icons} == {24}
    page.locator("#results .more a").press("Enter")
    page.locator("#results > li:nth-child(3) .card__link:focus").wait_for()
    assert page.locator("#live-status").text_content() == "1 more place"


def test_the_field_to_write_in_stands_above_the_bottom_bar(new_page):
    asha, mira = person(), person()
    chat = match_of(asha, mira).conversation
    page = new_page(**PHONE)
    sign_in(page, asha)
    page.goto(f"/chats/{chat.pk}/")
    page.evaluate(
        "document.querySelector('[data-messages]').append("
        "...Array.from({length: 30}, () => Object.assign(document.createElement('li'), {textContent: 'Hello'})))"
    )
    field, bar = page.locator(".composer__form"), page.locator(".bottom-nav")
    below = field.bounding_box()["y"] + field.bounding_box()["height"]
    assert below <= bar.bounding_box()["y"]
