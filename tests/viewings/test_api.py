"""Every route of viewings, called with the login of the web."""

import datetime as dt
import uuid

from icalendar import Calendar
import pytest
import time_machine

from ghar import flags
from ghar.lib import clock
from ghar.models import Flag
from ghar.properties.models import Property
from tests.factories import LiveListingFactory, PropertyFactory, SeekerSessionFactory, UserFactory
from tests.viewings.actions import as_body, ask, at, confirm_first, soon
from viewings.models import ViewingRequest
from viewings.services import closing

pytestmark = pytest.mark.django_db

VIEWINGS = "/api/v1/viewings"


@pytest.fixture
def url(viewing):
    return f"{VIEWINGS}/{viewing.pk}"


@pytest.fixture
def options(viewing):
    """The ids of the seeker's three times."""
    return [str(option.pk) for option in viewing.options.all()]


def code_of(response):
    return response.status_code, response.json()["error"]["code"]


def body_for(listing, *times, **more):
    return {"property_id": str(listing.pk), "time_options": as_body(*times), **more}


# --- asking -----------------------------------------------------------------------------------------
def test_a_session_asks_and_reads_the_whole_request(web_api, listing, seeker_session):
    body = body_for(listing, at(3, 10), at(3, 12), notes="I work late", contact="a@example.org")
    response = web_api(seeker_session).post(VIEWINGS, body)
    assert response.status_code == 201
    answer = response.json()
    assert answer["status"] == "proposed"
    assert answer["property"]["timezone"] == "Africa/Kigali"
    assert answer["poster"] == {"id": str(listing.owner_id), "full_name": "Peter P."}
    assert [o["status"] for o in answer["time_options"]] == ["offered", "offered"]
    assert answer["allowed_actions"] == ["offer", "reschedule", "cancel", "notify"]
    assert (answer["round"], answer["flagged"], answer["selected_option_id"]) == (1, False, None)


def test_nobody_asks_without_a_session(web_api, listing):
    assert code_of(web_api().post(VIEWINGS, body_for(listing))) == (401, "NOT_AUTHENTICATED")


def test_a_second_request_for_the_place(web_api, viewing, listing, seeker):
    response = web_api(seeker).post(VIEWINGS, body_for(listing, at(4, 10)))
    assert code_of(response) == (409, "REQUEST_OPEN")
    assert response.json()["error"]["details"] == {"viewing_request_id": str(viewing.pk)}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"price": 1}, "VALIDATION_ERROR"),
        ({"status": "confirmed"}, "VALIDATION_ERROR"),
        (
            {"time_options": [{"start_at": "2027-01-01T10:00:00", "end_at": "x"}]},
            "VALIDATION_ERROR",
        ),
        ({"property_id": "7"}, "VALIDATION_ERROR"),
        ({"contact": "nobody"}, "VALIDATION_ERROR"),
    ],
)
def test_bad_input_is_422_and_stores_nothing(web_api, listing, seeker_session, change, expected):
    response = web_api(seeker_session).post(VIEWINGS, body_for(listing, at(3, 10)) | change)
    assert code_of(response) == (422, expected)
    assert not ViewingRequest.objects.exists()


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (lambda: [at(3, hour) for hour in range(9, 15)], "TOO_MANY_OPTIONS"),
        (lambda: [soon(hours=-2)], "PAST_DATE"),
        (lambda: [soon(minutes=20)], "TOO_SOON"),
        (lambda: [soon(days=200)], "TOO_FAR"),
    ],
)
def test_times_have_codes_of_their_own(web_api, listing, seeker_session, times, expected):
    response = web_api(seeker_session).post(VIEWINGS, body_for(listing, *times()))
    assert code_of(response) == (422, expected)
    assert not ViewingRequest.objects.exists()


def test_a_paused_place_is_not_available_and_a_draft_not_found(web_api, listing, seeker):
    Property.objects.filter(pk=listing.pk).update(status="paused")
    client = web_api(seeker)
    assert code_of(client.post(VIEWINGS, body_for(listing))) == (409, "LISTING_NOT_AVAILABLE")
    assert code_of(client.post(VIEWINGS, body_for(PropertyFactory()))) == (404, "NOT_FOUND")
    nowhere = {"property_id": str(uuid.uuid4())}
    assert code_of(client.post(VIEWINGS, nowhere)) == (404, "NOT_FOUND")


# --- the verbs ----------------------------------------------------------------------------------------
def test_the_poster_confirms_one_and_the_others_are_rejected(web_api, url, options, poster):
    answer = web_api(poster).post(f"{url}/confirm", {"time_option_id": options[1]}).json()
    assert answer["status"] == "confirmed"
    assert answer["selected_option_id"] == options[1]
    assert [o["status"] for o in answer["time_options"]] == ["rejected", "selected", "rejected"]


def test_the_seeker_may_not_confirm(web_api, url, options, seeker):
    response = web_api(seeker).post(f"{url}/confirm", {"time_option_id": options[0]})
    assert code_of(response) == (403, "NOT_ALLOWED")


def test_confirm_without_anything_selected(web_api, url, poster):
    response = web_api(poster).post(f"{url}/confirm")
    assert code_of(response) == (409, "INVALID_TRANSITION")
    assert "offer" in response.json()["error"]["details"]["allowed"]


def test_who_comes_too_late_gets_alternatives(web_api, viewing, listing, poster, outsider):
    late = ask(listing, outsider)
    confirm_first(viewing, poster)
    body = {"time_option_id": str(late.options.get().pk)}
    response = web_api(poster).post(f"{VIEWINGS}/{late.pk}/confirm", body)
    assert code_of(response) == (409, "SLOT_TAKEN")
    alternatives = response.json()["error"]["details"]["alternatives"]
    assert [set(a) for a in alternatives] == [{"start_at", "end_at", "timezone"}] * 3


def test_offer_select_confirm(web_api, url, poster, seeker):
    offered = web_api(poster).post(f"{url}/offer", {"time_options": as_body(at(4, 9))}).json()
    option = offered["time_options"][-1]
    assert (option["source"], option["status"]) == ("poster", "offered")
    assert {o["status"] for o in offered["time_options"][:3]} == {"rejected"}
    chosen = web_api(seeker).post(f"{url}/select", {"time_option_id": option["id"]}).json()
    assert (chosen["status"], chosen["selected_option_id"]) == ("proposed", option["id"])
    assert web_api(poster).post(f"{url}/confirm").json()["status"] == "confirmed"


def test_selecting_ones_own_time_is_not_allowed(web_api, url, options, seeker):
    response = web_api(seeker).post(f"{url}/select", {"time_option_id": options[0]})
    assert code_of(response) == (403, "NOT_ALLOWED")


def test_a_sixth_time_is_refused(web_api, url, seeker, viewing):
    times = {"time_options": as_body(at(4, 9), at(4, 10), at(4, 11))}
    assert code_of(web_api(seeker).post(f"{url}/offer", times)) == (422, "TOO_MANY_OPTIONS")
    assert viewing.options.count() == 3


def test_reschedule_cancel_and_their_repeats(web_api, url, options, poster, seeker, viewing):
    web_api(poster).post(f"{url}/confirm", {"time_option_id": options[0]})
    moved = web_api(seeker).post(f"{url}/reschedule", {"time_options": as_body(at(5, 9))}).json()
    assert (moved["status"], moved["round"]) == ("rescheduled", 2)
    for _ in range(2):
        gone = web_api(seeker).post(f"{url}/cancel", {"reason": "Found one"})
        assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")
    kinds = [e["event_type"] for e in web_api(seeker).get(f"{url}/events").json()["items"]]
    assert kinds == ["created", "offered", "selected", "confirmed", "rescheduled", "cancelled"]
    refused = web_api(poster).post(f"{url}/offer", {"time_options": as_body(at(6, 9))})
    assert code_of(refused) == (409, "INVALID_TRANSITION")
    assert refused.json()["error"]["details"] == {"allowed": []}


def test_complete_with_an_outcome(web_api, url, options, poster):
    web_api(poster).post(f"{url}/confirm", {"time_option_id": options[0]})
    wrong = web_api(poster).post(f"{url}/complete", {"outcome": "great"})
    assert code_of(wrong) == (422, "VALIDATION_ERROR")
    with time_machine.travel(at(3, 10).start_at, tick=False):
        done = web_api(poster).post(f"{url}/complete", {"outcome": "attended"}).json()
        again = web_api(poster).post(f"{url}/complete").json()
        other = web_api(poster).post(f"{url}/complete", {"outcome": "host_no_show"})
    assert (done["status"], done["outcome"], done["allowed_actions"]) == (
        "completed",
        "attended",
        [],
    )
    assert again == done
    assert code_of(other) == (409, "INVALID_TRANSITION")


def test_what_nobody_confirmed_says_so_in_the_language_of_its_reader(web_api, url, seeker):
    later = at(5, 10).start_at
    with time_machine.travel(later, tick=False):
        closing.close_past_viewings(now=later)
        said = [
            web_api(seeker).get(url, HTTP_ACCEPT_LANGUAGE=language).json()["cancellation_reason"]
            for language in ("en", "rw")
        ]
    assert said == [
        "The time passed before both had agreed",
        "Igihe cyarenze impande zombi zitarabyemeranyaho",
    ]


def test_a_message_is_sent_where_it_is_read(web_api, url, seeker):
    body = {"to": "poster", "channel": "in_app", "message": "Ten minutes late"}
    assert web_api(seeker).post(f"{url}/notify", body).json() == {"sent": True}
    body["channel"] = "sms"
    assert web_api(seeker).post(f"{url}/notify", body).json() == {"sent": False}
    body |= {"to": "seeker"}
    assert code_of(web_api(seeker).post(f"{url}/notify", body)) == (403, "NOT_ALLOWED")


def test_the_place_is_for_a_proved_contact_with_an_agreed_time(
    web_api, url, options, poster, seeker
):
    assert web_api(seeker).get(url).json()["meeting_place"] == ""
    web_api(poster).post(f"{url}/confirm", {"time_option_id": options[0]})
    assert "KG 28 Avenue 14" in web_api(seeker).get(url).json()["meeting_place"]
    web_api(poster).post(f"{url}/meeting-point", {"meeting_point": "At the bakery"})
    assert web_api(seeker).get(url).json()["meeting_place"] == "At the bakery"
    web_api(poster).post(f"{url}/cancel")
    assert web_api(seeker).get(url).json()["meeting_place"] == ""


def test_an_unproved_contact_sees_no_address(web_api, listing, poster, seeker_session):
    viewing = ask(listing, seeker_session)
    confirm_first(viewing, poster)
    answer = web_api(seeker_session).get(f"{VIEWINGS}/{viewing.pk}")
    assert answer.json()["meeting_place"] == ""
    assert b"KG 28" not in answer.content


def test_the_calendar_file(web_api, url, options, poster, seeker):
    assert web_api(seeker).get(f"{url}/calendar.ics").status_code == 404
    web_api(poster).post(f"{url}/confirm", {"time_option_id": options[0]})
    response = web_api(seeker).get(f"{url}/calendar.ics", HTTP_ACCEPT="text/calendar")
    assert response["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(response.content)
    event = calendar.events[0]
    assert (str(calendar["method"]), int(event["sequence"])) == ("REQUEST", 0)
    assert event.start == at(3, 10).start_at
    web_api(seeker).post(f"{url}/cancel")
    again = Calendar.from_ical(web_api(seeker).get(f"{url}/calendar.ics").content)
    assert (str(again["method"]), again.events[0]["uid"]) == ("CANCEL", event["uid"])


# --- who sees what --------------------------------------------------------------------------------------
def test_strangers_and_other_sessions_find_nothing(web_api, url, outsider):
    for stranger in (outsider, SeekerSessionFactory()):
        client = web_api(stranger)
        assert code_of(client.get(url)) == (404, "NOT_FOUND")
        assert code_of(client.get(f"{url}/events")) == (404, "NOT_FOUND")
        assert code_of(client.get(f"{url}/calendar.ics")) == (404, "NOT_FOUND")
        assert code_of(client.post(f"{url}/cancel")) == (404, "NOT_FOUND")
        assert client.get(VIEWINGS).json()["items"] == []


def test_lists_by_role_and_status(web_api, viewing, poster, seeker, admin):
    mine = ask(LiveListingFactory(), poster)
    ids = lambda client, **query: [v["id"] for v in client.get(VIEWINGS, query).json()["items"]]  # noqa: E731
    assert ids(web_api(poster)) == [str(mine.pk), str(viewing.pk)]
    assert ids(web_api(poster), role="poster") == [str(viewing.pk)]
    assert ids(web_api(poster), role="seeker") == [str(mine.pk)]
    assert ids(web_api(poster), status="confirmed") == []
    assert ids(web_api(admin)) == [str(mine.pk), str(viewing.pk)]
    assert web_api(seeker).get(VIEWINGS, {"role": "admin"}).status_code == 422


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(api, poster, rows, django_assert_num_queries):
    for _ in range(rows):
        ask(LiveListingFactory(owner=poster), UserFactory(), hours=(10, 12))
    client = api(poster)
    # The token, the flagless read under its role (4 around it), the requests and their options.
    with django_assert_num_queries(7):
        assert len(client.get(VIEWINGS).json()["items"]) == rows


# --- the switch and the listing -----------------------------------------------------------------------
def test_switched_off_reads_work_and_writes_do_not(web_api, url, seeker):
    Flag.objects.update_or_create(name=flags.VIEWINGS, defaults={"is_on": False})
    flags.forget()
    client = web_api(seeker)
    assert client.get(url).status_code == 200
    assert code_of(client.post(f"{url}/cancel")) == (503, "FEATURE_DISABLED")
    Flag.objects.update(is_on=True)
    flags.forget()
    assert client.post(f"{url}/cancel").status_code == 200


@pytest.mark.parametrize("status", ["hold_for_review", "rejected"])
def test_while_the_listing_is_held_one_only_reads_and_cancels(
    web_api, url, options, listing, poster, seeker, status
):
    Property.objects.filter(pk=listing.pk).update(status=status)
    client = web_api(poster)
    unavailable = (409, "LISTING_NOT_AVAILABLE")
    assert client.get(url).json()["allowed_actions"] == ["cancel"]
    times = {"time_options": as_body(at(4, 10))}
    assert code_of(client.post(f"{url}/offer", times)) == unavailable
    assert code_of(client.post(f"{url}/reschedule", times)) == unavailable
    option = {"time_option_id": options[0]}
    assert code_of(client.post(f"{url}/select", option)) == unavailable
    assert code_of(client.post(f"{url}/confirm", option)) == unavailable
    assert web_api(seeker).post(f"{url}/cancel").status_code == 200


def test_the_same_key_has_one_effect(web_api, listing, seeker):
    client, headers = web_api(seeker), {"HTTP_IDEMPOTENCY_KEY": "once"}
    body = body_for(listing, at(3, 10))
    first, second = (client.post(VIEWINGS, body, **headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert dt.datetime.fromisoformat(first.json()["created_at"]) <= clock.now()
