import pytest

from tests.flatmates.people import person


@pytest.fixture
def asha():
    return person()


@pytest.fixture
def mira():
    return person()
