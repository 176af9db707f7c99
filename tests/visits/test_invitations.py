"""The calendar file that comes with an e-mail: it takes a time into the reader's calendar, moves it
and takes it out again.
"""

from django.core import mail
from icalendar import Calendar
import pytest
import time_machine

from ghar.lib import clock
from ghar.notifications.services.outbox import send_due_deliveries
from tests.factories import SeekerSessionFactory, UserFactory
from tests.viewings import actions as viewings
from tests.visits.actions import at, fresh
from tests.visits.agents import an_agent
from viewings.services.closing import cancel_viewing
from visits.models import Agent
from visits.services import assigning, closing, scheduling
from visits.services.reminders import send_due_reminders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_is_connected(settings):
    settings.CHANNELS = ["email"]


def mails_to(person):
    """What has been sent to them since the last look: (method, event) for each, or None."""
    send_due_deliveries(now=clock.now())
    address = getattr(person, "email", None) or person.contact_email
    mine = [message for message in mail.outbox if message.to == [address]]
    mail.outbox.clear()
    return [_invitation(message) for message in mine]


def _invitation(message):
    for name, content, mimetype in message.attachments:
        calendar = Calendar.from_ical(content)
        assert (name, mimetype) == (
            "appointment.ics",
            f"text/calendar; method={calendar['method']}",
        )
        assert f'method="{calendar["method"]}"' in message.message().as_string()
        return calendar["method"], next(iter(calendar.walk("VEVENT")))
    return None


def test_a_request_brings_no_file_and_an_agreement_does(visit, seeker, poster):
    assert mails_to(poster) == [None]
    scheduling.confirm_visit(visit=visit, by=poster)
    [(method, event)] = mails_to(seeker)
    assert (method, event["dtstart"].dt, event["sequence"]) == ("REQUEST", visit.span[0], 0)
    assert event["attendee"] == f"mailto:{seeker.email}"
    assert event["attendee"].params["partstat"] == "ACCEPTED"


def test_the_same_entry_moves_and_is_cancelled(confirmed, seeker, poster):
    [first] = [found for found in mails_to(seeker) if found]
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=poster)
    assert mails_to(seeker) == [None]
    scheduling.confirm_visit(visit=fresh(confirmed), by=seeker)
    [(method, moved)] = mails_to(poster)
    assert (method, moved["uid"], moved["dtstart"].dt) == ("REQUEST", first[1]["uid"], at(5, 10))
    closing.cancel_visit(visit=confirmed, by=poster)
    [(method, gone)] = mails_to(seeker)
    assert (method, gone["uid"], str(gone["status"])) == ("CANCEL", first[1]["uid"], "CANCELLED")
    assert gone["sequence"] > moved["sequence"]


def test_an_email_that_leaves_late_says_what_holds_then(visit, seeker, poster):
    scheduling.confirm_visit(visit=visit, by=poster)
    closing.cancel_visit(visit=visit, by=poster)
    assert [method for method, _event in mails_to(seeker)] == ["CANCEL", "CANCEL"]


def test_an_agent_who_hands_over_loses_it_and_the_next_one_has_it(confirmed, agent):
    other = an_agent("Bela", user=UserFactory())
    mails_to(agent)
    assigning.hand_over(visit=confirmed, by=agent)
    [(method, _event)] = mails_to(other.user)
    assert method == "REQUEST"


def test_an_agent_who_is_relieved_takes_it_out(confirmed, agent, admin, listing):
    other = an_agent("Bela", user=UserFactory())
    mails_to(agent)
    assigning.assign_agent(visit=confirmed, trigger="admin", by=admin, agent=other)
    [(method, event)] = mails_to(agent)
    assert (method, event["location"]) == ("CANCEL", "")


def test_a_meeting_at_the_home_of_a_third_names_no_address(meeting, seeker, peer, listing):
    scheduling.confirm_visit(visit=meeting, by=peer)
    [(_method, event)] = mails_to(seeker)
    assert (str(event["location"]), listing.address in event["location"]) == (listing.place, False)


def test_whoever_agreed_themself_gets_it_with_the_reminder(confirmed, seeker, poster):
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=poster)
    scheduling.confirm_visit(visit=fresh(confirmed), by=seeker)
    mails_to(seeker)
    with time_machine.travel(at(4, 10, 1), tick=False):
        assert send_due_reminders() > 0
        [(method, event)] = mails_to(seeker)
    assert (method, event["dtstart"].dt) == ("REQUEST", at(5, 10))


def test_a_new_agent_for_a_proposed_time_hears_of_no_other(confirmed, guide, seeker):
    other = an_agent("Bela", user=UserFactory())
    Agent.objects.filter(pk=guide.pk).update(days_off=[at(5, 10).date()])
    scheduling.reschedule_visit(visit=fresh(confirmed), new_date=at(5, 10), by=seeker)
    assert fresh(confirmed).agent == other
    assert mails_to(other.user) == [None]


def test_it_names_the_address_to_a_visitor_who_may_know_it(visit, seeker, poster, listing):
    scheduling.confirm_visit(visit=visit, by=poster)
    [(_method, event)] = mails_to(seeker)
    assert listing.address in event["location"]


def test_a_viewing_and_a_seeker_without_an_account(listing, poster):
    contact = {"contact_email": "visitor@example.org", "contact_verified_at": clock.now()}
    visitor = SeekerSessionFactory(**contact)
    viewing = viewings.ask(listing, visitor)
    viewings.confirm_first(viewing, poster)
    [(method, event)] = mails_to(visitor)
    assert (method, event["attendee"]) == ("REQUEST", f"mailto:{visitor.contact_email}")
    cancel_viewing(viewing=viewing, by=poster, reason="Let")
    [(method, gone)] = mails_to(visitor)
    assert (method, gone["uid"]) == ("CANCEL", event["uid"])
