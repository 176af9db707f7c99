"""Every verb in every state by every actor, against the table and against the database."""

import pytest

from ghar.errors import InvalidTransition, NotAllowed
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.properties.models import Property
from ghar.properties.policies import allowed_actions
from ghar.properties.services.moves import move_listing
from ghar.properties.states import TRANSITIONS, ListingStatus
from tests.factories import PropertyFactory

pytestmark = pytest.mark.django_db

VERBS = sorted({row.verb for row in TRANSITIONS})
ROLES = {"poster": "owner", "admin": "admin", "system": "system", "outsider": "", "session": ""}


@pytest.fixture
def cast(poster, admin, outsider, seeker_session):
    return {
        "poster": poster,
        "admin": admin,
        "outsider": outsider,
        "session": seeker_session,
        "system": SYSTEM,
    }


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_leads_where_the_table_says_and_nowhere_else(verb, actor, cast):
    for status in ListingStatus.values:
        listing = PropertyFactory(owner=cast["poster"], status=status)
        row = TRANSITIONS.find(verb, status)
        may = row is not None and ROLES[actor] in row.actors
        try:
            move_listing(listing=listing, verb=verb, by=cast[actor], now=clock.now())
        except (NotAllowed, InvalidTransition):
            assert not may, (verb, status, actor)
        else:
            assert may, (verb, status, actor)
        listing.refresh_from_db(fields=["status"])
        assert listing.status == (row.target if may else status), (verb, status, actor)


def test_a_stranger_is_refused_and_told_nothing_of_the_state(cast):
    listing = PropertyFactory(owner=cast["poster"], status="draft")
    with pytest.raises(NotAllowed) as refused:
        move_listing(listing=listing, verb="resume", by=cast["outsider"], now=clock.now())
    assert refused.value.details == {}


def test_an_impossible_step_names_the_possible_ones(poster):
    listing = PropertyFactory(owner=poster, status="live")
    with pytest.raises(InvalidTransition) as refused:
        move_listing(listing=listing, verb="submit", by=poster, now=clock.now())
    assert refused.value.details == {"allowed": ["edit", "pause", "renew", "withdraw"]}


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        ("draft", ["edit", "submit", "withdraw"]),
        ("submitted", ["edit", "withdraw"]),
        ("hold_for_review", ["edit", "submit", "withdraw"]),
        ("pending_review", ["edit", "withdraw"]),
        ("live", ["edit", "pause", "renew", "withdraw"]),
        ("paused", ["edit", "resume", "withdraw"]),
        ("needs_edit", ["edit", "submit", "withdraw"]),
        ("rejected", ["edit", "submit", "withdraw"]),
        ("expired", ["renew", "withdraw"]),
        ("withdrawn", []),
    ],
)
def test_the_poster_is_offered_what_he_may_do(poster, status, actions):
    assert allowed_actions(Property(owner=poster, status=status), poster) == actions


@pytest.mark.parametrize("status", ["paused", "expired"])
def test_what_moderation_paused_the_poster_cannot_bring_back(poster, admin, status):
    listing = PropertyFactory(owner=poster, status=status, is_paused_by_moderation=True)
    verb = {"paused": "resume", "expired": "renew"}[status]
    with pytest.raises(InvalidTransition):
        move_listing(listing=listing, verb=verb, by=poster, now=clock.now())
    assert verb not in allowed_actions(listing, poster)
    listing.owner = admin
    assert verb not in allowed_actions(listing, admin)
