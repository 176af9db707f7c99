"""Somebody deletes their account: nobody waits for them, and nobody stays busy because of them."""

import datetime as dt

import pytest

from ghar.accounts.services import profiles
from ghar.calendar.models import CalendarEntry, Claim
from ghar.errors import ListingNotAvailable
from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.realtime.models import Event
from tests.factories import PASSWORD
from tests.visits.actions import at, fresh, tour
from tests.visits.rush import at_once
from visits.models import Visit
from visits.services.assigning import assign_waiting
from visits.services.scheduling import confirm_visit, reschedule_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def leave(on_commit):
    def leave(person) -> None:
        with on_commit():
            profiles.delete_account(user=person, password=PASSWORD, now=clock.now())

    return leave


def erase() -> None:
    assert profiles.erase_due_accounts(now=clock.now() + dt.timedelta(days=7)) == 1


@pytest.mark.parametrize(("leaves", "stays"), [("seeker", "poster"), ("poster", "seeker")])
def test_a_tour_is_cancelled_at_once_and_the_other_side_hears_it(
    request, leave, confirmed, leaves, stays
):
    leave(request.getfixturevalue(leaves))
    assert (fresh(confirmed).status, fresh(confirmed).cancelled_by) == ("cancelled", "system")
    told = Notification.objects.filter(user=request.getfixturevalue(stays))
    assert told.filter(title__endswith="is cancelled").count() == 1
    assert not Claim.objects.active().exists()
    assert not CalendarEntry.objects.filter(is_active=True).exists()


@pytest.mark.parametrize("leaves", ["seeker", "peer", "poster"])
def test_so_is_a_meeting_also_when_the_place_goes(request, leave, meeting, seeker, peer, leaves):
    confirm_visit(visit=meeting, by=peer)
    reschedule_visit(visit=meeting, new_date=meeting.scheduled_date + dt.timedelta(days=1), by=peer)
    leave(request.getfixturevalue(leaves))
    assert fresh(meeting).status == "cancelled"
    assert not Claim.objects.active().exists()


def test_what_was_booked_since_ends_when_the_account_is_erased(
    listing, seeker, poster, peer, guide
):
    poster.deletion_requested_at = clock.now()
    poster.save()
    tour(listing, seeker)
    erase()
    assert not Visit.objects.exists()
    assert not Claim.objects.active().exists()
    assert not Event.objects.of(poster.event_channel).exists()


def test_a_meeting_outlives_an_erased_peer_as_history(leave, meeting, peer):
    leave(peer)
    erase()
    kept = fresh(meeting)
    assert (kept.status, kept.counterparty) == ("cancelled", None)


def test_a_tour_goes_on_without_the_agent_who_leaves(leave, confirmed, agent):
    leave(agent)
    assign_waiting(now=clock.now())
    assert (fresh(confirmed).status, fresh(confirmed).agent) == ("confirmed", None)


def test_nobody_books_at_the_place_of_somebody_who_leaves(leave, listing, seeker, poster):
    leave(poster)
    with pytest.raises(ListingNotAvailable):
        tour(listing, seeker)


@pytest.mark.django_db(transaction=True)
def test_leaving_beside_a_step_leaves_nothing_open(listing, seeker, poster, guide):
    visit = tour(listing, seeker)
    outcomes = at_once(
        lambda: confirm_visit(visit=visit, by=poster),
        lambda: profiles.delete_account(user=seeker, password=PASSWORD, now=clock.now()),
        lambda: reschedule_visit(visit=visit, new_date=at(8, 10), by=poster),
    )
    assert outcomes[1] == "ok"
    assert fresh(visit).status == "cancelled"
    assert not Claim.objects.active().exists()
