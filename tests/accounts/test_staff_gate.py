"""Staff and the second factor."""

import datetime as dt
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
import pytest
import time_machine

from ghar.accounts.authentication import check_recent_sign_in
from ghar.accounts.models import ApiToken
from ghar.audit.models import AuditEvent
from ghar.errors import NotAllowed
from ghar.lib import clock
from tests.factories import PASSWORD, AdminFactory

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOKEN = "/api/v1/auth/token"


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_MFA_REQUIRED = True


@pytest.fixture
def enrolled(admin):
    TOTP.activate(admin, SECRET)
    return admin


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def test_staff_without_a_second_factor_find_only_the_enrolment(client, admin):
    client.force_login(admin)
    for address in ("/admin/", "/admin/accounts/user/", "/admin/login/"):
        response = client.get(address)
        assert response.status_code == 403
        assert b"/accounts/2fa/totp/activate/" in response.content
        assert b"MFA_REQUIRED" in response.content


def test_staff_with_a_second_factor_enter(client, enrolled):
    client.force_login(enrolled)
    assert client.get("/admin/").status_code == 200


def test_others_are_not_told_about_a_second_factor(client, seeker):
    client.force_login(seeker)
    response = client.get("/admin/")
    assert b"MFA_REQUIRED" not in response.content
    assert response.status_code in {302, 403}


def test_while_it_is_off_nobody_is_asked(client, admin, settings):
    settings.STAFF_MFA_REQUIRED = False
    client.force_login(admin)
    assert client.get("/admin/").status_code == 200


def test_the_secret_of_the_app_is_stored_encrypted(enrolled):
    assert SECRET not in str(Authenticator.objects.get(user=enrolled).data)


def test_a_token_needs_the_code_and_remembers_it(api, enrolled):
    body = {"identifier": enrolled.email, "password": PASSWORD}
    refused = api().post(TOKEN, body)
    assert refused.status_code == 401
    assert refused.json()["error"]["details"] == {"otp_required": True}
    assert api().post(TOKEN, body | {"otp": "000000"}).status_code == 401
    assert api().post(TOKEN, body | {"otp": code_now()}).status_code == 200
    assert ApiToken.objects.get().made_with_otp


def test_guessing_codes_is_limited(api, enrolled):
    body = {"identifier": enrolled.email, "password": PASSWORD, "otp": "000000"}
    assert [api().post(TOKEN, body).status_code for _ in range(11)] == [401] * 10 + [429]


def test_the_page_asks_for_the_code_too(client, enrolled):
    response = client.post("/login/", {"login": enrolled.email, "password": PASSWORD})
    assert response["Location"].startswith("/accounts/2fa/authenticate/")
    response = client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert response.status_code == 302
    assert client.get("/admin/").status_code == 200


def sign_in(client, user):
    client.post("/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})


def test_role_change_needs_a_recent_sign_in(client, enrolled, seeker):
    sign_in(client, enrolled)
    data = {"action": "make_agent", "_selected_action": [str(seeker.pk)]}
    with time_machine.travel(time.time() + 16 * 60):
        response = client.post("/admin/accounts/user/", data)
        assert response.status_code == 403
        assert b"REAUTHENTICATION_REQUIRED" in response.content
        again = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert again.status_code == 302
        assert client.post("/admin/accounts/user/", data).status_code == 302
    seeker.refresh_from_db()
    assert seeker.role == "agent"


def test_a_lost_second_factor_is_taken_away_with_its_codes_and_signs_out(client, enrolled):
    other = AdminFactory()
    TOTP.activate(other, SECRET)
    RecoveryCodes.activate(other)
    theirs = Client()
    sign_in(theirs, other)
    assert theirs.get("/admin/").status_code == 200
    sign_in(client, enrolled)
    data = {"action": "take_lost_factor", "_selected_action": [str(other.pk)]}
    with time_machine.travel(time.time() + 16 * 60):
        assert client.post("/admin/accounts/user/", data).status_code == 403
    assert client.post("/admin/accounts/user/", data).status_code == 302
    assert not Authenticator.objects.filter(user=other).exists()
    assert theirs.get("/admin/").status_code == 302
    told = AuditEvent.objects.get(action="second_factor_removed")
    assert (told.actor_id, told.target_id) == (str(enrolled.pk), str(other.pk))


def test_recovery_codes_alone_are_no_second_factor(client, admin):
    """A sign-in would not ask for them."""
    RecoveryCodes.activate(admin)
    client.force_login(admin)
    assert b"MFA_REQUIRED" in client.get("/admin/").content


def test_export_of_staff_needs_a_young_token(api, enrolled):
    address = "/api/v1/users/me/export"
    old = clock.now() - dt.timedelta(minutes=16)
    assert api(enrolled, made_with_otp=True).get(address).status_code == 200
    response = api(enrolled, made_with_otp=True, created_at=old).get(address)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "REAUTHENTICATION_REQUIRED"


def test_members_export_at_any_time(api, seeker):
    old = clock.now() - dt.timedelta(days=3)
    assert api(seeker, created_at=old).get("/api/v1/users/me/export").status_code == 200


def test_a_token_without_a_code_carries_no_staff_rights(api, enrolled, rf):
    from ghar.accounts.authentication import find_token  # noqa: PLC0415

    for with_otp in (True, False):
        client = api(enrolled, made_with_otp=with_otp)
        request = rf.get("/", headers={"Authorization": client._credentials["HTTP_AUTHORIZATION"]})
        assert find_token(request).user.is_admin is with_otp


def test_a_browser_that_never_signed_in_is_not_recent(rf, enrolled, client):
    client.force_login(enrolled)
    request = rf.get("/")
    request.user, request.session = enrolled, client.session
    with pytest.raises(NotAllowed) as refusal:
        check_recent_sign_in(request)
    assert refusal.value.code == "REAUTHENTICATION_REQUIRED"


def test_a_member_at_a_door_of_staff_is_not_asked_for_a_second_factor(api, seeker):
    answer = api(seeker).get("/api/v1/moderation/queue")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NOT_ALLOWED")


def test_the_console_changes_passwords_on_our_page(client, enrolled):
    client.force_login(enrolled)
    answer = client.get("/admin/password_change/")
    assert (answer.status_code, answer["Location"]) == (302, "/settings/password/")
