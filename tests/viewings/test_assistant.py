"""Somebody asks for a viewing in their own words, over the API and with the login of the web."""

import datetime as dt
import uuid

from django.utils import translation
import pytest
import time_machine

from ghar.accounts.models import MAX_CODE_ATTEMPTS, VerificationCode
from ghar.accounts.services.sessions import claim_session
from ghar.errors import NotFound
from ghar.lib import clock
from ghar.properties.services.listings import pause_listing
from tests.factories import LiveListingFactory, PropertyFactory, secret_of
from tests.viewings.actions import ask, at, confirm_first, fresh
from viewings.assistant import replies
from viewings.models import AssistantConversation, ViewingRequest
from viewings.services import conversations, scheduling

pytestmark = pytest.mark.django_db

URL = "/api/v1/viewings/assistant"
# A Monday, ten in the morning in Kigali.
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


class Chat:
    """One conversation of a caller, from their side."""

    def __init__(self, client, listing=None):
        self.client, self.listing, self.id = client, listing, None

    def post(self, text, **more):
        body = {"channel": "webchat", "text": text, **more}
        if self.id:
            body["conversation_id"] = self.id
        elif self.listing:
            body["property_id"] = str(self.listing.pk)
        return self.client.post(URL, body)

    def say(self, text, **more):
        response = self.post(text, **more)
        assert response.status_code == 200, response.json()
        answer = response.json()
        self.id = answer["conversation_id"]
        return answer


@pytest.fixture
def chat(web_api, seeker, listing):
    return Chat(web_api(seeker), listing)


def viewing_of(answer) -> ViewingRequest:
    return ViewingRequest.objects.for_detail().get(pk=answer["viewing_request_id"])


def local(viewing):
    """The open times, as the clock of Kigali shows them."""
    kigali = dt.timezone(dt.timedelta(hours=2))
    return [f"{o.start_at.astimezone(kigali):%a %H:%M}" for o in viewing.open_options]


# --- to ask ------------------------------------------------------------------------------------------
def test_from_the_first_words_to_an_agreed_time(chat, poster, event_types):
    answer = chat.say("I want to visit this property")
    assert (answer["state"], answer["viewing_request_id"]) == ("asks_times", None)
    assert "Let the host propose a time" in answer["suggestions"]

    answer = chat.say("Saturday morning or Sunday at 5 pm")
    assert answer["state"] == "asks_sending"
    assert "1. Sat 28 Nov, 09:00" in answer["reply"]
    assert "Sun 29 Nov, 17:00" in answer["reply"]
    assert not ViewingRequest.objects.exists(), "nothing is sent before they agree to it"

    answer = chat.say("I come with my sister")
    assert answer["state"] == "asks_sending"
    assert "“I come with my sister”" in answer["reply"]

    answer = chat.say("yes")
    assert answer["state"] == "waits"
    viewing = viewing_of(answer)
    assert local(viewing) == ["Sat 09:00", "Sat 11:30", "Sun 17:00"]
    assert (viewing.notes, event_types(viewing)) == (
        "I come with my sister",
        ["created", "offered"],
    )

    confirm_first(viewing, poster)
    answer = chat.say("and now?")
    assert answer["state"] == "agreed"
    assert "Sat 28 Nov, 09:00" in answer["reply"]


def test_a_host_who_shall_propose(chat):
    chat.say("hello")
    answer = chat.say("Let the host propose a time")
    assert answer["state"] == "waits"
    assert viewing_of(answer).open_options == []


def test_other_times_than_those(chat):
    chat.say("tomorrow")
    assert chat.say("No, other times")["state"] == "asks_times"
    answer = chat.say("Friday at 11")
    assert "Fri 27 Nov, 11:00" in answer["reply"]
    assert "Tue 24 Nov" not in answer["reply"]


def test_a_place_by_the_link_of_its_page(web_api, seeker, listing):
    chat = Chat(web_api(seeker))
    assert chat.say("I would like to see a room")["state"] == "asks_place"
    answer = chat.say(f"http://127.0.0.1:8000{listing.get_absolute_url()} on Saturday")
    assert answer["state"] == "asks_sending"
    assert "Sat 28 Nov" in answer["reply"]


def test_a_place_that_is_nobodys_to_ask_for(web_api, seeker, poster):
    chat = Chat(web_api(seeker))
    for place in (PropertyFactory(owner=poster).pk, uuid.uuid4()):
        answer = chat.say(f"I want to see {place}")
        assert answer["state"] == "asks_place"
        assert "no longer listed" in answer["reply"]


def test_words_without_a_time(chat):
    chat.say("hello")
    answer = chat.say("what is the rent?")
    assert answer["state"] == "asks_times"
    assert "did not find a day" in answer["reply"]


def test_what_the_seeker_has_planned_is_not_proposed(chat, seeker, poster, outsider):
    elsewhere = ask(LiveListingFactory(owner=outsider), seeker, hours=(11,), day=1)
    confirm_first(elsewhere, outsider)
    answer = chat.say("tomorrow at 11 or tomorrow at 12")
    assert "12:00" in answer["reply"]
    assert "11:00" not in answer["reply"]


def test_what_the_host_does_elsewhere_is_nobodys_to_read(chat, poster, outsider):
    confirm_first(ask(LiveListingFactory(owner=poster), outsider, hours=(11,), day=1), poster)
    assert "11:00" in chat.say("tomorrow at 11")["reply"]


@pytest.mark.parametrize("text", ["in 300 days at 10 am", "today at 10:10", "31/12/9999"])
def test_times_that_nobody_can_propose(chat, text):
    chat.say("hello")
    assert chat.say(text)["state"] == "asks_times"


def test_times_that_pass_before_they_are_sent(chat):
    chat.say("today at 11")
    with time_machine.travel(NOW + dt.timedelta(hours=2), tick=False):
        answer = chat.say("yes")
    assert answer["state"] == "asks_times"
    assert "passed" in answer["reply"]
    assert not ViewingRequest.objects.exists()


def test_a_request_that_stands_already(chat, viewing):
    chat.say("Friday at 11")
    answer = chat.say("yes")
    assert answer["viewing_request_id"] == str(viewing.pk)
    assert "asked to see this place before" in answer["reply"]


def test_a_listing_that_is_paused_meanwhile(chat, listing, poster):
    """Nothing more is said of it, not even its title."""
    chat.say("Friday at 11")
    pause_listing(listing=listing, by=poster)
    response = chat.post("yes")
    assert response.json()["error"]["code"] == "LISTING_NOT_AVAILABLE"
    assert listing.title not in response.text
    assert not ViewingRequest.objects.exists()


# --- to answer the host ------------------------------------------------------------------------------
@pytest.fixture
def offered(chat, listing, poster):
    """The host has answered with two times of their own."""
    chat.say("Saturday morning")
    viewing = viewing_of(chat.say("yes"))
    scheduling.offer_times(viewing=viewing, times=[at(2, 10), at(2, 15)], by=poster)
    return chat


@pytest.mark.parametrize("words", ["2", "the 2nd", "Wed 25 Nov, 15:00", "Wednesday afternoon"])
def test_one_of_the_hosts_times(offered, words):
    answer = offered.say("hello?")
    assert answer["state"] == "asks_choice"
    assert answer["suggestions"][:2] == ["Wed 25 Nov, 10:00", "Wed 25 Nov, 15:00"]
    answer = offered.say(words)
    assert answer["state"] == "waits"
    assert local(viewing_of(answer)) == ["Wed 10:00", "Wed 15:00"]
    assert viewing_of(answer).chosen.start_at.hour == 13


def test_a_number_means_what_was_read_out_under_it(offered, poster):
    """The host has other times by now, and nobody takes one that they have not read of."""
    viewing = viewing_of(offered.say("hello?"))
    scheduling.offer_times(viewing=viewing, times=[at(1, 9)], by=poster)
    chosen = viewing_of(offered.say("2")).chosen
    assert chosen.start_at == at(2, 15).start_at


def test_a_number_of_a_time_that_is_no_longer_there(offered, poster):
    viewing = viewing_of(offered.say("hello?"))
    scheduling.reschedule_viewing(viewing=viewing, times=[at(3, 9), at(3, 10)], by=poster)
    answer = offered.say("2")
    assert answer["state"] == "asks_choice"
    assert viewing_of(answer).chosen is None


@pytest.mark.parametrize(
    "words", ["I cannot come on Wednesday afternoon", "not Wed 25 Nov, 15:00", "Wednesday"]
)
def test_no_time_is_taken_by_words_that_may_mean_another_thing(offered, words):
    offered.say("hello?")
    answer = offered.say(words)
    assert answer["state"] == "asks_choice"
    assert "tap it or write its number" in answer["reply"]
    assert viewing_of(answer).chosen is None


def test_other_times_for_the_host(offered):
    offered.say("hello?")
    assert "when you could come instead" in offered.say("Propose other times")["reply"]
    assert offered.say("Friday at 11")["state"] == "asks_sending"
    answer = offered.say("ok!")
    assert (answer["state"], local(viewing_of(answer))) == ("waits", ["Fri 11:00"])


def test_a_time_that_somebody_else_took(offered, listing, poster, outsider):
    offered.say("hello?")
    confirm_first(ask(listing, outsider, hours=(15,), day=2), poster)
    answer = offered.say("2")
    assert answer["state"] == "asks_sending"
    assert "just been taken" in answer["reply"]
    assert answer["reply"].count("Nov, ") == 3


def test_another_time_for_what_is_agreed(chat, viewing, poster):
    confirm_first(viewing, poster)
    chat.say("Friday at 11")
    chat.say("yes")
    answer = chat.say("Friday at 12")
    assert "What is agreed stands" in answer["reply"]
    # There is no note to add any more.
    assert "did not find a day" in chat.say("I come with my sister")["reply"]
    answer = chat.say("yes")
    assert viewing_of(answer).status == "rescheduled"


def test_a_yes_to_what_has_changed_meanwhile(chat, viewing, poster):
    """The host confirms while the assistant asks whether to send other times."""
    chat.say("Friday at 11")
    chat.say("yes")
    chat.say("Friday at 12")
    with time_machine.travel(NOW + dt.timedelta(minutes=1), tick=False):
        confirm_first(viewing, poster)
        answer = chat.say("yes")
        assert (answer["state"], fresh(viewing).status) == ("asks_sending", "confirmed")
        assert "Something has changed" in answer["reply"]
        assert "It is agreed: Thu 26 Nov, 10:00" in answer["reply"]
        chat.say("yes")
    assert fresh(viewing).status == "rescheduled"


def test_nothing_is_cancelled_by_one_word(chat, viewing):
    chat.say("Friday at 11")
    chat.say("yes")
    assert chat.say("cancel")["state"] == "asks_cancelling"
    assert fresh(viewing).is_active
    assert chat.say("No, keep it")["state"] == "waits"
    chat.say("Cancel the viewing")
    assert chat.say("Yes, cancel it")["state"] == "over"
    assert fresh(viewing).is_cancelled
    for words in ("Friday at 11", "yes", "Let the host propose a time"):
        assert chat.say(words)["state"] == "over"
    assert ViewingRequest.objects.count() == 1


# --- who chats --------------------------------------------------------------------------------------
def test_a_session_leaves_its_contact_and_verifies_it(web_api, seeker_session, listing):
    chat = Chat(web_api(seeker_session), listing)
    chat.say("Saturday at 10")
    assert "Leave me an e-mail" in chat.say("yes")["reply"]
    assert "sent you a code" in chat.say("you find me at Seeker@Example.org")["reply"]
    code = VerificationCode.objects.get().digits
    assert "wrong" in chat.say("000000" if code != "000000" else "111111")["reply"]
    assert "verified" in chat.say(code)["reply"]
    seeker_session.refresh_from_db()
    assert seeker_session.contact_email == "seeker@example.org"
    assert seeker_session.contact_verified_at


def test_each_wrong_code_counts(web_api, seeker_session, listing):
    """Whoever guesses has as few tries as on the page."""
    chat = Chat(web_api(seeker_session), listing)
    chat.say("Saturday at 10")
    chat.say("yes")
    chat.say("seeker@example.org")
    code = VerificationCode.objects.get().digits
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(MAX_CODE_ATTEMPTS):
        assert "wrong" in chat.say(wrong)["reply"]
    assert VerificationCode.objects.get().attempts == MAX_CODE_ATTEMPTS
    assert "wrong" in chat.say(code)["reply"]
    seeker_session.refresh_from_db()
    assert seeker_session.contact_verified_at is None


def test_a_contact_and_a_time_in_one(web_api, seeker_session, listing):
    chat = Chat(web_api(seeker_session), listing)
    answer = chat.say("Saturday at 10, my number is +250788123456")
    assert (answer["state"], "Sat 28 Nov" in answer["reply"]) == ("asks_sending", True)
    seeker_session.refresh_from_db()
    assert seeker_session.contact_phone == "+250788123456"
    assert AssistantConversation.objects.get().notes == "", "the host does not read it"


@pytest.mark.parametrize(
    "words", ["28.11.2026 9:30", "28.11.2026 9 am", "on 28.11.2026 9:30-10:30"]
)
def test_a_day_and_an_hour_are_no_phone_number(web_api, seeker_session, listing, words):
    """Else the code and the answers would go to a stranger."""
    answer = Chat(web_api(seeker_session), listing).say(words)
    assert (answer["state"], "Sat 28 Nov" in answer["reply"]) == ("asks_sending", True)
    seeker_session.refresh_from_db()
    assert not seeker_session.contact


@pytest.mark.parametrize(
    "number",
    ["+250788123456", "+250 788 12 34 56", "0788 123 456", "0788123456", "+250-788-123-456"],
)
def test_a_number_as_people_write_it(web_api, seeker_session, listing, number):
    Chat(web_api(seeker_session), listing).say(f"Saturday at 10, my number is {number}")
    seeker_session.refresh_from_db()
    assert seeker_session.contact_phone == "+250788123456"


def test_a_conversation_goes_on_under_the_account(web_api, seeker_session, seeker, listing):
    chat = Chat(web_api(seeker_session), listing)
    chat.say("Saturday at 10")
    claim_session(secret=secret_of(seeker_session), user=seeker, now=clock.now())
    chat.client = web_api(seeker)
    assert viewing_of(chat.say("yes")).seeker == seeker


def test_nobody_reads_anothers_conversation(chat, web_api, outsider, admin, seeker_session):
    chat.say("Saturday at 10")
    for other in (outsider, admin, seeker_session):
        chat.client = web_api(other)
        assert chat.post("yes").status_code == 404
    chat.client = web_api()
    assert chat.post("yes").status_code == 401
    assert not ViewingRequest.objects.exists()


def test_one_conversation_is_about_one_place(chat, poster):
    chat.say("Saturday at 10", property_id=str(chat.listing.pk))
    response = chat.post("and this one?", property_id=str(LiveListingFactory(owner=poster).pk))
    assert response.status_code == 422
    assert list(response.json()["error"]["details"]["fields"]) == ["property_id"]


def test_nobody_asks_for_their_own_place(web_api, poster, listing):
    assert Chat(web_api(poster), listing).post("hello").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"text": "hi"},
        {"channel": "carrier pigeon", "text": "hi"},
        {"channel": "webchat"},
        {"channel": "webchat", "text": ""},
        {"channel": "webchat", "text": "x" * 1001},
        {"channel": "webchat", "text": "hi", "conversation_id": "7"},
        {"channel": "webchat", "text": "hi", "mood": "good"},
    ],
)
def test_a_body_of_the_wrong_shape(body, web_api, seeker):
    assert web_api(seeker).post(URL, body).status_code == 422


def test_what_a_client_repeats_is_not_sent_twice(chat):
    chat.say("Saturday at 10")
    chat.client.credentials(**chat.client._credentials, HTTP_IDEMPOTENCY_KEY="once")
    assert chat.say("yes") == chat.say("yes")
    assert ViewingRequest.objects.count() == 1


def test_what_nobody_goes_on_with_is_forgotten(chat):
    chat.say("Saturday at 10")
    assert conversations.forget_old(now=clock.now() + dt.timedelta(days=29)) == 0
    assert conversations.forget_old(now=clock.now() + dt.timedelta(days=31)) == 1


def test_a_conversation_that_is_forgotten_at_this_moment(chat, seeker, listing):
    """It was found, and the sweep came first."""
    chat.say("hello")
    conversation = AssistantConversation.objects.get()
    conversations.forget_old(now=clock.now() + dt.timedelta(days=31))
    with pytest.raises(NotFound):
        conversations.say(conversation=conversation, text="Friday at 11", by=seeker)
    with pytest.raises(NotFound):
        conversations.turn_to(conversation=conversation, listing=listing, by=seeker)


# --- languages ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "fr", "hi", "rw"])
def test_every_suggestion_is_understood(language, chat, poster):
    chat.client.credentials(**chat.client._credentials, HTTP_ACCEPT_LANGUAGE=language)
    for example in chat.say("…")["suggestions"][:-1]:
        assert chat.say(example)["state"] == "asks_sending", example
    with translation.override(language):
        words = {name: str(getattr(replies, name)) for name in ("NOT_YET", "SEND", "CALL_OFF")}
    assert chat.say(words["NOT_YET"])["state"] == "asks_times"
    chat.say(chat.say("…")["suggestions"][0])
    answer = chat.say(words["SEND"])
    assert answer["state"] == "waits"
    scheduling.offer_times(viewing=viewing_of(answer), times=[at(2, 10), at(2, 15)], by=poster)
    choice = chat.say("…")["suggestions"][1]
    assert chat.say(choice)["state"] == "waits"
    chat.say(words["CALL_OFF"])
    with translation.override(language):
        assert chat.say(str(replies.CANCEL))["state"] == "over"
