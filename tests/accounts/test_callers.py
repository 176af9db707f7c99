"""The same callers on the stream as everywhere else, and phones in their stored form."""

from http.cookies import SimpleCookie

from django.conf import settings
from django.http import HttpResponse
import pytest

from ghar.accounts.authentication import principal_of_scope, remember_session
from ghar.lib.phones import parse_phone, phone_hash
from tests.factories import ApiTokenFactory, bearer, secret_of


def scope(**headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"headers": [(n.encode(), v.encode()) for n, v in named.items()]}


def cookie_of(response):
    return SimpleCookie(response.cookies).output(attrs=[], header="", sep=";").strip()


def test_a_token_reads_the_stream_of_its_user(seeker):
    assert principal_of_scope(scope(authorization=bearer(ApiTokenFactory(user=seeker)))) == seeker


@pytest.mark.django_db
def test_a_dead_token_reads_nothing():
    assert principal_of_scope(scope(authorization="Bearer nonsense")) is None


def test_a_seeker_session_reads_its_own_stream(seeker_session):
    assert principal_of_scope(scope(x_seeker_session=secret_of(seeker_session))) == seeker_session


def test_a_browser_reads_the_stream_of_whom_it_signed_in(client, seeker):
    client.force_login(seeker)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"
    assert principal_of_scope(scope(cookie=cookie)) == seeker


def test_a_new_password_ends_the_stream_of_a_browser(client, seeker):
    client.force_login(seeker)
    seeker.set_password("another fine one")
    seeker.save()
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"
    assert principal_of_scope(scope(cookie=cookie)) is None


def test_the_cookie_of_a_seeker_session_reads_its_stream(seeker_session):
    response = HttpResponse()
    remember_session(response, secret_of(seeker_session))
    assert principal_of_scope(scope(cookie=cookie_of(response))) == seeker_session
    morsel = response.cookies["seeker_session"]
    assert (morsel["httponly"], morsel["samesite"]) == (True, "Lax")


@pytest.mark.django_db
@pytest.mark.parametrize("cookie", ["", "sessionid=x; seeker_session=forged", "=;;"])
def test_anything_else_is_nobody(cookie):
    assert principal_of_scope(scope(cookie=cookie)) is None


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("+250 788 123 456", None, "+250788123456"),
        ("0788 123 456", "RW", "+250788123456"),
        ("0788 123 456", None, None),
        ("+250 12", None, None),
        ("call me", "IN", None),
    ],
)
def test_phones_are_read_in_any_writing(text, region, expected):
    assert parse_phone(text, region) == expected


def test_the_hash_of_a_phone_names_its_key_and_follows_the_pepper(settings):
    first = phone_hash("+250788123456")
    assert first.startswith(f"{settings.PHONE_PEPPER_KEY_ID}:")
    assert "788123456" not in first
    settings.PHONE_PEPPER = "another"
    assert phone_hash("+250788123456") != first
