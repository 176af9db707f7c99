"""What was agreed with somebody who is suspended waits, and goes on when they are back."""

import pytest

from ghar.accounts.models import User
from ghar.calendar.models import CalendarEntry
from ghar.errors import ListingNotAvailable
from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.properties.models import Property
from moderation.models import Sanction
from moderation.services import sanctions
from tests.factories import LiveListingFactory
from tests.viewings.actions import ask, at, confirm_first, fresh
from viewings.policies import steps as policies
from viewings.services import closing, scheduling

pytestmark = pytest.mark.django_db


def suspend(person: User, by: User) -> Sanction:
    return sanctions.suspend_person(
        person=person, report=None, message="Stop.", note="", by=by, now=clock.now()
    )


def titles(person: User) -> list[str]:
    """What this person was told since, newest first."""
    mine = Notification.objects.filter(user=person, type="viewing_rescheduled")
    return list(mine.order_by("-pk").values_list("title", flat=True))


def test_a_suspended_posters_viewing_waits_and_goes_on(
    confirmed, poster, seeker, admin, event_types
):
    suspension = suspend(poster, admin)
    assert CalendarEntry.objects.get(subject_id=confirmed.pk).is_frozen
    assert event_types(confirmed)[-1] == "frozen"
    assert titles(seeker)[0] == f"Your viewing of {confirmed.listing} waits"
    with pytest.raises(ListingNotAvailable):
        scheduling.offer_times(viewing=fresh(confirmed), times=[at(5, 9)], by=seeker)
    assert policies.allowed_actions(fresh(confirmed), seeker, clock.now()) == ["cancel"]
    sanctions.lift_suspension(sanction=suspension, note="", by=admin)
    assert not CalendarEntry.objects.get(subject_id=confirmed.pk).is_frozen
    assert event_types(confirmed)[-1] == "unfrozen"
    assert titles(seeker)[0] == f"Your viewing of {confirmed.listing} goes on"


def test_the_other_side_can_cancel_meanwhile(confirmed, poster, seeker, admin):
    suspend(poster, admin)
    closing.cancel_viewing(viewing=fresh(confirmed), by=seeker)
    assert fresh(confirmed).status == "cancelled"


def test_a_suspended_seekers_viewing_waits_too(viewing, poster, seeker, admin, event_types):
    suspension = suspend(seeker, admin)
    assert (event_types(viewing)[-1], titles(seeker)) == ("frozen", [])
    assert titles(poster)[0] == f"Your viewing of {viewing.listing} waits"
    with pytest.raises(ListingNotAvailable):
        confirm_first(viewing, poster)
    sanctions.lift_suspension(sanction=suspension, note="", by=admin)
    assert confirm_first(viewing, poster).status == "confirmed"


def test_with_both_suspended_it_goes_on_with_the_second_return(
    confirmed, poster, seeker, admin, event_types
):
    first, second = suspend(poster, admin), suspend(seeker, admin)
    assert event_types(confirmed).count("frozen") == 1
    sanctions.lift_suspension(sanction=first, note="", by=admin)
    assert CalendarEntry.objects.get(subject_id=confirmed.pk).is_frozen
    sanctions.lift_suspension(sanction=second, note="", by=admin)
    assert not CalendarEntry.objects.get(subject_id=confirmed.pk).is_frozen
    assert event_types(confirmed).count("unfrozen") == 1


def test_nobody_asks_to_see_the_place_of_a_suspended_person(poster, seeker, admin):
    listing = LiveListingFactory(owner=poster)
    suspend(poster, admin)
    with pytest.raises(ListingNotAvailable):
        ask(Property.objects.get(pk=listing.pk), seeker)
