"""The calendar file that comes with an e-mail about an agreed viewing, for whoever acts too."""

from urllib.parse import urlsplit

import pytest

from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.notifications.services.lines import count_unread
from ghar.properties.models import Property
from ghar.realtime.models import Event
from tests.factories import SeekerSessionFactory
from tests.invitations import mails_to, methods, one_each, own_words, sent
from tests.viewings.actions import ask, at, confirm_first, fresh
from viewings.services import closing, messages, scheduling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_is_connected(settings):
    settings.CHANNELS = ["email"]


@pytest.fixture
def visitor(db):
    """A seeker without an account, who has proved an address."""
    return SeekerSessionFactory(
        contact_email="visitor@example.org", contact_verified_at=clock.now()
    )


@pytest.fixture
def auto(listing):
    """The listing on which a seeker's choice confirms itself."""
    Property.objects.filter(pk=listing.pk).update(viewing_confirmation="auto")
    return listing


def test_a_seeker_without_an_account_gets_it_and_its_end(browser, listing, poster, visitor):
    viewing = ask(listing, visitor)
    confirm_first(viewing, poster)
    [(method, event)] = mails_to(visitor)
    assert (method, event["attendee"]) == ("REQUEST", f"mailto:{visitor.contact_email}")
    # Who has no account cannot sign in: the entry leads to their private link.
    assert urlsplit(event["url"]).path.startswith("/v/")
    assert browser().get(urlsplit(event["url"]).path).status_code == 200
    closing.cancel_viewing(viewing=viewing, by=poster, reason="Let")
    [(method, gone)] = mails_to(visitor)
    assert (method, gone["uid"]) == ("CANCEL", event["uid"])


def test_whoever_confirms_gets_it_as_the_other_does(viewing, seeker, poster):
    sent()
    confirm_first(viewing, poster)
    assert methods() == one_each("REQUEST", seeker, poster)
    title, body = own_words(poster)
    assert title == f"You agreed on a time for {viewing.listing.title}"
    assert body.endswith("We will remind you a day and two hours before.")


def test_a_seeker_whose_choice_confirms_itself_gets_it(auto, viewing, seeker, poster):
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    sent()
    scheduling.select_time(viewing=viewing, option=viewing.options.last(), by=seeker)
    assert methods() == one_each("REQUEST", seeker, poster)


def test_so_does_one_without_an_account(auto, visitor, poster, web_api):
    viewing = ask(auto, visitor)
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    sent()
    url, option = f"/api/v1/viewings/{viewing.pk}", viewing.options.last()
    chosen = web_api(visitor).post(f"{url}/select", {"time_option_id": str(option.pk)})
    assert chosen.json()["status"] == "confirmed"
    assert methods() == one_each("REQUEST", visitor, poster)
    assert count_unread(visitor) == 1  # the offer
    assert web_api(visitor).post(f"{url}/cancel").status_code == 200
    assert methods() == one_each("CANCEL", visitor, poster)


def test_a_choice_that_waits_brings_nothing(viewing, seeker, poster):
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    sent()
    scheduling.select_time(viewing=viewing, option=viewing.options.last(), by=seeker)
    assert methods() == one_each(None, poster)


@pytest.mark.parametrize("side", ["seeker", "poster"])
def test_whoever_cancels_takes_it_out_of_their_own_calendar_too(confirmed, seeker, poster, side):
    sent()
    by = {"seeker": seeker, "poster": poster}[side]
    closing.cancel_viewing(viewing=confirmed, by=by)
    assert methods() == one_each("CANCEL", seeker, poster)
    assert own_words(by) == (
        f"You cancelled the viewing of {confirmed.listing.title}",
        "Everybody concerned has been told.",
    )


def test_an_agreed_time_is_cancelled_for_both_while_others_are_asked_for(confirmed, seeker, poster):
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(5, 10)], by=seeker)
    sent()
    closing.cancel_viewing(viewing=confirmed, by=seeker)
    assert methods() == one_each("CANCEL", seeker, poster)


def test_what_is_closed_before_it_begins_leaves_both_calendars(confirmed, seeker, poster):
    sent()
    closing.complete_viewing(viewing=confirmed, by=poster)
    assert methods() == one_each("CANCEL", seeker, poster)


def test_a_meeting_point_stands_in_both_calendars(confirmed, seeker, poster):
    sent()
    messages.give_meeting_point(viewing=confirmed, meeting_point="At the fountain", by=poster)
    places = {address: str(event["location"]) for address, [(_, event)] in sent().items()}
    assert places == dict.fromkeys([seeker.email, poster.email], "At the fountain")
    assert own_words(poster)[0] == f"You changed where to meet for {confirmed.listing.title}"


def test_whoever_acts_hears_nothing_of_what_was_never_agreed(viewing, seeker, poster):
    sent()
    messages.give_meeting_point(viewing=viewing, meeting_point="At the fountain", by=poster)
    assert methods() == one_each(None, seeker)
    closing.cancel_viewing(viewing=viewing, by=seeker)
    assert methods() == one_each(None, poster)
    assert not Notification.objects.of(seeker).filter(is_read=True).exists()


def test_the_team_has_no_part_in_it(viewing, seeker, poster, admin):
    sent()
    confirm_first(viewing, admin)
    assert methods() == one_each("REQUEST", seeker, poster)
    closing.cancel_viewing(viewing=fresh(viewing), by=admin)
    assert methods() == one_each("CANCEL", seeker, poster)
    assert not Notification.objects.of(admin).exists()


def test_the_bell_stays_silent_for_whoever_acts(viewing, seeker, poster):
    Event.objects.all().delete()
    unread = count_unread(poster), count_unread(seeker)
    confirm_first(viewing, poster)
    assert (count_unread(poster), count_unread(seeker)) == (unread[0], unread[1] + 1)
    rung = Event.objects.filter(type="new_notification").values_list("channel", flat=True)
    assert list(rung) == [f"user-{seeker.pk}"]
