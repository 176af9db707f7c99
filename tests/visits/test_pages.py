"""The pages, without JavaScript and with the login of the web."""

import datetime as dt

import pytest
import time_machine

from flatmates.services.matches import unmatch
from flatmates.services.swipes import swipe_listing
from ghar.lib import clock
from ghar.models import ClockOffset
from ghar.properties.models import Property
from tests.factories import LiveListingFactory, PropertyFactory
from tests.viewings.actions import ask, confirm_first
from tests.visits.actions import at, fresh, matched, tour, types
from visits.models import Visit
from visits.services import closing, scheduling
from visits.services.scheduling import reschedule_visit

pytestmark = pytest.mark.django_db


def new_url(listing):
    return f"/rooms/{listing.pk}/visit/new"


def slot(moment):
    return moment.astimezone(dt.UTC).isoformat()


def typed(moment):
    """The wall clock of Kigali."""
    local = moment + dt.timedelta(hours=2)
    return {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}


def page_of(response):
    return response.content.decode()


@pytest.fixture
def path(visit):
    return visit.get_absolute_url()


# --- booking a tour -------------------------------------------------------------------------------
def test_the_listing_says_what_a_tour_is_beside_the_viewing(browser, listing, outsider):
    page = page_of(browser(outsider).get(listing.get_absolute_url()))
    assert f'href="{new_url(listing)}"' in page
    assert f'href="/rooms/{listing.pk}/viewing/new"' in page
    assert "one of our agents shows you round" in page


def test_the_host_gets_no_button_to_tour_their_own_place(browser, listing, poster):
    assert new_url(listing) not in page_of(browser(poster).get(listing.get_absolute_url()))
    assert browser(poster).get(new_url(listing)).status_code == 403


def test_a_suggested_time_is_booked_with_one_choice(browser, listing, guide, seeker):
    page = page_of(browser(seeker).get(new_url(listing)))
    assert f'value="{slot(at(3, 10))}"' in page
    assert "Rwanda Time" in page
    form = {"slot": slot(at(3, 10)), "special_requirements": "No stairs, please"}
    response = browser(seeker).post(new_url(listing), form)
    visit = Visit.objects.get()
    assert (response.status_code, response["Location"]) == (302, visit.get_absolute_url())
    assert visit.scheduled_date == at(3, 10)
    assert visit.special_requirements == "No stairs, please"
    assert visit.agent == guide


def test_a_typed_time_is_the_wall_clock_of_the_place(browser, listing, seeker):
    assert browser(seeker).post(new_url(listing), typed(at(12, 15, 20))).status_code == 302
    assert Visit.objects.get().scheduled_date == at(12, 15, 20)


def test_the_readers_clock_stands_second_where_it_differs(browser, listing, seeker):
    seeker.timezone = "Asia/Kolkata"
    seeker.save()
    page = page_of(browser(seeker).get(new_url(listing)))
    assert "Rwanda Time" in page
    assert "India Time" in page
    assert "<span>10:00<small>13:30</small></span>" in page


def test_taken_times_are_not_suggested(browser, visit, listing, outsider):
    page = page_of(browser(outsider).get(new_url(listing)))
    assert slot(visit.scheduled_date) not in page
    assert slot(at(3, 11)) in page


def test_a_tour_is_suggested_for_when_somebody_could_show_it(browser, listing, guide, outsider):
    guide.working_hours = {f"{at(3, 10):%a}".lower(): [["09:00", "12:00"]]}
    guide.save()
    page = page_of(browser(outsider).get(new_url(listing)))
    assert slot(at(3, 11, 30)) in page
    assert slot(at(3, 12)) not in page
    assert slot(at(4, 10)) not in page
    # It is a suggestion: another time is booked all the same.
    assert browser(outsider).post(new_url(listing), typed(at(4, 10))).status_code == 302


def test_where_nobody_shows_places_every_time_is_suggested(browser, listing, outsider):
    page = page_of(browser(outsider).get(new_url(listing)))
    assert slot(at(3, 10)) in page


def test_a_conflict_offers_three_buttons_and_loses_no_word(browser, visit, listing, outsider):
    form = {"slot": slot(visit.scheduled_date), "special_requirements": "I come by bicycle"}
    response = browser(outsider).post(new_url(listing), form)
    page = page_of(response)
    assert response.status_code == 409
    assert page.count('name="alternative"') == 3
    assert "I come by bicycle" in page
    instead = response.context["problem"].details["alternatives"][0]["start_at"]
    again = form | {"alternative": instead}
    assert browser(outsider).post(new_url(listing), again).status_code == 302
    booked = Visit.objects.get(user=outsider)
    assert booked.scheduled_date == dt.datetime.fromisoformat(instead)
    assert booked.special_requirements == "I come by bicycle"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Please choose a time, or type one."),
        ({"day": "2030-01-01"}, "Please fill in both the day and the time."),
        ({"time": "10:00"}, "Please fill in both the day and the time."),
        ({"slot": "tomorrow"}, "Please choose one of the times."),
        ({"slot": "0001-01-01T00:00:00+14:00"}, "Please choose one of the times."),
        ({"day": "2020-01-01", "time": "10:00"}, "This time has passed."),
        ({"day": "2999-01-01", "time": "10:00"}, "This is too far ahead."),
        ({"day": "10000-01-01", "time": "10:00"}, "Enter a valid date."),
    ],
)
def test_what_is_missing_is_said_kindly_and_the_form_kept(browser, listing, seeker, form, words):
    response = browser(seeker).post(new_url(listing), form | {"special_requirements": "Keep me"})
    assert response.status_code == 422
    assert words in page_of(response)
    assert "Keep me" in page_of(response)


def test_a_choice_beside_a_typed_time_asks_which(browser, listing, seeker):
    both = {"slot": slot(at(3, 10))} | typed(at(4, 10))
    response = browser(seeker).post(new_url(listing), both)
    assert response.status_code == 422
    assert "please keep one" in page_of(response)
    assert not Visit.objects.exists()


def test_a_time_that_the_clocks_skip_does_not_exist(browser, seeker):
    listing = LiveListingFactory(timezone="Europe/Paris", city="Kigali")
    with time_machine.travel(dt.datetime(2027, 3, 1, tzinfo=dt.UTC), tick=False):
        form = {"day": "2027-03-28", "time": "02:30"}
        response = browser(seeker).post(new_url(listing), form)
    assert response.status_code == 422
    assert "this time does not exist" in page_of(response)


def test_a_place_that_is_no_longer_live_says_so(browser, listing, seeker):
    Property.objects.filter(pk=listing.pk).update(status="paused")
    response = browser(seeker).get(new_url(listing))
    assert response.status_code == 409
    assert "Find another place" in page_of(response)


def test_what_was_written_for_a_tour_comes_back_when_it_cannot_be_booked(browser, listing, seeker):
    form = {"slot": slot(at(3, 10)), "special_requirements": "I come by bicycle"}
    Property.objects.filter(pk=listing.pk).update(status="paused")
    page = page_of(browser(seeker).post(new_url(listing), form))
    assert "What you wrote is not kept" in page
    assert "I come by bicycle" in page


@pytest.mark.parametrize("status", ["hold_for_review", "rejected", "pending_review", "withdrawn"])
def test_what_is_no_longer_public_is_not_named(browser, listing, seeker, status):
    changed = {"status": status, "title": "Call 0788 123 456"}
    Property.objects.filter(pk=listing.pk).update(**changed)
    page = page_of(browser(seeker).get(new_url(listing)))
    assert "Find another place" in page
    assert "0788" not in page


def test_a_draft_is_not_found(browser, seeker):
    assert browser(seeker).get(new_url(PropertyFactory())).status_code == 404


# --- a meeting ------------------------------------------------------------------------------------
@pytest.fixture
def match(seeker, peer):
    return matched(seeker, peer)


def meet_url(match):
    return f"/chats/{match.conversation_id}/visit/new"


def test_the_chat_leads_to_a_place_and_a_time(browser, match, listing, seeker, peer):
    swipe_listing(listing=listing, action="like", by=peer)
    chat = page_of(browser(seeker).get(f"/chats/{match.conversation_id}/"))
    assert f'href="{meet_url(match)}"' in chat
    page = page_of(browser(seeker).get(meet_url(match)))
    assert str(listing.pk) in page
    form = {"place": str(listing.pk), "slot": slot(at(3, 10)), "special_requirements": "Red scarf"}
    response = browser(seeker).post(meet_url(match), form)
    visit = Visit.objects.get()
    assert (response.status_code, response["Location"]) == (302, visit.get_absolute_url())
    assert (visit.visit_context, visit.counterparty, visit.match) == ("flatmate_meet", peer, match)
    assert (visit.agent, visit.conversation_id) == (None, match.conversation_id)


def test_both_peoples_places_can_be_chosen_and_nobody_elses(browser, match, seeker, peer):
    mine, theirs = LiveListingFactory(owner=seeker), LiveListingFactory(owner=peer)
    strange, draft = LiveListingFactory(), PropertyFactory(owner=peer)
    page = page_of(browser(seeker).get(meet_url(match)))
    assert [str(each.pk) in page for each in (mine, theirs, strange, draft)] == [
        *(True, True, False, False)
    ]
    form = {"place": str(strange.pk), "slot": slot(at(3, 10))}
    assert browser(seeker).post(meet_url(match), form).status_code == 422


def test_without_a_place_the_page_says_what_to_do(browser, match, seeker):
    assert "No place to meet yet" in page_of(browser(seeker).get(meet_url(match)))


def test_a_place_in_another_zone_asks_to_look_again(browser, match, seeker, peer):
    here = LiveListingFactory(owner=seeker)
    there = LiveListingFactory(owner=peer, city="Bengaluru", timezone="Asia/Kolkata")
    form = {"place": str(there.pk), "shown_zone": here.timezone, "slot": slot(at(3, 10))}
    response = browser(seeker).post(meet_url(match), form)
    assert response.status_code == 422
    assert "another time zone" in page_of(response)
    assert (
        browser(seeker).post(meet_url(match), form | {"shown_zone": there.timezone}).status_code
        == 302
    )


def test_after_an_unmatch_nobody_arranges_anything(browser, match, listing, seeker, peer):
    unmatch(match=match, by=peer)
    response = browser(seeker).get(meet_url(match))
    assert response.status_code == 409
    assert "You can meet once you have matched." in page_of(response)
    assert meet_url(match) not in page_of(browser(seeker).get(f"/chats/{match.conversation_id}/"))


def test_somebody_elses_chat_is_not_found(browser, match, outsider):
    assert browser(outsider).get(meet_url(match)).status_code == 404


# --- the page of a visit --------------------------------------------------------------------------
def test_each_side_reads_what_comes_next(browser, path, seeker, poster, agent):
    assert "The host or the agent answers next" in page_of(browser(seeker).get(path))
    for side in (poster, agent):
        assert "Does this time suit you?" in page_of(browser(side).get(path))


def test_one_button_confirms(browser, visit, path, poster, seeker):
    response = browser(poster).post(f"{path}confirm/", follow=True)
    assert "Confirmed. It is in both calendars." in page_of(response)
    assert fresh(visit).is_confirmed
    assert "It is agreed" in page_of(browser(seeker).get(path))


def test_nobody_confirms_what_they_proposed(browser, visit, path, seeker):
    assert 'action="' + path + 'confirm/"' not in page_of(browser(seeker).get(path))
    assert browser(seeker).post(f"{path}confirm/").status_code == 403
    assert not fresh(visit).is_confirmed


def test_the_area_until_it_is_agreed_and_the_address_then(
    browser, visit, path, listing, seeker, poster
):
    before = page_of(browser(seeker).get(path))
    assert listing.address not in before
    assert "Within about a kilometre" in before
    scheduling.confirm_visit(visit=visit, by=poster)
    after = page_of(browser(seeker).get(path))
    assert listing.address in after
    closing.cancel_visit(visit=visit, by=poster)
    assert listing.address not in page_of(browser(seeker).get(path))


def test_an_unverified_contact_is_told_how_to_see_the_address(browser, confirmed, listing, seeker):
    seeker.email_verified = False
    seeker.save()
    page = page_of(browser(seeker).get(confirmed.get_absolute_url()))
    assert listing.address not in page
    assert "Verify your contact to see the exact place." in page


def test_a_new_time_stands_beside_the_old_one_with_its_reason(browser, confirmed, seeker, poster):
    path = confirmed.get_absolute_url()
    form = {"slot": slot(at(5, 16)), "reason": "The keys are away that day"}
    assert browser(poster).post(f"{path}reschedule/", form).status_code == 302
    page = page_of(browser(seeker).get(path))
    assert "A new time is proposed" in page
    assert "Until you confirm, the old time stands:" in page
    assert "The keys are away that day" in page
    assert "Keep the old time instead" in page_of(browser(poster).get(path))
    assert browser(poster).post(f"{path}withdraw/").status_code == 302
    assert fresh(confirmed).scheduled_date == confirmed.scheduled_date


def test_a_taken_new_time_comes_back_with_three_others(
    browser, confirmed, listing, outsider, seeker
):
    tour(listing, outsider, day=4)
    path = confirmed.get_absolute_url()
    form = {"slot": slot(at(4, 10)), "reason": "Keep this reason"}
    response = browser(seeker).post(f"{path}reschedule/", form)
    page = page_of(response)
    assert response.status_code == 409
    assert page.count('name="alternative"') == 3
    assert "Keep this reason" in page
    assert fresh(confirmed).is_confirmed


def test_a_cancelled_visit_says_why_and_who(browser, visit, path, seeker, poster):
    browser(poster).post(f"{path}cancel/", {"reason": "The room is let"})
    page = page_of(browser(seeker).get(path))
    assert "This visit is cancelled" in page
    assert "The room is let" in page
    assert "Peter P. cancelled" in page
    assert "Book another time" in page
    assert "You cancelled" in page_of(browser(poster).get(path))


def test_who_cancels_says_why(browser, visit, path, seeker):
    response = browser(seeker).post(f"{path}cancel/", {"reason": " "})
    assert response.status_code == 422
    assert "This field is required." in page_of(response)
    assert fresh(visit).is_active


def test_a_step_is_taken_back_for_ten_minutes(browser, visit, path, poster):
    host = browser(poster)
    host.post(f"{path}cancel/", {"reason": "Oh"})
    assert "You can take your last step back" in page_of(host.get(path))
    assert host.post(f"{path}undo/").status_code == 302
    assert fresh(visit).is_active
    assert types(visit)[-2:] == ["cancelled", "undone"]


def test_the_time_to_take_a_step_back_runs_by_the_clock_of_the_site(
    browser, visit, path, poster, settings
):
    settings.CLOCK_ADJUSTABLE = True
    browser(poster).post(f"{path}cancel/", {"reason": "Oh"})
    ClockOffset.objects.create(offset=dt.timedelta(minutes=7))
    clock.forget_offset()
    assert "for another 3 minutes." in page_of(browser(poster).get(path))


def test_what_nobody_agreed_to_says_so_once(browser, visit, path, seeker):
    with time_machine.travel(visit.scheduled_date):
        closing.expire_unagreed(clock.now())
        page = page_of(browser(seeker).get(path))
    assert "This visit is cancelled" in page
    assert page.count("The time passed before both had agreed") == 2  # why, and what happened


def test_what_nobody_spoke_of_says_that_it_was_closed_by_itself(browser, confirmed, seeker):
    with time_machine.travel(confirmed.scheduled_date + dt.timedelta(days=2)):
        closing.complete_past(clock.now())
        page = page_of(browser(seeker).get(confirmed.get_absolute_url()))
    assert "Nobody said how it went, so it was closed by itself a day later." in page


def test_afterwards_one_says_how_it_went_and_the_other_how_they_liked_it(
    browser, confirmed, poster, seeker
):
    path = confirmed.get_absolute_url()
    with time_machine.travel(confirmed.scheduled_date + dt.timedelta(hours=1)):
        assert "How did it go?" in page_of(browser(poster).get(path))
        form = {"outcome": "attended", "notes": "Friendly"}
        assert browser(poster).post(f"{path}complete/", form).status_code == 302
        assert "It took place" in page_of(browser(seeker).get(path))
        liked = {"visitor_feedback": "So much light", "interest_level": "5"}
        assert browser(seeker).post(f"{path}note/", liked).status_code == 302
    done = fresh(confirmed)
    assert (done.outcome, done.visit_notes) == ("attended", "Friendly")
    assert (done.visitor_feedback, done.interest_level) == ("So much light", 5)


@pytest.mark.parametrize("outcome", ["visitor_no_show", "attended"])
def test_who_closes_it_second_gets_their_words_back(browser, confirmed, agent, poster, outcome):
    path = f"{confirmed.get_absolute_url()}complete/"
    with time_machine.travel(confirmed.scheduled_date + dt.timedelta(hours=1)):
        closing.complete_visit(visit=confirmed, notes="All fine", by=agent)
        words = {"outcome": outcome, "notes": "I waited for half an hour"}
        response = browser(poster).post(path, words)
    assert response.status_code == 409
    assert "What you wrote is not kept" in page_of(response)
    assert "I waited for half an hour" in page_of(response)


def test_words_are_not_written_over_those_of_somebody_who_was_faster(
    browser, confirmed, agent, poster
):
    path = confirmed.get_absolute_url()
    scheduling.edit_visit(visit=confirmed, changes={"visit_notes": "Ring twice"}, by=agent)
    read = {"initial-visit_notes": "Ring twice"}
    assert 'name="initial-visit_notes" value="Ring twice"' in page_of(browser(poster).get(path))
    scheduling.edit_visit(visit=confirmed, changes={"visit_notes": "The bell is broken"}, by=agent)
    late = browser(poster).post(f"{path}note/", read | {"visit_notes": "The dog is kind"})
    page = page_of(late)
    assert late.status_code == 409
    assert "Somebody else has changed this meanwhile." in page
    assert page.index("What you wrote is not kept") < page.index("The dog is kind")
    # Read again, and now it can be written further.
    assert 'name="initial-visit_notes" value="The bell is broken"' in page
    read = {"initial-visit_notes": "The bell is broken"}
    further = {"visit_notes": "The bell is broken\r\nThe dog is kind"}
    assert browser(poster).post(f"{path}note/", read | further).status_code == 302
    assert fresh(confirmed).visit_notes == "The bell is broken\nThe dog is kind"


def test_what_somebody_left_alone_is_not_written(browser, confirmed, agent, poster):
    """Of two lines, as a browser sends them."""
    path = f"{confirmed.get_absolute_url()}note/"
    was = {"visit_notes": "Ring twice\nOr knock"}
    scheduling.edit_visit(visit=confirmed, changes=was, by=agent)
    open_page = {f"{initial}visit_notes": "Ring twice\r\nOr knock" for initial in ("", "initial-")}
    now = {"visit_notes": "The bell is broken"}
    scheduling.edit_visit(visit=confirmed, changes=now, by=agent)
    day = {"follow_up_required": "on", "follow_up_date": dt.date(2100, 1, 1)}
    assert browser(poster).post(path, open_page | day).status_code == 302
    done = fresh(confirmed)
    assert (done.visit_notes, done.follow_up_required) == ("The bell is broken", True)


def test_how_it_was_is_asked_of_the_visitor_alone(browser, meeting, seeker, peer):
    scheduling.confirm_visit(visit=meeting, by=peer)
    with time_machine.travel(meeting.scheduled_date + dt.timedelta(hours=1)):
        asked = {
            person: 'name="feedback"' in page_of(browser(person).get(meeting.get_absolute_url()))
            for person in (seeker, peer)
        }
    assert asked == {seeker: True, peer: False}


def test_before_its_time_nobody_says_how_it_went(browser, confirmed, poster):
    path = confirmed.get_absolute_url()
    assert "complete/" not in page_of(browser(poster).get(path))
    assert browser(poster).post(f"{path}complete/", {"outcome": "attended"}).status_code == 409


def test_the_other_side_of_a_meeting_confirms_and_sees_no_agent(browser, meeting, peer, seeker):
    path = meeting.get_absolute_url()
    page = page_of(browser(peer).get(path))
    assert "Does this time suit you?" in page
    assert "Your agent" not in page
    assert "Petra P. answers next" in page_of(browser(seeker).get(path))
    assert browser(peer).post(f"{path}confirm/").status_code == 302


def test_the_agent_hands_over(browser, visit, path, agent, guide):
    page = browser(agent)
    assert "I cannot come" in page_of(page.get(path))
    answer = page.post(f"{path}assign/")
    assert (answer.status_code, answer["Location"]) == (302, "/agent/")
    assert "Handed over." in page_of(page.get("/agent/"))
    assert fresh(visit).agent is None


@pytest.mark.parametrize("status", ["hold_for_review", "rejected"])
def test_a_held_place_leaves_only_the_way_out(browser, visit, path, listing, seeker, status):
    Property.objects.filter(pk=listing.pk).update(status=status)
    page = page_of(browser(seeker).get(path))
    assert "This waits for the moment" in page
    assert "Cancel the visit" in page
    assert "Propose another time" not in page


def test_the_calendar_file_comes_with_the_agreement(browser, visit, path, seeker, poster):
    assert browser(seeker).get(f"{path}calendar.ics").status_code == 404
    scheduling.confirm_visit(visit=visit, by=poster)
    file = browser(seeker).get(f"{path}calendar.ics")
    assert (file.status_code, file["Content-Type"]) == (200, "text/calendar")
    assert b"BEGIN:VEVENT" in file.content


def test_the_fragment_is_the_same_element_again(browser, visit, path, seeker):
    fragment = page_of(browser(seeker).get(f"{path}state/")).strip()
    assert fragment.startswith('<div class="split"')
    assert f'data-live="visit:{visit.pk}"' in fragment
    assert f'data-live-url="{path}state/"' in fragment


def test_private_pages_are_kept_by_nobody(browser, path, seeker):
    for url in ("/visits/", path, f"{path}state/"):
        response = browser(seeker).get(url)
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Cache-Control"] == "private, no-store"


def test_nobody_is_sent_to_sign_in(browser, path, listing):
    for url in ("/visits/", "/agent/", path, new_url(listing)):
        response = browser().get(url)
        assert (response.status_code, response["Location"]) == (302, f"/login/?next={url}")


def test_somebody_elses_visit_is_not_found(browser, path, outsider):
    stranger = browser(outsider)
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}state/").status_code == 404
    assert stranger.get(f"{path}calendar.ics").status_code == 404
    assert stranger.post(f"{path}cancel/").status_code == 404


def test_an_unknown_step_is_not_found_and_a_step_is_no_link(browser, path, seeker):
    assert browser(seeker).post(f"{path}explode/").status_code == 404
    assert browser(seeker).get(f"{path}cancel/").status_code == 405


# --- my visits ------------------------------------------------------------------------------------
def test_what_waits_for_me_comes_first(browser, visit, poster, outsider):
    agreed = scheduling.confirm_visit(visit=tour(visit.listing, outsider, day=4), by=poster)
    gone = closing.cancel_visit(visit=tour(visit.listing, outsider, day=5), by=poster)
    page = page_of(browser(poster).get("/visits/"))
    places = [page.index(each.get_absolute_url()) for each in (visit, agreed, gone)]
    headings = [page.index(f"<h2>{words}</h2>") for words in ("Needs you", "Upcoming", "Past")]
    assert sorted([*places, *headings]) == [
        *(headings[0], places[0], headings[1], places[1], headings[2], places[2])
    ]


def test_an_agreed_visit_whose_time_is_over_waits_for_a_word(browser, confirmed, poster, seeker):
    with time_machine.travel(confirmed.scheduled_date + dt.timedelta(hours=1)):
        assert "Needs you" in page_of(browser(poster).get("/visits/"))
        assert "Needs you" not in page_of(browser(seeker).get("/visits/"))


def test_an_empty_list_says_what_to_do(browser, outsider):
    page = page_of(browser(outsider).get("/visits/"))
    assert "No visits yet" in page
    assert 'href="/rooms/"' in page


def test_the_past_comes_in_pages(browser, listing, seeker, poster):
    for day in range(3, 26):
        closing.cancel_visit(visit=tour(listing, seeker, day=day), by=seeker)
    first = browser(seeker).get("/visits/")
    assert page_of(first).count("<article") == 20
    rest = browser(seeker).get("/visits/", {"cursor": first.context["next_cursor"]})
    assert page_of(rest).count("<article") == 3
    assert browser(seeker).get("/visits/?cursor=mine").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(client, seeker, rows, django_assert_num_queries):
    for day in range(3, 3 + rows):
        tour(LiveListingFactory(), seeker, day=day)
    client.force_login(seeker, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/visits/")
    # Sign-in (2), the agent's row, two lists, the recent steps of one, the count of notices.
    with django_assert_num_queries(7):
        client.get("/visits/")


def test_visits_and_viewings_lead_to_each_other(browser, seeker):
    assert 'href="/viewings/"' in page_of(browser(seeker).get("/visits/"))
    assert 'class="tabs__tab" href="/visits/"' in page_of(browser(seeker).get("/viewings/"))


# --- the month ------------------------------------------------------------------------------------
MONTH = "/visits/?view=month"


def test_a_month_is_a_table_with_each_visit_on_its_day(browser, seeker, listing):
    with time_machine.travel(dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC), tick=False):
        visit = tour(listing, seeker, day=3)
        page = page_of(browser(seeker).get(MONTH))
    assert "November 2026" in page
    assert page.count('scope="col"') == 7
    assert 'href="#day-5"' in page
    assert "5 November: 1 visit" in page
    assert visit.get_absolute_url() in page


def test_the_day_is_the_one_at_the_place(browser, seeker):
    listing = LiveListingFactory(timezone="Pacific/Auckland")
    with time_machine.travel(dt.datetime(2026, 11, 20, tzinfo=dt.UTC), tick=False):
        late = dt.datetime(2026, 11, 30, 20, tzinfo=dt.UTC)
        form = {"slot": late.isoformat()}
        assert browser(seeker).post(new_url(listing), form).status_code == 302
        assert "#day-1" not in page_of(browser(seeker).get(f"{MONTH}&month=2026-11"))
        assert "#day-1" in page_of(browser(seeker).get(f"{MONTH}&month=2026-12"))


def test_a_proposal_shows_on_both_days(browser, seeker, poster, listing):
    with time_machine.travel(dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC), tick=False):
        visit = tour(listing, seeker, day=3)
        reschedule_visit(visit=visit, new_date=at(7, 12), by=poster)
        page = page_of(browser(seeker).get(MONTH))
    assert 'href="#day-5"' in page
    assert 'href="#day-9"' in page
    assert "Proposed" in page


@pytest.mark.parametrize("count", [1, 3])
def test_confirmed_viewings_stand_in_the_same_month(
    browser, seeker, poster, listing, count, django_assert_num_queries
):
    with time_machine.travel(dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC), tick=False):
        for day in range(3, 3 + count):
            place = LiveListingFactory(owner=poster, timezone="Africa/Kigali")
            confirm_first(ask(place, seeker, day=day), poster)
        ask(listing, seeker, day=20)
        reader = browser(seeker)
        reader.get(MONTH)
        with django_assert_num_queries(14):
            page = page_of(reader.get(MONTH))
    assert page.count("#key") == 2 * count
    assert "5 November: 1 visit" in page
    assert "22 November" not in page


def test_an_empty_month_says_so_and_a_strange_one_is_not_found(browser, seeker):
    assert "Nothing in this month" in page_of(browser(seeker).get(f"{MONTH}&month=2027-01"))
    for month in ("soon", "2026-13", "0001-01", "9999-12", "2026-11-01"):
        assert browser(seeker).get(f"{MONTH}&month={month}").status_code == 404


# --- the private feed -----------------------------------------------------------------------------
FEED = "/settings/calendar/"


def test_the_address_of_the_feed_is_shown_once(browser, confirmed, seeker):
    reader = browser(seeker)
    made = reader.post(FEED).context["url"]
    assert b"BEGIN:VEVENT" in browser().get(made).content
    assert made not in page_of(reader.get(FEED))


def test_a_new_address_makes_the_old_one_void_and_closing_both(browser, seeker):
    reader = browser(seeker)
    first, second = (reader.post(FEED).context["url"] for _ in range(2))
    assert [browser().get(url).status_code for url in (first, second)] == [404, 200]
    assert reader.post(FEED, {"close": "1"}).status_code == 302
    assert browser().get(second).status_code == 404


def test_settings_and_visits_lead_to_it(browser, seeker):
    for url in ("/settings/", "/visits/"):
        assert f'href="{FEED}"' in page_of(browser(seeker).get(url))


def test_whose_login_has_ended_comes_back_to_the_page_of_the_form(browser, visit):
    page = visit.get_absolute_url()
    sent = browser().post(f"{page}cancel/", {}, headers={"Referer": f"http://testserver{page}"})
    assert sent.headers["Location"] == f"/login/?next={page}"
    foreign = browser().post(f"{page}cancel/", {}, headers={"Referer": "https://evil.example/x"})
    assert foreign.headers["Location"] == f"/login/?next={page}cancel/"
    broken = browser().post(f"{page}cancel/", {}, headers={"Referer": "http://["})
    assert broken.headers["Location"] == f"/login/?next={page}cancel/"
