"""Whoever promised to be in touch again is reminded on that day, once."""

import datetime as dt

import pytest
import time_machine

from ghar.notifications.models import Notification
from tests.visits.actions import complete, fresh, tour
from visits import tasks
from visits.models import Visit
from visits.services import scheduling

pytestmark = pytest.mark.django_db
PROMISE = {"follow_up_required": True}


@pytest.fixture
def promised(confirmed, agent) -> Visit:
    """Agnes has shown the place and will be in touch two days later."""
    scheduling.edit_visit(visit=confirmed, changes=PROMISE, by=agent)
    return complete(confirmed, agent)


def run_at(visit: Visit, hour: int, *, days: int = 0) -> list[str]:
    """The hour is one of Kigali; who has been reminded until then."""
    day = fresh(visit).follow_up_date + dt.timedelta(days=days)
    moment = dt.datetime.combine(day, dt.time(hour - 2), dt.UTC)
    with time_machine.travel(moment, tick=False):
        tasks.remind_of_follow_ups()
    told = Notification.objects.filter(key__startswith="follow-up-")
    return list(told.values_list("user__email", flat=True))


def test_from_nine_in_the_morning_and_once(promised, agent):
    assert run_at(promised, 8) == []
    assert run_at(promised, 9) == [agent.email]
    assert run_at(promised, 11) == [agent.email]
    assert run_at(promised, 9, days=1) == [agent.email]


def test_in_the_readers_language(promised, agent):
    agent.language = "fr"
    agent.save()
    run_at(promised, 9)
    told = Notification.objects.of(agent).latest("pk")
    assert told.title.startswith("Aujourd")
    assert "promis" in told.body


def test_a_promise_that_cannot_be_told_does_not_stop_the_others(promised, agent, peer, poster):
    other = scheduling.confirm_visit(visit=tour(promised.listing, peer, hour=12), by=poster)
    scheduling.edit_visit(visit=other, changes=PROMISE, by=poster)
    complete(other, agent)
    Visit.objects.filter(pk=promised.pk).update(timezone="Nowhere/At_All")
    assert run_at(other, 9) == [agent.email]


def test_a_promise_that_was_kept_is_not_asked_about(promised, agent):
    scheduling.edit_visit(visit=promised, changes={"follow_up_required": False}, by=agent)
    assert run_at(promised, 10) == []


def test_without_an_agent_it_is_the_host(listing, seeker, poster):
    visit = scheduling.confirm_visit(visit=tour(listing, seeker), by=poster)
    scheduling.edit_visit(visit=visit, changes=PROMISE, by=poster)
    complete(visit, poster)
    assert run_at(visit, 9) == [poster.email]
