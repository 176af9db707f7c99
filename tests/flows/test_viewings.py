"""The acceptance of P6B, line by line, over the API and with the login of the web."""

import datetime as dt

import pytest
import time_machine

from ghar import flags
from ghar.audit.models import AuditEvent
from ghar.models import Flag
from ghar.notifications.models import Notification
from tests.factories import LiveListingFactory
from tests.viewings.actions import as_body, at
from tests.viewings.clients import login_of_the_web, with_login_of_the_web
from viewings import tasks

pytestmark = pytest.mark.django_db

VIEWINGS = "/api/v1/viewings"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def listing(poster):
    return LiveListingFactory(owner=poster)


@pytest.fixture
def as_seeker(api, seeker_session):
    return with_login_of_the_web(api(seeker_session))


@pytest.fixture
def as_poster(api, poster):
    return with_login_of_the_web(api(poster))


@pytest.fixture
def proposed(as_seeker, listing):
    body = {
        "property_id": str(listing.pk),
        "time_options": as_body(at(3, 10), at(3, 12), at(4, 9)),
    }
    response = as_seeker.post(VIEWINGS, body)
    assert response.status_code == 201
    return response.json()


def url(viewing, verb=""):
    return f"{VIEWINGS}/{viewing['id']}{verb}"


def events(client, viewing):
    return [event["event_type"] for event in client.get(url(viewing, "/events")).json()["items"]]


def confirm(client, viewing, index=0):
    option = viewing["time_options"][index]["id"]
    return client.post(url(viewing, "/confirm"), {"time_option_id": option}).json()


def test_seeker_can_propose_options_poster_confirms_status_is_confirmed(
    as_seeker, as_poster, proposed
):
    confirmed = confirm(as_poster, proposed, 1)
    assert confirmed["status"] == "confirmed"
    assert [o["status"] for o in confirmed["time_options"]] == ["rejected", "selected", "rejected"]
    assert as_seeker.get(url(proposed)).json()["status"] == "confirmed"
    assert events(as_seeker, proposed) == ["created", "offered", "selected", "confirmed"]


def test_a_sixth_option_is_refused(as_seeker, proposed):
    times = {"time_options": as_body(at(5, 9), at(5, 10), at(5, 11))}
    response = as_seeker.post(url(proposed, "/offer"), times)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "TOO_MANY_OPTIONS")
    assert len(as_seeker.get(url(proposed)).json()["time_options"]) == 3


def test_reschedule_path_works_and_is_audited(as_seeker, as_poster, proposed):
    confirm(as_poster, proposed)
    moved = as_seeker.post(
        url(proposed, "/reschedule"), {"time_options": as_body(at(6, 10))}
    ).json()
    assert (moved["status"], moved["round"]) == ("rescheduled", 2)
    again = confirm(as_poster, moved, -1)
    assert again["status"] == "confirmed"
    assert again["selected_option_id"] == moved["time_options"][-1]["id"]
    audited = AuditEvent.objects.get(action="viewing_rescheduled")
    assert (audited.target_id, audited.actor_kind) == (proposed["id"], "session")


def test_cancel_path_works_and_is_audited_and_a_second_cancel_changes_nothing(
    as_seeker, as_poster, proposed
):
    confirm(as_poster, proposed)
    first = as_seeker.post(url(proposed, "/cancel"), {"reason": "Found another"})
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    before = events(as_seeker, proposed)
    second = as_poster.post(url(proposed, "/cancel"))
    assert (second.status_code, second.json()["status"]) == (200, "cancelled")
    assert events(as_seeker, proposed) == before
    assert AuditEvent.objects.filter(action="viewing_cancelled").count() == 1


def test_reminders_fire_in_simulated_time_exactly_once_to_each_party(
    as_poster, proposed, seeker_session, poster
):
    confirm(as_poster, proposed)
    start = at(3, 10).start_at
    for moment in (start - 30 * HOUR, *[start - 24 * HOUR] * 3, *[start - 2 * HOUR] * 3, start):
        with time_machine.travel(moment, tick=False), login_of_the_web():
            tasks.send_due_reminders()
    for person in (seeker_session, poster):
        mine = Notification.objects.of(person).filter(type="viewing_reminder").order_by("id")
        titles = [title.split(":")[0] for title in mine.values_list("title", flat=True)]
        assert titles == ["Viewing tomorrow", "Viewing in two hours"]


def test_the_sweeps_work_with_the_login_of_the_web(as_poster, as_seeker, proposed):
    as_poster.post(url(proposed, "/select"), {"time_option_id": proposed["time_options"][0]["id"]})
    with time_machine.travel(at(2, 23).start_at, tick=False), login_of_the_web():
        assert tasks.release_expired_holds() == 1
    with time_machine.travel(at(9, 10).start_at, tick=False), login_of_the_web():
        assert tasks.close_past_viewings() == 1
    assert as_seeker.get(url(proposed)).json()["status"] == "cancelled"
    assert events(as_seeker, proposed)[-2:] == ["hold_expired", "expired"]


def test_a_seeker_session_sees_its_own_only(api, as_seeker, proposed):
    assert [v["id"] for v in as_seeker.get(VIEWINGS).json()["items"]] == [proposed["id"]]
    other = api().post("/api/v1/sessions").json()
    stranger = with_login_of_the_web(api())
    stranger.credentials(HTTP_X_SEEKER_SESSION=other["session_secret"])
    assert stranger.get(VIEWINGS).json()["items"] == []
    assert stranger.get(url(proposed)).status_code == 404
    assert stranger.post(url(proposed, "/cancel")).status_code == 404


def test_viewing_pages_are_noindex_and_never_in_the_sitemap(client, poster, proposed):
    client.force_login(poster, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/viewings/{proposed['id']}/")
    assert page["X-Robots-Tag"] == "noindex"
    assert page["Cache-Control"] == "private, no-store"
    assert "viewing" not in client.get("/sitemap.xml").content.decode()


def test_the_flag_off_keeps_the_data_and_on_it_goes_on(as_seeker, as_poster, proposed):
    Flag.objects.update_or_create(name=flags.VIEWINGS, defaults={"is_on": False})
    flags.forget()
    assert as_seeker.get(url(proposed)).status_code == 200
    refused = as_poster.post(url(proposed, "/cancel"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "FEATURE_DISABLED")
    Flag.objects.update(is_on=True)
    flags.forget()
    assert confirm(as_poster, proposed)["status"] == "confirmed"
