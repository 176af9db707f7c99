"""An id finds its page however a program has written it."""

from django.test import Client
from django.urls import get_resolver
import pytest

from ghar.lib.ids import UUID_PATTERN
from tests.factories import ApiTokenFactory, LiveListingFactory, bearer
from tests.viewings.actions import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(poster) -> Client:
    client = Client()
    client.force_login(poster, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_id_in_capitals_opens_its_page(page, poster, seeker):
    listing = LiveListingFactory(owner=poster)
    viewing = ask(listing, seeker)
    for path in (f"/viewings/{viewing.pk}/", f"/host/{listing.pk}/"):
        shouted = path.replace(path.split("/")[2], path.split("/")[2].upper())
        assert page.get(shouted).status_code == 200


def test_a_public_place_has_one_address(page, poster):
    listing = LiveListingFactory(owner=poster)
    path = listing.get_absolute_url()
    answer = page.get(path.replace(str(listing.pk), str(listing.pk).upper()))
    assert (answer.status_code, answer["Location"]) == (301, path)
    assert page.get(path).status_code == 200


def test_apps_may_write_it_in_capitals_too(page, poster, seeker):
    viewing = ask(LiveListingFactory(owner=poster), seeker)
    headers = {"Authorization": bearer(ApiTokenFactory(user=poster))}
    answer = Client().get(f"/api/v1/viewings/{str(viewing.pk).upper()}", headers=headers)
    assert answer.json()["id"] == str(viewing.pk)


def patterns_of(resolver) -> list[str]:
    deeper = getattr(resolver, "url_patterns", [])
    return [resolver.pattern.regex.pattern, *(p for each in deeper for p in patterns_of(each))]


def test_every_address_with_an_id_takes_it_so():
    """Django's own converter knows small letters only."""
    found = patterns_of(get_resolver())
    assert len([pattern for pattern in found if UUID_PATTERN in pattern]) > 90
    assert [pattern for pattern in found if "[0-9a-f]{" in pattern] == []
