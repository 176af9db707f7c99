"""The visits and cases of other tests, for their tools."""

from tests.moderation.conftest import held, original, passed  # noqa: F401
from tests.visits.conftest import confirmed, guide, listing, meeting, peer, visit  # noqa: F401
