"""The routes of visits as the contract writes them."""

import datetime as dt
import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
import pytest
import time_machine

from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.notifications.models import Notification
from ghar.properties.services.moves import move_listing
from moderation.services.blocks import block_person
from tests.factories import LiveListingFactory, PropertyFactory, UserFactory
from tests.visits.actions import UNKNOWN_ID, at, fresh, matched, meet, tour, types
from tests.visits.agents import an_agent
from visits.models import Visit
from visits.tasks import close_past_visits

pytestmark = pytest.mark.django_db

VISITS = "/api/v1/visits"
FIELDS = {
    *("id", "property", "user_id", "agent", "counterparty", "conversation_id", "match_id"),
    *("visit_context", "scheduled_date", "duration_minutes", "timezone", "actual_date", "status"),
    *("outcome", "rescheduled_from", "cancellation_reason", "special_requirements", "visit_notes"),
    *("visitor_feedback", "interest_level", "follow_up_required", "follow_up_date"),
    *("allowed_actions", "created_at", "updated_at"),
}


def code_of(response):
    return response.status_code, response.json()["error"]["code"]


def body_for(listing, when=None, **more):
    return {
        "property_id": str(listing.pk),
        "scheduled_date": (when or at(3, 10)).isoformat(),
        **more,
    }


@pytest.fixture
def url(visit):
    return f"{VISITS}/{visit.pk}"


# --- booking ----------------------------------------------------------------------------------------
def test_a_tour_is_booked_and_answered_whole(api, listing, seeker, guide):
    response = api(seeker).post(VISITS, body_for(listing, special_requirements="a lift, please"))
    assert response.status_code == 201
    answer = response.json()
    assert set(answer) >= FIELDS
    assert answer["property"] == {
        "id": str(listing.pk),
        "title": listing.title,
        "url": listing.get_absolute_url(),
        "cover_url": listing.cover_url,
        "city": "Kigali",
        "locality": "Kimihurura",
    }
    assert answer["agent"] == {"id": str(guide.pk), "name": "Agnes", "languages": ["en"]}
    assert (answer["status"], answer["visit_context"]) == ("scheduled", "property_tour")
    assert answer["allowed_actions"] == ["reschedule", "cancel"]
    assert (answer["duration_minutes"], answer["timezone"]) == (30, "Africa/Kigali")


def test_two_who_matched_book_a_meeting(api, listing, seeker, peer):
    match = matched(seeker, peer)
    body = body_for(
        listing,
        visit_context="flatmate_meet",
        counterparty_user_id=str(peer.pk),
        match_id=str(match.pk),
        conversation_id=str(match.conversation_id),
    )
    answer = api(seeker).post(VISITS, body).json()
    assert answer["counterparty"] == {
        "id": str(peer.pk),
        "full_name": "Petra P.",
        "avatar_url": None,
    }
    assert (answer["match_id"], answer["agent"]) == (str(match.pk), None)
    assert answer["conversation_id"] == str(match.conversation_id)
    upcoming = api(peer).get(f"{VISITS}/upcoming").json()["items"]
    assert [v["id"] for v in upcoming] == [answer["id"]]
    assert upcoming[0]["allowed_actions"] == ["confirm", "reschedule", "cancel"]


@pytest.mark.parametrize(
    ("ahead", "code"), [(-1, "PAST_DATE"), (119, "TOO_SOON"), (180 * 1440 + 1, "TOO_FAR")]
)
def test_times_that_are_refused(api, listing, seeker, ahead, code):
    when = clock.now() + dt.timedelta(minutes=ahead)
    assert code_of(api(seeker).post(VISITS, body_for(listing, when))) == (422, code)


def test_a_conflict_offers_three_times_that_can_be_booked(api, visit, listing, outsider):
    client = api(outsider)
    refused = client.post(VISITS, body_for(listing))
    assert code_of(refused) == (409, "VISIT_CONFLICT")
    free = refused.json()["error"]["details"]["alternatives"]
    assert [set(one) for one in free] == [{"start_at", "end_at", "timezone"}] * 3
    for one in free:
        made = client.post(VISITS, body_for(listing) | {"scheduled_date": one["start_at"]})
        assert made.status_code == 201


def test_who_is_no_match_is_as_good_as_nobody(api, listing, seeker, peer):
    refusals = []
    for other in (peer.pk, uuid.uuid4()):
        body = body_for(listing, visit_context="flatmate_meet", counterparty_user_id=str(other))
        refused = api(seeker).post(VISITS, body)
        assert code_of(refused) == (409, "NO_ACTIVE_MATCH")
        refusals.append(refused.json()["error"] | {"request_id": ""})
    assert refusals[0] == refusals[1]
    matched(seeker, peer)
    block_person(target=seeker, by=peer)
    body = body_for(listing, visit_context="flatmate_meet", counterparty_user_id=str(peer.pk))
    assert code_of(api(seeker).post(VISITS, body)) == (409, "NO_ACTIVE_MATCH")


def test_whom_nobody_may_book_for_may_exist_or_not(api, listing, seeker, outsider):
    for other in (outsider.pk, UNKNOWN_ID):
        body = body_for(listing, user_id=str(other))
        assert code_of(api(seeker).post(VISITS, body)) == (403, "NOT_ALLOWED")


def test_a_listing_that_was_live_a_draft_and_none_at_all(api, listing, seeker, poster):
    client = api(seeker)
    for unknown in (PropertyFactory(owner=poster).pk, uuid.uuid4()):
        body = body_for(listing) | {"property_id": str(unknown)}
        assert code_of(client.post(VISITS, body)) == (404, "NOT_FOUND")
    move_listing(listing=listing, verb="check_hold", by=SYSTEM, now=clock.now())
    refused = client.post(VISITS, body_for(listing))
    assert code_of(refused) == (409, "LISTING_NOT_AVAILABLE")


@pytest.mark.parametrize(
    "bad",
    [
        {"scheduled_date": "2030-01-01T10:00:00"},
        {"scheduled_date": "9999-12-31T23:59:59-12:00"},
        {"scheduled_date": "0001-01-01T00:00:00+14:00"},
        {"scheduled_date": None},
        {"scheduled_date": ["x"]},
        {"property_id": "nonsense"},
        {"property_id": None},
        {"visit_context": "party"},
        {"counterparty_user_id": "Petra"},
        {"special_requirements": "x" * 1001},
        {"special_requirements": "a\x00b"},
        {"status": "confirmed"},
        {"agent_id": UNKNOWN_ID},
        {"surprise": 1},
    ],
    ids=str,
)
def test_bad_input_is_a_422(api, listing, seeker, bad):
    response = api(seeker).post(VISITS, body_for(listing) | bad)
    assert code_of(response) == (422, "VALIDATION_ERROR")
    assert not Visit.objects.exists()


def test_a_time_may_be_written_in_small_letters(api, listing, seeker):
    body = body_for(listing) | {"scheduled_date": f"{at(3, 10):%Y-%m-%dt%H:%M:%Sz}"}
    assert api(seeker).post(VISITS, body).json()["scheduled_date"] == as_json(at(3, 10))


def test_nobody_books_for_others_but_the_team(api, listing, seeker, outsider, admin):
    body = body_for(listing, user_id=str(seeker.pk))
    assert code_of(api(outsider).post(VISITS, body)) == (403, "NOT_ALLOWED")
    assert api(admin).post(VISITS, body).json()["user_id"] == str(seeker.pk)


def test_the_same_key_books_once(api, listing, seeker):
    client = api(seeker)
    first = client.post(VISITS, body_for(listing), HTTP_IDEMPOTENCY_KEY="k")
    again = client.post(VISITS, body_for(listing), HTTP_IDEMPOTENCY_KEY="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert Visit.objects.count() == 1


# --- steps ------------------------------------------------------------------------------------------
def test_a_visit_from_booking_to_completion(api, visit, url, seeker, poster, agent):
    assert api(poster).post(f"{url}/confirm").json()["status"] == "confirmed"
    moved = api(seeker).post(
        f"{url}/reschedule", {"new_date": at(5, 10).isoformat(), "reason": "work"}
    )
    old, new = visit.scheduled_date, at(5, 10)
    answer = moved.json()
    assert (answer["status"], answer["rescheduled_from"]) == ("rescheduled", as_json(old))
    assert answer["scheduled_date"] == as_json(new)
    assert code_of(api(seeker).post(f"{url}/confirm")) == (403, "NOT_ALLOWED")
    assert api(agent).post(f"{url}/confirm").json()["status"] == "confirmed"
    early = api(agent).post(f"{url}/complete")
    assert code_of(early) == (409, "INVALID_TRANSITION")
    assert early.json()["error"]["details"]["allowed"] == ["reschedule", "cancel", "undo", "assign"]
    with time_machine.travel(new, tick=False):
        over = api(agent).post(f"{url}/complete", {"notes": "Kind", "outcome": "attended"}).json()
    assert (over["status"], over["outcome"], over["visit_notes"]) == (
        *("completed", "attended"),
        "Kind",
    )
    events = api(seeker).get(f"{url}/events").json()["items"]
    assert [e["event_type"] for e in events] == [
        *("scheduled", "confirmed", "rescheduled", "confirmed", "completed"),
    ]
    assert events[2]["changes"]["reason"] == "work"
    assert "actor_id" not in events[0]
    assert "agent_id" not in events[0]["changes"]


def as_json(moment: dt.datetime) -> str:
    return moment.isoformat()


def test_a_repeat_answers_200_and_leaves_no_event(api, visit, url, poster, seeker):
    for step, by, body in (
        *(("confirm", poster, None), ("confirm", poster, None)),
        *(("cancel", seeker, {"reason": "no"}), ("cancel", seeker, {"reason": "no"})),
    ):
        assert api(by).post(f"{url}/{step}", body).status_code == 200
    assert types(visit) == ["scheduled", "confirmed", "cancelled"]


def test_how_it_went_is_said_once(api, confirmed, url, agent, poster):
    missed = {"outcome": "visitor_no_show"}
    with time_machine.travel(confirmed.scheduled_date, tick=False):
        for body in (missed, missed, {}):
            assert api(agent).post(f"{url}/complete", body).json()["outcome"] == "visitor_no_show"
        other = api(poster).post(f"{url}/complete", {"outcome": "attended"})
    assert code_of(other) == (409, "INVALID_TRANSITION")
    assert other.json()["error"]["details"] == {"allowed": []}
    assert types(confirmed) == ["scheduled", "confirmed", "completed"]


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("confirm", {"now": True}),
        ("reschedule", {}),
        ("reschedule", {"new_date": "soon"}),
        ("reschedule", {"new_date": "2030-01-01T10:00:00"}),
        ("cancel", {}),
        ("cancel", {"reason": "x" * 501}),
        ("cancel", {"reason": ""}),
        ("cancel", {"reason": " \n"}),
        ("cancel", {"reason": 12}),
        ("complete", {"outcome": "fine"}),
        ("assign", {"agent_id": "nobody"}),
        ("withdraw", {"x": 1}),
        ("undo", {"x": 1}),
    ],
    ids=str,
)
def test_bad_bodies_of_steps_are_a_422(api, url, poster, step, body):
    assert code_of(api(poster).post(f"{url}/{step}", body)) == (422, "VALIDATION_ERROR")


def test_the_flatmates_app_takes_the_same_steps(api, meeting, seeker, peer):
    url = f"/api/v1/flatmates/visits/{meeting.pk}"
    assert code_of(api(seeker).put(url, {"status": "confirmed"})) == (403, "NOT_ALLOWED")
    assert api(peer).put(url, {"status": "confirmed"}).json()["status"] == "confirmed"
    moved = api(peer).put(url, {"scheduled_date": at(5, 10).isoformat()}).json()
    assert (moved["status"], moved["scheduled_date"]) == ("rescheduled", as_json(at(5, 10)))
    again = {"status": "rescheduled", "scheduled_date": at(6, 10).isoformat()}
    assert api(seeker).put(url, again).json()["scheduled_date"] == as_json(at(6, 10))
    assert api(seeker).put(url, {"status": "cancelled"}).json()["status"] == "cancelled"
    for bad in ({"status": "rescheduled"}, {"status": "gone"}, {"x": 1}):
        assert code_of(api(seeker).put(url, bad)) == (422, "VALIDATION_ERROR")
    assert api(seeker).patch(url, {}).status_code == 405


def test_notes_belong_to_a_side(api, url, seeker, agent):
    mine = {"interest_level": 5, "visitor_feedback": "Nice"}
    assert api(seeker).patch(url, mine).json()["interest_level"] == 5
    assert code_of(api(agent).patch(url, {"interest_level": 1})) == (403, "NOT_ALLOWED")
    promised = {"follow_up_required": True, "follow_up_date": "2030-01-01"}
    assert api(agent).patch(url, promised).json()["follow_up_date"] == "2030-01-01"
    for bad in ({"interest_level": 6}, {"status": "completed"}, {"follow_up_date": "x"}):
        assert code_of(api(seeker).patch(url, bad)) == (422, "VALIDATION_ERROR")


def test_an_agent_hands_a_visit_over_and_an_admin_names_one(api, url, guide, agent, admin):
    assert api(agent).post(f"{url}/assign").json()["agent"] is None
    named = api(admin).post(f"{url}/assign", {"agent_id": str(guide.pk)})
    assert named.json()["agent"]["id"] == str(guide.pk)
    unknown = api(admin).post(f"{url}/assign", {"agent_id": str(uuid.uuid4())})
    assert code_of(unknown) == (404, "NOT_FOUND")


@pytest.mark.parametrize("is_flatmates_app", [False, True])
def test_an_agent_who_proposes_a_time_at_which_they_are_busy_reads_what_came_of_it(
    api, visit, url, listing, outsider, agent, is_flatmates_app
):
    elsewhere = tour(LiveListingFactory(), outsider, day=5)
    when = elsewhere.scheduled_date.isoformat()
    if is_flatmates_app:
        path = f"/api/v1/flatmates/visits/{visit.pk}"
        answer = api(agent).put(path, {"scheduled_date": when})
    else:
        answer = api(agent).post(f"{url}/reschedule", {"new_date": when})
    assert answer.status_code == 200
    assert (answer.json()["agent"], answer.json()["allowed_actions"]) == (None, [])
    assert api(agent).get(url).status_code == 404


def test_who_no_longer_works_here_is_refused_to_the_team_with_the_reason(api, url, agent, admin):
    gone = {"agent_id": str(an_agent("Gone", is_active=False).pk)}
    refused = api(admin).post(f"{url}/assign", gone)
    assert code_of(refused) == (409, "AGENT_NOT_SUITABLE")
    assert refused.json()["error"]["details"] == {"lost_because": "not_active"}
    assert code_of(api(agent).post(f"{url}/assign", gone)) == (404, "NOT_FOUND")


# --- why it ended -----------------------------------------------------------------------------------
def test_what_ends_by_itself_says_why_in_the_language_of_its_reader(api, visit, url, seeker):
    with time_machine.travel(visit.scheduled_date, tick=False):
        close_past_visits()
        said = {
            language: api(seeker).get(url, HTTP_ACCEPT_LANGUAGE=language).json()
            for language in ("en", "rw")
        }
    assert {language: answer["cancellation_reason"] for language, answer in said.items()} == {
        "en": "The time passed before both had agreed",
        "rw": "Igihe cyarenze impande zombi zitarabyemeranyaho",
    }
    events = api(seeker).get(f"{url}/events", HTTP_ACCEPT_LANGUAGE="rw").json()["items"]
    assert events[-1]["changes"]["cancellation_reason"] == said["rw"]["cancellation_reason"]


def test_whoever_withdraws_the_place_does_not_choose_the_language(api, visit, url, seeker, poster):
    with translation.override("fr"):
        move_listing(listing=visit.listing, verb="withdraw", by=poster, now=clock.now())
    assert api(seeker).get(url).json()["cancellation_reason"] == "The place is no longer offered."
    told = Notification.objects.of(seeker).get(type="visit_cancelled")
    assert told.body == "The place is no longer offered."


# --- who sees what ----------------------------------------------------------------------------------
def test_a_stranger_gets_404_everywhere(api, visit, url, outsider, peer):
    visible = {"get": ["", "/events", "/calendar.ics"], "patch": [""]}
    steps = ["confirm", "reschedule", "withdraw", "cancel", "complete", "undo", "assign"]
    for person in (outsider, peer):
        client = api(person)
        for method, paths in {**visible, "post": [f"/{step}" for step in steps]}.items():
            for path in paths:
                assert getattr(client, method)(url + path).status_code == 404, (method, path)
        assert client.put(f"/api/v1/flatmates/visits/{visit.pk}", {}).status_code == 404
        for name in ("", "/upcoming", "/past", "/all"):
            assert client.get(VISITS + name).json()["items"] == []


def test_everybody_concerned_lists_it(api, visit, seeker, poster, agent, admin):
    for person in (seeker, poster, agent):
        assert [v["id"] for v in api(person).get(VISITS).json()["items"]] == [str(visit.pk)]
    assert len(api(admin).get(f"{VISITS}/all").json()["items"]) == 1
    assert len(api(agent).get(f"{VISITS}/all").json()["items"]) == 1
    assert api(seeker).get(f"{VISITS}/all").json()["items"] == []


def test_lists_by_time_and_status(api, listing, seeker, visit):
    later = tour(listing, seeker, day=6)
    client = api(seeker)
    ids = [v["id"] for v in client.get(f"{VISITS}/upcoming").json()["items"]]
    assert ids == [str(visit.pk), str(later.pk)]
    client.post(f"{VISITS}/{visit.pk}/cancel", {"reason": "no"})
    assert [v["id"] for v in client.get(f"{VISITS}/past").json()["items"]] == [str(visit.pk)]
    cancelled = client.get(f"{VISITS}?status=cancelled").json()["items"]
    assert [v["id"] for v in cancelled] == [str(visit.pk)]
    assert code_of(client.get(f"{VISITS}?status=gone")) == (422, "VALIDATION_ERROR")
    assert code_of(client.get(f"{VISITS}?cursor=x")) == (400, "INVALID_CURSOR")


PHONE, EMAIL = "+250788424242", "canary@secret.example.org"


@pytest.mark.parametrize("kind", ["tour", "meet"])
def test_nothing_private_of_the_other_side_is_in_any_answer(api, seeker, guide, kind):
    canary = UserFactory(full_name="Canary Bird", email=EMAIL, phone=PHONE)
    listing = LiveListingFactory(
        owner=canary, latitude=-1.944217, longitude=30.061913, contact_phone="+250788434343"
    )
    if kind == "meet":
        matched(seeker, canary)
        visit = meet(listing, seeker, canary)
    else:
        visit = tour(listing, seeker)
    url = f"{VISITS}/{visit.pk}"
    api(canary).post(f"{url}/confirm")
    secrets = [PHONE[1:], EMAIL, "1.944217", "30.061913", "250788434343", "Canary Bird"]
    for path in (url, f"{url}/events", VISITS, f"{VISITS}/upcoming", f"{url}/calendar.ics"):
        text = api(seeker).get(path).content.decode()
        assert [secret for secret in secrets if secret in text] == []
    assert seeker.email not in api(canary).get(url).content.decode()


# --- statements -------------------------------------------------------------------------------------
def statements_of(work) -> list[str]:
    """What was asked of the database; savepoints and the login's own rows are not counted."""
    with CaptureQueriesContext(connection) as captured:
        work()
    noise = ("SAVEPOINT", "RELEASE", "ROLLBACK", 'FROM "api_tokens"', 'UPDATE "api_tokens"')
    return [q["sql"] for q in captured if not any(word in q["sql"][:400] for word in noise)]


def test_a_list_takes_as_many_statements_for_3_as_for_300(api, seeker, guide):
    client = api(seeker)
    for number in range(3):
        listing = LiveListingFactory()
        tour(listing, seeker, day=number + 1)
    few = statements_of(lambda: client.get(f"{VISITS}?limit=20"))
    template = fresh(Visit.objects.first())
    listings = [LiveListingFactory() for _ in range(5)]
    Visit.objects.bulk_create(
        Visit(
            listing=listings[n % 5],
            host=listings[n % 5].owner,
            user=seeker,
            agent=guide,
            scheduled_date=template.scheduled_date + dt.timedelta(hours=n),
            timezone="UTC",
            proposed_by="visitor",
        )
        for n in range(300)
    )
    many = statements_of(lambda: client.get(f"{VISITS}?limit=20"))
    answer = client.get(f"{VISITS}?limit=20").json()
    assert (len(answer["items"]), answer["has_more"]) == (20, True)
    assert all(v["property"]["cover_url"] and v["agent"] for v in answer["items"])
    assert len(many) == len(few) <= 4, "\n".join(many)


def test_an_error_names_the_field_that_was_sent(api, visit, seeker):
    body = {"scheduled_date": "2020-01-01T10:00:00Z"}
    refused = api(seeker).put(f"/api/v1/flatmates/visits/{visit.pk}/", body)
    assert refused.status_code == 422
    assert set(refused.json()["error"]["details"]["fields"]) == {"scheduled_date"}
