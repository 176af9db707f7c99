"""Signing up, in and out, and the settings, in a browser without JavaScript."""

from django.core import mail
import pytest

from ghar.accounts.models import User
from ghar.notifications.models import Device
from ghar.notifications.services.preferences import register_device
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

SIGN_UP = {
    "identifier": "new@example.org",
    "full_name": "Nina New",
    "password": PASSWORD,
    "is_adult": "on",
}
BEHIND_LOGIN = [
    *("/settings/", "/settings/contact/", "/settings/password/", "/settings/delete/", "/me/"),
    *("/settings/export/", "/notifications/", "/notifications/channels/"),
]


def test_signing_up_signs_in(client):
    assert client.post("/signup/", SIGN_UP).status_code == 302
    assert client.get("/settings/").status_code == 200
    assert not User.objects.get().email_verified


def test_signing_up_with_a_phone(client):
    assert client.post("/signup/", SIGN_UP | {"identifier": "+250788123456"}).status_code == 302
    assert User.objects.get().phone == "+250788123456"


@pytest.mark.parametrize(
    ("identifier", "of_browser", "zone"),
    [
        ("new@example.org", "Europe/Paris", "Europe/Paris"),
        ("+250788123456", "", "Africa/Kigali"),
        ("+250788123456", "Mars/Base", "Africa/Kigali"),
        ("+919876543210", "", "Asia/Kolkata"),
        ("+33612345678", "", "Asia/Kolkata"),
    ],
)
def test_ones_nights_are_those_of_where_one_is(client, identifier, of_browser, zone):
    form = SIGN_UP | {"identifier": identifier, "timezone": of_browser}
    assert client.post("/signup/", form).status_code == 302
    assert User.objects.get().timezone == zone


def test_what_is_written_to_somebody_is_in_the_language_that_they_switch_to(client, seeker):
    client.force_login(seeker, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/i18n/setlang/", {"language": "rw", "next": "/me/"})
    seeker.refresh_from_db()
    assert seeker.language == client.cookies["django_language"].value == "rw"
    client.post("/i18n/setlang/", {"language": "xx"})
    seeker.refresh_from_db()
    assert seeker.language == "rw"


@pytest.mark.parametrize(("chosen", "then"), [(None, "fr"), ("hi", "hi")])
def test_another_browser_speaks_the_language_of_the_account(client, seeker, chosen, then):
    User.objects.update(language="fr")
    if chosen:
        client.cookies["django_language"] = chosen
    client.post("/login/", {"login": seeker.email, "password": PASSWORD})
    assert client.cookies["django_language"].value == then


def test_signing_up_sends_nothing_by_itself(client):
    client.post("/signup/", SIGN_UP)
    assert mail.outbox == []


@pytest.mark.parametrize("missing", SIGN_UP)
def test_signing_up_keeps_the_form_and_says_what_is_missing(client, missing):
    response = client.post("/signup/", {k: v for k, v in SIGN_UP.items() if k != missing})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [missing]
    assert User.objects.count() == 0


def test_signing_up_with_a_taken_address_is_a_conflict(client, seeker):
    response = client.post("/signup/", SIGN_UP | {"identifier": seeker.email})
    assert response.status_code == 409


def test_signing_up_needs_to_be_18(client):
    response = client.get("/signup/")
    assert b'name="is_adult"' in response.content


@pytest.mark.parametrize("login", ["seeker@example.org", "SEEKER@example.org", "+250788123456"])
def test_signing_in(client, login):
    UserFactory(email="seeker@example.org", phone="+250788123456")
    response = client.post("/login/?next=/settings/", {"login": login, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/settings/")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("/people/0193a1b2-0000-7000-8000-000000000000/report/", "Sign in to report it"),
        ("/saved/searches/new/?city=Kigali", "Sign in to keep it"),
        ("/settings/", "You do not need an account to ask for a viewing."),
    ],
)
def test_who_is_asked_to_sign_in_reads_why(client, address, why):
    answer = client.get(address, follow=True)
    assert why in answer.content.decode()


@pytest.mark.parametrize("login", ["seeker@example.org", "nobody@example.org", "nonsense"])
def test_a_wrong_password_looks_the_same_for_everybody(client, seeker, login):
    response = client.post("/login/", {"login": login, "password": "wrong"})
    assert response.status_code == 422
    assert "belong together" in str(response.context["form"].non_field_errors())


def test_the_eleventh_wrong_password_waits(client, seeker):
    body = {"login": seeker.email, "password": "wrong"}
    assert [client.post("/login/", body).status_code for _ in range(11)] == [422] * 10 + [429]


def test_signing_in_leads_nowhere_else(client, seeker):
    body = {"login": seeker.email, "password": PASSWORD}
    response = client.post("/login/?next=https://evil.example/", body)
    assert response["Location"] == "/"


def test_signing_out_is_a_post(client, seeker):
    client.force_login(seeker)
    assert client.get("/logout/").status_code == 200
    assert client.get("/settings/").status_code == 200
    client.post("/logout/")
    assert client.get("/settings/").status_code == 302


@pytest.mark.parametrize("address", BEHIND_LOGIN)
def test_behind_the_login_strangers_are_sent_to_sign_in(client, address):
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={address}")


@pytest.mark.parametrize("address", BEHIND_LOGIN)
def test_behind_the_login_nothing_is_indexed_or_kept(client, seeker, address):
    client.force_login(seeker)
    response = client.get(address)
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == "private, no-store"


def test_saving_the_profile_speaks_the_new_language(client, seeker):
    client.force_login(seeker)
    body = {"full_name": "Sita S", "language": "fr", "timezone": "Africa/Kigali"}
    response = client.post("/settings/", body)
    assert response.status_code == 302
    assert client.cookies["django_language"].value == "fr"


def test_a_wrong_profile_keeps_the_form(client, seeker):
    client.force_login(seeker)
    response = client.post("/settings/", {"full_name": "", "language": "fr", "timezone": "Mars"})
    assert response.status_code == 422


def test_signing_out_ends_the_push_of_this_browser(client, seeker):
    client.force_login(seeker)
    assert client.post("/logout/").headers["Clear-Site-Data"] == '"storage"'


def test_a_new_password_ends_the_push_of_every_device(client, seeker):
    register_device(user=seeker, platform="android", token="a token")
    client.force_login(seeker)
    body = {"current_password": PASSWORD, "new_password": "another fine one"}
    assert client.post("/settings/password/", body).status_code == 302
    assert not Device.objects.exists()


def test_signing_out_the_last_app_ends_the_push_of_apps_alone(seeker, api):
    phone, tablet = api(seeker), api(seeker)
    register_device(user=seeker, platform="ios", token="an app")
    register_device(user=seeker, platform="web", token="a browser")
    left = []
    for app in (phone, tablet):
        assert app.delete("/api/v1/auth/token").status_code == 204
        left.append(Device.objects.count())
    assert left == [2, 1]


def test_changing_the_password_keeps_this_browser_only(client, seeker, api):
    client.force_login(seeker)
    app = api(seeker)
    body = {"current_password": PASSWORD, "new_password": "another fine one"}
    assert client.post("/settings/password/", body).status_code == 302
    assert client.get("/settings/").status_code == 200
    assert app.get("/api/v1/users/me").status_code == 401


def test_the_export_is_a_file(client, seeker):
    client.force_login(seeker)
    response = client.get("/settings/export/")
    assert response["Content-Disposition"] == 'attachment; filename="ghar.json"'
    assert response.json()["account"]["email"] == seeker.email


def test_leaving_and_coming_back(client, seeker):
    client.force_login(seeker)
    assert client.post("/settings/delete/", {"password": PASSWORD}).status_code == 200
    assert client.get("/settings/").status_code == 302
    signed_in = client.post("/login/", {"login": seeker.email, "password": PASSWORD})
    assert signed_in["Location"] == "/restore/"
    body = {"identifier": seeker.email, "password": PASSWORD}
    assert client.post("/restore/", body)["Location"] == "/login/"
    assert client.post("/login/", {"login": seeker.email, "password": PASSWORD}).status_code == 302


def test_asking_for_a_link_looks_the_same_for_everybody(client, seeker):
    pages = [
        client.post("/password/forgotten/", {"identifier": identifier}).content.decode()
        for identifier in (seeker.email, "nobody@example.org")
    ]
    assert "If there is an account" in pages[0]
    assert "If there is an account" in pages[1]


@pytest.mark.parametrize(
    "address",
    ["/accounts/2fa/", "/accounts/sessions/", "/accounts/reauthenticate/"],
)
def test_the_pages_of_allauth_wear_our_clothes(client, seeker, address):
    client.force_login(seeker)
    response = client.get(address, follow=True)
    assert response.status_code == 200
    assert b"site-header" in response.content


def test_sessions_are_listed_and_ended(client, seeker):
    other = type(client)()
    for browser in (client, other):
        browser.post("/login/", {"login": seeker.email, "password": PASSWORD})
    assert client.get("/accounts/sessions/").context["session_count"] == 2
    client.post("/accounts/sessions/")
    assert client.get("/settings/").status_code == 200
    assert other.get("/settings/").status_code == 302
