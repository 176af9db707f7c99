"""The visitor of a tour says on its page how the agent was, and everybody there reads how they are."""

import datetime as dt
import re

import pytest
import time_machine

from ghar.accounts.models import User
from ghar.accounts.services.profiles import TIME_TO_RESTORE, erase_due_accounts
from ghar.audit.models import AuditEvent
from ghar.errors import InvalidTransition, NotAllowed, RateLimited
from ghar.lib import clock
from ghar.properties.models import Property
from tests.statements import statements_of
from tests.visits.actions import complete, fresh, tour
from visits.models import Agent, AgentInteraction
from visits.policies.agents import can_rate
from visits.services.agents import (
    MOST_A_DAY,
    log_interaction,
    rate_agent,
    ratings_on,
    with_rating,
)
from visits.services.closing import complete_visit, undo_step
from visits.services.scheduling import confirm_visit

pytestmark = pytest.mark.django_db

QUESTION = "How was Agnes?"


def page_of(response):
    return response.content.decode()


def rating(agent):
    return with_rating(Agent.objects.filter(pk=agent.pk), clock.now()).get().rating


@pytest.fixture
def over(confirmed, poster):
    """The seeker has seen the place, and Agnes showed it."""
    complete(confirmed, poster, outcome="attended")
    return fresh(confirmed)


@pytest.fixture
def path(over):
    return over.get_absolute_url()


# --- the page -------------------------------------------------------------------------------------
def test_after_the_tour_its_visitor_gives_stars_and_reads_them(browser, over, path, seeker, guide):
    visitor = browser(seeker)
    page = page_of(visitor.get(path))
    assert f'<legend class="field__label">{QUESTION}</legend>' in page
    assert f'action="{path}rate/"' in page
    assert page.count('type="radio" name="user_satisfaction"') == 5
    assert '<span class="visually-hidden">1 star</span>' in page
    assert '<span class="visually-hidden">5 stars</span>' in page

    response = visitor.post(f"{path}rate/", {"user_satisfaction": "4"})
    assert (response.status_code, response["Location"]) == (302, path)
    page = page_of(visitor.get(path))
    assert "Thank you for your rating." in page
    assert "You gave Agnes 4 of 5 stars." in page
    assert rating(guide) == 4
    said = AgentInteraction.objects.get()
    assert (said.agent, said.user, said.kind) == (guide, seeker, "chat")


def test_who_thinks_again_changes_the_stars_and_not_their_day(browser, path, seeker, guide):
    visitor = browser(seeker)
    visitor.post(f"{path}rate/", {"user_satisfaction": "2"})
    AgentInteraction.objects.update(created_at=clock.now() - dt.timedelta(days=60))
    day = AgentInteraction.objects.get().created_at
    page = page_of(visitor.get(path))
    assert "Change it" in page
    assert re.search(r'name="user_satisfaction" value="2"[^>]* checked', page)
    for _ in range(2):  # a second tap of the same changes nothing
        assert visitor.post(f"{path}rate/", {"user_satisfaction": "5"}).status_code == 302
    said = AgentInteraction.objects.get()
    assert (said.user_satisfaction, said.created_at) == (5, day)
    assert rating(guide) == 5
    assert AuditEvent.objects.filter(action="agent_interaction").count() == 1
    assert AuditEvent.objects.filter(action="agent_rating_changed").count() == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Please choose one to five stars."),
        ({"user_satisfaction": "0"}, "Select a valid choice."),
        ({"user_satisfaction": "6"}, "Select a valid choice."),
        ({"user_satisfaction": "many"}, "Select a valid choice."),
    ],
)
def test_what_is_no_number_of_stars_is_said_by_the_field(browser, over, path, seeker, form, words):
    response = browser(seeker).post(f"{path}rate/", form)
    page = page_of(response)
    assert response.status_code == 422
    field = f"rate-{over.pk}-user_satisfaction"
    error = page.split(f'id="{field}_error"')[1].split("</div>")[0]
    assert words in error
    assert f'aria-describedby="{field}_error"' in page
    assert f'href="#{field}"' in page
    assert not AgentInteraction.objects.exists()


@pytest.mark.parametrize("who", ["poster", "agent", "admin"])
def test_nobody_but_the_visitor_is_asked(browser, path, guide, who, request):
    reader = browser(request.getfixturevalue(who))
    assert QUESTION not in page_of(reader.get(path))
    assert reader.post(f"{path}rate/", {"user_satisfaction": "5"}).status_code == 403
    assert rating(guide) is None


def test_to_strangers_there_is_no_such_visit(browser, path, outsider):
    assert browser(outsider).post(f"{path}rate/", {"user_satisfaction": "1"}).status_code == 404
    assert browser().post(f"{path}rate/", {"user_satisfaction": "1"}).status_code == 302
    assert not AgentInteraction.objects.exists()


def test_before_it_is_over_nobody_is_asked(browser, confirmed, seeker):
    path = confirmed.get_absolute_url()
    assert QUESTION not in page_of(browser(seeker).get(path))
    assert browser(seeker).post(f"{path}rate/", {"user_satisfaction": "5"}).status_code == 409
    assert not AgentInteraction.objects.exists()


@pytest.mark.parametrize("outcome", ["visitor_no_show", "host_no_show", "not_accessible"])
def test_nobody_rates_what_did_not_take_place(browser, confirmed, poster, seeker, outcome):
    complete(confirmed, poster, outcome=outcome)
    path = confirmed.get_absolute_url()
    assert QUESTION not in page_of(browser(seeker).get(path))
    assert browser(seeker).post(f"{path}rate/", {"user_satisfaction": "1"}).status_code == 409


def test_a_tour_without_an_agent_and_a_meeting_ask_for_nobody(
    browser, listing, meeting, poster, seeker, peer
):
    alone = confirm_visit(visit=tour(listing, seeker, day=4), by=poster)
    complete(alone, poster, outcome="attended")
    complete(confirm_visit(visit=meeting, by=peer), peer, outcome="attended")
    for visit in (alone, meeting):
        path = visit.get_absolute_url()
        assert "rate/" not in page_of(browser(seeker).get(path))
        assert browser(seeker).post(f"{path}rate/", {"user_satisfaction": "5"}).status_code == 403


def test_what_is_on_hold_waits_and_shows_what_was_given(browser, over, path, seeker, listing):
    rate_agent(visit=over, by=seeker, user_satisfaction=3)
    Property.objects.filter(pk=listing.pk).update(status="hold_for_review")
    page = page_of(browser(seeker).get(path))
    assert "You gave Agnes 3 of 5 stars." in page
    assert "rate/" not in page
    response = browser(seeker).post(f"{path}rate/", {"user_satisfaction": "5"})
    assert response.status_code == 409
    assert AgentInteraction.objects.get().user_satisfaction == 3


@pytest.mark.parametrize("gone", ["deactivated", "suspended"])
def test_who_shows_no_homes_any_more_is_not_rated(browser, over, path, seeker, guide, gone):
    if gone == "deactivated":
        Agent.objects.update(is_active=False)
    else:
        guide.user.suspended_at = clock.now()
        guide.user.save()
    assert "rate/" not in page_of(browser(seeker).get(path))
    assert browser(seeker).post(f"{path}rate/", {"user_satisfaction": "5"}).status_code == 403


def test_the_rating_stands_beside_the_name_and_the_stars_stay_between_two(
    browser, over, path, seeker, poster, guide, admin
):
    reader = browser(poster)
    assert "of 5" not in page_of(reader.get(path))
    rate_agent(visit=over, by=seeker, user_satisfaction=5)
    log_interaction(agent=guide, kind="call", by=admin, user_satisfaction=4)
    page = page_of(reader.get(path))
    assert "4.5 of 5" in page
    assert "You gave" not in page
    assert "4.5 of 5" in page_of(reader.get(f"{path}state/"))


# --- the verb -------------------------------------------------------------------------------------
def test_each_tour_has_a_rating_of_its_own(over, listing, poster, seeker, guide):
    second = confirm_visit(visit=tour(listing, seeker, day=5), by=poster)
    second = complete(second, poster, outcome="attended")
    rate_agent(visit=over, by=seeker, user_satisfaction=5)
    rate_agent(visit=fresh(second), by=seeker, user_satisfaction=2)
    assert rating(guide) == 3.5


def test_what_is_said_of_a_tour_does_not_count_once_that_is_undone(
    confirmed, poster, seeker, guide
):
    with time_machine.travel(confirmed.scheduled_date, tick=False):
        complete_visit(visit=confirmed, by=poster)
        rate_agent(visit=fresh(confirmed), by=seeker, user_satisfaction=1)
        assert rating(guide) == 1
        undo_step(visit=confirmed, by=poster)
        assert rating(guide) is None
        complete_visit(visit=confirmed, by=poster)
        assert rating(guide) == 1


@pytest.mark.parametrize("leaves", ["seeker", "poster"])
@pytest.mark.parametrize(("outcome", "kept"), [("attended", 1), ("host_no_show", None), ("", None)])
def test_with_an_account_go_the_ratings_that_no_longer_counted(
    request, over, seeker, guide, leaves, outcome, kept
):
    """The tour goes too, and takes with it what told them apart."""
    rate_agent(visit=over, by=seeker, user_satisfaction=1)
    type(over).objects.filter(pk=over.pk).update(outcome=outcome)
    User.objects.filter(pk=request.getfixturevalue(leaves).pk).update(
        deletion_requested_at=clock.now() - TIME_TO_RESTORE
    )
    assert erase_due_accounts(now=clock.now()) == 1
    assert not type(over).objects.exists()
    assert rating(guide) == kept


def test_a_rating_is_of_the_agent_who_showed_the_place(over, seeker, guide):
    """`over` was read before somebody else was put down as who showed it."""
    other = Agent.objects.create(name="Otto", languages=["en"])
    type(over).objects.filter(pk=over.pk).update(agent=other)
    with pytest.raises(NotAllowed):
        rate_agent(visit=over, by=seeker, user_satisfaction=1)


def test_what_has_changed_meanwhile_counts(over, confirmed, seeker):
    """`confirmed` was read before the tour was over, `over` before it was taken back."""
    assert not can_rate(confirmed, seeker, clock.now())
    type(over).objects.filter(pk=over.pk).update(status="confirmed", outcome="")
    with pytest.raises(InvalidTransition):
        rate_agent(visit=over, by=seeker, user_satisfaction=1)


def test_the_bound_of_a_day_holds_for_new_ratings_and_not_for_a_change(over, seeker, guide):
    for _ in range(MOST_A_DAY - 1):
        log_interaction(agent=guide, kind="chat", by=seeker, user_satisfaction=3)
    first = rate_agent(visit=over, by=seeker, user_satisfaction=1)
    assert rate_agent(visit=over, by=seeker, user_satisfaction=5) == first
    first.delete()
    log_interaction(agent=guide, kind="chat", by=seeker, user_satisfaction=3)
    with pytest.raises(RateLimited):
        rate_agent(visit=over, by=seeker, user_satisfaction=1)


def test_who_changes_the_stars_all_day_long_is_stopped(over, seeker):
    for number in range(20):
        rate_agent(visit=over, by=seeker, user_satisfaction=number % 5 + 1)
    with pytest.raises(RateLimited):
        rate_agent(visit=over, by=seeker, user_satisfaction=1)
    assert AgentInteraction.objects.get().user_satisfaction == 5


def test_a_rating_takes_few_statements_and_the_page_one_more(over, seeker):
    assert statements_of(lambda: rate_agent(visit=over, by=seeker, user_satisfaction=4)) <= 7
    assert statements_of(lambda: rate_agent(visit=over, by=seeker, user_satisfaction=5)) <= 6
    assert statements_of(lambda: ratings_on(over, seeker, clock.now())) == 1
