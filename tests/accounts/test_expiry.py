"""What has had its time goes."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
import pytest

from ghar.accounts.models import ApiToken, SeekerSession, VerificationCode
from ghar.accounts.services import contacts, expiry
from ghar.lib import clock
from tests.factories import PASSWORD, ApiTokenFactory, SeekerSessionFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def test_codes_go_after_a_day(seeker):
    contacts.send_code(identifier="new@example.org", by=seeker, now=clock.now())
    expiry.forget_expired(now=clock.now() + dt.timedelta(hours=24))
    assert VerificationCode.objects.exists()
    expiry.forget_expired(now=clock.now() + dt.timedelta(hours=25))
    assert not VerificationCode.objects.exists()


def test_so_do_tokens_that_open_nothing_any_more(seeker):
    now = clock.now()
    living = ApiTokenFactory(user=seeker, expires_at=now + DAY)
    ApiTokenFactory(user=seeker, expires_at=now)
    expiry.forget_expired(now=now)
    assert list(ApiToken.objects.all()) == [living]


def test_so_does_a_browser_in_which_nobody_is_signed_in_any_more(client, seeker):
    client.post("/login/", {"login": seeker.email, "password": PASSWORD})
    expiry.forget_expired(now=clock.now())
    assert (Session.objects.count(), UserSession.objects.count()) == (1, 1)
    expiry.forget_expired(now=Session.objects.get().expire_date + DAY)
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)


def test_who_has_no_account_is_forgotten_half_a_year_after_the_session(db):
    session = SeekerSessionFactory(contact_email="visitor@example.org")
    expiry.forget_expired(now=session.expires_at + 179 * DAY)
    assert SeekerSession.objects.get().contact == "visitor@example.org"
    expiry.forget_expired(now=session.expires_at + 180 * DAY)
    assert SeekerSession.objects.get().contact == ""
