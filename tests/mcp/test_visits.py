"""Tours and meetings by an assistant: as over the API, with the same checks and audit."""

import datetime as dt

import pytest

from ghar.api.models import IdempotencyKey
from ghar.audit.models import AuditEvent
from ghar.lib import clock
from ghar.lib.ids import uuid7
from tests.factories import LiveListingFactory, PropertyFactory
from tests.mcp.assistants import Assistant
from tests.visits.actions import at, matched, tour
from visits.models import Visit

pytestmark = pytest.mark.django_db
SCHEDULE = "visits_schedule"


def last_audit() -> tuple[str, str, str, str]:
    row = AuditEvent.objects.order_by("id").last()
    return row.action, row.actor_id, row.target_type, row.channel


def test_booking_answers_with_the_visit_as_the_api_does(api, seeker, listing, guide):
    booked = Assistant(seeker).ask(
        SCHEDULE, property_id=listing.pk, scheduled_date=at(3, 10), special_requirements="A ramp"
    )
    assert (booked["status"], booked["user_id"]) == ("scheduled", str(seeker.pk))
    assert (booked["agent"]["name"], booked["special_requirements"]) == ("Agnes", "A ramp")
    assert api(seeker).get(f"/api/v1/visits/{booked['id']}").json() == booked


def test_booking_by_tool_and_by_api_leave_the_same_audit_row_but_for_the_channel(
    api, seeker, outsider, listing
):
    Assistant(seeker).ask(SCHEDULE, property_id=listing.pk, scheduled_date=at(3, 10))
    by_tool = last_audit()
    body = {"property_id": str(listing.pk), "scheduled_date": at(4, 10).isoformat()}
    assert api(outsider).post("/api/v1/visits", body).status_code == 201
    by_api = last_audit()
    assert by_tool == ("visit_scheduled", str(seeker.pk), "visit", "mcp")
    assert by_api == ("visit_scheduled", str(outsider.pk), "visit", "api")


def test_two_who_matched_plan_a_meeting(seeker, peer, listing):
    match = matched(seeker, peer)
    booked = Assistant(seeker).ask(
        SCHEDULE,
        property_id=listing.pk,
        scheduled_date=at(3, 10),
        visit_context="flatmate_meet",
        counterparty_user_id=peer.pk,
        match_id=match.pk,
    )
    assert (booked["counterparty"]["full_name"], booked["agent"]) == ("Petra P.", None)
    assert booked["conversation_id"] == str(match.conversation_id)


@pytest.mark.parametrize(
    ("when", "code"),
    [
        (dt.timedelta(hours=-1), "PAST_DATE"),
        (dt.timedelta(hours=1), "TOO_SOON"),
        (dt.timedelta(days=181), "TOO_FAR"),
    ],
)
def test_a_time_that_does_not_do_is_refused(seeker, listing, when, code):
    refused = Assistant(seeker).code(
        SCHEDULE, property_id=listing.pk, scheduled_date=clock.now() + when
    )
    assert refused == code
    assert not Visit.objects.exists()


def test_a_taken_time_comes_with_three_others_of_which_the_first_is_bookable(
    seeker, outsider, listing
):
    tour(listing, outsider)
    mine = Assistant(seeker)
    tour(LiveListingFactory(), seeker)
    error = mine.refused(SCHEDULE, property_id=listing.pk, scheduled_date=at(3, 10))
    assert (error["code"], len(error["details"]["alternatives"])) == ("VISIT_CONFLICT", 3)
    free = error["details"]["alternatives"][0]["start_at"]
    booked = mine.ask(SCHEDULE, property_id=listing.pk, scheduled_date=free)
    assert booked["scheduled_date"] == free


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"scheduled_date": "2030-05-01T10:00:00"}, "scheduled_date"),
        ({"scheduled_date": "tomorrow"}, "scheduled_date"),
        ({"scheduled_date": None}, "scheduled_date"),
        ({"property_id": "the one with the balcony"}, "property_id"),
        ({"visit_context": "party"}, "visit_context"),
        ({"special_requirements": "\x00"}, "special_requirements"),
        ({"special_requirements": "long" * 1000}, "special_requirements"),
        ({"status": "confirmed"}, "status"),
        ({"conversation_id": uuid7()}, "conversation_id"),
        ({"idempotency_key": 7}, "idempotency_key"),
    ],
)
def test_what_is_wrong_is_named(seeker, listing, arguments, field):
    usual = {"property_id": listing.pk, "scheduled_date": at(3, 10)}
    error = Assistant(seeker).refused(SCHEDULE, **usual | arguments)
    assert (error["code"], list(error["details"]["fields"])) == ("VALIDATION_ERROR", [field])


def test_nobody_meets_whom_they_have_not_matched(seeker, outsider, listing):
    usual = {"scheduled_date": at(3, 10), "visit_context": "flatmate_meet"}
    for other in (outsider.pk, uuid7()):
        refused = Assistant(seeker).code(
            SCHEDULE, property_id=listing.pk, counterparty_user_id=other, **usual
        )
        assert refused == "NO_ACTIVE_MATCH"


def test_what_cannot_be_read_cannot_be_booked(seeker, poster, outsider):
    draft, gone = PropertyFactory(), LiveListingFactory(status="paused")
    mine = Assistant(seeker)
    assert mine.code(SCHEDULE, property_id=draft.pk, scheduled_date=at(3, 10)) == "NOT_FOUND"
    assert mine.code(SCHEDULE, property_id=uuid7(), scheduled_date=at(3, 10)) == "NOT_FOUND"
    taken_off = mine.code(SCHEDULE, property_id=gone.pk, scheduled_date=at(3, 10))
    assert taken_off == "LISTING_NOT_AVAILABLE"


def test_nobody_but_the_team_books_for_others(seeker, outsider, admin, listing):
    body = {"property_id": listing.pk, "scheduled_date": at(3, 10), "user_id": outsider.pk}
    assert Assistant(seeker).code(SCHEDULE, **body) == "NOT_ALLOWED"
    assert Assistant(admin).ask(SCHEDULE, **body)["user_id"] == str(outsider.pk)


def test_the_list_holds_ones_own_visits_next_or_newest_first(seeker, outsider, poster, listing):
    late, early = tour(listing, seeker, day=5), tour(listing, seeker, day=3)
    tour(listing, outsider, day=4)
    mine = Assistant(seeker)
    assert ids(mine.ask("visits_list")) == [str(late.pk), str(early.pk)]
    assert ids(mine.ask("visits_list", when="upcoming")) == [str(early.pk), str(late.pk)]
    mine.ask("visits_cancel", visit_id=late.pk, reason="ill")
    assert ids(mine.ask("visits_list", when="past")) == [str(late.pk)]
    assert ids(mine.ask("visits_list", status="scheduled")) == [str(early.pk)]
    assert len(ids(Assistant(poster).ask("visits_list"))) == 3


def test_the_list_goes_on_where_it_ended(seeker, listing):
    booked = [str(tour(listing, seeker, day=day).pk) for day in (3, 4, 5)]
    mine = Assistant(seeker)
    first = mine.ask("visits_list", limit=2, include_total=True)
    assert (ids(first), first["total"]) == ([booked[2], booked[1]], 3)
    rest = mine.ask("visits_list", limit=2, cursor=first["next_cursor"])
    assert (ids(rest), rest["has_more"]) == ([booked[0]], False)
    for other in ({"when": "upcoming"}, {"cursor": "of nowhere"}):
        asked = {"cursor": first["next_cursor"]} | other
        assert mine.code("visits_list", **asked) == "INVALID_CURSOR"


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_so_many_statements_however_long(
    seeker, listing, count, django_assert_num_queries
):
    for day in range(count):
        tour(listing, seeker, day=3 + day)
    mine = Assistant(seeker)
    # The login of the web and back, the page and its last steps.
    with django_assert_num_queries(4):
        assert len(mine.ask("visits_list")["items"]) == count


def test_every_party_reads_a_visit_and_a_stranger_finds_nothing(
    visit, seeker, poster, agent, outsider, api
):
    for party in (seeker, poster, agent):
        read = Assistant(party).ask("visits_get", visit_id=visit.pk)
        assert api(party).get(f"/api/v1/visits/{visit.pk}").json() == read
    hidden = Assistant(outsider).refused("visits_get", visit_id=visit.pk)
    assert hidden == Assistant(outsider).refused("visits_get", visit_id=uuid7())
    assert hidden["code"] == "NOT_FOUND"


def test_cancelling_tells_the_reason_and_twice_is_once(confirmed, seeker):
    mine = Assistant(seeker)
    first = mine.ask("visits_cancel", visit_id=confirmed.pk, reason="I found a room")
    assert (first["status"], first["cancellation_reason"]) == ("cancelled", "I found a room")
    assert last_audit() == ("visit_cancelled", str(seeker.pk), "visit", "mcp")
    written = AuditEvent.objects.count()
    assert mine.ask("visits_cancel", visit_id=confirmed.pk, reason="Again") == first
    assert AuditEvent.objects.count() == written


def test_nobody_cancels_the_visit_of_others(visit, outsider):
    code = Assistant(outsider).code("visits_cancel", visit_id=visit.pk, reason="ill")
    assert code == "NOT_FOUND"
    visit.refresh_from_db()
    assert visit.is_active


def test_nobody_cancels_a_visit_without_saying_why(visit, seeker):
    refused = Assistant(seeker).refused("visits_cancel", visit_id=visit.pk, reason=" ")
    assert refused["code"] == "VALIDATION_ERROR"
    assert list(refused["details"]["fields"]) == ["reason"]


def test_the_same_key_books_once(seeker, listing):
    mine = Assistant(seeker)
    body = {"property_id": listing.pk, "scheduled_date": at(3, 10), "idempotency_key": "once"}
    first = mine.ask(SCHEDULE, **body)
    assert mine.ask(SCHEDULE, **body) == first
    assert Visit.objects.count() == 1
    another = body | {"scheduled_date": at(4, 10)}
    assert mine.code(SCHEDULE, **another) == "IDEMPOTENCY_MISMATCH"
    assert IdempotencyKey.objects.get().key == "once"


def test_a_refusal_is_remembered_under_its_key_too(seeker, listing):
    mine, body = Assistant(seeker), {"property_id": listing.pk, "idempotency_key": "early"}
    early = mine.refused(SCHEDULE, scheduled_date=clock.now(), **body)
    assert mine.refused(SCHEDULE, scheduled_date=clock.now(), **body)["code"] == (
        "IDEMPOTENCY_MISMATCH"
    )
    assert early["code"] == "PAST_DATE"


def test_an_account_has_so_many_calls_a_minute(settings, seeker):
    settings.LIMITS = {**settings.LIMITS, "tool_calls": (2, 60, "account")}
    mine = Assistant(seeker)
    mine.ask("visits_list")
    mine.ask("visits_list")
    error = mine.refused("visits_list")
    assert error["code"] == "RATE_LIMITED"
    assert 0 < error["details"]["retry_after"] <= 60


def ids(page) -> list[str]:
    return [item["id"] for item in page["items"]]
