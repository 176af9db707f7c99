import pytest

from flatmates.models import Conversation, Message, Participant, QnaAnswer
from flatmates.rules.qna import questions_for
from flatmates.services.messages import send_message
from ghar.properties.models import Upload
from tests.factories import LiveListingFactory, ProfileFactory, UserFactory, picture
from tests.flatmates.pairs import enquired, matched

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(seeker, outsider) -> Conversation:
    return matched(seeker, outsider)


@pytest.fixture
def page(client, seeker):
    client.force_login(seeker, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_nobody_without_an_account_has_chats(client, chat):
    answer = client.get(f"/chats/{chat.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next=/chats/{chat.pk}/")


def test_a_stranger_finds_nothing(client, chat, poster):
    client.force_login(poster, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("", "state/"):
        assert client.get(f"/chats/{chat.pk}/{path}").status_code == 404


@pytest.mark.parametrize(("profile", "links"), [({}, 1), ({"status": "paused"}, 0), (None, 0)])
def test_the_name_leads_to_the_page_of_whoever_has_one(page, chat, outsider, profile, links):
    if profile is not None:
        ProfileFactory(user=outsider, **profile)
    text = page.get(f"/chats/{chat.pk}/").content.decode()
    assert "Otto O." in text
    assert text.count(f'href="/people/{outsider.pk}/"') == links


def test_a_host_likes_back_in_the_chat_and_neither_needs_a_profile(page, seeker, outsider, client):
    chat = enquired(outsider, LiveListingFactory(owner=seeker))
    assert f"/people/{outsider.pk}/swipe/" in page.get(f"/chats/{chat.pk}/").content.decode()
    form = {"action": "like", "next": f"/chats/{chat.pk}/"}
    answer = page.post(f"/people/{outsider.pk}/swipe/", form, follow=True)
    assert answer.redirect_chain == [(f"/chats/{chat.pk}/", 302)]
    text = answer.content.decode()
    assert "You can write to each other now." in text
    assert f"/people/{outsider.pk}/swipe/" not in text
    chat.refresh_from_db()
    assert chat.is_accepted


def test_an_empty_list_says_why_and_what_next(page):
    text = page.get("/chats/").content.decode()
    assert "No chats yet" in text
    assert 'href="/people/"' in text


def test_the_list_shows_who_wrote_and_how_much_is_unread(page, chat, outsider):
    send_message(conversation=chat, by=outsider, body="Are you still looking?")
    text = page.get("/chats/").content.decode()
    assert "Otto O." in text
    assert "Are you still looking?" in text


def test_reading_a_page_marks_nothing(page, chat, seeker, outsider):
    send_message(conversation=chat, by=outsider, body="Hello")
    page.get(f"/chats/{chat.pk}/")
    assert Participant.objects.get(conversation=chat, user=seeker).unread_count == 1
    page.post(f"/chats/{chat.pk}/read/")
    assert Participant.objects.get(conversation=chat, user=seeker).unread_count == 0


def test_writing_works_without_a_script(page, chat):
    answer = page.post(f"/chats/{chat.pk}/", {"body": "Hello", "client_msg_id": "x"}, follow=True)
    assert "Hello" in answer.content.decode()
    page.post(f"/chats/{chat.pk}/", {"body": "Hello", "client_msg_id": "x"})
    assert Message.objects.count() == 1


def test_a_refused_message_stays_in_the_form(page, chat):
    words = "escort service, call girl available"
    answer = page.post(f"/chats/{chat.pk}/", {"body": words})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_script_reads_only_what_is_new(page, chat, outsider):
    for body in ("first words", "second words"):
        send_message(conversation=chat, by=outsider, body=body)
    text = page.get(f"/chats/{chat.pk}/?after=1").content.decode()
    assert "second words" in text
    assert "first words" not in text
    assert page.get(f"/chats/{chat.pk}/?after=x").status_code == 404


def test_words_are_escaped(page, chat, outsider):
    send_message(conversation=chat, by=outsider, body="<script>alert(1)</script>")
    assert "<script>alert" not in page.get(f"/chats/{chat.pk}/").content.decode()


def test_a_picture_is_prepared_and_then_sent(page, chat, seeker, outsider, client):
    page.post(f"/chats/{chat.pk}/picture/", {"file": picture(name="room.jpg")})
    upload = Upload.objects.get(owner=seeker, purpose="message")
    assert "being prepared" in page.get(f"/chats/{chat.pk}/").content.decode()
    Upload.objects.update(status="ready")
    assert str(upload.pk) in page.get(f"/chats/{chat.pk}/").content.decode()
    page.post(f"/chats/{chat.pk}/", {"body": "", "attachment_id": str(upload.pk)})
    shown = page.get(f"/chats/{chat.pk}/pictures/{upload.pk}/medium.jpg")
    assert (shown.status_code, shown["Cache-Control"]) == (200, "private, no-store")
    assert page.get(f"/chats/{chat.pk}/pictures/{upload.pk}/huge.jpg").status_code == 404
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/chats/{chat.pk}/pictures/{upload.pk}/medium.jpg").status_code == 404


def test_three_questions_are_answered_on_the_page(page, chat):
    asked = questions_for(chat.match.pk)
    page.post(f"/chats/{chat.pk}/", dict.fromkeys(asked, "Pancakes") | {"answers": ""})
    text = page.get(f"/chats/{chat.pk}/state/").content.decode()
    assert "Yours are in" in text
    assert text.count(">\nPancakes</textarea>") == 3


@pytest.mark.parametrize("words", ["x" * 501, "Pan\0cakes"])
def test_an_answer_that_cannot_be_kept_whole_is_refused_with_the_words_kept(page, chat, words):
    asked = questions_for(chat.match.pk)
    given = dict(zip(asked, [words, "Pancakes", ""], strict=True)) | {"answers": ""}
    answer = page.post(f"/chats/{chat.pk}/", given)
    text = answer.content.decode()
    assert answer.status_code == 422
    for part in ("Please check these points", f">\n{words}</textarea>", ">\nPancakes</textarea>"):
        assert part in text
    assert not QnaAnswer.objects.exists()


def test_an_answer_of_as_many_lines_as_fit_is_kept(page, chat):
    [asked, *_others] = questions_for(chat.match.pk)
    page.post(f"/chats/{chat.pk}/", {asked: "x" * 498 + "\r\ny", "answers": ""})
    assert QnaAnswer.objects.get().answer == "x" * 498 + "\ny"


def test_an_enquiry_has_no_questions(page, seeker):
    chat = enquired(seeker, LiveListingFactory())
    assert page.post(f"/chats/{chat.pk}/", {"answers": ""}).status_code == 404


def test_unmatching_closes_the_chat_for_both(page, chat):
    page.post(f"/chats/{chat.pk}/unmatch/")
    chat.refresh_from_db()
    assert not chat.is_open
    assert "This conversation is closed" in page.get(f"/chats/{chat.pk}/").content.decode()


def test_unknown_steps_are_not_found(page, chat):
    assert page.post(f"/chats/{chat.pk}/explode/").status_code == 404
