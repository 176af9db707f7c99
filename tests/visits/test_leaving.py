"""Somebody deletes their account: nobody waits for them, and nobody stays busy because of them."""

import datetime as dt

from django.db import OperationalError
import pytest
import time_machine

from ghar.accounts.personal import FIELDS, Rule
from ghar.accounts.services import profiles
from ghar.accounts.tasks import end_what_was_left
from ghar.calendar.models import CalendarEntry, Claim
from ghar.errors import InvalidTransition, ListingNotAvailable
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.notifications.models import Notification
from ghar.properties.services.moves import move_listing
from ghar.realtime.models import Event
from moderation.services.blocks import block_person
from tests.factories import PASSWORD
from tests.visits.actions import at, complete, fresh, tour
from tests.visits.agents import an_agent
from tests.visits.rush import at_once
from visits.models import Visit
from visits.services.agents import rate_agent
from visits.services.assigning import assign_waiting
from visits.services.closing import cancel_visit, undo_step
from visits.services.safety import check_in, share_visit
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


def test_so_it_is_if_the_worker_dies_over_it(confirmed, seeker):
    # Without a commit nobody is woken.
    profiles.delete_account(user=seeker, password=PASSWORD, now=clock.now())
    assert fresh(confirmed).status == "confirmed"
    end_what_was_left()
    assert fresh(confirmed).status == "cancelled"
    told = set(Notification.objects.values_list("pk", flat=True))
    end_what_was_left()
    assert set(Notification.objects.values_list("pk", flat=True)) == told


def test_what_cannot_be_ended_of_one_stops_no_other(confirmed, seeker, outsider, monkeypatch):
    for person in (outsider, seeker):
        profiles.delete_account(user=person, password=PASSWORD, now=clock.now())
    monkeypatch.setattr(profiles, "_leave", only_of(seeker, profiles._leave))
    end_what_was_left()
    assert fresh(confirmed).status == "cancelled"


def only_of(person, leave):
    def leave_or_break(leaving, pk):
        if pk != person.pk:
            raise OperationalError
        return leave(leaving, pk)

    return leave_or_break


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


# --- a block ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("blocker", "blocked"), [("seeker", "poster"), ("poster", "seeker")])
def test_a_block_cancels_the_tours_that_the_two_had_planned(request, confirmed, blocker, blocked):
    by, target = request.getfixturevalue(blocker), request.getfixturevalue(blocked)
    block_person(target=target, by=by)
    ended = fresh(confirmed)
    assert (ended.status, ended.cancelled_by) == ("cancelled", "system")
    assert not Claim.objects.active().exists()
    said = Notification.objects.filter(user=target, title__endswith="is cancelled").get()
    assert "block" not in f"{said.title} {said.body}".lower()


def test_a_block_leaves_the_tours_with_others_alone(confirmed, seeker, poster, outsider):
    block_person(target=outsider, by=seeker)
    block_person(target=outsider, by=poster)
    assert fresh(confirmed).status == "confirmed"


def test_another_agent_comes_for_somebody_who_blocked_theirs(seeker, agent, confirmed, on_commit):
    other = an_agent("Bela")
    with on_commit():
        block_person(target=agent, by=seeker)
    moved = fresh(confirmed)
    assert (moved.status, moved.agent) == ("confirmed", other)
    assert Notification.objects.filter(user=agent, title__startswith="Somebody else").exists()


def test_a_blocked_agent_leaves_a_tour_also_while_its_listing_is_on_hold(
    seeker, agent, confirmed, on_commit
):
    move_listing(listing=confirmed.listing, verb="check_hold", by=SYSTEM, now=clock.now())
    assert assign_waiting(now=clock.now()) == 0
    with on_commit():
        block_person(target=agent, by=seeker)
    assert fresh(confirmed).agent is None


def test_nobody_comes_back_to_a_tour_after_a_block(visit, seeker, poster):
    cancel_visit(visit=visit, by=seeker)
    block_person(target=seeker, by=poster)
    with pytest.raises(InvalidTransition):
        undo_step(visit=visit, by=seeker)
    assert fresh(visit).status == "cancelled"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(5))
def test_a_booking_beside_a_block_never_stands(_round, listing, seeker, poster, guide):
    at_once(
        lambda: tour(listing, seeker),
        lambda: block_person(target=seeker, by=poster),
        lambda: tour(listing, seeker, hour=15),
    )
    assert not Visit.objects.active().exists()
    assert not Claim.objects.active().exists()


# --- who takes their data along -------------------------------------------------------------------
def test_the_export_holds_whatever_is_personal_in_a_visit(confirmed, seeker):
    personal = {name for name, fate in FIELDS["visits.Visit"].items() if fate.rule == Rule.DELETE}
    [row] = profiles.export_account(seeker)["visits"]
    assert personal - {"user", "host"} <= row.keys()


def test_the_export_tells_what_happened_and_what_one_did_beside_it(confirmed, seeker, outsider):
    share_visit(visit=confirmed, by=seeker)
    with time_machine.travel(confirmed.scheduled_date, tick=False):
        check_in(visit=confirmed, by=seeker)
    complete(confirmed, confirmed.agent.user)
    rate_agent(visit=confirmed, by=seeker, user_satisfaction=5)
    history = profiles.export_account(seeker)["visit_history"]
    assert {name: len(rows) for name, rows in history.items()} == {
        "events": confirmed.events.count(),
        "shares": 1,
        "check_ins": 1,
        "said_of_agents": 1,
    }
    assert not any(profiles.export_account(outsider)["visit_history"].values())
