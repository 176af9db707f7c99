"""One who came says that nobody else did; a moderator decides, and the other side can object."""

import datetime as dt

from django.urls import reverse
import pytest
import time_machine

from ghar.accounts.models import Role
from ghar.errors import Conflict, NotAllowed
from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.properties.services.listings import withdraw_listing
from moderation.models import Attendance, Case, Dispute
from moderation.services.cases import next_case
from moderation.services.verdicts import decide_any_case
from tests.factories import SeekerSessionFactory, UserFactory
from tests.statements import statements_of
from tests.visits.actions import complete, fresh, matched, meet
from tests.visits.attendance import count, figure, have
from visits.services.closing import complete_past, complete_visit, undo_step
from visits.services.reliability import disputable, dispute_outcome
from visits.services.safety import own_code, prove_arrival
from visits.services.scheduling import confirm_visit

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def after(visit, time=20 * MINUTE):
    return time_machine.travel(fresh(visit).standing_date + time, tick=False)


def says(visit, by, message="I waited for half an hour."):
    with after(visit):
        return dispute_outcome(visit=visit, message=message, by=by, kind="absence")


def can_say(visit, by, time=20 * MINUTE):
    with after(visit, time):
        return disputable(fresh(visit), by=by, now=clock.now())


def decide(decision, admin, visit):
    with after(visit, DAY):
        case = Case.objects.open().get()
        decide_any_case(case=case, decision=decision, version=case.version, by=admin)
        count()


# --- Who may, and when ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("minutes", "expected"), [(-1, None), (14, None), (15, "absence"), (7 * 24 * 60, None)]
)
def test_from_a_quarter_past_the_start_and_for_a_week(confirmed, seeker, minutes, expected):
    assert can_say(confirmed, seeker, minutes * MINUTE) == expected


def test_whoever_can_close_the_visit_says_it_with_that(confirmed, poster, agent, admin):
    assert [can_say(confirmed, by) for by in (poster, agent, admin)] == [None] * 3


def test_nor_whoever_has_closed_it(confirmed, poster, meeting_closed_by_seeker, seeker):
    complete(confirmed, poster)
    assert can_say(confirmed, poster) is None
    assert can_say(meeting_closed_by_seeker, seeker) is None


@pytest.fixture
def meeting_closed_by_seeker(listing, seeker, peer):
    matched(seeker, peer)
    agreed = confirm_visit(visit=meet(listing, seeker, peer, hour=15), by=peer)
    return complete(agreed, seeker)


def test_a_host_who_takes_the_place_away_is_missed_all_the_same(confirmed, listing, poster, seeker):
    with after(confirmed):
        withdraw_listing(listing=listing, by=poster)
    assert can_say(confirmed, seeker) == "absence"
    complete(confirmed, poster)
    assert fresh(confirmed).outcome == "attended"


def test_the_host_can_too_once_the_visit_was_closed_for_them(confirmed, poster, seeker):
    with after(confirmed, 2 * DAY):
        complete_past(clock.now())
    assert can_say(confirmed, poster, 3 * DAY) == "absence"
    assert can_say(confirmed, seeker, 3 * DAY) == "absence"


def test_of_a_meeting_the_other_one_of_the_two(meeting, peer, seeker):
    agreed = confirm_visit(visit=meeting, by=peer)
    complete(agreed, peer)
    assert can_say(agreed, seeker) == "absence"
    says(agreed, seeker)
    assert Attendance.objects.get(disputes__kind="absence").person == peer


@pytest.mark.parametrize("outcome", ["host_no_show", "visitor_no_show"])
def test_not_what_is_written_down_already(confirmed, seeker, agent, outcome):
    complete(confirmed, agent, outcome=outcome)
    assert can_say(confirmed, seeker) == (None if outcome == "host_no_show" else "record")


def test_not_of_one_who_has_proved_to_be_there(confirmed, seeker, poster):
    with after(confirmed):
        code = own_code(confirmed, by=seeker, now=clock.now())
        prove_arrival(visit=confirmed, code=code, by=poster)
    assert can_say(confirmed, seeker) is None


def test_not_of_a_time_that_was_never_agreed(visit, seeker):
    assert can_say(visit, seeker) is None
    with after(visit), pytest.raises(Conflict) as refused:
        dispute_outcome(visit=visit, message="Nobody.", by=seeker, kind="absence")
    assert refused.value.code == "NOT_DISPUTABLE"


def test_words_are_filed_as_what_they_were_meant_for(browser, confirmed, seeker, poster):
    """The host says meanwhile that the visitor did not come: there are two things to say now."""
    path = f"{confirmed.get_absolute_url()}dispute/"
    complete(confirmed, poster, outcome="visitor_no_show")
    with after(confirmed):
        browser(seeker).post(path, {"message": "Nobody came.", "kind": "absence"})
        assert 'value="record"' in browser(seeker).get(path).text
    assert Dispute.objects.get().attendance.person == poster


def test_once(confirmed, seeker):
    says(confirmed, seeker)
    with pytest.raises(Conflict):
        says(confirmed, seeker)
    assert Dispute.objects.count() == Case.objects.open().count() == 1


def test_an_objection_that_is_sent_twice_accuses_nobody(confirmed, seeker, agent):
    complete(confirmed, agent, outcome="visitor_no_show")
    with after(confirmed):
        dispute_outcome(visit=confirmed, message="I was there.", by=seeker)
        with pytest.raises(Conflict):
            dispute_outcome(visit=confirmed, message="I was there.", by=seeker)
    assert Dispute.objects.get().kind == "record"
    assert can_say(confirmed, seeker) == "absence"


# --- What comes of it -----------------------------------------------------------------------------
def test_nothing_counts_until_a_moderator_has_decided(confirmed, seeker, poster):
    have(poster, "kept", 5)
    says(confirmed, seeker)
    count()
    assert figure(poster) == (5, 5)
    assert not Notification.objects.filter(user=poster, type="appeal_outcome").exists()


@pytest.mark.parametrize(("decision", "expected"), [("overturn", (5, 6)), ("uphold", (5, 5))])
def test_a_moderator_decides(confirmed, seeker, poster, admin, decision, expected):
    have(poster, "kept", 5)
    says(confirmed, seeker)
    decide(decision, admin, confirmed)
    assert figure(poster) == expected
    told = Notification.objects.get(user=seeker, type="appeal_outcome")
    assert ("did not come" in told.body) == (decision == "overturn")
    heard = Notification.objects.filter(user=poster, type="appeal_outcome")
    assert heard.count() == (1 if decision == "overturn" else 0)


def test_what_the_host_says_afterwards_does_not_wipe_it_out(confirmed, seeker, poster, admin):
    have(poster, "kept", 5)
    says(confirmed, seeker)
    decide("overturn", admin, confirmed)
    complete(confirmed, poster, outcome="attended")
    count()
    assert figure(poster) == (5, 6)


def test_nor_does_a_step_that_is_taken_back(confirmed, seeker, poster, admin):
    have(poster, "kept", 5)
    says(confirmed, seeker)
    with after(confirmed, 30 * MINUTE):
        closed = complete_visit(visit=confirmed, by=poster)
        case = Case.objects.open().get()
        decide_any_case(case=case, decision="overturn", version=case.version, by=admin)
        undo_step(visit=closed, by=poster)
        count()
    assert figure(poster) == (5, 6)


def test_the_other_side_can_object_to_that(confirmed, seeker, poster, admin):
    have(poster, "kept", 5)
    says(confirmed, seeker)
    decide("overturn", admin, confirmed)
    with after(confirmed, 2 * DAY):
        assert disputable(fresh(confirmed), by=poster, now=clock.now()) == "record"
        dispute_outcome(visit=confirmed, message="I was there.", by=poster)
        count()
        assert figure(poster) == (5, 5)
        case = Case.objects.open().get()
        decide_any_case(case=case, decision="overturn", version=case.version, by=admin)
        count()
        assert figure(poster) == (5, 5)
        assert disputable(fresh(confirmed), by=poster, now=clock.now()) is None


def test_it_is_decided_also_when_its_author_is_gone(confirmed, seeker, poster, admin):
    have(poster, "kept", 5)
    says(confirmed, seeker)
    Dispute.objects.update(author=None)
    decide("overturn", admin, confirmed)
    assert figure(poster) == (5, 6)


@pytest.mark.parametrize("side", ["seeker", "poster"])
def test_nobody_decides_what_is_about_himself(confirmed, seeker, poster, admin, side):
    """A member of our team visits too, and lets a room."""
    says(confirmed, seeker)
    party = {"seeker": seeker, "poster": poster}[side]
    party.role = Role.ADMIN
    party.save()
    with pytest.raises(NotAllowed):
        decide("overturn", party, confirmed)
    assert next_case(by=party) is None
    decide("overturn", admin, confirmed)
    with after(confirmed, DAY):
        dispute_outcome(visit=confirmed, message="I was there.", by=poster)
    with pytest.raises(NotAllowed):
        decide("uphold", party, confirmed)


# --- On the pages ---------------------------------------------------------------------------------
def test_the_visitor_finds_the_way_on_the_page(browser, confirmed, seeker, poster):
    path = confirmed.get_absolute_url()
    with after(confirmed):
        page = browser(seeker)
        assert "Was nobody there?" in page.get(path).text
        assert "how long you waited" in page.get(f"{path}dispute/").text
        form = page.get(f"{path}dispute/").text
        assert '<input type="hidden" name="kind" value="absence">' in form
        words = {"message": "I rang twice.", "kind": "absence"}
        assert page.post(f"{path}dispute/", words | {"message": ""}).status_code == 422
        assert page.post(f"{path}dispute/", words | {"kind": "rumour"}).status_code == 422
        assert page.post(f"{path}dispute/", words).status_code == 302
        told = page.get(path).text
        assert "You told us that nobody came" in told
        assert "Was nobody there?" not in told
        assert page.post(f"{path}dispute/", words).status_code == 409
        assert "You told us that nobody came" not in browser(poster).get(path).text


def test_the_other_side_hears_of_it_when_it_is_decided(api, browser, confirmed, seeker, poster):
    path = f"/api/v1/visits/{confirmed.pk}/events"
    says(confirmed, seeker)
    seen = {by: api(by).get(path).text for by in (seeker, poster)}
    assert ["disputed" in seen[by] for by in (seeker, poster)] == [True, False]
    assert "sees it differently" not in browser(poster).get(confirmed.get_absolute_url()).text


def test_over_the_api_too(api, confirmed, seeker, poster):
    path = f"/api/v1/visits/{confirmed.pk}/dispute"
    with after(confirmed):
        words = {"message": "I rang twice.", "kind": "absence"}
        assert api(poster).post(path, words).status_code == 409
        assert api(seeker).post(path, words | {"kind": "record"}).status_code == 409
        assert api(seeker).post(path, words).status_code == 200


def test_the_moderator_reads_who_says_what(client, confirmed, seeker, admin):
    says(confirmed, seeker)
    client.force_login(admin)
    page = f"/admin/moderation/case/{Case.objects.get().pk}/change/"
    body = client.get(page).text
    assert "I waited for half an hour." in body
    assert "they did not come" in body
    assert "Sita Seeker says" in body


def test_the_moderator_sees_what_else_somebody_has_said_of_others(
    client, confirmed, seeker, poster, admin
):
    says(confirmed, seeker)
    client.force_login(admin)
    about, by = (
        client.get(reverse("console:person", args=[person.pk])).content.decode()
        for person in (poster, seeker)
    )
    assert f'href="{reverse("console:person", args=[seeker.pk])}">What else' in about
    assert f'<strong>waits</strong> · <a href="{reverse("console:person", args=[poster.pk])}"' in by


def test_the_moderators_page_costs_the_same_for_one_and_three(client, poster, admin):
    client.force_login(admin)

    def looks(times):
        for _time in range(times):
            have(poster, "kept", 1)
            Dispute.objects.create(
                attendance=Attendance.objects.latest("pk"),
                kind="absence",
                author_session=SeekerSessionFactory(claimed_by=UserFactory()),
            )
        return statements_of(lambda: client.get(reverse("console:person", args=[poster.pk])))

    looks(0)
    assert looks(1) == looks(2)


def test_it_is_in_the_export_of_who_said_it_alone(api, confirmed, seeker, poster):
    says(confirmed, seeker)
    words = "I waited for half an hour."
    assert words in api(seeker).get("/api/v1/users/me/export").text
    assert words not in api(poster).get("/api/v1/users/me/export").text
