"""Registering, tokens and passwords over the API."""

import datetime as dt

from django.conf import settings
import pytest
import time_machine

from ghar.accounts.models import ApiToken, User
from ghar.accounts.services import passwords, signing
from ghar.errors import NotAuthenticated
from ghar.lib import clock
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

REGISTER = "/api/v1/auth/register"
TOKEN = "/api/v1/auth/token"
ME = "/api/v1/users/me"


def registration(**changes):
    body = {"identifier": "new@example.org", "password": PASSWORD, "full_name": "Nina New"}
    return body | changes


def bearer_client(api, token):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_registering_answers_with_the_user_and_a_token(api):
    response = api().post(REGISTER, registration())
    assert response.status_code == 201
    body = response.json()
    assert set(body) == {"user", "token", "expires_at"}
    assert body["user"]["email"] == "new@example.org"
    assert body["user"]["email_verified"] is False
    assert bearer_client(api, body["token"]).get(ME).json() == body["user"]


def test_a_phone_in_any_writing_becomes_e164(api):
    body = api().post(REGISTER, registration(identifier="+250 788 123 456")).json()
    assert body["user"]["phone"] == "+250788123456"


@pytest.mark.parametrize("identifier", ["Seeker@Example.org", "seeker@example.org "])
def test_a_taken_identifier_is_a_conflict(api, seeker, identifier):
    response = api().post(REGISTER, registration(identifier=identifier))
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "IDENTIFIER_TAKEN"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"identifier": "nobody"}, "identifier"),
        ({"password": "12345678"}, "password"),
        ({"role": "admin"}, "role"),
        ({"full_name": ""}, "full_name"),
    ],
)
def test_a_wrong_registration_names_the_field(api, change, field):
    response = api().post(REGISTER, registration(**change))
    assert response.status_code == 422
    assert list(response.json()["error"]["details"]["fields"]) == [field]
    assert User.objects.count() == 0


def test_registrations_of_one_address_are_limited(api, settings):
    settings.LIMITS = settings.LIMITS | {"register": (2, 60, "address")}
    statuses = [
        api().post(REGISTER, registration(identifier=f"new{n}@example.org")).status_code
        for n in range(3)
    ]
    assert statuses == [201, 201, 429]


def test_a_token_is_dead_at_once_when_it_is_given_back(api, seeker):
    body = api().post(TOKEN, {"identifier": seeker.email, "password": PASSWORD}).json()
    client = bearer_client(api, body["token"])
    assert client.delete(TOKEN).status_code == 204
    response = client.get(ME)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_by_itself(api, seeker):
    client = api(seeker)
    later = clock.now() + dt.timedelta(days=settings.API_TOKEN_DAYS, seconds=1)
    with time_machine.travel(later):
        assert client.get(ME).status_code == 401


def test_the_token_is_stored_hashed(api, seeker):
    token = api().post(TOKEN, {"identifier": seeker.email, "password": PASSWORD}).json()["token"]
    assert token not in ApiToken.objects.get().token_hash


@pytest.mark.parametrize("identifier", ["seeker@example.org", "nobody@example.org", "nonsense"])
def test_a_wrong_password_looks_the_same_for_everybody(api, seeker, identifier):
    response = api().post(TOKEN, {"identifier": identifier, "password": "wrong"})
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "NOT_AUTHENTICATED"


@pytest.mark.parametrize("identifier", ["seeker@example.org", "nobody@example.org"])
def test_the_eleventh_wrong_password_is_refused_unseen(api, seeker, identifier):
    body = {"identifier": identifier, "password": "wrong"}
    statuses = [api().post(TOKEN, body).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    right = api().post(TOKEN, {"identifier": identifier, "password": PASSWORD})
    assert right.status_code == 429
    assert int(right["Retry-After"]) > 0


def test_a_right_password_forgives_the_wrong_ones(api, seeker):
    for _ in range(9):
        api().post(TOKEN, {"identifier": seeker.email, "password": "wrong"})
    for _ in range(3):
        body = {"identifier": seeker.email, "password": PASSWORD}
        assert api().post(TOKEN, body).status_code == 200


def test_a_new_password_signs_out_everything_else(api, seeker):
    client, other = api(seeker), api(seeker)
    body = {"current_password": PASSWORD, "new_password": "another fine one"}
    assert client.post("/api/v1/auth/password", body).status_code == 204
    assert client.get(ME).status_code == 200
    assert other.get(ME).status_code == 401


def test_a_new_password_ends_the_sessions_of_browsers(api, client, seeker):
    client.force_login(seeker)
    body = {"current_password": PASSWORD, "new_password": "another fine one"}
    api(seeker).post("/api/v1/auth/password", body)
    assert client.get("/settings/").status_code == 302


def test_a_new_password_needs_the_old_one(api, seeker):
    body = {"current_password": "wrong", "new_password": "another fine one"}
    response = api(seeker).post("/api/v1/auth/password", body)
    assert response.status_code == 422
    assert list(response.json()["error"]["details"]["fields"]) == ["current_password"]


def test_limits_are_listed(api):
    stated = {row["name"]: row["limit"] for row in api().get("/api/v1/limits").json()["items"]}
    assert stated["wrong_passwords"] == 10
    assert stated["open_viewing_requests"] == 5


def test_both_spellings_of_an_address_answer(api, seeker):
    assert api(seeker).get(f"{ME}/").status_code == 200


def test_somebody_who_left_gets_no_token(api):
    user = UserFactory(is_active=False)
    body = {"identifier": user.email, "password": PASSWORD}
    assert api().post(TOKEN, body).status_code == 401


def test_an_address_that_grows_in_lower_case_is_measured_then(api):
    # "İ" is two letters in lower case: 249 become more than the column takes.
    long = "a@" + ("\u0130" * 60 + ".") * 4 + "com"
    body = {"identifier": long, "password": PASSWORD, "full_name": "Ada"}
    assert api().post("/api/v1/auth/register", body).status_code == 422


def test_a_new_password_over_a_browsers_session_keeps_that_session(client, seeker):
    client.force_login(seeker)
    body = {"current_password": PASSWORD, "new_password": "another good one 77"}
    answer = client.post("/api/v1/auth/password", body, content_type="application/json")
    assert answer.status_code == 204
    assert client.get("/api/v1/users/me").status_code == 200


def test_a_password_that_changed_meanwhile_makes_no_token(seeker):
    judged = signing.sign_in(identifier=seeker.email, password=PASSWORD)
    passwords.change_password(
        user=seeker, current_password=PASSWORD, new_password="another good one 77"
    )
    with pytest.raises(NotAuthenticated):
        signing._lock_unchanged(judged)
