"""Somebody deletes their account: nobody waits for them, and nobody stays busy because of them."""

import datetime as dt

import pytest
import time_machine

from ghar.accounts.services import profiles
from ghar.calendar.models import Claim
from ghar.errors import ListingNotAvailable
from ghar.lib import clock
from ghar.notifications.models import Notification
from moderation.models import Dispute
from moderation.services.blocks import block_person
from moderation.states import DisputeKind
from tests.factories import PASSWORD, LiveListingFactory
from tests.viewings.actions import ask, confirm_first, fresh
from tests.visits.rush import at_once
from viewings.models import ViewingRequest
from viewings.services.reliability import dispute_outcome

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("leaves", "stays"), [("seeker", "poster"), ("poster", "seeker")])
def test_a_viewing_is_cancelled_at_once_and_the_other_side_hears_it(
    request, on_commit, confirmed, leaves, stays
):
    leaver = request.getfixturevalue(leaves)
    with on_commit():
        profiles.delete_account(user=leaver, password=PASSWORD, now=clock.now())
    assert fresh(confirmed).status == "cancelled"
    told = Notification.objects.filter(user=request.getfixturevalue(stays))
    assert told.filter(title__endswith="is cancelled").count() == 1
    assert not Claim.objects.active().exists()


def test_once_the_account_is_erased_the_other_side_can_book_that_time(confirmed, seeker, poster):
    poster.deletion_requested_at = clock.now()
    poster.save()
    profiles.erase_due_accounts(now=clock.now() + dt.timedelta(days=7))
    other = LiveListingFactory()
    assert confirm_first(ask(other, seeker), other.owner).status == "confirmed"


def test_nobody_asks_somebody_who_leaves(listing, seeker, poster):
    profiles.delete_account(user=poster, password=PASSWORD, now=clock.now())
    with pytest.raises(ListingNotAvailable):
        ask(listing, seeker)


# --- a block ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("blocker", "blocked"), [("seeker", "poster"), ("poster", "seeker")])
def test_a_block_cancels_the_viewings_of_the_two(request, confirmed, blocker, blocked):
    by, target = request.getfixturevalue(blocker), request.getfixturevalue(blocked)
    block_person(target=target, by=by)
    assert fresh(confirmed).status == "cancelled"
    assert not Claim.objects.active().exists()
    said = Notification.objects.filter(user=target, title__endswith="is cancelled").get()
    assert "block" not in f"{said.title} {said.body}".lower()


def test_who_did_not_come_cannot_end_it_by_a_block(confirmed, seeker, poster):
    with time_machine.travel(confirmed.chosen.start_at + dt.timedelta(minutes=20)):
        block_person(target=seeker, by=poster)
        assert fresh(confirmed).status == "confirmed"
        words = {"message": "I rang twice.", "kind": DisputeKind.ABSENCE}
        dispute_outcome(viewing=fresh(confirmed), by=seeker, **words)
    assert Dispute.objects.get().attendance.person == poster


def test_a_block_leaves_the_viewings_with_others_alone(confirmed, seeker, outsider):
    block_person(target=outsider, by=seeker)
    assert fresh(confirmed).status == "confirmed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(5))
def test_a_request_beside_a_block_never_stands(_round, listing, seeker, poster):
    at_once(
        lambda: ask(listing, seeker),
        lambda: block_person(target=seeker, by=poster),
    )
    assert not ViewingRequest.objects.active().exists()
