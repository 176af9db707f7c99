"""Proving an address or a number, and getting back in without a password."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.core import mail
import pytest
import time_machine

from ghar.accounts import tasks
from ghar.accounts.models import VerificationCode
from ghar.accounts.services import contacts, passwords
from ghar.accounts.services.sessions import give_contact
from ghar.audit.models import AuditEvent
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.notifications.channels import NotDelivered
from ghar.notifications.models import Channel, Purpose
from ghar.notifications.services.preferences import opted_in_channels
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

VERIFY, CONFIRM = "/api/v1/auth/verify", "/api/v1/auth/verify/confirm"
RESET, RESET_CONFIRM = "/api/v1/auth/password/reset", "/api/v1/auth/password/reset/confirm"


@pytest.fixture(autouse=True)
def mail_is_connected(settings):
    settings.CHANNELS = ["email", "console"]


@pytest.fixture
def unproved(db):
    return UserFactory(email="fresh@example.org", email_verified=False)


def test_a_code_proves_the_address_of_an_account(api, unproved, on_commit):
    client = api(unproved)
    with on_commit():
        assert client.post(VERIFY, {"identifier": unproved.email}).status_code == 202
    (message,) = mail.outbox
    assert message.to == [unproved.email]
    code = VerificationCode.objects.get().digits
    assert code in message.subject
    body = {"identifier": unproved.email, "code": code}
    assert client.post(CONFIRM, body).status_code == 204
    unproved.refresh_from_db()
    assert unproved.email_verified
    assert EmailAddress.objects.get(user=unproved).verified


def test_a_transport_that_fails_names_no_address_and_is_tried_again(
    api, unproved, on_commit, settings, caplog
):
    settings.EMAIL_BACKEND = "tests.notifications.broken_mail.BrokenMail"
    with on_commit():
        api(unproved).post(VERIFY, {"identifier": unproved.email})
    with pytest.raises(NotDelivered) as failed:
        contacts.mail_code(VerificationCode.objects.get())
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    assert unproved.email not in f"{failed.value}{caplog.text}"
    assert tasks.send_code.autoretry_for == tasks.send_reset_link.autoretry_for == (NotDelivered,)


def test_nobody_waits_for_a_code_that_cannot_be_sent(api, unproved, settings):
    settings.CHANNELS = ["email"]
    answer = api(unproved).post(VERIFY, {"identifier": "+250788123456"})
    assert answer.status_code == 422
    assert list(answer.json()["error"]["details"]["fields"]) == ["identifier"]
    assert not VerificationCode.objects.exists()


def test_who_reads_at_the_address_before_hears_that_there_is_another(api, seeker, on_commit):
    old = seeker.email
    client = api(seeker)
    client.post(VERIFY, {"identifier": "new@example.org"})
    body = {"identifier": "new@example.org", "code": VerificationCode.objects.get().digits}
    with on_commit():
        assert client.post(CONFIRM, body).status_code == 204
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([old], "Your account on ghar has another address now")
    row = AuditEvent.objects.get(action="contact_verified")
    assert (row.target_id, row.data) == (str(seeker.pk), {"channel": "email"})


def test_a_code_works_once(api, unproved):
    client = api(unproved)
    client.post(VERIFY, {"identifier": unproved.email})
    body = {"identifier": unproved.email, "code": VerificationCode.objects.get().digits}
    assert [client.post(CONFIRM, body).status_code for _ in range(2)] == [204, 422]


def test_a_code_is_good_for_ten_minutes(api, unproved):
    client = api(unproved)
    client.post(VERIFY, {"identifier": unproved.email})
    body = {"identifier": unproved.email, "code": VerificationCode.objects.get().digits}
    with time_machine.travel(clock.now() + dt.timedelta(minutes=10, seconds=1)):
        assert client.post(CONFIRM, body).status_code == 422


def test_the_sixth_guess_is_too_late(api, unproved):
    client = api(unproved)
    client.post(VERIFY, {"identifier": unproved.email})
    right = VerificationCode.objects.get().digits
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        client.post(CONFIRM, {"identifier": unproved.email, "code": wrong})
    response = client.post(CONFIRM, {"identifier": unproved.email, "code": right})
    assert response.status_code == 422


def test_another_accounts_address_gets_no_code_and_nobody_learns_it(api, unproved, poster):
    response = api(unproved).post(VERIFY, {"identifier": poster.email})
    assert response.status_code == 202
    assert VerificationCode.objects.count() == 0


def test_an_account_made_with_a_phone_can_add_an_address(api, on_commit):
    user = UserFactory(email=None, phone="+250788123456")
    client = api(user)
    client.post(VERIFY, {"identifier": "late@example.org"})
    code = VerificationCode.objects.get().digits
    client.post(CONFIRM, {"identifier": "late@example.org", "code": code})
    assert client.get("/api/v1/users/me").json()["email"] == "late@example.org"


def test_a_session_proves_the_contact_that_it_gave_and_opts_in(api, seeker_session):
    seeker_session.contact_email = "visitor@example.org"
    seeker_session.save()
    client = api(seeker_session)
    assert client.post(VERIFY, {"identifier": "visitor@example.org"}).status_code == 202
    body = {"identifier": "visitor@example.org", "code": VerificationCode.objects.get().digits}
    assert client.post(CONFIRM, body).status_code == 204
    seeker_session.refresh_from_db()
    assert opted_in_channels(seeker_session, Purpose.VIEWINGS) == [Channel.EMAIL]


def test_a_session_gets_no_code_for_another_contact(api, seeker_session):
    response = api(seeker_session).post(VERIFY, {"identifier": "other@example.org"})
    assert response.status_code == 422


def test_a_code_for_the_old_contact_does_not_prove_the_new_one(api, seeker_session):
    give_contact(session=seeker_session, contact="mine@example.org")
    client = api(seeker_session)
    client.post(VERIFY, {"identifier": "mine@example.org"})
    give_contact(session=seeker_session, contact="somebody@example.org")
    body = {"identifier": "mine@example.org", "code": VerificationCode.objects.get().digits}
    assert client.post(CONFIRM, body).status_code == 422
    seeker_session.refresh_from_db()
    assert seeker_session.contact_verified_at is None


@pytest.mark.parametrize("text", ["", " ", "nonsense", "0788123456", "a@b"])
def test_what_is_neither_an_address_nor_a_number_is_refused(text):
    with pytest.raises(Invalid):
        contacts.read_identifier(text)


def test_a_proved_phone_opts_a_session_in_to_sms(api, seeker_session):
    seeker_session.contact_phone = "+250788123456"
    seeker_session.save()
    client = api(seeker_session)
    client.post(VERIFY, {"identifier": "+250788123456"})
    body = {"identifier": "+250788123456", "code": VerificationCode.objects.get().digits}
    client.post(CONFIRM, body)
    seeker_session.refresh_from_db()
    assert opted_in_channels(seeker_session, Purpose.VIEWINGS) == [Channel.SMS]


def test_nobody_may_not_ask_for_codes(api):
    assert api().post(VERIFY, {"identifier": "a@example.org"}).status_code == 401


def test_a_reset_signs_everything_out_and_sets_the_password(api, seeker, on_commit):
    app = api(seeker)
    with on_commit():
        assert api().post(RESET, {"identifier": seeker.email}).status_code == 202
    (message,) = mail.outbox
    token = message.body.partition("token=")[2].split()[0]
    body = {"token": token, "new_password": "another fine one"}
    assert api().post(RESET_CONFIRM, body).status_code == 204
    assert app.get("/api/v1/users/me").status_code == 401
    assert api().post(RESET_CONFIRM, body).status_code == 422
    seeker.refresh_from_db()
    assert seeker.check_password("another fine one")
    assert AuditEvent.objects.get(action="password_reset").target_id == str(seeker.pk)


def test_a_reset_for_nobody_looks_the_same(api, on_commit):
    with on_commit():
        response = api().post(RESET, {"identifier": "nobody@example.org"})
    assert (response.status_code, mail.outbox) == (202, [])


def test_a_reset_for_fictional_people_is_never_sent(api, on_commit):
    user = UserFactory(is_fictional=True)
    with on_commit():
        api().post(RESET, {"identifier": user.email})
    assert mail.outbox == []


@pytest.mark.parametrize("token", ["", "x", "x.y", "0" * 32 + ".abc-def"])
def test_a_made_up_reset_token_opens_nothing(token):
    assert passwords.find_reset(token) is None


def test_the_page_of_a_used_link_says_so(client, seeker):
    token = passwords.reset_token(seeker)
    assert client.get(f"/password/new/?token={token}").status_code == 200
    response = client.post("/password/new/", {"token": token, "new_password": "another fine one"})
    assert response.status_code == 302
    assert client.get(f"/password/new/?token={token}").status_code == 410


def test_asking_for_many_codes_is_limited(api, unproved, settings):
    settings.LIMITS = settings.LIMITS | {"codes": (2, 3600, "account")}
    client = api(unproved)
    body = {"identifier": unproved.email}
    assert [client.post(VERIFY, body).status_code for _ in range(3)] == [202, 202, 429]


def test_the_password_is_unchanged_by_asking(api, seeker):
    api().post(RESET, {"identifier": seeker.email})
    seeker.refresh_from_db()
    assert seeker.check_password(PASSWORD)


def test_a_proved_address_overwrites_nothing_else(unproved):
    stale = type(unproved).objects.get(pk=unproved.pk)
    contacts.send_code(identifier=unproved.email, by=unproved, now=clock.now())
    type(unproved).objects.filter(pk=unproved.pk).update(full_name="Changed Meanwhile")
    code = VerificationCode.objects.get().digits
    contacts.confirm_code(identifier=unproved.email, code=code, by=stale, now=clock.now())
    unproved.refresh_from_db()
    assert (unproved.full_name, unproved.email_verified) == ("Changed Meanwhile", True)


@pytest.mark.parametrize("path", ["/restore/", "/password/forgotten/", "/password/new/"])
def test_pages_count_tries_of_an_address_like_the_api(client, settings, path):
    settings.LIMITS = settings.LIMITS | {"tokens": (1, 60, "address")}
    body = {
        "identifier": "nobody@example.org",
        "password": PASSWORD,
        "token": "x",
        "new_password": PASSWORD,
    }
    assert client.post(path, body).status_code != 429
    assert client.post(path, body).status_code == 429
