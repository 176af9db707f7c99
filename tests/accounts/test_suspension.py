"""The gate: a suspended person signs in, reads why, appeals, takes the data along, leaves."""

from django.test import Client
from django.urls import reverse
import pytest

from ghar.accounts import policies
from ghar.accounts.models import SeekerSession, User
from ghar.accounts.services.suspension import close_account, reopen_account
from ghar.lib import clock
from moderation.models import Appeal
from moderation.services.sanctions import suspend_person
from tests.factories import PASSWORD, PropertyFactory
from tests.permissions.routes import own_routes
from tests.permissions.table import CELLS
from tests.permissions.world import World
from tests.realtime.clients import Reader, StreamProcess, within
from tests.realtime.server import LIMITS

pytestmark = pytest.mark.django_db

# These ask nobody who he is: the contract of the API, the answer where there is no route, and the
# calendar feed, whose key is closed with the account.
FOR_NOBODY = {"api:schema", "api:docs", "api:unknown", "api:calendar-feed"}

# A listing's photo is everybody's, or to whoever is suspended not there: no page says so in an <img>.
NOT_THERE = {"properties:photo"}


@pytest.fixture
def world(db, seeker, poster, outsider, agent, admin):
    return World(seeker=seeker, poster=poster, outsider=outsider, agent=agent, admin=admin)


@pytest.fixture
def suspended(poster, admin):
    suspend_person(
        person=poster,
        report=None,
        message="You asked people for money.",
        note="",
        by=admin,
        now=clock.now(),
    )
    return User.objects.get(pk=poster.pk)


def sign_in(user: User) -> Client:
    client = Client()
    answer = client.post("/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_left(route: str, method: str) -> bool:
    return route in policies.PAGES_LEFT or (method, route) in policies.CALLS_LEFT


# --- every route ----------------------------------------------------------------------------------
def test_every_route_is_closed_but_those_that_are_left(world, suspended, api):
    app, browser = api(suspended), sign_in(suspended)
    calls = [cell for cell in CELLS if cell[0] not in FOR_NOBODY and not is_left(*cell[:2])]
    for route, method, access in calls:
        address = reverse(route, kwargs=world.address(access.about))
        if route.startswith("api:"):
            answer = getattr(app, method.lower())(address, {}, format="json")
            assert answer.status_code == 403, f"{method} {route}: {answer.status_code}"
            assert b"ACCOUNT_SUSPENDED" in answer.content, f"{method} {route}"
            through_page = getattr(browser, method.lower())(address)
            assert through_page.status_code == 403, f"{method} {route} with cookies"
        else:
            answer = getattr(browser, method.lower())(address)
            where = (answer.status_code, answer.get("Location"))
            closed = (404, None) if route in NOT_THERE else (302, "/suspended/")
            assert where == closed, f"{method} {route}: {where}"
    assert len(calls) > 100


def test_what_is_left_is_a_route():
    names = {route.name for route in own_routes()} | {"account_login", "account_logout"}
    assert names >= policies.PAGES_LEFT
    calls = {(method, route.name) for route in own_routes() for method in route.methods or ()}
    assert calls >= policies.CALLS_LEFT


@pytest.mark.parametrize("path", ["/admin/", "/accounts/sessions/", "/accounts/2fa/"])
def test_the_pages_of_packages_are_closed_too(suspended, path):
    answer = sign_in(suspended).get(path)
    assert (answer.status_code, answer["Location"]) == (302, "/suspended/")


def test_others_notice_nothing(world, suspended, seeker, api):
    assert api(seeker).get("/api/v1/users/me").status_code == 200
    assert api().get("/api/v1/properties").status_code == 200


# --- what is left ---------------------------------------------------------------------------------
def test_over_the_api_one_signs_in_reads_exports_and_leaves(suspended, api):
    client = api()
    credentials = {"identifier": suspended.email, "password": PASSWORD}
    token = client.post("/api/v1/auth/token", credentials).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/v1/users/me").json()["email"] == suspended.email
    exported = client.get("/api/v1/users/me/export").json()
    assert exported["reviews"]["sanctions"][0]["message"] == "You asked people for money."
    assert client.patch("/api/v1/users/me", {"full_name": "New"}).status_code == 403
    assert client.delete("/api/v1/users/me", {"password": PASSWORD}).status_code == 204
    assert not User.objects.get(pk=suspended.pk).is_active


def test_a_token_of_before_answers_no(poster, admin, api):
    client = api(poster)
    close_account(user=poster, now=clock.now())
    error = client.get("/api/v1/properties/mine").json()["error"]
    assert (error["code"], error["details"]) == ("ACCOUNT_SUSPENDED", {"can_appeal": False})
    reopen_account(user=poster)
    assert client.get("/api/v1/properties/mine").status_code == 200


def test_the_page_says_why_and_takes_an_appeal(suspended):
    browser = sign_in(suspended)
    text = browser.get("/suspended/").content.decode()
    assert "You asked people for money." in text
    for address in (reverse("accounts:export"), reverse("accounts:delete"), "/logout/"):
        assert address in text
    assert "data-stream-url" not in text
    empty = browser.post("/suspended/", {"message": ""})
    assert empty.status_code == 422
    assert browser.post("/suspended/", {"message": "It was my brother."}).status_code == 302
    text = browser.get("/suspended/").content.decode()
    assert "It was my brother." in text
    assert "waiting for a second reviewer" in text
    again = browser.post("/suspended/", {"message": "Please."})
    assert again.status_code == 409
    assert Appeal.objects.count() == 1


def test_the_pages_that_are_left_open(suspended):
    browser = sign_in(suspended)
    assert browser.get("/settings/export/").status_code == 200
    assert browser.get("/settings/delete/").status_code == 200
    assert browser.get("/help/safety/").status_code == 200
    assert browser.post("/settings/delete/", {"password": PASSWORD}).status_code == 200
    assert not User.objects.get(pk=suspended.pk).is_active


def test_who_is_not_suspended_is_sent_on(client, seeker):
    assert client.get("/suspended/")["Location"] == "/login/?next=/suspended/"
    client.force_login(seeker)
    assert client.get("/suspended/")["Location"] == "/"


# --- at once --------------------------------------------------------------------------------------
def test_browsers_are_signed_out(seeker):
    browser, other = sign_in(seeker), sign_in(seeker)
    close_account(user=seeker, now=clock.now())
    for client in (browser, other):
        assert client.get("/me/")["Location"].startswith("/login/")


def test_so_is_the_browser_in_which_the_password_was_changed(seeker):
    browser = sign_in(seeker)
    new = {"current_password": PASSWORD, "new_password": "wide-open-meadow-7"}
    assert browser.post("/settings/password/", new).status_code == 302
    assert browser.get("/me/").status_code == 200
    close_account(user=User.objects.get(pk=seeker.pk), now=clock.now())
    assert browser.get("/me/")["Location"].startswith("/login/")


def test_a_session_without_an_account_goes_on(seeker_session, suspended, api):
    assert isinstance(seeker_session, SeekerSession)
    assert api(seeker_session).get("/api/v1/flatmates/notifications").status_code == 200


def test_no_verb_of_an_owner_restores_anything(suspended, api):
    client = api(suspended)
    listing = PropertyFactory(owner=suspended, status="paused")
    path = f"/api/v1/properties/{listing.pk}"
    for step in ("pause", "resume", "renew", "submit", "withdraw"):
        assert client.post(f"{path}/{step}").status_code == 403
    assert client.patch(path, {"title": "Another"}).status_code == 403
    listing.refresh_from_db()
    assert listing.status == "paused"


# --- streams --------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def process(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        process = StreamProcess()
    yield process
    process.kill()


@pytest.mark.django_db(transaction=True)
def test_a_suspension_ends_streams_at_once_and_no_new_one_opens(process, poster, seeker):
    with Reader(process.port, poster) as stream, Reader(process.port, seeker) as other:
        with within(LIMITS.keepalive_seconds / 2):
            close_account(user=poster, now=clock.now())
            assert stream.has_ended()
        assert other.has_comment()
    with Reader(process.port, poster) as refused:
        assert refused.response.status == 403
