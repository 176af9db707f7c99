"""Around the agreed time either side says in two touches that it will be late."""

import datetime as dt

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
import pytest
import time_machine

from ghar import flags
from ghar.errors import RateLimited
from ghar.lib import clock
from ghar.models import Flag
from ghar.notifications.models import Notification
from ghar.properties.models import Property
from tests.factories import SeekerSessionFactory
from tests.viewings.actions import ZONE, ask, confirm_first, fresh
from viewings.models import ViewingRequest
from viewings.services.links import link_path
from viewings.services.messages import tell_running_late
from viewings.services.telling import say_time
from viewings.states import EventType

pytestmark = pytest.mark.django_db

HEADING = "I will be late"
MINUTE = dt.timedelta(minutes=1)


def near(viewing: ViewingRequest, before: dt.timedelta = 30 * MINUTE):
    """So long before the agreed start; the time itself does not pass."""
    return time_machine.travel(fresh(viewing).chosen.start_at - before, tick=False)


def say_late(client, path: str, minutes: object = 20, **headers: str):
    return client.post(f"{path}running_late/", {"minutes": minutes}, headers=headers)


def told(viewing: ViewingRequest) -> list[dict]:
    return [e.payload for e in viewing.events.all() if e.event_type == EventType.NOTIFIED]


def last_line(principal) -> Notification:
    return Notification.objects.of(principal).order_by("id").last()


@pytest.fixture
def path(confirmed):
    return confirmed.get_absolute_url()


@pytest.fixture
def sought(listing, seeker_session, poster) -> ViewingRequest:
    """Agreed with a seeker who has no account."""
    return confirm_first(ask(listing, seeker_session), poster)


# --- telling ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("writer", "reader", "to", "words"),
    [
        ("seeker", "poster", "poster", "The visitor will be about 20 minutes late"),
        ("poster", "seeker", "seeker", "The host will be about 20 minutes late"),
    ],
)
def test_either_side_tells_the_other(request, browser, confirmed, path, writer, reader, to, words):
    writer, reader = (request.getfixturevalue(name) for name in (writer, reader))
    client = browser(writer)
    with near(confirmed):
        assert HEADING in client.get(path).text
        response = say_late(client, path)
        assert (response.status_code, response["Location"]) == (302, path)
        page = client.get(path).text
        assert words in browser(reader).get(path).text
    assert words in page
    assert "The other side knows that you will be late." in page
    assert told(confirmed) == [{"to": to, "late_minutes": 20}]
    line = last_line(reader)
    assert (line.type, line.title, line.route) == ("new_message", words, path)
    assert confirmed.listing.title in line.body


@pytest.mark.parametrize("way", ["the page", "the private link"])
def test_a_seeker_without_an_account_tells_the_host(browser, sought, seeker_session, poster, way):
    with near(sought):
        if way == "the page":
            client, path = browser(seeker_session), sought.get_absolute_url()
        else:
            client, path = browser(), link_path(sought, now=clock.now())
        assert HEADING in client.get(path).text
        assert say_late(client, path, 10)["Location"] == path
    assert told(sought) == [{"to": "poster", "late_minutes": 10}]
    assert last_line(poster).title == "The visitor will be about 10 minutes late"


def test_a_seeker_without_an_account_is_led_to_their_link(browser, sought, seeker_session, poster):
    with near(sought):
        say_late(browser(poster), sought.get_absolute_url(), 30)
        line = last_line(seeker_session)
        assert line.title == "The host will be about 30 minutes late"
        assert line.title in browser().get(line.route).text


def test_the_console_and_an_old_link_name_it_as_what_it_is(browser, admin, sought, poster):
    words = "The host will be about 30 minutes late"
    with near(sought):
        old = link_path(sought, now=clock.now() - dt.timedelta(hours=1))
        say_late(browser(poster), sought.get_absolute_url(), 30)
        console = reverse("admin:viewings_viewingrequest_change", args=[sought.pk])
        pages = [browser(admin).get(console).text, browser().get(old).text]
    assert [words in page for page in pages] == [True, True]
    assert ["Message sent" in page for page in pages] == [False, False]


def test_the_line_is_in_the_language_of_its_reader(browser, confirmed, path, poster):
    poster.language = "fr"
    poster.save()
    with near(confirmed):
        say_late(browser(confirmed.seeker), path)
        page = browser(poster).get(path, headers={"accept-language": "fr"}).text
    with translation.override("fr"):
        title = gettext("The visitor will be about %(minutes)s minutes late") % {"minutes": 20}
        time = str(say_time(fresh(confirmed).chosen.start_at, ZONE))
    assert last_line(poster).title == title
    assert time in last_line(poster).body
    assert title in page


def test_a_button_pressed_twice_tells_nobody_twice(browser, confirmed, path, seeker, poster):
    client = browser(seeker)
    with near(confirmed):
        say_late(client, path, 20)
        lines = Notification.objects.of(poster).count()
        assert say_late(client, path, 20).status_code == 302
        assert Notification.objects.of(poster).count() == lines
        say_late(client, path, 30)
    assert [payload["late_minutes"] for payload in told(confirmed)] == [20, 30]


def test_nobody_says_it_more_than_three_times_an_hour(confirmed, seeker, poster):
    with near(confirmed):
        for minutes in (10, 20, 30):
            tell_running_late(viewing=confirmed, minutes=minutes, by=seeker)
        with pytest.raises(RateLimited):
            tell_running_late(viewing=confirmed, minutes=10, by=seeker)
        tell_running_late(viewing=confirmed, minutes=10, by=poster)  # who has said nothing yet
    assert [payload["late_minutes"] for payload in told(confirmed)] == [10, 20, 30, 10]


def test_it_counts_as_a_message(browser, confirmed, path, seeker, settings):
    settings.LIMITS = settings.LIMITS | {"messages": (1, 60, "account")}
    client = browser(seeker)
    with near(confirmed):
        client.post(f"{path}notify/", {"to": "poster", "message": "On my way"})
        response = say_late(client, path)
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert told(confirmed) == [{"to": "poster", "channel": "in_app"}]


# --- when -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "is_time"),
    [
        (121 * MINUTE, False),
        (120 * MINUTE, True),
        (-29 * MINUTE, True),
        (-30 * MINUTE, False),
    ],
)
def test_from_two_hours_before_the_start_until_the_end(
    browser, confirmed, path, seeker, before, is_time
):
    client = browser(seeker)
    with near(confirmed, before):
        assert (HEADING in client.get(path).text) == is_time
        assert say_late(client, path).status_code == (302 if is_time else 409)
    assert len(told(confirmed)) == is_time


def test_a_time_that_nobody_confirmed_has_none(browser, viewing, seeker):
    client, path = browser(seeker), viewing.get_absolute_url()
    with time_machine.travel(viewing.options.first().start_at - 30 * MINUTE, tick=False):
        assert HEADING not in client.get(path).text
        assert say_late(client, path).status_code == 409


def test_a_cancelled_viewing_has_none(browser, confirmed, path, seeker):
    client = browser(seeker)
    with near(confirmed):
        client.post(f"{path}cancel/")
        assert HEADING not in client.get(path).text
        assert say_late(client, path).status_code == 409


def test_a_viewing_on_hold_has_none(browser, confirmed, path, seeker):
    Property.objects.filter(pk=confirmed.listing_id).update(status="hold_for_review")
    client = browser(seeker)
    with near(confirmed):
        assert HEADING not in client.get(path).text
        response = say_late(client, path)
    assert response.status_code == 409
    assert "This listing is not available at the moment." in response.text


def test_switched_off_there_is_none(browser, confirmed, path, seeker):
    Flag.objects.update_or_create(name=flags.VIEWINGS, defaults={"is_on": False})
    flags.forget()
    client = browser(seeker)
    with near(confirmed):
        assert HEADING not in client.get(path).text
        assert say_late(client, path).status_code == 503


# --- what and who -----------------------------------------------------------------------------------
@pytest.mark.parametrize("minutes", ["", "0", "15", "-10", "ten", "1000000"])
def test_other_minutes_keep_the_form(browser, confirmed, path, seeker, minutes):
    with near(confirmed):
        response = say_late(browser(seeker), path, minutes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["minutes"]
    assert HEADING in response.text
    assert told(confirmed) == []


def test_somebody_elses_is_not_found(browser, confirmed, path, outsider):
    with near(confirmed):
        for stranger in (outsider, SeekerSessionFactory()):
            assert say_late(browser(stranger), path).status_code == 404
    assert told(confirmed) == []


def test_the_team_meets_nobody(browser, confirmed, path, admin):
    client = browser(admin)
    with near(confirmed):
        assert HEADING not in client.get(path).text
        assert say_late(client, path).status_code == 403
    assert told(confirmed) == []
