"""A page that a limit refuses keeps what was written, and says for how long to wait."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
import pytest

from ghar.accounts.models import User
from tests.factories import PropertyFactory
from tests.flatmates.people import match_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_left(settings) -> None:
    used_up = dict.fromkeys(("messages", "uploads", "codes", "wrong_passwords"), (0, 60, "account"))
    settings.LIMITS = settings.LIMITS | used_up


def page(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asks_to_wait(answer) -> bool:
    return answer.status_code == 429 and int(answer["Retry-After"]) > 0


def test_a_message():
    asha, mira = person(), person()
    chat = f"/chats/{match_of(asha, mira).conversation.pk}/"
    said = {"body": "Hello there", "client_msg_id": "0190-1"}
    answer = page(asha).post(chat, said)
    assert asks_to_wait(answer)
    assert b"Hello there" in answer.content
    assert asks_to_wait(page(asha).post(f"{chat}?after=0", said))


@pytest.mark.parametrize(
    "path", ["/me/photos/", "/host/{draft}/photos/", "/host/{draft}/fix/evidence/"]
)
def test_a_photo(poster, path):
    draft = PropertyFactory(owner=poster)
    file = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff", content_type="image/jpeg")
    assert asks_to_wait(page(poster).post(path.format(draft=draft.pk), {"file": file}))


def test_a_code_for_a_new_password(seeker):
    assert asks_to_wait(Client().post("/password/forgotten/", {"identifier": seeker.email}))


def test_signing_in(seeker):
    assert asks_to_wait(Client().post("/login/", {"login": seeker.email, "password": "wrong"}))


def test_a_report(settings):
    settings.LIMITS = settings.LIMITS | {"reports": (1, 60, "account")}
    asha, first, second = person(), person(), person()
    browser, said = page(asha), {"reason": "spam", "notes": "They sell phones"}
    assert browser.post(f"/people/{first.pk}/report/", said).status_code == 302
    answer = browser.post(f"/people/{second.pk}/report/", said)
    assert asks_to_wait(answer)
    assert b"They sell phones" in answer.content
