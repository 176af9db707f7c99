from django.utils import translation
import pytest

from flatmates.models import Conversation, Message, Participant
from flatmates.services.conversations import mark_read, move_conversation, set_archived
from flatmates.services.messages import send_message
from ghar.accounts.models import User
from ghar.errors import Conflict, Invalid
from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.properties.models import Upload
from ghar.realtime.models import Event
from tests.factories import PropertyFactory
from tests.flatmates.pairs import enquired, matched

pytestmark = pytest.mark.django_db
CHATS = "/api/v1/flatmates/conversations"


@pytest.fixture
def chat(seeker, outsider) -> Conversation:
    return matched(seeker, outsider)


def seat(chat, user) -> Participant:
    return Participant.objects.get(conversation=chat, user=user)


def refusal(verb, **call) -> str:
    with pytest.raises(Conflict) as caught:
        verb(**call)
    return caught.value.code


def test_a_message_is_numbered_counted_and_told_to_both(chat, seeker, outsider):
    Event.objects.all().delete()
    message, is_new = send_message(conversation=chat, by=seeker, body="  Hello there  ")
    chat.refresh_from_db()
    assert (message.number, message.body, is_new) == (1, "Hello there", True)
    assert (chat.message_count, chat.last_message_preview) == (1, "Hello there")
    assert (seat(chat, seeker).unread_count, seat(chat, outsider).unread_count) == (0, 1)
    told = Event.objects.filter(type="new_message").values_list("channel", flat=True)
    assert sorted(told) == sorted([seeker.event_channel, outsider.event_channel])
    notice = Notification.objects.get(user=outsider)
    assert (notice.type, notice.route) == ("new_message", f"/chats/{chat.pk}/")


def test_a_message_takes_ten_statements_at_most(chat, seeker, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):  # two of them open and end the transaction
        send_message(conversation=chat, by=seeker, body="Hello", client_msg_id="a")


def test_a_retry_is_the_first_row_and_tells_nobody_again(chat, seeker):
    first, _new = send_message(conversation=chat, by=seeker, body="Hello", client_msg_id="a")
    events = Event.objects.count()
    again, is_new = send_message(conversation=chat, by=seeker, body="Hello", client_msg_id="a")
    assert (again.pk, is_new, Message.objects.count()) == (first.pk, False, 1)
    assert Event.objects.count() == events


def test_another_text_with_the_same_client_msg_id_is_refused(chat, seeker):
    send_message(conversation=chat, by=seeker, body="Hello", client_msg_id="a")
    code = refusal(send_message, conversation=chat, by=seeker, body="Bye", client_msg_id="a")
    assert code == "CLIENT_MSG_ID_REUSED"


def test_both_sides_may_use_the_same_client_msg_id(chat, seeker, outsider):
    send_message(conversation=chat, by=seeker, body="Hello", client_msg_id="a")
    _message, is_new = send_message(conversation=chat, by=outsider, body="Hi", client_msg_id="a")
    assert is_new


@pytest.mark.parametrize("verb", ["close", "block"])
def test_nothing_is_sent_into_a_conversation_that_has_ended(chat, seeker, verb):
    move_conversation(conversation=chat, verb=verb, now=clock.now())
    assert refusal(send_message, conversation=chat, by=seeker, body="x") == "CONVERSATION_CLOSED"


def test_nothing_is_sent_to_an_account_that_is_gone(chat, seeker, outsider):
    outsider.delete()
    chat.refresh_from_db()
    assert refusal(send_message, conversation=chat, by=seeker, body="x") == "CONVERSATION_CLOSED"


def test_an_enquiry_takes_one_message_until_its_host_answers(seeker, poster):
    chat = enquired(seeker, PropertyFactory(owner=poster))
    send_message(conversation=chat, by=seeker, body="Is it still free?")
    assert refusal(send_message, conversation=chat, by=seeker, body="Hello?") == "AWAITING_ANSWER"
    send_message(conversation=chat, by=poster, body="It is.")
    _message, is_new = send_message(conversation=chat, by=seeker, body="May I see it?")
    chat.refresh_from_db()
    assert is_new
    assert chat.is_accepted


def test_an_enquiry_does_not_reopen_what_the_other_side_has_closed(seeker, poster):
    listing = PropertyFactory(owner=poster)
    chat = matched(seeker, poster)
    move_conversation(conversation=chat, verb="close", now=clock.now())
    again = enquired(seeker, listing)
    assert (again.pk, again.is_open) == (chat.pk, False)


def test_a_match_accepts_an_enquiry_and_opens_what_was_closed(seeker, poster):
    chat = enquired(seeker, PropertyFactory(owner=poster))
    move_conversation(conversation=chat, verb="block", now=clock.now())
    again = matched(seeker, poster)
    assert (again.pk, again.is_open, again.is_accepted) == (chat.pk, True, True)
    assert again.source == "profile_match"


def test_a_message_says_something(chat, seeker):
    with pytest.raises(Invalid):
        send_message(conversation=chat, by=seeker, body="   ")


def test_first_words_pass_the_rules_of_public_text(chat, seeker):
    with pytest.raises(Invalid):
        send_message(conversation=chat, by=seeker, body="escort service, call girl available")
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        ("See https://example.org/flat", ["link"]),
        ("Call me on 98765 43210", ["phone"]),
        ("Please pay the deposit before the visit", ["payment"]),
        ("I am free on 12 May at 5", []),
    ],
)
def test_messages_that_call_for_care_are_marked(chat, seeker, body, flags):
    message, _new = send_message(conversation=chat, by=seeker, body=body)
    assert message.safety_flags == flags


def test_a_picture_must_be_ones_own_and_ready(chat, seeker, outsider):
    theirs = Upload.objects.create(owner=outsider, purpose="message", status="ready", folder="x")
    early = Upload.objects.create(owner=seeker, purpose="message", folder="y")
    with pytest.raises(Invalid):
        send_message(conversation=chat, by=seeker, attachment_id=theirs.pk)
    code = refusal(send_message, conversation=chat, by=seeker, attachment_id=early.pk)
    assert code == "MEDIA_PROCESSING"


def test_a_picture_needs_no_words(chat, seeker):
    mine = Upload.objects.create(owner=seeker, purpose="message", status="ready", folder="x")
    message, _new = send_message(conversation=chat, by=seeker, attachment_id=mine.pk)
    chat.refresh_from_db()
    assert (message.type, chat.last_message_preview) == ("image", "")


def test_a_picture_is_named_in_the_readers_language(chat, seeker, outsider, api):
    User.objects.filter(pk=outsider.pk).update(language="fr")
    mine = Upload.objects.create(owner=seeker, purpose="message", status="ready", folder="x")
    with translation.override("hi"):
        send_message(conversation=chat, by=seeker, attachment_id=mine.pk)
    assert Notification.objects.get(user=outsider).body == "Une image"
    read = {}
    for language in ("en", "fr"):
        answer = api(seeker).get(CHATS, headers={"Accept-Language": language}).json()
        read[language] = answer["items"][0]["last_message_preview"]
    assert read == {"en": "A picture", "fr": "Une image"}


def test_a_chat_without_a_message_has_no_preview(chat, seeker, api):
    assert api(seeker).get(CHATS).json()["items"][0]["last_message_preview"] == ""


def test_reading_moves_the_mark_forward_only(chat, seeker, outsider):
    for body in ("one", "two", "three"):
        send_message(conversation=chat, by=seeker, body=body)
    mark_read(conversation=chat, by=outsider, up_to=2)
    assert (seat(chat, outsider).read_number, seat(chat, outsider).unread_count) == (2, 1)
    mark_read(conversation=chat, by=outsider, up_to=1)
    assert seat(chat, outsider).read_number == 2
    mark_read(conversation=chat, by=outsider, up_to=99)
    assert (seat(chat, outsider).read_number, seat(chat, outsider).unread_count) == (3, 0)


def test_reading_again_tells_nobody(chat, seeker, outsider):
    send_message(conversation=chat, by=seeker, body="one")
    mark_read(conversation=chat, by=outsider)
    Event.objects.all().delete()
    mark_read(conversation=chat, by=outsider)
    assert Event.objects.count() == 0


def test_ones_own_messages_are_never_unread(chat, seeker, outsider):
    send_message(conversation=chat, by=seeker, body="one")
    send_message(conversation=chat, by=outsider, body="two")
    mark_read(conversation=chat, by=seeker, up_to=1)
    assert seat(chat, seeker).unread_count == 1


def test_messages_of_a_thread_make_one_unread_line(chat, seeker, outsider):
    for body in ("one", "two", "three"):
        send_message(conversation=chat, by=seeker, body=body)
    assert [row.body for row in Notification.objects.filter(user=outsider)] == ["three"]
    mark_read(conversation=chat, by=outsider)
    assert not Notification.objects.filter(user=outsider).unread().exists()


def test_the_next_message_brings_back_what_was_put_aside(chat, seeker, outsider):
    set_archived(conversation=chat, by=outsider, is_archived=True)
    assert seat(chat, outsider).shown_status == "archived"
    send_message(conversation=chat, by=seeker, body="still there?")
    assert seat(chat, outsider).shown_status == "active"
