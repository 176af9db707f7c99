"""How much of the database each verb takes; no step gets dearer unnoticed."""

import pytest

from ghar.calendar.services.invitations import invitation_for
from ghar.lib import rls
from ghar.notifications.models import Notification
from tests.statements import statements_of
from tests.viewings.actions import ask, at
from viewings.services import closing, conversations, scheduling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def roles_are_known():
    """A process asks for them once."""
    with rls.acting_as(rls.WORKER):
        pass


def test_a_request(listing, seeker, outsider):
    """The rows of the calendar are made with the first, of a person and of a place."""
    assert statements_of(lambda: ask(listing, outsider)) <= 12
    closing.cancel_viewing(viewing=ask(listing, seeker), by=seeker)
    assert statements_of(lambda: ask(listing, seeker, day=4)) <= 10


def test_an_agreement_and_a_new_time_for_it(listing, seeker, poster):
    viewing = ask(listing, seeker)
    option = viewing.options.get()

    def confirm():
        scheduling.confirm_viewing(viewing=viewing, option=option, by=poster)

    def reschedule():
        scheduling.reschedule_viewing(viewing=viewing, times=[at(6, 10)], by=seeker)

    assert statements_of(confirm) <= 16
    assert statements_of(reschedule) <= 11


def test_words_to_the_assistant(listing, seeker):
    """To read them, and beside what the verb itself takes to do as they say."""
    closing.cancel_viewing(viewing=ask(listing, seeker), by=seeker)
    conversation = conversations.begin(by=seeker, listing=listing)

    def say(text):
        return lambda: conversations.say(conversation=conversation, text=text, by=seeker)

    assert statements_of(say("next monday at 11")) <= 5
    assert statements_of(say("yes")) <= 10 + 8


def test_the_calendar_file_of_an_email(confirmed, seeker, poster):
    """The entry and the viewing; for the seeker also the options, whose time tells if they may know
    the address.
    """
    line = Notification(appointment_id=confirmed.pk)
    assert statements_of(lambda: invitation_for(line, poster)) == 2
    assert statements_of(lambda: invitation_for(line, seeker)) == 3
