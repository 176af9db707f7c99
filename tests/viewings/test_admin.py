"""The team's console: flagged requests first, and every verb with its event."""

from django.urls import reverse
import pytest
import time_machine

from ghar.audit.models import AuditEvent
from tests.factories import LiveListingFactory
from tests.viewings.actions import ask, at, fresh
from tests.viewings.test_pages import row
from viewings.models import ViewingRequest

pytestmark = pytest.mark.django_db

LIST = "/admin/viewings/viewingrequest/"


def step(viewing, verb):
    return reverse("admin:viewings_viewingrequest_step", args=[viewing.pk, verb])


def page(viewing):
    return reverse("admin:viewings_viewingrequest_change", args=[viewing.pk])


def test_flagged_requests_stand_first_and_have_a_filter(browser, admin, viewing, outsider):
    quiet = ask(LiveListingFactory(), outsider)
    ViewingRequest.objects.filter(pk=viewing.pk).update(is_flagged=True)
    team = browser(admin)
    listed = team.get(LIST).content.decode()
    assert listed.index(page(viewing)) < listed.index(page(quiet))
    flagged = team.get(LIST, {"attention": "flagged"}).content.decode()
    assert page(viewing) in flagged
    assert page(quiet) not in flagged


def test_the_team_takes_every_step(browser, admin, viewing):
    team = browser(admin)
    assert team.get(page(viewing)).status_code == 200
    taken = [
        ("offer", row(1, at(4, 10))),
        ("reschedule", row(1, at(5, 10))),
        ("meeting_point", {"meeting_point": "At the gate"}),
        ("notify", {"to": "seeker", "message": "We are on it"}),
    ]
    for verb, form in taken:
        assert team.post(step(viewing, verb), form).status_code == 302, verb
    option = {"time_option_id": str(viewing.options.last().pk)}
    assert team.post(step(viewing, "select"), option).status_code == 302
    assert team.post(step(viewing, "confirm"), {}).status_code == 302
    with time_machine.travel(at(5, 10).start_at, tick=False):
        closed = team.post(step(viewing, "complete"), {"outcome": "attended"})
    assert closed.status_code == 302
    assert fresh(viewing).status == "completed"
    events = viewing.events.filter(actor="admin").values_list("event_type", flat=True)
    assert list(events) == [
        "offered",
        "rescheduled",
        "meeting_point",
        "notified",
        "selected",
        "confirmed",
        "completed",
    ]
    audited = AuditEvent.objects.filter(actor_kind="admin", channel="admin")
    assert {row.action for row in audited} == {f"viewing_{event}" for event in events}


def test_a_flag_is_settled(browser, admin, viewing):
    ViewingRequest.objects.filter(pk=viewing.pk).update(is_flagged=True)
    assert browser(admin).post(step(viewing, "settle"), {"note": "Called both"}).status_code == 302
    assert fresh(viewing).is_flagged is False


def test_a_refusal_shows_the_form_again(browser, admin, viewing):
    team = browser(admin)
    past = team.post(step(viewing, "offer"), row(1, at(-1, 10)))
    assert past.status_code == 422
    assert b"This time has passed" in past.content
    assert team.post(step(viewing, "complete"), {"outcome": "attended"}).status_code == 409


@pytest.mark.parametrize("verb", ["contact", "send_code", "confirm_code", "nothing"])
def test_the_steps_of_a_visitor_are_none_of_the_team(browser, admin, viewing, verb):
    assert browser(admin).post(step(viewing, verb), {}).status_code == 404


def test_nobody_else_comes_in(browser, poster, viewing):
    assert browser(poster).get(page(viewing)).status_code == 302
    assert browser(poster).post(step(viewing, "cancel"), {}).status_code == 302
    assert fresh(viewing).status == "proposed"
