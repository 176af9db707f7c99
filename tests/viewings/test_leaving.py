"""Somebody deletes their account: nobody waits for them, and nobody stays busy because of them."""

import datetime as dt

import pytest

from ghar.accounts.services import profiles
from ghar.calendar.models import Claim
from ghar.errors import ListingNotAvailable
from ghar.lib import clock
from ghar.notifications.models import Notification
from tests.factories import PASSWORD, LiveListingFactory
from tests.viewings.actions import ask, confirm_first, fresh

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
