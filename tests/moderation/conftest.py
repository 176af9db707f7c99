import pytest

from tests.factories import AdminFactory
from tests.moderation.listings import ELSEWHERE, submitted
from tests.moderation.pictures import draw


@pytest.fixture
def second_admin(db):
    return AdminFactory(full_name="Berta Second", email="berta@example.org")


@pytest.fixture
def passed(poster, on_commit):
    """A listing of the poster that the check had nothing against."""
    with on_commit():
        return submitted(poster)


@pytest.fixture
def original(poster, on_commit):
    with on_commit():
        return submitted(poster, pictures=[draw(31), draw(32)])


@pytest.fixture
def held(original, outsider, on_commit):
    """A copy of the original's photos, posted by the outsider."""
    with on_commit():
        return submitted(outsider, pictures=[draw(31), draw(32)], **ELSEWHERE)
