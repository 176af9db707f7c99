import pytest

from flatmates.models import Conversation, Message
from flatmates.rules.qna import questions_for
from ghar.lib.ids import uuid7
from moderation.services.blocks import block_person, unblock_person
from tests.factories import LiveListingFactory, UserFactory
from tests.flatmates.pairs import enquired, matched

pytestmark = pytest.mark.django_db
URL = "/api/v1/flatmates/conversations"


@pytest.fixture
def chat(seeker, outsider) -> Conversation:
    return matched(seeker, outsider)


def test_a_conversation_as_one_side_reads_it(api, chat, seeker, outsider):
    api(outsider).post(f"{URL}/{chat.pk}/messages", {"body": "Hello"})
    answer = api(seeker).get(f"{URL}/{chat.pk}/").json()
    assert answer["peer"] == {"id": str(outsider.pk), "full_name": "Otto O.", "avatar_url": None}
    assert (answer["status"], answer["source"], answer["unread_count"]) == (
        "active",
        "profile_match",
        1,
    )
    assert answer["qna"] == {
        "has_answered": False,
        "has_peer_answered": False,
        "is_revealed": False,
    }
    assert answer["match_id"] == str(chat.match.pk)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_four_statements(api, seeker, count, django_assert_num_queries):
    for _ in range(count):
        matched(seeker, UserFactory())
    client = api(seeker)
    with django_assert_num_queries(4):  # one of them finds the caller
        assert len(client.get(URL).json()["items"]) == count


def test_the_latest_comes_first_and_what_is_aside_on_its_own_list(api, seeker):
    first, second = matched(seeker, UserFactory()), matched(seeker, UserFactory())
    client = api(seeker)
    client.post(f"{URL}/{first.pk}/messages", {"body": "Hello"})
    assert [row["id"] for row in client.get(URL).json()["items"]] == [str(first.pk), str(second.pk)]
    client.post(f"{URL}/{first.pk}/archive", {"is_archived": True})
    assert [row["id"] for row in client.get(URL).json()["items"]] == [str(second.pk)]
    aside = client.get(URL, {"archived": "true"}).json()["items"]
    assert [(row["id"], row["status"]) for row in aside] == [(str(first.pk), "archived")]


def test_pages_of_conversations_skip_and_repeat_nobody_while_messages_come(api, seeker):
    chats = [matched(seeker, UserFactory()) for _ in range(5)]
    client, seen, cursor = api(seeker), [], None
    while True:
        page = client.get(URL, {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(str(chat.pk) for chat in chats)


@pytest.mark.parametrize("path", ["", "/messages", "/qna"])
def test_to_a_stranger_it_does_not_exist(api, chat, poster, admin, path):
    for nobody in (poster, admin):
        answer = api(nobody).get(f"{URL}/{chat.pk}{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_a_retry_answers_the_first_row(api, chat, seeker):
    client, body = api(seeker), {"body": "Hello", "client_msg_id": "a1"}
    first = client.post(f"{URL}/{chat.pk}/messages", body)
    again = client.post(f"{URL}/{chat.pk}/messages", body)
    other = client.post(f"{URL}/{chat.pk}/messages", body | {"body": "Bye"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json()["id"] == again.json()["id"]
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"body": "x" * 4001},
        {"body": "x", "message_type": "system"},
        {"body": "x", "message_type": "visit_request"},
        {"message_type": "image"},
        {"body": "x", "sender_id": str(uuid7())},
        {"body": "x\x00y"},
        {"attachment_id": str(uuid7())},
    ],
)
def test_wrong_messages_are_refused_and_nothing_is_stored(api, chat, seeker, body):
    answer = api(seeker).post(f"{URL}/{chat.pk}/messages", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert Message.objects.count() == 0


def test_messages_come_newest_first_with_a_word_of_care_for_the_reader(api, chat, seeker, outsider):
    for body in ("Hello", "Pay the deposit before the visit"):
        api(seeker).post(f"{URL}/{chat.pk}/messages", {"body": body, "client_msg_id": body})
    read = api(outsider).get(f"{URL}/{chat.pk}/messages").json()["items"]
    assert [row["number"] for row in read] == [2, 1]
    assert read[0]["safety_note"].startswith("Never pay")
    assert (read[0]["is_mine"], read[0]["client_msg_id"]) == (False, "")
    own = api(seeker).get(f"{URL}/{chat.pk}/messages").json()["items"]
    assert (own[0]["is_mine"], own[0]["safety_note"]) == (True, "")


def test_reading_is_counted_on_the_server_and_seen_by_the_other(api, chat, seeker, outsider):
    for _ in range(3):
        api(seeker).post(f"{URL}/{chat.pk}/messages", {"body": "Hello"})
    answer = api(outsider).post(f"{URL}/{chat.pk}/mark-read", {"up_to": 2}).json()
    assert (answer["unread_count"], answer["read_number"]) == (1, 2)
    assert api(seeker).get(f"{URL}/{chat.pk}").json()["peer_read_number"] == 2


def test_answers_are_shown_when_both_have_given_theirs(api, chat, seeker, outsider):
    asked = questions_for(chat.match.pk)
    body = {"answers": [{"question": key, "answer": f"on {key}"} for key in asked]}
    mine = api(seeker).post(f"{URL}/{chat.pk}/qna", body).json()
    assert (mine["has_answered"], mine["is_revealed"]) == (True, False)
    assert {item["theirs"] for item in mine["items"]} == {""}
    theirs = api(outsider).post(f"{URL}/{chat.pk}/qna", body).json()
    assert theirs["is_revealed"]
    assert [item["theirs"] for item in theirs["items"]] == [f"on {key}" for key in asked]


def test_an_enquiry_has_no_questions(api, seeker, poster):
    chat = enquired(seeker, LiveListingFactory(owner=poster))
    assert api(seeker).get(f"{URL}/{chat.pk}/qna").status_code == 404


def test_an_enquiry_waits_for_its_host(api, seeker, poster):
    chat = enquired(seeker, LiveListingFactory(owner=poster))
    client = api(seeker)
    assert client.post(f"{URL}/{chat.pk}/messages", {"body": "Still free?"}).status_code == 201
    refused = client.post(f"{URL}/{chat.pk}/messages", {"body": "Hello?"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "AWAITING_ANSWER")
    assert client.get(f"{URL}/{chat.pk}").json()["can_send"] is False


def test_a_block_hides_the_conversation_and_an_unblock_leaves_it_shut(api, chat, seeker, outsider):
    block_person(target=outsider, by=seeker)
    for side in (seeker, outsider):
        assert api(side).get(URL).json()["items"] == []
        assert api(side).post(f"{URL}/{chat.pk}/messages", {"body": "x"}).status_code == 404
    unblock_person(target=outsider, by=seeker)
    assert api(seeker).get(f"{URL}/{chat.pk}").status_code == 200


def test_somebody_who_is_suspended_or_gone_is_a_name_without_a_person(api, chat, seeker, outsider):
    outsider.is_active = False
    outsider.save()
    peer = api(seeker).get(f"{URL}/{chat.pk}").json()["peer"]
    assert (peer["id"], peer["full_name"]) == (None, "Somebody who has left")
    outsider.delete()
    assert api(seeker).get(f"{URL}/{chat.pk}").json()["peer"]["id"] is None
