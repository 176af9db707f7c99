"""Who keeps what was agreed: written down, published from five on, disputed, and weighed."""

import datetime as dt

import pytest
import time_machine

from ghar.audit.models import AuditEvent
from ghar.calendar.models import Subject
from ghar.errors import Conflict, NotFound
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.lib.rls import WORKER, acting_as
from ghar.notifications.models import Notification
from moderation.models import Attendance, Case, Dispute, ListingCheck, RiskScore
from moderation.services.attendance import count_attendance, note_attendance
from moderation.services.checks import run_due_checks
from moderation.services.disputes import dispute
from moderation.services.verdicts import decide_any_case
from tests.moderation.listings import submitted
from tests.viewings import actions as viewing_actions
from tests.visits.actions import complete, fresh, matched, meet, types
from tests.visits.attendance import count, figure, have, noted
from viewings.services.closing import cancel_viewing
from visits.models import Visit
from visits.services.closing import cancel_visit, complete_past, undo_step
from visits.services.reliability import dispute_outcome
from visits.services.safety import own_code, prove_arrival
from visits.services.scheduling import confirm_visit, reschedule_visit

HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def agreed(meeting, peer):
    return confirm_visit(visit=meeting, by=peer)


@pytest.fixture
def missed(confirmed, poster):
    """The host says that the seeker did not come."""
    return complete(confirmed, poster, outcome="visitor_no_show")


# --- What is written down -------------------------------------------------------------------------
def test_a_visit_that_took_place_was_kept_by_both(confirmed, agent):
    complete(confirmed, agent)
    assert noted() == {"Sita": "kept", "Peter": "kept"}
    assert list(Attendance.objects.filter(as_host=True).values_list("person__full_name")) == [
        ("Peter Poster",)
    ]


def test_who_did_not_come_missed_it(agreed, seeker):
    complete(agreed, seeker, outcome="host_no_show")
    assert noted() == {"Sita": "kept", "Petra": "missed"}
    assert not Attendance.objects.filter(as_host=True).exists()


def test_what_the_system_closes_says_nothing(confirmed):
    with time_machine.travel(confirmed.scheduled_date + 2 * DAY, tick=False):
        assert complete_past(clock.now()) == 1
    assert noted() == {}


def test_a_late_cancellation_counts_and_one_in_time_is_forgiven(confirmed, agreed, poster, seeker):
    cancel_visit(visit=agreed, by=seeker)
    with time_machine.travel(confirmed.scheduled_date - HOUR, tick=False):
        cancel_visit(visit=confirmed, by=poster)
    assert noted() == {"Sita": "cancelled", "Peter": "cancelled_late"}


@pytest.fixture
def meeting(listing, seeker, peer):
    """At another hour than the tour."""
    matched(seeker, peer)
    return meet(listing, seeker, peer, hour=15)


def test_nobody_broke_a_word_that_was_not_given(visit, poster):
    cancel_visit(visit=visit, by=poster)
    assert noted() == {}


def test_the_time_that_stands_is_the_one_that_was_broken(confirmed, seeker):
    """With a new one proposed for next month the old one is still agreed."""
    old = confirmed.scheduled_date
    reschedule_visit(visit=confirmed, new_date=old + 30 * DAY, by=seeker)
    with time_machine.travel(old - HOUR, tick=False):
        cancel_visit(visit=fresh(confirmed), by=seeker)
    assert noted() == {"Sita": "cancelled_late"}


def test_what_the_team_or_an_agent_cancels_is_nobodys_fault(confirmed, agent):
    cancel_visit(visit=confirmed, by=agent)
    assert noted() == {}


def test_a_step_taken_back_is_forgotten(confirmed, poster):
    with time_machine.travel(confirmed.scheduled_date, tick=False):
        done = complete(confirmed, poster, outcome="visitor_no_show")
        undo_step(visit=done, by=poster)
    assert set(noted().values()) == {""}


def test_who_proved_to_have_come_has_kept_it(confirmed, poster, seeker):
    with time_machine.travel(confirmed.scheduled_date, tick=False):
        code = own_code(confirmed, by=poster, now=clock.now())
        prove_arrival(visit=confirmed, code=code, by=seeker)
    complete(confirmed, poster, outcome="visitor_no_show")
    assert noted() == {"Sita": "kept", "Peter": "kept"}


def test_also_when_it_is_proved_after_the_other_side_has_spoken(confirmed, poster, seeker):
    complete(confirmed, poster, outcome="visitor_no_show")
    with time_machine.travel(confirmed.scheduled_date + HOUR, tick=False):
        code = own_code(fresh(confirmed), by=poster, now=clock.now())
        prove_arrival(visit=confirmed, code=code, by=seeker)
    assert noted() == {"Sita": "kept", "Peter": "kept"}


def test_viewings_count_as_well(listing, seeker, poster, admin):
    viewing = viewing_actions.ask(listing, seeker, hours=(10, 12))
    viewing = viewing_actions.confirm_first(viewing, poster)
    viewing_actions.complete(viewing, admin, outcome="host_no_show")
    assert noted() == {"Sita": "kept", "Peter": "missed"}


def test_so_does_a_viewing_called_off_late(listing, seeker, poster):
    viewing = viewing_actions.ask(listing, seeker, hours=(10, 12))
    viewing = viewing_actions.confirm_first(viewing, poster)
    with time_machine.travel(viewing.chosen.start_at - HOUR, tick=False):
        cancel_viewing(viewing=viewing, by=poster)
    assert noted() == {"Peter": "cancelled_late"}


def test_a_visitor_without_an_account_leaves_no_trace(listing, seeker_session, poster, admin):
    viewing = viewing_actions.ask(listing, seeker_session, hours=(10, 12))
    viewing = viewing_actions.confirm_first(viewing, poster)
    viewing_actions.complete(viewing, admin)
    assert noted() == {"Peter": "kept"}


# --- What is published ----------------------------------------------------------------------------
def test_nothing_is_published_below_five(poster):
    have(poster, "kept", 4)
    assert figure(poster) == (None, None)
    have(poster, "missed", 1)
    assert figure(poster) == (4, 5)


def test_both_of_a_persons_sides_count_together(poster):
    have(poster, "kept", 3)
    have(poster, "kept", 2, as_host=False)
    assert figure(poster) == (5, 5)


def test_after_twelve_months_it_is_forgotten(poster):
    have(poster, "missed", 3, days_ago=300)
    have(poster, "kept", 5)
    assert figure(poster) == (5, 8)
    with time_machine.travel(clock.now() + 66 * DAY, tick=False):
        count()
        assert figure(poster) == (5, 5)
        assert Attendance.objects.count() == 5


def test_counting_happens_by_itself_once_a_visit_is_over(confirmed, poster, on_commit):
    have(poster, "kept", 4)
    with on_commit():
        complete(confirmed, poster)
    assert figure(poster) == (5, 5)


def test_counting_twice_counts_once(confirmed, poster):
    have(poster, "kept", 5)
    complete(confirmed, poster)
    count()
    count()
    assert figure(poster) == (6, 6)
    assert count_attendance(now=clock.now()) == 0


def test_listing_person_and_visit_show_it(client, api, confirmed, poster, seeker, listing):
    words = "kept 5 of 6 visits in the last twelve months"
    pages = [listing.get_absolute_url(), f"/visits/{confirmed.pk}/"]
    client.force_login(seeker)
    assert all(words not in client.get(page).content.decode() for page in pages)
    have(poster, "kept", 5)
    have(poster, "missed", 1)
    assert all(words in client.get(page).content.decode() for page in pages)
    host = api().get(f"/api/v1/properties/{listing.pk}").json()["host"]
    assert (host["visits_kept"], host["visits_planned"]) == (5, 6)


def test_the_visitor_page_shows_the_host_what_the_visitor_does(client, confirmed, poster, seeker):
    have(seeker, "kept", 5, as_host=False)
    client.force_login(poster)
    body = client.get(f"/visits/{confirmed.pk}/").content.decode()
    assert "kept 5 of 5 visits" in body


# --- Disputes -------------------------------------------------------------------------------------
def test_while_it_is_disputed_it_does_not_count(missed, seeker):
    have(seeker, "kept", 5, as_host=False)
    assert figure(seeker) == (5, 6)
    dispute_outcome(visit=missed, message="I stood at the door.", by=seeker)
    count()
    assert figure(seeker) == (5, 5)
    assert types(missed)[-1] == "disputed"
    assert [case.kind for case in Case.objects.open()] == ["dispute"]
    assert AuditEvent.objects.filter(action="attendance_disputed").count() == 1


@pytest.mark.parametrize(
    ("decision", "expected", "words"),
    [("uphold", (5, 6), "stays as it was"), ("overturn", (5, 5), "does not count against you")],
)
def test_a_moderator_decides(client, missed, seeker, poster, admin, decision, expected, words):
    have(seeker, "kept", 5, as_host=False)
    dispute_outcome(visit=missed, message="I stood at the door.", by=seeker)
    page = missed.get_absolute_url()
    client.force_login(seeker)
    assert "our team reads it" in client.get(page).content.decode()
    case = Case.objects.get()
    decide_any_case(case=case, decision=decision, note="Read.", version=case.version, by=admin)
    count()
    assert figure(seeker) == expected
    assert not Case.objects.open().exists()
    assert Dispute.objects.get().decided_by == admin
    told = Notification.objects.get(user=seeker, type="appeal_outcome")
    assert words in told.body
    assert words in client.get(page).content.decode()
    client.force_login(poster)
    assert "what you wrote" not in client.get(page).content.decode()
    row = AuditEvent.objects.get(action="dispute_decided")
    assert (row.data["upheld"], row.data["notes"]) == (decision == "uphold", "Read.")


def test_by_the_routes_of_the_team(api, missed, seeker, admin):
    path = f"/api/v1/visits/{missed.pk}/dispute"
    assert api(seeker).post(path, {"message": "No."}).status_code == 200
    queue = api(admin).get("/api/v1/moderation/queue").json()["items"]
    assert [row["kind"] for row in queue] == ["dispute"]
    body = {"decision": "overturn", "reason_codes": [], "note": "", "version": queue[0]["version"]}
    answer = api(admin).post(f"/api/v1/moderation/cases/{queue[0]['id']}/decide", body)
    assert answer.status_code == 200
    assert Dispute.objects.get().is_upheld is False


def test_the_page_asks_nobody_how_they_liked_what_they_missed(client, missed, seeker):
    client.force_login(seeker)
    page = client.get(missed.get_absolute_url()).content.decode()
    assert "That is not what happened" in page
    assert "How did you like it?" not in page
    Visit.objects.update(outcome="attended")
    page = client.get(missed.get_absolute_url()).content.decode()
    assert "How did you like it?" in page


def test_the_moderator_reads_the_words_in_the_console(client, missed, seeker, admin):
    dispute_outcome(visit=missed, message="I stood at the door.", by=seeker)
    client.force_login(admin)
    page = f"/admin/moderation/case/{Case.objects.get().pk}/change/"
    body = client.get(page).content.decode()
    assert "I stood at the door." in body
    assert "did not come" in body


def test_one_case_holds_all_that_somebody_disputes(missed, seeker, admin):
    now, earlier = clock.now(), Subject("visit", uuid7())
    note_attendance(
        subject=earlier, presences={seeker.pk: "missed"}, host_id=None, happened_at=now, now=now
    )
    dispute_outcome(visit=missed, message="First.", by=seeker)
    dispute(
        subject=earlier, kind="record", message="Second.", by=seeker, other=None, now=clock.now()
    )
    case = Case.objects.get()
    decide_any_case(case=case, decision="overturn", version=case.version, by=admin)
    case.refresh_from_db()
    assert list(Dispute.objects.open().values_list("message")) == [("Second.",)]
    decide_any_case(case=case, decision="uphold", version=case.version, by=admin)
    assert not Case.objects.open().exists()


def test_there_is_a_week_and_one_objection(missed, seeker):
    begun = Attendance.objects.get(person=seeker).noted_at
    with (
        time_machine.travel(begun + 7 * DAY + HOUR, tick=False),
        pytest.raises(Conflict) as refused,
    ):
        dispute_outcome(visit=missed, message="Too late.", by=seeker)
    assert refused.value.code == "NOT_DISPUTABLE"
    dispute_outcome(visit=missed, message="In time.", by=seeker)
    with pytest.raises(Conflict):
        dispute_outcome(visit=missed, message="Again.", by=seeker)


def test_nobody_objects_to_what_is_not_held_against_them(missed, poster, outsider):
    with pytest.raises(Conflict):
        dispute_outcome(visit=missed, message="Why not?", by=poster)
    with pytest.raises(NotFound):
        dispute_outcome(visit=missed, message="Who am I?", by=outsider)


def test_the_page_of_an_objection(client, missed, seeker, poster):
    path = f"/visits/{missed.pk}/dispute/"
    client.force_login(seeker)
    assert path in client.get(f"/visits/{missed.pk}/").content.decode()
    assert client.get(path).status_code == 200
    assert client.post(path, {"message": ""}).status_code == 422
    assert client.post(path, {"message": "I was there."}).status_code == 302
    assert client.get(path).status_code == 409
    client.force_login(poster)
    assert client.get(path).status_code == 409


# --- Risk -----------------------------------------------------------------------------------------
def score_of(listing) -> RiskScore:
    with acting_as(WORKER):
        return RiskScore.objects.get(listing=listing)


def test_a_host_who_cancels_everything_is_looked_at(poster, on_commit):
    have(poster, "cancelled", 5)
    with on_commit():
        listing = submitted(poster)
    score = score_of(listing)
    assert [r["code"] for r in score.reasons if r["weight"] >= 30] == ["VISITS_MISSED"]
    assert score.risk_level == "medium"
    listing.refresh_from_db()
    assert listing.status == "hold_for_review"
    assert [row["code"] for row in score.summary] == ["OWNERSHIP_REQUESTED"]


def test_as_a_visitor_one_may_cancel_without_harm_to_ones_listing(poster, on_commit):
    have(poster, "cancelled", 5, as_host=False)
    with on_commit():
        listing = submitted(poster)
    assert "VISITS_MISSED" not in [r["code"] for r in score_of(listing).reasons]


def test_listings_that_stand_are_scored_again_once(poster, on_commit):
    with on_commit():
        listing = submitted(poster)
    have(poster, "missed", 5)
    assert ListingCheck.objects.is_waiting_for(listing.pk)
    run_due_checks(may_hold=True, now=clock.now())
    assert "VISITS_MISSED" in [r["code"] for r in score_of(listing).reasons]
    have(poster, "missed", 1)
    assert not ListingCheck.objects.is_waiting_for(listing.pk)


def test_the_poster_reads_no_accusation(api, poster, on_commit):
    have(poster, "cancelled", 5)
    with on_commit():
        listing = submitted(poster)
    body = api(poster).get(f"/api/v1/properties/{listing.pk}/risk").content.decode()
    assert "VISITS" not in body
    assert "cancel" not in body.lower()


def test_the_team_decides_and_nobody_else(api, missed, seeker, poster):
    dispute_outcome(visit=missed, message="I stood at the door.", by=seeker)
    case = Case.objects.get()
    body = {"decision": "overturn", "reason_codes": [], "note": "", "version": case.version}
    path = f"/api/v1/moderation/cases/{case.pk}/decide"
    assert [api(one).post(path, body).status_code for one in (seeker, poster)] == [403, 403]
