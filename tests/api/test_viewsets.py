"""What every route does with what it is sent, before any verb hears of it."""

import pytest

from ghar.accounts.models import SeekerSession
from tests.factories import LiveListingFactory, PropertyFactory, picture

pytestmark = pytest.mark.django_db

LISTINGS = "/api/v1/properties"


def error_of(response):
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize("path", ["users/me/channels", "flatmates/notifications", "properties"])
def test_what_a_route_takes_the_schema_says_alone(api, seeker, path):
    assert error_of(api(seeker).options(f"/api/v1/{path}")) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("method", "path"),
    [("CHANGE", "auth/password"), ("CLAIM", "sessions/claim"), ("DISPATCH", "users/me")],
)
def test_the_name_of_a_handler_is_no_method(api, seeker, method, path):
    for client in (api(), api(seeker)):
        answer = client.generic(method, f"/api/v1/{path}", "{}", content_type="application/json")
        assert answer.status_code in (401, 405)


@pytest.mark.parametrize("verb", ["submit", "pause", "resume", "renew", "withdraw"])
def test_a_verb_without_a_body_refuses_one(api, poster, verb):
    listing = LiveListingFactory(owner=poster)
    path = f"{LISTINGS}/{listing.pk}/{verb}"
    client = api(poster)
    assert error_of(client.post(path, {"status": "live"})) == (422, "VALIDATION_ERROR")
    broken = client.post(path, "{", content_type="application/json")
    assert error_of(broken) == (400, "MALFORMED")
    listing.refresh_from_db()
    assert listing.is_live


def test_a_session_is_opened_without_a_body(api):
    assert error_of(api().post("/api/v1/sessions", {"claimed_by": "me"}))[0] == 422
    assert not SeekerSession.objects.exists()


def test_a_text_beyond_all_bounds_in_a_form_is_too_large(api, poster):
    path = f"{LISTINGS}/{PropertyFactory(owner=poster).pk}/media"
    body = {"file": picture(), "alt": "x" * 1_100_000}
    assert error_of(api(poster).post(path, body, format="multipart")) == (413, "TOO_LARGE")


def test_a_form_of_too_many_fields_is_malformed(api, poster):
    path = f"{LISTINGS}/{PropertyFactory(owner=poster).pk}/media"
    body = {"file": picture(), **{f"field{n}": "x" for n in range(1001)}}
    assert error_of(api(poster).post(path, body, format="multipart")) == (400, "MALFORMED")


def test_a_host_that_is_not_ours_is_told_so_in_json(client):
    assert error_of(client.get(LISTINGS, HTTP_HOST="evil.example")) == (400, "MALFORMED")


def test_a_cursor_fits_both_spellings_of_its_list(api):
    LiveListingFactory.create_batch(2)
    first = api().get(LISTINGS, {"limit": 1}).json()
    rest = api().get(f"{LISTINGS}/", {"limit": 1, "cursor": first["next_cursor"]})
    assert len(rest.json()["items"]) == 1


@pytest.mark.parametrize("path", ["schema", "schema/", "docs", "docs/"])
def test_the_description_of_the_api_answers_in_both_spellings(client, path):
    assert client.get(f"/api/v1/{path}").status_code == 200
