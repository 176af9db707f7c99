"""The pages, without JavaScript and with the login of the web."""

import datetime as dt
import re

import pytest
import time_machine

from ghar import flags
from ghar.accounts.models import SeekerSession
from ghar.accounts.services.profiles import export_account
from ghar.accounts.services.sessions import claim_session
from ghar.calendar.models import Reminder
from ghar.lib import clock
from ghar.models import Flag
from ghar.notifications.models import Notification
from ghar.properties.models import Property
from ghar.properties.services.listings import withdraw_listing
from moderation.models import Case, Dispute
from moderation.services.verdicts import decide_any_case
from tests.factories import LiveListingFactory, PropertyFactory, SeekerSessionFactory, secret_of
from tests.viewings.actions import ask, at, complete, confirm_first, fresh
from viewings.models import ViewingRequest
from viewings.services import closing, scheduling
from viewings.services.links import link_path
from viewings.services.reliability import disputable, dispute_outcome

pytestmark = pytest.mark.django_db


def new_url(listing):
    return f"/rooms/{listing.pk}/viewing/new"


def row(number, time):
    """One row of the form: the wall clock of Kigali."""
    local = time.start_at + dt.timedelta(hours=2)
    return {f"day_{number}": f"{local:%Y-%m-%d}", f"start_{number}": f"{local:%H:%M}"}


@pytest.fixture
def path(viewing):
    return viewing.get_absolute_url()


def switch_off():
    Flag.objects.create(name=flags.VIEWINGS, is_on=False)
    flags.forget()


def choice(viewing, index=0):
    return {"time_option_id": str(viewing.options.all()[index].pk)}


# --- asking -----------------------------------------------------------------------------------------
def test_a_visitor_without_an_account_asks_and_gets_a_session(browser, listing):
    visitor = browser()
    assert visitor.get(new_url(listing)).status_code == 200
    form = row(1, at(3, 10)) | row(2, at(3, 12)) | {"notes": "Hello", "contact": "a@example.org"}
    response = visitor.post(new_url(listing), form)
    viewing = ViewingRequest.objects.get()
    assert (response.status_code, response["Location"]) == (302, viewing.get_absolute_url())
    session = SeekerSession.objects.get()
    assert (viewing.seeker_session, session.contact_email) == (session, "a@example.org")
    assert [o.start_at for o in viewing.options.all()] == [at(3, 10).start_at, at(3, 12).start_at]
    page = visitor.get(response["Location"])
    assert page.status_code == 200
    assert b"Your private link" in page.content


def test_a_time_without_its_day_keeps_the_form(browser, listing, seeker):
    form = {"start_1": "10:00", "notes": "Keep these words"}
    response = browser(seeker).post(new_url(listing), form)
    assert response.status_code == 422
    assert b"Keep these words" in response.content
    assert b"Please check these points" in response.content
    assert not ViewingRequest.objects.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_edge_of_the_calendar_keeps_the_form(browser, listing, seeker, day):
    form = {"day_1": day, "start_1": "00:10", "end_1": "23:59"}
    assert browser(seeker).post(new_url(listing), form).status_code == 422


def test_what_the_verb_refuses_keeps_the_form_too(browser, listing):
    response = browser().post(new_url(listing), row(1, at(-1, 10)) | {"notes": "Keep"})
    assert response.status_code == 422
    assert b"This time has passed" in response.content
    assert not SeekerSession.objects.exists()


def test_a_second_request_leads_to_the_first(browser, viewing, listing, seeker, path):
    response = browser(seeker).post(new_url(listing), row(1, at(4, 10)))
    assert response.status_code == 409
    assert path.encode() in response.content


def test_a_place_that_is_not_there(browser, listing, poster):
    Property.objects.filter(pk=listing.pk).update(status="paused")
    assert browser().get(new_url(listing)).status_code == 409
    assert browser().get(new_url(PropertyFactory())).status_code == 404
    assert browser(poster).get(new_url(LiveListingFactory(owner=poster))).status_code == 403


@pytest.mark.parametrize("status", ["hold_for_review", "rejected", "pending_review", "withdrawn"])
def test_what_is_no_longer_public_is_not_named(browser, listing, status):
    changed = {"status": status, "title": "Call 0788 123 456"}
    Property.objects.filter(pk=listing.pk).update(**changed)
    response = browser().get(new_url(listing))
    assert response.status_code == 409
    assert b"0788" not in response.content


def test_what_was_written_to_the_host_comes_back_with_every_refusal(
    browser, viewing, listing, seeker, settings
):
    words = row(1, at(4, 10)) | {"notes": "Two bicycles"}
    again = browser(seeker).post(new_url(listing), words)
    assert (again.status_code, b"Two bicycles" in again.content) == (409, True)
    settings.OPEN_VIEWINGS_PER_SEEKER = 1
    full = browser(seeker).post(new_url(LiveListingFactory()), words)
    assert (full.status_code, full["Retry-After"]) == (429, "3600")
    assert full.context["form"]["day_1"].value() == words["day_1"]
    assert b"Two bicycles</textarea>" in full.content
    switch_off()
    off = browser(seeker).post(new_url(listing), words)
    assert (off.status_code, b"Two bicycles" in off.content) == (503, True)


def test_words_for_the_other_side_come_back_where_they_cannot_be_sent(
    browser, confirmed, path, poster, seeker, settings
):
    page, said = browser(seeker), {"to": "poster", "message": "I bring my sister"}
    usual = settings.LIMITS
    settings.LIMITS = usual | {"messages": (0, 60, "account")}
    refused = page.post(f"{path}notify/", said)
    assert (refused.status_code, "Retry-After" in refused) == (429, True)
    assert b"I bring my sister</textarea>" in refused.content
    settings.LIMITS = usual
    closing.cancel_viewing(viewing=confirmed, by=poster)
    late = page.post(f"{path}notify/", said)
    assert late.status_code == 409
    assert b"What you wrote is not kept" in late.content
    assert b"I bring my sister" in late.content


def test_a_reason_comes_back_while_viewings_are_switched_off(browser, viewing, path, seeker):
    switch_off()
    off = browser(seeker).post(f"{path}cancel/", {"reason": "Found another one"})
    assert (off.status_code, b"Found another one" in off.content) == (503, True)


def test_every_time_is_told_in_the_zone_of_the_place_by_its_name(
    browser, listing, seeker, poster, path, viewing
):
    far = at(5, 10)._replace(timezone="America/Vancouver")
    scheduling.offer_times(viewing=viewing, times=[far], by=poster)
    scheduling.select_time(viewing=viewing, option=viewing.options.last(), by=seeker)
    page = browser(seeker)
    shown = page.get("/viewings/").content.decode()
    assert '<span class="when__zone">Rwanda Time</span>' in shown
    for form in (path, new_url(LiveListingFactory())):
        text = page.get(form).content.decode()
        assert "in the place's time zone: Rwanda Time" in text.replace("&#x27;", "'")
        assert "Africa/Kigali" not in text


# --- agreeing -----------------------------------------------------------------------------------------
def test_the_poster_confirms_on_the_page(browser, viewing, path, poster):
    host = browser(poster)
    assert b"Choose a time" in host.get(path).content
    assert host.post(f"{path}confirm/", choice(viewing)).status_code == 302
    page = host.get(path)
    assert b"It is agreed" in page.content
    assert host.get(f"{path}calendar.ics")["Content-Type"] == "text/calendar"


def test_the_poster_offers_and_the_seeker_selects(browser, viewing, path, poster, seeker):
    browser(poster).post(f"{path}offer/", row(1, at(5, 10)))
    visitor = browser(seeker)
    assert b"The host proposes these" in visitor.get(path).content
    visitor.post(f"{path}select/", choice(viewing, 3))
    assert b"The host confirms next" in visitor.get(path).content
    assert b"Confirm the time" in browser(poster).get(path).content


def test_a_conflict_shows_how_it_stands_and_free_times(browser, viewing, listing, poster, outsider):
    late = ask(listing, outsider)
    confirm_first(viewing, poster)
    response = browser(poster).post(f"{late.get_absolute_url()}confirm/", choice(late))
    assert response.status_code == 409
    page = response.content.decode()
    assert "has just been taken" in page
    assert "taken meanwhile" in page


def test_a_free_time_is_proposed_with_one_button(browser, viewing, listing, poster, outsider):
    late = ask(listing, outsider)
    confirm_first(viewing, poster)
    host = browser(poster)
    refused = host.post(f"{late.get_absolute_url()}confirm/", choice(late))
    form = refused.text.split(f'action="{late.get_absolute_url()}offer/"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="((?:day|start|end)_1)" value="(.+?)"', form))
    assert host.post(f"{late.get_absolute_url()}offer/", fields).status_code == 302
    free = refused.context["problem"].details["alternatives"][0]
    offered = fresh(late).open_options
    assert [(o.start_at.isoformat(), o.end_at.isoformat(), o.source) for o in offered] == [
        (free["start_at"], free["end_at"], "poster")
    ]


def test_no_choice_is_a_422(browser, path, poster):
    assert browser(poster).post(f"{path}reschedule/", {}).status_code == 422
    assert browser(poster).post(f"{path}confirm/", {"time_option_id": "7"}).status_code == 422


def test_cancel_reschedule_message_and_meeting_point(browser, viewing, path, poster, seeker):
    confirm_first(viewing, poster)
    host, visitor = browser(poster), browser(seeker)
    assert host.post(f"{path}meeting_point/", {"meeting_point": "At the bakery"}).status_code == 302
    assert b"At the bakery" in visitor.get(path).content
    assert (
        visitor.post(f"{path}notify/", {"to": "poster", "message": "On my way"}).status_code == 302
    )
    assert visitor.post(f"{path}reschedule/", row(1, at(6, 10))).status_code == 302
    assert b"Agreed so far" in visitor.get(path).content
    assert visitor.post(f"{path}cancel/", {"reason": "Found one"}).status_code == 302
    page = host.get(path).content
    assert b"This viewing is cancelled" in page
    assert b"Found one" in page
    assert b"At the bakery" not in visitor.get(path).content


def test_the_fragment_is_the_same_element_again(browser, viewing, path, seeker):
    fragment = browser(seeker).get(f"{path}state/").content.decode().strip()
    assert fragment.startswith('<div class="split"')
    assert f'data-live="viewing:{viewing.pk}"' in fragment
    assert f'data-live-url="{path}state/"' in fragment


def test_a_closed_viewing_after_its_time(browser, viewing, path, poster):
    confirm_first(viewing, poster)
    complete(viewing, poster)
    assert "<h2>Both came</h2>" in browser(poster).get(path).text


@pytest.mark.parametrize("status", ["hold_for_review", "rejected"])
def test_a_held_place_leaves_only_the_way_out(browser, listing, path, seeker, status):
    Property.objects.filter(pk=listing.pk).update(status=status)
    page = browser(seeker).get(path).content
    assert b"This waits for the moment" in page
    assert b"Cancel the viewing" in page
    assert b"Propose other times" not in page


def test_switched_off_there_are_no_buttons(browser, path, listing, seeker):
    Flag.objects.update_or_create(name=flags.VIEWINGS, defaults={"is_on": False})
    flags.forget()
    page = browser(seeker).get(path)
    assert page.status_code == 200
    assert b"Cancel the viewing" not in page.content
    assert browser(seeker).post(f"{path}cancel/").status_code == 503
    assert browser().get(new_url(listing)).status_code == 503


# --- lists ----------------------------------------------------------------------------------------------
def test_what_waits_for_me_comes_first(browser, viewing, poster, seeker, outsider):
    confirmed = confirm_first(ask(LiveListingFactory(owner=poster), outsider, day=4), poster)
    page = browser(poster).get("/viewings/").content.decode()
    assert page.index("Needs you") < page.index(viewing.get_absolute_url())
    assert page.index("Under way") < page.index(confirmed.get_absolute_url())
    assert viewing.get_absolute_url() in browser(poster).get("/host/viewings/").content.decode()
    assert "Needs you" not in browser(seeker).get("/viewings/").content.decode()


def test_empty_lists_say_what_to_do(browser, outsider):
    assert b"No viewings yet" in browser(outsider).get("/viewings/").content
    assert b"Nobody has asked yet" in browser(outsider).get("/host/viewings/").content


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(client, poster, rows, django_assert_num_queries):
    for _ in range(rows):
        ask(LiveListingFactory(owner=poster), SeekerSessionFactory(), hours=(10, 12))
    client.force_login(poster, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/host/viewings/")
    # Sign-in (2) and the role (4) around two lists and the count of notices.
    with django_assert_num_queries(10):
        client.get("/host/viewings/")


# --- not yours ------------------------------------------------------------------------------------------
def test_nobody_is_sent_to_sign_in(browser, path):
    for url in ("/viewings/", "/host/viewings/", path):
        response = browser().get(url)
        assert (response.status_code, response["Location"]) == (302, f"/login/?next={url}")


def test_somebody_elses_is_not_found(browser, path, outsider):
    for stranger in (outsider, SeekerSessionFactory()):
        assert browser(stranger).get(path).status_code == 404
        assert browser(stranger).post(f"{path}cancel/").status_code == 404


# --- the private link -----------------------------------------------------------------------------------
@pytest.fixture
def sought(listing, seeker_session):
    return ask(listing, seeker_session, hours=(10, 12))


@pytest.fixture
def link(sought):
    return link_path(sought, now=clock.now())


def test_the_link_opens_the_viewing_anywhere(browser, link):
    page = browser().get(link)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"


def test_following_the_link_changes_nothing_and_a_post_acts(browser, link, sought):
    visitor = browser()
    before = sought.events.count()
    visitor.get(link)
    visitor.head(link)
    assert visitor.get(f"{link}cancel/").status_code == 405
    assert sought.events.count() == before
    assert visitor.post(f"{link}cancel/").status_code == 302
    assert fresh(sought).status == "cancelled"


def test_a_stale_link_says_what_changed(browser, sought, poster):
    old = link_path(sought, now=clock.now() - dt.timedelta(hours=1))
    confirm_first(sought, poster)
    page = browser().get(old).content
    assert b"Since this link was sent, something has changed" in page


def test_a_link_that_is_not_ours_or_void_is_not_found(browser, link, sought):
    assert browser().get("/v/abc/").status_code == 404
    assert browser().get(link[:-3] + "xx/").status_code == 404
    sought.link_nonce = sought.pk
    sought.save()
    assert browser().get(link).status_code == 404


def test_after_a_claim_the_link_leads_to_the_account(browser, link, sought, seeker, seeker_session):
    claim_session(secret=secret_of(seeker_session), user=seeker, now=clock.now())
    response = browser().get(link)
    assert (response.status_code, response["Location"]) == (302, sought.get_absolute_url())
    assert browser(seeker).get(sought.get_absolute_url()).status_code == 200


def test_rescheduled_by_link_in_the_wall_clock_of_the_place(browser, link, sought, poster):
    scheduling.confirm_viewing(viewing=sought, option=sought.options.first(), by=poster)
    browser().post(f"{link}reschedule/", row(1, at(7, 18)))
    assert fresh(sought).options.get(round=2).start_at == at(7, 18).start_at


# --- afterwards -------------------------------------------------------------------------------------
@pytest.fixture
def missed(confirmed, poster):
    """The poster says that the seeker did not come."""
    return complete(confirmed, poster, outcome="visitor_no_show")


def test_who_is_said_to_have_missed_it_can_object_once(browser, missed, seeker):
    path, reader = missed.get_absolute_url(), browser(seeker)
    assert "That is not what happened" in reader.get(path).text
    assert reader.post(f"{path}dispute/", {"message": ""}).status_code == 422
    assert reader.post(f"{path}dispute/", {"message": "Nobody opened"}).status_code == 302
    assert Dispute.objects.get().attendance.person == seeker
    page = reader.get(path).text
    assert "Outcome disputed" in page
    assert "You told us that it was otherwise" in page
    assert "That is not what happened" not in page
    assert reader.post(f"{path}dispute/", {"message": "Again"}).status_code == 409


def test_over_the_api_too(api, missed, seeker, seeker_session):
    path = f"/api/v1/viewings/{missed.pk}/dispute"
    assert api(seeker).post(path, {}).status_code == 422
    assert api(seeker).post(path, {"message": "Nobody opened"}).status_code == 200
    assert Dispute.objects.get().message == "Nobody opened"
    assert api(seeker).post(path, {"message": "Again"}).status_code == 409
    assert api(seeker_session).post(path, {"message": "No"}).status_code == 404


def test_what_came_of_it_stands_on_the_page_and_is_told_there(browser, missed, seeker, admin):
    dispute_outcome(viewing=missed, message="Nobody opened", by=seeker)
    case = Case.objects.get()
    decide_any_case(case=case, decision="overturn", version=case.version, by=admin)
    told = Notification.objects.get(user=seeker, type="appeal_outcome")
    assert told.route == missed.get_absolute_url()
    assert "does not count against you" in browser(seeker).get(told.route).text


def test_nobody_else_has_anything_to_object_to(browser, missed, poster, outsider):
    path = missed.get_absolute_url()
    assert "That is not what happened" not in browser(poster).get(path).text
    assert browser(poster).post(f"{path}dispute/", {"message": "No"}).status_code == 409
    assert browser(outsider).post(f"{path}dispute/", {"message": "No"}).status_code == 404


# --- nobody came ------------------------------------------------------------------------------------
def test_a_seeker_says_that_nobody_came(browser, confirmed, seeker, admin):
    path, start = confirmed.get_absolute_url(), confirmed.chosen.start_at
    with time_machine.travel(start + dt.timedelta(minutes=20), tick=False):
        reader = browser(seeker)
        assert "Was nobody there?" in reader.get(path).text
        assert '<input type="hidden" name="kind" value="absence">' in reader.get(path).text
        assert (
            reader.post(
                f"{path}dispute/", {"message": "I rang twice", "kind": "absence"}
            ).status_code
            == 302
        )
        assert "You told us that nobody came" in reader.get(path).text
        case = Case.objects.get()
        decide_any_case(case=case, decision="overturn", version=case.version, by=admin)
    assert Dispute.objects.get().attendance.ruling == "missed"
    told = Notification.objects.get(user=seeker, type="appeal_outcome")
    assert told.route == path


def test_the_other_side_hears_of_it_when_it_is_decided(browser, web_api, confirmed, seeker, poster):
    path, events = confirmed.get_absolute_url(), f"/api/v1/viewings/{confirmed.pk}/events"
    with time_machine.travel(confirmed.chosen.start_at + dt.timedelta(minutes=20), tick=False):
        dispute_outcome(viewing=confirmed, message="I rang twice", by=seeker, kind="absence")
        seen = {by: web_api(by).get(events).text for by in (seeker, poster)}
        assert ["disputed" in seen[by] for by in (seeker, poster)] == [True, False]
        assert "Outcome disputed" in browser(seeker).get(path).text
        assert "Outcome disputed" not in browser(poster).get(path).text
        assert "disputed" not in str(export_account(poster)["viewings"])


def test_so_does_one_without_an_account(browser, listing, seeker_session, poster, admin):
    viewing = confirm_first(ask(listing, seeker_session), poster)
    with time_machine.travel(viewing.chosen.start_at + dt.timedelta(minutes=20), tick=False):
        link = link_path(viewing, now=clock.now())
        assert "Was nobody there?" in browser().get(link).text
        answer = browser().post(f"{link}dispute/", {"message": "I rang twice", "kind": "absence"})
        assert answer.status_code == 302
        assert "You told us that nobody came" in browser().get(link).text
        case = Case.objects.get()
        decide_any_case(case=case, decision="uphold", version=case.version, by=admin)
        told = Notification.objects.get(session=seeker_session, type="appeal_outcome")
        assert "stays as it was written down" in browser().get(told.route).text


def test_what_was_said_without_an_account_is_the_accounts_later(
    browser, listing, seeker_session, seeker, poster
):
    viewing = confirm_first(ask(listing, seeker_session), poster)
    with time_machine.travel(viewing.chosen.start_at + dt.timedelta(minutes=20), tick=False):
        dispute_outcome(viewing=viewing, message="I rang twice", by=seeker_session, kind="absence")
        claim_session(secret=secret_of(seeker_session), user=seeker, now=clock.now())
        assert (
            "You told us that nobody came" in browser(seeker).get(viewing.get_absolute_url()).text
        )
    assert "I rang twice" in str(export_account(seeker))


def test_nobody_says_it_of_themself(listing, seeker_session, poster):
    """Who claims a session may find that it asked for their own place."""
    viewing = confirm_first(ask(listing, seeker_session), poster)
    complete(viewing, poster)
    Reminder.objects.all().delete()  # sent by then
    with time_machine.travel(viewing.chosen.start_at + dt.timedelta(minutes=20), tick=False):
        claim_session(secret=secret_of(seeker_session), user=poster, now=clock.now())
        assert disputable(fresh(viewing), by=poster, now=clock.now()) is None


def test_the_poster_closes_it_instead(browser, confirmed, poster):
    with time_machine.travel(confirmed.chosen.start_at + dt.timedelta(minutes=20), tick=False):
        page = browser(poster).get(confirmed.get_absolute_url()).text
    assert "Was nobody there?" not in page


@pytest.mark.parametrize("outcome", ["attended", "not_accessible", ""])
def test_a_host_who_closes_it_does_not_silence_the_seeker(
    browser, confirmed, seeker, poster, outcome
):
    path = confirmed.get_absolute_url()
    complete(confirmed, poster, outcome=outcome)
    with time_machine.travel(confirmed.chosen.start_at + dt.timedelta(minutes=20), tick=False):
        assert "Was nobody there?" in browser(seeker).get(path).text
        assert (
            browser(seeker)
            .post(f"{path}dispute/", {"message": "No", "kind": "absence"})
            .status_code
            == 302
        )
    assert Dispute.objects.get().attendance.person == poster


def test_nor_does_one_who_takes_the_place_away(browser, confirmed, seeker, poster, listing):
    path = confirmed.get_absolute_url()
    with time_machine.travel(confirmed.chosen.start_at + dt.timedelta(minutes=20), tick=False):
        withdraw_listing(listing=listing, by=poster)
        assert "Was nobody there?" in browser(seeker).get(path).text
        closing.complete_viewing(viewing=confirmed, by=poster)
    assert fresh(confirmed).outcome == "attended"


def test_of_what_was_called_off_nobody_says_that_nobody_came(browser, confirmed, seeker, poster):
    path = confirmed.get_absolute_url()
    closing.complete_viewing(viewing=confirmed, by=poster)
    with time_machine.travel(confirmed.chosen.start_at + dt.timedelta(minutes=20), tick=False):
        assert "Was nobody there?" not in browser(seeker).get(path).text
        assert (
            browser(seeker)
            .post(f"{path}dispute/", {"message": "No", "kind": "absence"})
            .status_code
            == 409
        )


# --- times at a glance ----------------------------------------------------------------------------------
def test_one_proposed_time_is_chosen_already_and_of_several_none(
    browser, path, listing, outsider, poster
):
    host, one = browser(poster), ask(listing, outsider, day=5)
    assert " required checked>" in host.get(one.get_absolute_url()).text
    assert (
        " checked>" not in host.get(path).text.split('class="radio-cards"')[1].split("</form>")[0]
    )


def test_a_card_tells_the_first_time_and_how_many_more(browser, viewing, poster):
    card = browser(poster).get("/host/viewings/").text.split("card__facts")[1].split("</p>")[0]
    first = viewing.options.all()[0]
    assert first.start_at.isoformat() in card
    assert f"+{viewing.options.count() - 1}" in card


def test_the_timeline_says_you_and_which_time(browser, viewing, path, poster, seeker):
    scheduling.select_time(
        viewing=scheduling.offer_times(viewing=viewing, times=[at(5, 10)], by=poster),
        option=fresh(viewing).open_options[-1],
        by=seeker,
    )
    for person, chooser in ((seeker, "You"), (poster, "Visitor")):
        timeline = browser(person).get(path).text.split('class="timeline"')[1].split("</ol>")[0]
        chosen = timeline.split("Time chosen")[1].split("</li>")[0]
        assert at(5, 10).start_at.isoformat() in chosen
        assert f">{chooser} ·" in chosen


# --- where, and safely ----------------------------------------------------------------------------------
def test_the_map_opens_for_whoever_reads_the_address_and_not_beside_a_meeting_point(
    browser, viewing, path, poster, seeker
):
    here = "www.openstreetmap.org"
    Property.objects.filter(pk=viewing.listing_id).update(latitude=-1.95, longitude=30.06)
    visitor = browser(seeker)
    assert here not in visitor.get(path).text
    confirm_first(viewing, poster)
    assert "mlat=-1.95&amp;mlon=30.06" in visitor.get(path).text
    browser(poster).post(f"{path}meeting_point/", {"meeting_point": "At the bakery"})
    assert here not in visitor.get(path).text


def test_each_side_reads_how_to_stay_safe_until_it_is_over(browser, viewing, path, poster, seeker):
    assert "Never pay before you have seen the place." in browser(seeker).get(path).text
    assert "Put documents and valuables away" in browser(poster).get(path).text
    closing.cancel_viewing(viewing=viewing, by=poster)
    assert (
        "/help/safety/" not in browser(seeker).get(path).text.split("<main")[1].split("</main")[0]
    )


# --- in one's own words ------------------------------------------------------------------------------
def test_times_in_ones_own_words_are_filled_in(browser, seeker, listing):
    """Of a Monday; nothing is asked for by that."""
    with time_machine.travel(dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC), tick=False):
        page = f"/rooms/{listing.pk}/viewing/new"
        for who in (None, seeker):
            response = browser(who).get(page, {"words": "Saturday at 10 or Sunday after 5 pm"})
            shown = response.context["form"]
            rows = [[field.value() for field in row[1:]] for row in shown.rows]
            assert response.status_code == 200
            assert rows[0] == [dt.date(2026, 11, 28), dt.time(10), dt.time(10, 30)]
            assert rows[1] == [dt.date(2026, 11, 29), dt.time(17), dt.time(17, 30)]
        response = browser(seeker).get(page, {"words": "10 apples"})
        assert (response.status_code, "did not find a day" in response.text) == (422, True)
        response = browser(seeker).get(page, {"words": "today at 8"})
        assert (response.status_code, "Nothing is free then" in response.text) == (422, True)
    assert not ViewingRequest.objects.exists()
