from collections.abc import Callable

import pytest

from ghar.properties.models import Property
from tests.factories import LiveListingFactory
from tests.viewings.actions import ask, confirm_first
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
