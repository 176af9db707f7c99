"""The same write sent twice."""

import pytest

from ghar.api.models import IdempotencyKey
from ghar.properties.models import Property
from tests.factories import picture

pytestmark = pytest.mark.django_db

LISTINGS, UPLOADS = "/api/v1/properties", "/api/v1/uploads"
DRAFT = {"property_type": "room", "purpose": "rent"}
KEY = {"HTTP_IDEMPOTENCY_KEY": "once"}


def test_the_first_answer_is_replayed(api, poster):
    client = api(poster)
    first, again = (client.post(LISTINGS, DRAFT, **KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Property.objects.count() == 1


def test_a_refusal_is_replayed_too(api, poster):
    client = api(poster)
    answers = [client.post(LISTINGS, {}, **KEY) for _ in range(2)]
    assert [a.status_code for a in answers] == [422, 422]
    assert answers[1]["Idempotency-Replayed"] == "true"


def test_another_body_under_the_same_key_is_a_mistake(api, poster):
    client = api(poster)
    client.post(LISTINGS, DRAFT, **KEY)
    other = client.post(LISTINGS, DRAFT | {"title": "Another"}, **KEY)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_MISMATCH")


def test_a_key_is_its_callers_own(api, poster, seeker):
    ids = {api(who).post(LISTINGS, DRAFT, **KEY).json()["id"] for who in (poster, seeker)}
    assert len(ids) == 2


def test_told_to_wait_one_may_come_back_with_the_same_key(api, poster, settings):
    limits = settings.LIMITS
    settings.LIMITS = limits | {"uploads": (0, 60, "account")}
    client = api(poster)

    def send():
        body = {"file": picture(), "purpose": "profile"}
        return client.post(UPLOADS, body, format="multipart", **KEY).status_code

    assert send() == 429
    settings.LIMITS = limits
    assert send() == 202


def test_a_key_does_not_make_a_form_of_what_takes_json(api, poster):
    sent = api(poster).post(LISTINGS, DRAFT, format="multipart", **KEY)
    assert (sent.status_code, sent.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA")
    assert not Property.objects.exists()


@pytest.mark.parametrize("key", ["x" * 256, "a\x01b"])
def test_an_unusable_key_is_refused(api, poster, key):
    sent = api(poster).post(LISTINGS, DRAFT, HTTP_IDEMPOTENCY_KEY=key)
    assert sent.status_code == 422
    assert not IdempotencyKey.objects.exists()
