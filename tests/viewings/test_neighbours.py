"""What listings, accounts and sessions do to viewings."""

import datetime as dt

import pytest

from ghar.accounts.personal import export
from ghar.accounts.services.sessions import claim_session
from ghar.accounts.signals import contact_verified
from ghar.audit.models import AuditEvent
from ghar.calendar.models import CalendarEntry, Claim, Reminder
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.notifications.models import Notification
from ghar.properties.services.listings import withdraw_listing
from ghar.properties.services.moves import move_listing
from tests.factories import LiveListingFactory, secret_of
from tests.viewings.actions import ask, at, confirm_first, fresh
from viewings.models import ViewingRequest
from viewings.services import scheduling

pytestmark = pytest.mark.django_db


def claim(session, user):
    return claim_session(secret=secret_of(session), user=user, now=clock.now())


# --- a session becomes somebody's -------------------------------------------------------------------
def test_a_claimed_session_hands_its_viewings_over(
    listing, poster, seeker_session, seeker, event_types
):
    viewing = confirm_first(ask(listing, seeker_session), poster)
    claim(seeker_session, seeker)
    moved = fresh(viewing)
    assert (moved.seeker, moved.side_of(seeker)) == (seeker, "seeker")
    assert event_types(viewing)[-1] == "claimed"
    assert set(viewing.events.values_list("seeker_id", flat=True)) == {seeker.pk}
    assert set(viewing.options.values_list("seeker_id", flat=True)) == {seeker.pk}
    kinds = Claim.objects.active().values_list("resource__kind", "resource__owner_id")
    assert ("person", seeker.pk) in kinds
    assert "session" not in {kind for kind, _ in kinds}
    due = Reminder.objects.due().filter(channel="in_app").values_list("recipient", flat=True)
    assert set(due) == {seeker.event_channel, poster.event_channel}


def test_overlapping_times_both_stay_and_the_user_is_told(listing, poster, seeker_session, seeker):
    own = LiveListingFactory()
    confirm_first(ask(own, seeker), own.owner)
    theirs = confirm_first(ask(listing, seeker_session), poster)
    claim(seeker_session, seeker)
    assert fresh(theirs).status == "confirmed"
    mine = Claim.objects.active().filter(subject_id=theirs.pk)
    assert {c.resource.kind for c in mine} == {"session", "person", "seat"}
    told = Notification.objects.of(seeker).order_by("-id").values_list("title", flat=True)
    assert "Two of your viewings are at the same time" in told


def test_two_requests_for_one_place_both_stay(listing, poster, seeker_session, seeker):
    ask(listing, seeker)
    ask(listing, seeker_session, day=4)
    claim(seeker_session, seeker)
    assert ViewingRequest.objects.sought_by(seeker).active().count() == 2


def test_the_account_goes_on_where_the_session_stopped(listing, poster, seeker_session, seeker):
    viewing = ask(listing, seeker_session)
    scheduling.offer_times(viewing=viewing, times=[at(4, 10)], by=poster)
    claim(seeker_session, seeker)
    option = viewing.options.last()
    assert (
        scheduling.select_time(viewing=viewing, option=option, by=seeker).selected_option == option
    )


# --- a contact is proved ----------------------------------------------------------------------------
def test_from_when_on_the_address_is_visible_stands_in_the_audit(listing, poster, seeker_session):
    viewing = confirm_first(ask(listing, seeker_session), poster)
    confirmed = AuditEvent.objects.get(action="viewing_confirmed")
    assert confirmed.data["address_shared"] is False
    now = clock.now()
    seeker_session.contact_verified_at = now
    seeker_session.save()
    contact_verified.send(sender=None, principal=seeker_session, now=now)
    shared = AuditEvent.objects.get(action="viewing_address_shared")
    assert shared.target_id == str(viewing.pk)


@pytest.mark.parametrize(("days", "told"), [(0, 1), (4, 0)])
def test_the_audit_says_so_until_the_day_after_the_agreed_time(
    listing, poster, seeker_session, days, told
):
    """The third day, also while another time is asked for."""
    viewing = confirm_first(ask(listing, seeker_session), poster)
    scheduling.reschedule_viewing(viewing=viewing, times=[at(9, 10)], by=poster)
    seeker_session.contact_verified_at = clock.now()
    seeker_session.save()
    now = at(3, 10).start_at + dt.timedelta(days=days)
    contact_verified.send(sender=None, principal=seeker_session, now=now)
    assert AuditEvent.objects.filter(action="viewing_address_shared").count() == told


# --- the listing ------------------------------------------------------------------------------------
def test_a_held_listing_freezes_and_goes_on(confirmed, listing, event_types, seeker):
    now = clock.now()
    held = move_listing(listing=listing, verb="check_hold", by=SYSTEM, now=now)
    assert CalendarEntry.objects.get().is_frozen
    move_listing(listing=held, verb="check_pass", by=SYSTEM, now=now)
    assert not CalendarEntry.objects.get().is_frozen
    assert event_types(confirmed)[-2:] == ["frozen", "unfrozen"]
    titles = list(Notification.objects.of(seeker).order_by("id").values_list("title", flat=True))
    assert titles[-2].endswith("is not available for the moment")
    assert titles[-1].endswith("is available again")


def test_a_withdrawn_listing_cancels_its_viewings(confirmed, listing, poster, seeker, event_types):
    withdraw_listing(listing=listing, by=poster)
    assert fresh(confirmed).status == "cancelled"
    assert event_types(confirmed)[-1] == "cancelled"
    assert confirmed.events.last().actor == "system"
    assert not Claim.objects.active().exists()
    assert not Reminder.objects.due().exists()
    assert "no longer offered" in Notification.objects.of(seeker).order_by("-id")[0].title


def test_pausing_changes_nothing(confirmed, listing, poster, event_types):
    before = event_types(confirmed)
    move_listing(listing=listing, verb="pause", by=poster, now=clock.now())
    assert event_types(confirmed) == before
    assert fresh(confirmed).status == "confirmed"


# --- what is held about somebody --------------------------------------------------------------------
def test_the_export_holds_ones_viewings(confirmed, seeker, poster):
    mine = export(seeker)["viewings"]
    assert [row["id"] for row in mine["sought"]] == [confirmed.pk]
    assert len(mine["times"]) == 3
    assert [row["id"] for row in export(poster)["viewings"]["hosted"]] == [confirmed.pk]


def test_a_claim_without_viewings_tells_nobody(seeker_session, seeker):
    claim(seeker_session, seeker)
    assert not Notification.objects.exists()
