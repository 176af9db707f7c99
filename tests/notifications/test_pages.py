"""The list of notifications and the bell."""

import datetime as dt

import pytest

from ghar.lib import clock
from ghar.notifications.models import ChannelPreference, Device
from tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client, seeker):
    client.force_login(seeker)
    return client


def test_an_empty_list_says_why(browser):
    assert b"Nothing new" in browser.get("/notifications/").content


def test_opening_a_line_marks_it_read_and_goes_there(browser, seeker):
    line = NotificationFactory(user=seeker, route="/settings/")
    response = browser.post(f"/notifications/{line.pk}/open/")
    assert response["Location"] == "/settings/"
    line.refresh_from_db()
    assert line.is_read


def test_a_line_never_leads_off_the_site(browser, seeker):
    line = NotificationFactory(user=seeker, route="https://evil.example/")
    response = browser.post(f"/notifications/{line.pk}/open/")
    assert response["Location"] == "/notifications/"


def test_a_line_of_somebody_else_is_not_found(browser, outsider):
    line = NotificationFactory(user=outsider)
    assert browser.post(f"/notifications/{line.pk}/open/").status_code == 404


def test_all_are_read_at_once(browser, seeker):
    line = NotificationFactory(user=seeker)
    browser.post("/notifications/read/")
    line.refresh_from_db()
    assert line.is_read


def test_the_bell_counts_what_is_new(browser, seeker):
    NotificationFactory(user=seeker)
    NotificationFactory(user=seeker, is_read=True)
    NotificationFactory(user=seeker, visible_at=clock.now() + dt.timedelta(minutes=1))
    assert (
        b'<span class="count" aria-hidden="true">1</span>'
        in browser.get("/notifications/bell/").content
    )


def test_long_lists_go_on(browser, seeker):
    for _ in range(21):
        NotificationFactory(user=seeker)
    first = browser.get("/notifications/")
    assert len(first.context["page"].rows) == 20
    rest = browser.get(f"/notifications/?cursor={first.context['page'].next_cursor}")
    assert len(rest.context["page"].rows) == 1


@pytest.mark.parametrize("query", ["cursor=nonsense", "limit=1000"])
def test_a_made_up_place_in_the_list_leads_to_its_beginning(browser, query):
    assert browser.get(f"/notifications/?{query}")["Location"] == "/notifications/"


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(
    browser, seeker, count, django_assert_num_queries
):
    for _ in range(count):
        NotificationFactory(user=seeker)
    browser.get("/notifications/")
    with django_assert_num_queries(4):
        browser.get("/notifications/")


def test_channels_are_chosen_without_javascript(browser, seeker):
    page = browser.get("/notifications/channels/")
    assert list(page.context["form"].fields) == [
        "email-messages",
        "email-viewings",
        "email-moderation",
        "email-marketing",
    ]
    assert browser.post("/notifications/channels/", {}).status_code == 302
    assert not ChannelPreference.objects.filter(is_opted_in=True).exists()


def test_lines_stand_under_the_days_of_the_readers_zone(browser, seeker, time_machine):
    time_machine.move_to(dt.datetime(2026, 5, 8, 20, tzinfo=dt.UTC), tick=False)
    seeker.timezone = "Asia/Kolkata"  # there it is the ninth already
    seeker.save()
    for hours in (0, 2, 10, 60):
        NotificationFactory(user=seeker, visible_at=clock.now() - dt.timedelta(hours=hours))
    days = browser.get("/notifications/").context["days"]
    assert [(name, len(lines)) for _day, name, lines in days] == [
        ("Today", 1),
        ("Yesterday", 2),
        ("Wednesday 6 May", 1),
    ]


def test_there_is_nothing_to_mark_once_all_is_read(browser, seeker):
    NotificationFactory(user=seeker)
    assert b"Mark all as read" in browser.get("/notifications/").content
    browser.post("/notifications/read/")
    assert b"Mark all as read" not in browser.get("/notifications/").content


def test_the_page_says_what_is_missing_for_each_connected_channel(browser, settings):
    settings.CHANNELS, settings.APPRISE_URLS = ["email"], {"sms": "json://127.0.0.1/{address}"}
    form = browser.get("/notifications/channels/").context["form"]
    assert [str(name) for name, _boxes in form.groups] == ["E-mail"]
    assert [(str(name), str(words)) for name, words in form.missing] == [
        ("Text message", "Verify a phone number, and we can reach you there.")
    ]


def test_a_browser_that_was_allowed_has_its_choices(browser, seeker, settings):
    settings.VAPID_PRIVATE_KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"
    assert b"data-push=" in browser.get("/notifications/channels/").content
    Device.objects.create(user=seeker, platform="web", token="{}")
    browser.post("/notifications/channels/", {"web_push-messages": "on"})
    choice = ChannelPreference.objects.get(is_opted_in=True)
    assert (choice.channel, choice.purpose) == ("web_push", "messages")


def test_without_a_key_there_is_no_button(browser):
    page = browser.get("/notifications/channels/").content
    assert b"data-push" not in page
    assert b"push.js" not in page
