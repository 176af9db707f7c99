"""The day of somebody who shows homes."""

import datetime as dt

import pytest
import time_machine

from ghar.errors import Invalid
from ghar.lib import clock
from tests.factories import LiveListingFactory, UserFactory
from tests.visits.actions import at, complete, fresh, tour
from visits.models import Agent
from visits.services import scheduling

pytestmark = pytest.mark.django_db

DAY = "/agent/"


def date_of(day):
    return (clock.now() + dt.timedelta(days=day)).date().isoformat()


def page_of(response):
    return response.content.decode()


@pytest.fixture
def day(guide, poster):
    """Three tours of the third day, booked in no order, the second of them agreed."""
    places = [LiveListingFactory(title=f"Room at {hour} o'clock here") for hour in (9, 12, 16)]
    made = {
        hour: tour(places[n], UserFactory(), hour=hour) for n, hour in ((2, 16), (0, 9), (1, 12))
    }
    scheduling.confirm_visit(visit=made[12], by=made[12].host)
    return made


def test_the_stops_stand_in_the_order_of_the_way(browser, day, agent):
    page = page_of(browser(agent).get(f"{DAY}?day={date_of(3)}"))
    places = [page.index(day[hour].get_absolute_url()) for hour in (9, 12, 16)]
    assert places == sorted(places)
    assert "3 stops" in page
    assert "2 h 30 min free" in page
    assert "min on the way" in page


def test_each_stop_says_where_who_and_what_to_know(browser, guide, agent, seeker, listing):
    visit = tour(listing, seeker, special_requirements="A ramp, please")
    page = page_of(browser(agent).get(f"{DAY}?day={date_of(3)}"))
    assert listing.address in page
    assert "Sita S. comes, Peter P. is the host" in page
    assert "A ramp, please" in page
    assert f'action="{visit.get_absolute_url()}confirm/"' in page


def test_an_empty_day_leads_to_the_next_busy_one(browser, day, agent):
    reader = browser(agent)
    busy = (clock.now() + dt.timedelta(days=3)).date()
    page = page_of(reader.get(f"{DAY}?day={date_of(1)}"))
    assert f'<a class="button" href="/agent/?day={busy.isoformat()}">Your next tour is on ' in page
    assert "Your next tour" not in page_of(reader.get(f"{DAY}?day={date_of(4)}"))


def test_the_next_one_is_the_time_that_stands_while_a_later_one_is_proposed(
    browser, confirmed, agent, poster
):
    busy = confirmed.scheduled_date.date()
    later = confirmed.scheduled_date + dt.timedelta(days=3)
    scheduling.reschedule_visit(visit=confirmed, new_date=later, by=poster)
    assert fresh(confirmed).agent is not None
    page = page_of(browser(agent).get(f"{DAY}?day={clock.now().date() - dt.timedelta(days=1)}"))
    assert f'href="/agent/?day={busy.isoformat()}">Your next tour is on ' in page


def test_another_day_is_one_step_away_and_this_one_comes_first(browser, day, agent):
    with time_machine.travel(clock.now().replace(hour=12), tick=False):
        page = page_of(browser(agent).get(DAY))
    assert "Today, " in page
    assert "Nothing on this day" in page
    assert f'href="?day={date_of(1)}"' in page
    assert f'href="?day={date_of(-1)}"' in page


def test_a_proposed_time_is_on_the_way_beside_the_one_that_stands(browser, visit, agent, seeker):
    scheduling.reschedule_visit(visit=visit, new_date=at(3, 15), by=seeker)
    page = page_of(browser(agent).get(f"{DAY}?day={date_of(3)}"))
    assert "2 stops" in page
    assert page.count(">Proposed<") == 1


def test_after_a_step_the_agent_goes_on_with_the_day(browser, day, agent):
    path = day[9].get_absolute_url()
    response = browser(agent).post(f"{path}confirm/", {"day_of_agent": date_of(3)})
    assert (response.status_code, response["Location"]) == (302, f"{DAY}?day={date_of(3)}")
    assert fresh(day[9]).is_confirmed
    elsewhere = browser(agent).post(f"{path}confirm/", {"day_of_agent": "//evil.example"})
    assert elsewhere["Location"] == path


def test_a_visit_is_closed_from_the_day_with_its_outcome(browser, day, agent):
    visit = day[12]
    with time_machine.travel(visit.scheduled_date + dt.timedelta(hours=1)):
        page = page_of(browser(agent).get(DAY))
        assert f'action="{visit.get_absolute_url()}complete/"' in page
        form = {"outcome": "visitor_no_show", "notes": "Waited", "day_of_agent": "2027-01-01"}
        browser(agent).post(f"{visit.get_absolute_url()}complete/", form)
    assert (fresh(visit).outcome, fresh(visit).visit_notes) == ("visitor_no_show", "Waited")


def test_the_day_is_that_of_the_agents_clock(browser, guide, agent, seeker):
    Agent.objects.filter(pk=guide.pk).update(timezone="Asia/Kolkata")
    # 23:00 in Kigali is half past two of the next day in Kolkata.
    visit = tour(LiveListingFactory(), seeker, hour=23)
    shown = [
        visit.get_absolute_url() in page_of(browser(agent).get(f"{DAY}?day={date_of(day)}"))
        for day in (3, 4)
    ]
    assert shown == [False, True]


# --- follow-ups -----------------------------------------------------------------------------------
def test_who_was_promised_a_word_stands_there_until_it_is_done(browser, confirmed, agent, poster):
    scheduling.edit_visit(visit=confirmed, changes={"follow_up_required": True}, by=agent)
    done = complete(confirmed, poster, notes="Likes the garden")
    path = done.get_absolute_url()
    with time_machine.travel(confirmed.scheduled_date + dt.timedelta(days=1)):
        assert "Nobody waits for you." in page_of(browser(agent).get(DAY))
    with time_machine.travel(confirmed.scheduled_date + dt.timedelta(days=2)):
        page = page_of(browser(agent).get(DAY))
        assert f'href="{path}">Sita S.' in page
        assert f'action="{path}followed-up/"' in page
        scheduling.edit_visit(visit=done, changes={"visit_notes": "Wants the balcony"}, by=agent)
        assert browser(agent).post(f"{path}followed-up/").status_code == 302
        assert "Nobody waits for you." in page_of(browser(agent).get(DAY))
    assert fresh(confirmed).visit_notes == "Wants the balcony"


def test_a_promise_that_is_overdue_can_still_be_kept(browser, confirmed, agent, poster):
    scheduling.edit_visit(visit=confirmed, changes={"follow_up_required": True}, by=agent)
    done = complete(confirmed, poster)
    with time_machine.travel(confirmed.scheduled_date + dt.timedelta(days=4)):
        day = fresh(done).follow_up_date
        path = f"{done.get_absolute_url()}followed-up/"
        assert browser(agent).post(path).status_code == 302
        past = {"follow_up_date": day + dt.timedelta(days=1)}
        with pytest.raises(Invalid):
            scheduling.edit_visit(visit=done, changes=past, by=agent)
    assert fresh(done).follow_up_required is False


def test_a_promise_needs_a_day(browser, visit, agent):
    response = browser(agent).post(
        f"{visit.get_absolute_url()}note/", {"follow_up_required": "on", "visit_notes": "Keep me"}
    )
    assert response.status_code == 422
    assert "Please say on which day." in page_of(response)
    assert "Keep me" in page_of(response)


# --- availability ---------------------------------------------------------------------------------
def test_away_and_back_again(browser, guide, agent):
    away = {"back_on": date_of(7), "reason": "A wedding"}
    assert browser(agent).post("/agent/availability/", away).status_code == 302
    guide.refresh_from_db()
    assert (guide.is_available, guide.unavailable_reason) == (False, "A wedding")
    assert guide.unavailable_until.isoformat() == f"{date_of(6)}T22:00:00+00:00"
    assert "You are away until" in page_of(browser(agent).get(DAY))
    assert browser(agent).post("/agent/availability/", {"back": "1"}).status_code == 302
    guide.refresh_from_db()
    assert (guide.is_available, guide.unavailable_until) == (True, None)


def test_a_day_that_is_over_is_refused_and_the_form_kept(browser, guide, agent):
    form = {"back_on": date_of(-2), "reason": "A wedding"}
    response = browser(agent).post("/agent/availability/", form)
    assert response.status_code == 422
    assert "A wedding" in page_of(response)
    guide.refresh_from_db()
    assert guide.is_available


# --- who may --------------------------------------------------------------------------------------
def test_for_everybody_else_there_is_no_such_page(browser, guide, seeker, admin):
    for person in (seeker, admin):
        assert browser(person).get(DAY).status_code == 404
        assert browser(person).post("/agent/availability/", {"back": "1"}).status_code == 404
        assert 'href="/agent/"' not in page_of(browser(person).get("/visits/"))


def test_the_agent_finds_the_day_beside_the_visits(browser, guide, agent):
    assert 'href="/agent/"' in page_of(browser(agent).get("/visits/"))


@pytest.mark.parametrize("day", ["today", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_strange_day_is_not_found(browser, guide, agent, day):
    assert browser(agent).get(f"{DAY}?day={day}").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_day_costs_the_same_for_one_and_three(
    client, guide, agent, rows, django_assert_num_queries
):
    for number in range(rows):
        tour(LiveListingFactory(), UserFactory(), hour=10 + number)
    client.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")
    client.get(DAY)
    # Sign-in (2), the agent, the visits and their recent steps, the follow-ups, the notices.
    with django_assert_num_queries(7):
        client.get(f"{DAY}?day={date_of(3)}")
