"""Viewings by the assistants of both sides."""

import json

import pytest

from ghar import flags
from ghar.audit.models import AuditEvent
from ghar.lib.ids import uuid7
from ghar.models import Flag
from tests.factories import LiveListingFactory
from tests.mcp.assistants import Assistant, staff
from tests.viewings.actions import as_body, ask, at, confirm_first
from viewings.models import ViewingEvent, ViewingRequest

pytestmark = pytest.mark.django_db
CREATE = "viewing.create_request"


@pytest.fixture
def request_of(listing, seeker) -> dict:
    """The seeker has asked for a viewing on the third day at ten."""
    return {"viewing_request_id": str(ask(listing, seeker).pk)}


def option_of(viewing) -> str:
    return str(viewing["time_options"][0]["id"])


def test_two_assistants_agree_on_a_viewing(listing, seeker, poster):
    """The seeker's asks, the poster's offers, the seeker's chooses, the poster's confirms."""
    seekers, posters = Assistant(seeker), Assistant(poster)
    made = seekers.ask(CREATE, property_id=listing.pk, notes="After work, please")
    it = {"viewing_request_id": made["viewing_request_id"]}
    offered = posters.ask(
        "viewing.offer_times", time_options=as_body(at(3, 17), at(4, 17)), source="poster", **it
    )
    assert offered["offered_count"] == 2
    chosen = option_of(offered["viewing"])
    assert seekers.ask("viewing.select_time", time_option_id=chosen, **it)["status"] == "proposed"
    agreed = posters.ask("viewing.confirm", **it)
    assert (agreed["status"], agreed["viewing"]["selected_option_id"]) == ("confirmed", chosen)
    events = ViewingEvent.objects.filter(viewing=made["viewing_request_id"]).order_by("id")
    assert list(events.values_list("event_type", "actor")) == [
        ("created", "seeker"),
        ("offered", "poster"),
        ("selected", "seeker"),
        ("confirmed", "poster"),
    ]
    assert set(AuditEvent.objects.values_list("channel", flat=True)) == {"mcp"}


def test_the_answer_is_the_one_of_the_api(api, request_of, seeker, poster):
    pk = request_of["viewing_request_id"]
    answer = Assistant(poster).ask("viewing.confirm", time_option_id=first_option(pk), **request_of)
    assert answer["viewing"] == api(poster).get(f"/api/v1/viewings/{pk}").json()


def first_option(pk) -> str:
    return str(ViewingRequest.objects.get(pk=pk).options.first().pk)


def test_a_second_open_request_names_the_first(listing, request_of, seeker):
    error = Assistant(seeker).refused(CREATE, property_id=listing.pk)
    assert (error["code"], error["details"]) == ("REQUEST_OPEN", request_of)


def test_a_request_takes_no_contact_of_somebody_with_an_account(listing, seeker):
    error = Assistant(seeker).refused(CREATE, property_id=listing.pk, contact="me@example.org")
    assert list(error["details"]["fields"]) == ["contact"]


def test_more_than_five_open_times_are_refused_and_none_is_stored(request_of, poster):
    six = as_body(*(at(day, 17) for day in range(3, 9)))
    refused = Assistant(poster).code("viewing.offer_times", time_options=six, **request_of)
    assert refused == "TOO_MANY_OPTIONS"
    pk = request_of["viewing_request_id"]
    assert ViewingRequest.objects.get(pk=pk).options.count() == 1


@pytest.mark.parametrize("times", [None, "tomorrow", [{"start_at": "2030-01-01T10:00:00"}], [7]])
def test_times_that_are_none_are_named(request_of, poster, times):
    error = Assistant(poster).refused("viewing.offer_times", time_options=times, **request_of)
    assert list(error["details"]["fields"]) == ["time_options"]


def test_nobody_speaks_for_another_side(request_of, seeker, poster):
    times = as_body(at(4, 17))
    for side in ("poster", "admin"):
        mine = Assistant(seeker)
        offered = mine.code("viewing.offer_times", time_options=times, source=side, **request_of)
        moved = mine.code("viewing.reschedule", new_time_options=times, by=side, **request_of)
        assert (offered, moved) == ("NOT_ALLOWED", "NOT_ALLOWED")
    assert Assistant(poster).code("viewing.cancel", by="seeker", **request_of) == "NOT_ALLOWED"


def test_the_side_that_offered_a_time_does_not_choose_it(request_of, seeker):
    own = first_option(request_of["viewing_request_id"])
    refused = Assistant(seeker).code("viewing.select_time", time_option_id=own, **request_of)
    assert refused == "NOT_ALLOWED"


def test_the_seeker_does_not_confirm(request_of, seeker):
    assert Assistant(seeker).code("viewing.confirm", **request_of) == "NOT_ALLOWED"


def test_nothing_chosen_is_nothing_to_confirm(request_of, poster):
    error = Assistant(poster).refused("viewing.confirm", **request_of)
    assert error["code"] == "INVALID_TRANSITION"
    assert "cancel" in error["details"]["allowed"]


def test_a_time_that_is_gone_comes_with_three_others(listing, request_of, seeker, outsider, poster):
    rival = ask(listing, outsider)
    confirm_first(rival, poster)
    mine = first_option(request_of["viewing_request_id"])
    error = Assistant(poster).refused("viewing.confirm", time_option_id=mine, **request_of)
    assert (error["code"], len(error["details"]["alternatives"])) == ("SLOT_TAKEN", 3)


def test_moving_and_calling_off_are_audited(request_of, seeker, poster):
    moved = Assistant(seeker).ask(
        "viewing.reschedule", new_time_options=as_body(at(5, 17)), by="seeker", **request_of
    )
    assert moved["status"] == "rescheduled"
    off = {"reason": "Let to somebody else", "by": "poster", **request_of}
    assert Assistant(poster).ask("viewing.cancel", **off)["status"] == "cancelled"
    before = ViewingEvent.objects.count()
    assert Assistant(poster).ask("viewing.cancel", **off)["status"] == "cancelled"
    assert ViewingEvent.objects.count() == before


@pytest.mark.parametrize(
    ("tool", "more"),
    [
        ("viewing.offer_times", {"time_options": []}),
        ("viewing.select_time", {"time_option_id": uuid7()}),
        ("viewing.confirm", {}),
        ("viewing.reschedule", {"new_time_options": []}),
        ("viewing.cancel", {}),
        ("notify.viewing_update", {"to": "poster", "channel": "in_app", "message": "Hello"}),
    ],
)
def test_to_a_stranger_a_viewing_does_not_exist(request_of, outsider, tool, more):
    hidden = Assistant(outsider).refused(tool, **request_of, **more)
    nowhere = Assistant(outsider).refused(tool, viewing_request_id=uuid7(), **more)
    assert hidden == nowhere
    assert hidden["code"] == "NOT_FOUND"


def test_a_seeker_reads_no_address_before_it_is_agreed(listing, request_of, seeker, poster):
    offered = Assistant(poster).ask(
        "viewing.offer_times", time_options=as_body(at(4, 17)), **request_of
    )
    chosen = offered["viewing"]["time_options"][-1]["id"]
    read = Assistant(seeker).ask("viewing.select_time", time_option_id=chosen, **request_of)
    private = (listing.address, listing.contact_phone, poster.email)
    assert [word for word in private if word in json.dumps(read)] == []
    Assistant(poster).ask("viewing.confirm", **request_of)
    again = Assistant(seeker).ask("viewing.select_time", time_option_id=chosen, **request_of)
    assert listing.address in again["viewing"]["meeting_place"]


def test_a_word_to_the_other_side(request_of, seeker, poster, settings):
    word = {"to": "seeker", "channel": "in_app", "message": "Ring twice", **request_of}
    assert Assistant(poster).ask("notify.viewing_update", **word) == {"sent": True}
    unheard = word | {"channel": "sms"}
    assert Assistant(poster).ask("notify.viewing_update", **unheard) == {"sent": False}
    assert Assistant(seeker).code("notify.viewing_update", **word) == "NOT_ALLOWED"
    settings.LIMITS = {**settings.LIMITS, "messages": (0, 60, "account")}
    assert Assistant(poster).code("notify.viewing_update", **word) == "RATE_LIMITED"


def test_staff_step_in_as_admin(request_of, admin):
    times = as_body(at(4, 17))
    offered = staff(admin).ask("viewing.offer_times", time_options=times, **request_of)
    assert offered["viewing"]["time_options"][-1]["source"] == "admin"


def test_while_viewings_are_switched_off_nothing_is_asked_for(listing, seeker):
    Flag.objects.create(name=flags.VIEWINGS, is_on=False)
    flags.forget()
    assert Assistant(seeker).code(CREATE, property_id=listing.pk) == "FEATURE_DISABLED"


def test_ones_own_place_is_not_viewed(poster, listing):
    assert Assistant(poster).code(CREATE, property_id=listing.pk) == "NOT_ALLOWED"
    other = LiveListingFactory(status="paused")
    assert Assistant(poster).code(CREATE, property_id=other.pk) == "LISTING_NOT_AVAILABLE"
