from collections.abc import Callable

from django.core.signing import get_cookie_signer
from django.test import Client
import pytest
from rest_framework.test import APIClient

from ghar.accounts.authentication import SESSION_COOKIE
from ghar.accounts.models import SeekerSession, User
from ghar.properties.models import Property
from tests.factories import LiveListingFactory, secret_of
from tests.viewings.actions import ask, confirm_first
from tests.viewings.clients import with_login_of_the_web
from viewings.models import ViewingRequest


@pytest.fixture
def listing(poster) -> Property:
    return LiveListingFactory(owner=poster)


@pytest.fixture
def viewing(listing, seeker) -> ViewingRequest:
    """The seeker has asked for three times on the third day."""
    return ask(listing, seeker, hours=(10, 12, 14))


@pytest.fixture
def confirmed(viewing, poster) -> ViewingRequest:
    """The poster has confirmed the first of them."""
    return confirm_first(viewing, poster)


@pytest.fixture
def event_types() -> Callable[[ViewingRequest], list[str]]:
    return lambda viewing: list(viewing.events.values_list("event_type", flat=True))


@pytest.fixture
def web_api(api) -> Callable[..., APIClient]:
    """`api`, whose calls reach the database with the login of the web."""
    return lambda principal=None: with_login_of_the_web(api(principal))


@pytest.fixture
def browser() -> Callable[..., Client]:
    """A browser of this User or SeekerSession, or of nobody yet; also with the web's login."""

    def open_browser(principal: User | SeekerSession | None = None) -> Client:
        client = Client()
        if isinstance(principal, User):
            client.force_login(principal, backend="django.contrib.auth.backends.ModelBackend")
        elif principal is not None:
            signer = get_cookie_signer(salt=SESSION_COOKIE + SESSION_COOKIE)
            client.cookies[SESSION_COOKIE] = signer.sign(secret_of(principal))
        return with_login_of_the_web(client)

    return open_browser
