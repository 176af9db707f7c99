from collections.abc import Callable

from django.test import Client
import pytest

from ghar.accounts.models import User
from ghar.properties.models import Property
from tests.factories import LiveListingFactory, UserFactory
from tests.viewings.clients import with_login_of_the_web
from tests.visits.actions import matched, meet, tour
from visits.models import Agent, Visit
from visits.services.scheduling import confirm_visit


@pytest.fixture
def listing(poster) -> Property:
    return LiveListingFactory(owner=poster)


@pytest.fixture
def guide(agent) -> Agent:
    """The agent of the cast, who shows homes in English at any hour."""
    always = {
        day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    }
    return Agent.objects.create(
        user=agent, name="Agnes", languages=["en"], timezone="Africa/Kigali", working_hours=always
    )


@pytest.fixture
def visit(listing, seeker, guide) -> Visit:
    """The seeker has booked a tour on the third day, and Agnes shows the place."""
    return tour(listing, seeker)


@pytest.fixture
def confirmed(visit, poster) -> Visit:
    return confirm_visit(visit=visit, by=poster)


@pytest.fixture
def peer(db) -> User:
    return UserFactory(full_name="Petra Peer", email="peer@example.org")


@pytest.fixture
def meeting(listing, seeker, peer) -> Visit:
    """The seeker and somebody they matched with want to meet at the poster's place."""
    matched(seeker, peer)
    return meet(listing, seeker, peer)


@pytest.fixture
def browser() -> Callable[..., Client]:
    """A browser of this User, or of nobody yet, without scripts and with the login of the web."""

    def open_browser(user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return with_login_of_the_web(client)

    return open_browser
