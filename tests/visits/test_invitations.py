"""The calendar file that comes with an e-mail: it takes a time into the reader's calendar, moves it
and takes it out again.
"""

import pytest
import time_machine

from ghar.notifications.models import Notification
from ghar.notifications.services import preferences
from ghar.notifications.services.lines import count_unread
from ghar.realtime.models import Event
from tests.factories import UserFactory
from tests.invitations import mails_to, methods, one_each, own_words, sent
from tests.visits.actions import at, fresh
from tests.visits.agents import an_agent
from visits.models import Agent
from visits.services import assigning, booking, closing, scheduling
from visits.services.reminders import send_due_reminders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_is_connected(settings):
    settings.CHANNELS = ["email"]


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


def test_an_agent_who_is_relieved_takes_it_out(confirmed, agent, admin, listing):
    other = an_agent("Bela", user=UserFactory())
    mails_to(agent)
    assigning.assign_agent(visit=confirmed, trigger="admin", by=admin, agent=other)
    [(method, event)] = mails_to(agent)
    assert (method, event["location"]) == ("CANCEL", "")
    # The page of the visit does not exist for them any more.
    assert Notification.objects.of(agent).latest("id").route == "/agent/"


def test_a_meeting_at_the_home_of_a_third_names_no_address(meeting, seeker, peer, listing):
    scheduling.confirm_visit(visit=meeting, by=peer)
    [(_method, event)] = mails_to(seeker)
    assert (str(event["location"]), listing.address in event["location"]) == (listing.place, False)


def test_a_reminder_brings_it_too(confirmed, seeker, poster):
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


# --- Whoever acts ---------------------------------------------------------------------------------
@pytest.fixture
def everybody(seeker, poster, agent):
    return {"seeker": seeker, "poster": poster, "agent": agent}


@pytest.mark.parametrize("by", ["poster", "agent"])
def test_whoever_confirms_gets_it_as_the_others_do(visit, everybody, by):
    sent()
    scheduling.confirm_visit(visit=visit, by=everybody[by])
    assert methods() == one_each("REQUEST", *everybody.values())
    title, body = own_words(everybody[by])
    assert title == f"You agreed on a time for {visit.listing.title}"
    assert body.endswith("We will remind you a day and two hours before.")


def test_both_who_meet_get_it(meeting, seeker, peer):
    sent()
    scheduling.confirm_visit(visit=meeting, by=peer)
    assert methods() == one_each("REQUEST", seeker, peer)


@pytest.mark.parametrize("by", ["seeker", "poster", "agent"])
def test_whoever_cancels_takes_it_out_of_their_own_calendar_too(confirmed, everybody, by):
    sent()
    closing.cancel_visit(visit=confirmed, by=everybody[by])
    assert methods() == one_each("CANCEL", *everybody.values())
    assert own_words(everybody[by]) == (
        f"You cancelled the visit of {confirmed.listing.title}",
        "Everybody concerned has been told.",
    )


def test_whoever_agrees_to_another_time_has_it_moved(confirmed, everybody, seeker, poster):
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=seeker)
    sent()
    scheduling.confirm_visit(visit=fresh(confirmed), by=poster)
    starts = {address: event["dtstart"].dt for address, [(_, event)] in sent().items()}
    assert starts == {person.email: at(5, 10) for person in everybody.values()}


def test_an_agreed_time_is_cancelled_for_all_while_another_is_proposed(
    confirmed, everybody, seeker
):
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=seeker)
    sent()
    closing.cancel_visit(visit=fresh(confirmed), by=seeker)
    assert methods() == one_each("CANCEL", *everybody.values())


def test_whoever_takes_a_proposal_back_has_the_agreed_time(confirmed, everybody, seeker):
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=seeker)
    sent()
    scheduling.withdraw_reschedule(visit=fresh(confirmed), by=seeker)
    assert methods() == one_each("REQUEST", *everybody.values())
    assert own_words(seeker)[0] == f"You took back the new time for {confirmed.listing.title}"


def test_a_confirmation_that_is_taken_back_leaves_all_calendars(confirmed, everybody, poster):
    sent()
    closing.undo_step(visit=confirmed, by=poster)
    assert methods() == one_each("CANCEL", *everybody.values())
    assert own_words(poster)[0] == f"You took back your last step for {confirmed.listing.title}"


def test_a_cancellation_that_is_taken_back_returns_to_all_calendars(confirmed, everybody, seeker):
    closing.cancel_visit(visit=confirmed, by=seeker)
    sent()
    closing.undo_step(visit=fresh(confirmed), by=seeker)
    assert methods() == one_each("REQUEST", *everybody.values())


def test_an_agent_who_hands_over_takes_it_out_and_the_next_one_has_it(confirmed, agent):
    other = an_agent("Bela", user=UserFactory())
    sent()
    assigning.hand_over(visit=confirmed, by=agent)
    assert methods() == one_each("CANCEL", agent) | one_each("REQUEST", other.user)
    assert own_words(agent)[0] == f"You no longer show {confirmed.listing.title}"


def test_whoever_acts_hears_nothing_of_what_was_never_agreed(visit, seeker, poster, agent):
    sent()
    scheduling.reschedule_visit(visit=visit, new_date=at(5, 10), by=seeker)
    scheduling.withdraw_reschedule(visit=fresh(visit), by=seeker)
    closing.cancel_visit(visit=fresh(visit), by=seeker)
    closing.undo_step(visit=fresh(visit), by=seeker)
    assert methods() == {person.email: [None] * 4 for person in (poster, agent)}
    assert not Notification.objects.of(seeker).exists()


def test_an_agent_who_hands_over_what_was_never_agreed_hears_nothing(visit, agent):
    other = an_agent("Bela", user=UserFactory())
    sent()
    assigning.hand_over(visit=visit, by=agent)
    assert methods() == one_each(None, other.user)


def test_the_team_has_no_part_in_it(visit, everybody, admin):
    sent()
    scheduling.confirm_visit(visit=visit, by=admin)
    assert methods() == one_each("REQUEST", *everybody.values())
    closing.cancel_visit(visit=visit, by=admin)
    assert methods() == one_each("CANCEL", *everybody.values())
    assert not Notification.objects.of(admin).exists()


def test_an_admin_who_is_the_host_is_a_party_like_any_other(listing, seeker, agent, admin, guide):
    listing.owner = admin
    listing.save()
    visit = booking.schedule_visit(by=seeker, listing=listing, scheduled_date=at(3, 10))
    sent()
    scheduling.confirm_visit(visit=visit, by=admin)
    assert methods() == one_each("REQUEST", seeker, agent, admin)


def test_the_bell_stays_silent_for_whoever_acts(visit, seeker, poster):
    Event.objects.all().delete()
    unread = count_unread(poster), count_unread(seeker)
    scheduling.confirm_visit(visit=visit, by=poster)
    assert (count_unread(poster), count_unread(seeker)) == (unread[0], unread[1] + 1)
    rung = Event.objects.filter(type="new_notification").values_list("channel", flat=True)
    assert f"user-{seeker.pk}" in rung
    assert f"user-{poster.pk}" not in rung


def test_whoever_chose_no_mail_gets_none_of_their_own_steps(visit, seeker, poster, agent):
    sent()
    preferences.set_channels(principal=poster, choices={"email": {"viewings": False}})
    scheduling.confirm_visit(visit=visit, by=poster)
    assert methods() == one_each("REQUEST", seeker, agent)
