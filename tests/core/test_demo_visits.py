"""The demo's visits: everybody who signs in finds something under way."""

import pytest

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.management.commands.seed_demo import make_accounts
from ghar.management.demo_agents import make_agents
from ghar.management.flatmates import make_meetings, make_profiles
from ghar.management.visits import make_visits
from tests.factories import LiveListingFactory
from visits.models import Visit
from visits.services.records import differences


@pytest.fixture
def cast(settings, db) -> dict[str, User]:
    settings.CLOCK_ADJUSTABLE = True
    cast, people = make_accounts()
    make_agents(account=cast["agent"], by=cast["admin"])
    for owner in (cast["poster"], cast["poster"], cast["poster2"], *people[:4]):
        LiveListingFactory(owner=owner, property_type="flatmate", sharing_type="private_room")
    make_profiles(cast, people)
    make_meetings(cast)
    make_visits(cast, people)
    return cast


def states(visits) -> set[tuple[str, str]]:
    return set(visits.values_list("visit_context", "status"))


def test_seeker_host_and_agent_each_find_something_living(cast):
    now = clock.now()
    tours = {("property_tour", name) for name in ("scheduled", "confirmed", "rescheduled")}
    meeting = ("flatmate_meet", "confirmed")
    assert states(Visit.objects.of(cast["seeker"]).upcoming(now)) == {*tours, meeting}
    assert states(Visit.objects.of(cast["poster"]).upcoming(now)) == tours
    assert states(Visit.objects.of(cast["agent"]).upcoming(now)) == tours
    assert Visit.objects.unassigned().count() == 1


def test_what_is_over_ended_in_several_ways(cast):
    over = Visit.objects.of(cast["poster"]).past(clock.now())
    ends = set(over.values_list("status", "outcome"))
    assert ends == {("completed", "attended"), ("completed", "visitor_no_show"), ("cancelled", "")}


def test_the_hosts_figure_is_published(cast):
    poster = User.objects.get(pk=cast["poster"].pk)
    assert (poster.visits_kept, poster.visits_planned) == (7, 8)


def test_each_row_is_what_its_events_say(cast):
    assert all(differences(visit) == {} for visit in Visit.objects.all())


def test_the_clock_is_where_it_was(cast):
    before = clock.now()
    clock.forget_offset()
    assert abs((clock.now() - before).total_seconds()) < 5
    assert all(visit.created_at <= clock.now() for visit in Visit.objects.all())
