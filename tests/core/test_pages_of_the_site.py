"""Pages that belong to no app, asked for as a browser does; each carries the strict policy."""

import errno
import re

from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
import pytest

from ghar import urls
from ghar.views import HELP_TOPICS
from tests.factories import LiveListingFactory, PropertyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.test_pages_of_the_site")]


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("as any fault of ours")


def finds_no_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("the server closed the connection")


def finds_no_room(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, "no space left on the device")


urlpatterns = [
    path("breaks", breaks),
    path("full", finds_no_room),
    path("api/v1/full", finds_no_room),
    path("away", finds_no_database),
    path("api/v1/away", finds_no_database),
    *urls.urlpatterns,
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE
)


def assert_strict(response):
    directives = (part.strip() for part in response["Content-Security-Policy"].split(";"))
    assert dict(part.split(" ", 1) for part in directives) == POLICY
    assert INLINE.findall(response.content.decode()) == []


def heading(response) -> str:
    return re.search(r"<h1[^>]*>\s*(.*?)\s*</h1>", response.content.decode())[1]


# --- what everybody finds -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address", ["/", "/offline/", "/rooms/", *(f"/help/{topic}/" for topic in HELP_TOPICS)]
)
def test_public_pages_answer_under_the_strict_policy(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert_strict(response)


@pytest.mark.parametrize("language", ["en", "hi", "fr"])
def test_the_first_page_says_its_language(client, language):
    response = client.get("/", headers={"Accept-Language": language})
    assert f'<html lang="{language}">' in response.content.decode()


def test_the_first_page_shows_live_listings_and_no_others(client):
    live = LiveListingFactory(title="Shown to all")
    PropertyFactory(title="Still a draft")
    assert [listing.pk for listing in client.get("/").context["listings"]] == [live.pk]


@pytest.mark.parametrize("count", [1, 3])
def test_the_first_page_costs_the_same_whatever_it_shows(client, django_assert_num_queries, count):
    LiveListingFactory.create_batch(count)
    with django_assert_num_queries(1):
        client.get("/")


def test_the_search_of_the_first_page_is_understood(client):
    LiveListingFactory(title="Near the market", city="Kigali")
    asked = {"city": "kigali", "property_type": "room", "price_max": "9000000", "currency": "RWF"}
    names = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', client.get("/").content.decode())
    assert set(asked) <= set(names)
    assert [row.title for row in client.get("/rooms/", asked).context["listings"]] == [
        "Near the market"
    ]


def test_complaints_have_an_address(client, settings):
    settings.GRIEVANCE_CONTACT = "somebody@example.org"
    assert "mailto:somebody@example.org" in client.get("/help/contact/").content.decode()


def test_the_footer_leads_to_every_help_page(client):
    links = set(re.findall(r'href="/help/([\w-]+)/"', client.get("/rooms/").content.decode()))
    assert links == {
        *("how-checks-work", "viewings", "safety", "privacy", "assistants", "contact"),
    }


def test_an_unknown_help_topic_is_not_found(client):
    assert client.get("/help/nothing/").status_code == 404


# --- probes and files at the root -----------------------------------------------------------------
def test_healthz_answers(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_readyz_names_what_it_needs(client):
    response = client.get("/readyz")
    assert response.json() == {"database": True, "redis": True, "migrations": True}
    assert response.status_code == 200


def test_readyz_refuses_without_redis(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.json() == {"database": True, "redis": False, "migrations": True}
    assert response.status_code == 503


def test_robots_keep_out_of_private_pages(client, settings):
    settings.BASE_URL = "https://example.org"
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert "Disallow: /viewings/" in lines
    assert lines[-1] == "Sitemap: https://example.org/sitemap.xml"


def test_the_service_worker_keeps_the_offline_page_and_static_files_alone(client):
    response = client.get("/sw.js")
    assert response["Content-Type"] == "text/javascript"
    shell, _ = response.content.decode().split("async function fill", 1)
    kept = re.findall(r'"(/[^"]*)"', shell)
    assert kept[0] == "/offline/"
    assert [name for name in kept[1:] if not finders.find(name.removeprefix("/static/"))] == []


def test_the_offline_page_names_nobody(client, seeker):
    client.force_login(seeker)
    assert "Sita" not in client.get("/offline/").content.decode()


def test_the_icons_and_scripts_of_a_page_exist(client):
    names = re.findall(r'(?:href|src)="/static/([^"#]+)', client.get("/").content.decode())
    assert [name for name in names if not finders.find(name)] == []


# --- errors ---------------------------------------------------------------------------------------
def test_not_found_says_so_and_leads_on(client):
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert heading(response) == "There is nothing here"
    assert_strict(response)


def test_an_unknown_api_path_is_not_found_in_json(client):
    response = client.get("/api/v1/nothing")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    assert response.json()["error"]["code"] == "NOT_FOUND"


def test_a_form_that_went_stale_is_refused_kindly(client):
    client.handler.enforce_csrf_checks = True
    response = client.post("/login/", {"login": "a@example.org", "password": "x"})
    assert response.status_code == 403
    assert heading(response) == "This did not go through"
    assert_strict(response)


def test_a_request_that_cannot_be_understood_is_a_400(client):
    response = client.get("/", headers={"Host": "elsewhere.example.org"})
    assert response.status_code == 400
    assert heading(response) == "We did not understand this"


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/breaks", 500, "Something broke on our side"),
        ("/away", 503, "We will be back in a moment"),
        ("/full", 503, "We will be back in a moment"),
    ],
)
def test_a_fault_of_ours_is_owned_up_to(client, address, status, said):
    client.raise_request_exception = False
    response = client.get(address)
    assert response.status_code == status
    assert heading(response) == said
    assert_strict(response)


@pytest.mark.parametrize("address", ["/away", "/api/v1/away", "/full", "/api/v1/full"])
def test_without_a_database_or_room_we_say_when_to_come_back(client, address):
    client.raise_request_exception = False
    response = client.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("address", ["/api/v1/away", "/api/v1/full"])
def test_an_app_without_a_database_or_room_behind_it_reads_json(client, address):
    client.raise_request_exception = False
    assert client.get(address).json()["error"]["code"] == "UNAVAILABLE"


# --- for the people who make it -------------------------------------------------------------------
def test_the_style_guide_is_for_staff(client, seeker):
    client.force_login(seeker)
    assert client.get("/styleguide/").status_code == 302


def test_the_style_guide_shows_under_the_strict_policy(client, admin):
    LiveListingFactory()
    client.force_login(admin)
    response = client.get("/styleguide/")
    assert response.status_code == 200
    assert_strict(response)


def test_the_back_office_wears_our_colours_under_the_strict_policy(client, admin):
    client.force_login(admin)
    response = client.get("/admin/")
    assert "css/admin.css" in response.content.decode()
    assert_strict(response)
