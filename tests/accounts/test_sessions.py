"""Seekers without an account."""

import datetime as dt

import pytest
import time_machine

from ghar.accounts.authentication import SESSION_COOKIE
from ghar.accounts.models import SeekerSession
from ghar.accounts.services import sessions
from ghar.accounts.signals import session_claimed
from ghar.lib import clock
from ghar.lib.hashes import hash_secret
from ghar.notifications.models import Notification
from tests.factories import NotificationFactory, SeekerSessionFactory, secret_of

pytestmark = pytest.mark.django_db

SESSIONS, CLAIM = "/api/v1/sessions", "/api/v1/sessions/claim"
NOTIFICATIONS = "/api/v1/flatmates/notifications"


def with_cookie(client, session):
    """A browser of this session."""
    response = client.get("/login/")
    response.set_signed_cookie(SESSION_COOKIE, secret_of(session), salt=SESSION_COOKIE)
    client.cookies.update(response.cookies)
    return client


def test_a_session_is_opened_and_its_secret_shown_once(api):
    response = api().post(SESSIONS)
    assert response.status_code == 201
    secret = response.json()["session_secret"]
    session = SeekerSession.objects.get(pk=response.json()["session_id"])
    assert session.secret_hash == hash_secret(secret)
    client = api()
    client.credentials(HTTP_X_SEEKER_SESSION=secret)
    assert client.get(NOTIFICATIONS).status_code == 200


def test_a_wrong_secret_is_nobody(api):
    client = api()
    client.credentials(HTTP_X_SEEKER_SESSION="guess")
    assert client.get(NOTIFICATIONS).status_code == 401


def test_an_old_session_is_nobody(api, seeker_session):
    client = api(seeker_session)
    with time_machine.travel(seeker_session.expires_at + dt.timedelta(seconds=1)):
        assert client.get(NOTIFICATIONS).status_code == 401


def test_claiming_moves_what_was_told_and_tells_the_apps(api, seeker, seeker_session):
    NotificationFactory(user=None, session=seeker_session)
    heard = []

    def listen(sender, session, user, **_):
        heard.append((session.pk, user.pk))

    session_claimed.connect(listen)
    body = {"session_secret": secret_of(seeker_session)}
    for _ in range(2):
        response = api(seeker).post(CLAIM, body)
        assert response.status_code == 200
        assert response.json() == {"session_id": str(seeker_session.pk)}
    assert heard == [(seeker_session.pk, seeker.pk)]
    assert Notification.objects.get().user == seeker
    assert api(seeker_session).get(NOTIFICATIONS).status_code == 401


def test_a_claimed_session_is_not_there_for_anybody_else(api, seeker, outsider, seeker_session):
    body = {"session_secret": secret_of(seeker_session)}
    api(seeker).post(CLAIM, body)
    assert api(outsider).post(CLAIM, body).status_code == 404


def test_claiming_needs_an_account(api, seeker_session):
    body = {"session_secret": secret_of(seeker_session)}
    assert api(seeker_session).post(CLAIM, body).status_code == 401


def test_a_new_contact_is_unproved(seeker_session):
    sessions.give_contact(session=seeker_session, contact="Me@Example.org")
    assert seeker_session.contact_email == "me@example.org"
    seeker_session.contact_verified_at = clock.now()
    sessions.give_contact(session=seeker_session, contact="me@example.org")
    assert seeker_session.contact_verified_at is not None
    sessions.give_contact(session=seeker_session, contact="+250788123456")
    assert seeker_session.contact_verified_at is None
    assert seeker_session.contact_email is None


def test_the_cookie_makes_a_browser_the_session(client, seeker_session):
    assert client.get("/notifications/").status_code == 302
    assert with_cookie(client, seeker_session).get("/notifications/").status_code == 200


def test_a_forged_cookie_is_nobody(client, seeker_session):
    client.cookies[SESSION_COOKIE] = secret_of(seeker_session)
    assert client.get("/notifications/").status_code == 302


def test_signing_in_claims_the_session_of_the_browser(client, seeker, seeker_session):
    with_cookie(client, seeker_session)
    client.post("/login/", {"login": seeker.email, "password": "correct horse battery"})
    seeker_session.refresh_from_db()
    assert seeker_session.claimed_by == seeker
    assert client.cookies[SESSION_COOKIE].value == ""


def test_a_page_session_needs_the_csrf_token_for_writes(seeker, rf):
    from django.test import Client  # noqa: PLC0415 -- only here a client that checks

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(seeker)
    assert strict.get(NOTIFICATIONS).status_code == 200
    refused = strict.put(NOTIFICATIONS, {}, content_type="application/json")
    assert refused.status_code == 403


def test_opening_sessions_is_limited(api, settings):
    settings.LIMITS = settings.LIMITS | {"sessions": (1, 60, "address")}
    assert [api().post(SESSIONS).status_code for _ in range(2)] == [201, 429]


def test_every_session_has_a_secret_of_its_own():
    first, second = SeekerSessionFactory(), SeekerSessionFactory()
    assert first.secret_hash != second.secret_hash
