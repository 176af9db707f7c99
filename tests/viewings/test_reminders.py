"""Reminders in simulated time: each exactly once to each party that wants it."""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest
import time_machine

from ghar import flags
from ghar.audit.models import AuditEvent
from ghar.calendar.models import CalendarEntry, Reminder
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.models import Flag
from ghar.notifications.models import Delivery, Notification
from ghar.notifications.services.preferences import set_channels
from ghar.properties.models import Property
from ghar.properties.services.moves import move_listing
from tests.viewings.actions import ask, at, confirm_first, fresh
from viewings import tasks
from viewings.services import closing, messages, reminders, scheduling

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def start(confirmed):
    return fresh(confirmed).chosen.start_at


def run_at(moment: dt.datetime) -> int:
    with time_machine.travel(moment, tick=False):
        return tasks.send_due_reminders()


def reminded(person) -> list[str]:
    return [
        n.title.split(":")[0]
        for n in Notification.objects.of(person).filter(type="viewing_reminder").order_by("id")
    ]


def test_a_day_and_two_hours_before_each_party_is_reminded_once(confirmed, start, seeker, poster):
    assert run_at(start - 25 * HOUR) == 0
    assert run_at(start - 24 * HOUR) == 2
    assert run_at(start - 24 * HOUR) == 0
    assert run_at(start - 2 * HOUR) == 2
    assert run_at(start - HOUR) == 0
    for person in (seeker, poster):
        assert reminded(person) == ["Viewing tomorrow", "Viewing in two hours"]
        mails = Delivery.objects.of(person).filter(type="viewing_reminder", channel="email")
        assert mails.count() == 2


def test_each_reminder_leaves_one_event(confirmed, start):
    run_at(start - 24 * HOUR)
    run_at(start - 2 * HOUR)
    assert AuditEvent.objects.filter(action="viewing_reminded").count() == 4
    payloads = confirmed.events.filter(event_type="reminded").values_list("payload", flat=True)
    assert sorted((p["kind"], p["to"]) for p in payloads) == [
        ("h2", "poster"),
        ("h2", "seeker"),
        ("h24", "poster"),
        ("h24", "seeker"),
    ]


def test_a_reminder_locks_the_viewing_before_the_entry_as_every_step_does(confirmed, start):
    with CaptureQueriesContext(connection) as asked:
        assert run_at(start - 24 * HOUR) == 2
    locks = [query["sql"] for query in asked if " FOR " in query["sql"]]
    tables = [sql.split(' FROM "')[1].split('"')[0] for sql in locks]
    assert tables.index("viewing_requests") < tables.index("calendar_entries")


def test_the_other_side_does_not_read_on_which_ways_somebody_is_reminded(
    api, confirmed, start, seeker
):
    run_at(start - 24 * HOUR)
    assert all("channels" in e.payload for e in confirmed.events.filter(event_type="reminded"))
    events = api(seeker).get(f"/api/v1/viewings/{confirmed.pk}/events").json()["items"]
    told = [event["payload"] for event in events if event["event_type"] == "reminded"]
    assert [set(payload) for payload in told] == [{"kind", "to"}] * 2


def test_after_an_outage_only_the_later_one_is_sent(confirmed, start, seeker):
    assert run_at(start - HOUR) == 2
    assert reminded(seeker) == ["Viewing in two hours"]


def test_after_the_start_nothing_is_sent(confirmed, start, seeker):
    assert run_at(start) == 0
    assert reminded(seeker) == []
    assert not Reminder.objects.due().exists()


def test_confirmed_less_than_a_day_ahead_there_is_no_day_reminder(listing, seeker, poster):
    with time_machine.travel(at(3, 10).start_at - 20 * HOUR, tick=False):
        confirmed = confirm_first(ask(listing, seeker, day=1), poster)
    start = fresh(confirmed).chosen.start_at
    assert run_at(start - 19 * HOUR) == 0
    assert run_at(start - 2 * HOUR) == 2
    assert reminded(seeker) == ["Viewing in two hours"]


def test_who_opts_out_meanwhile_gets_no_mail(confirmed, start, seeker, poster):
    set_channels(principal=seeker, choices={"email": {"viewings": False}})
    run_at(start - 24 * HOUR)
    assert not Delivery.objects.of(seeker).filter(type="viewing_reminder").exists()
    assert Delivery.objects.of(poster).filter(type="viewing_reminder").count() == 1
    skipped = Reminder.objects.get(recipient=seeker.event_channel, channel="email", kind="h24")
    assert skipped.state == "skipped"


def test_a_reschedule_supersedes_in_the_same_transaction(confirmed, start, seeker, poster):
    scheduling.reschedule_viewing(viewing=confirmed, times=[at(6, 10)], by=seeker)
    assert not Reminder.objects.due().exists()
    assert run_at(start - 2 * HOUR) == 0
    option = confirmed.options.get(round=2)
    scheduling.confirm_viewing(viewing=confirmed, option=option, by=poster)
    assert run_at(option.start_at - 24 * HOUR) == 2
    assert reminded(seeker) == ["Viewing tomorrow"]


def test_a_cancellation_ends_the_reminders(confirmed, start, seeker):
    closing.cancel_viewing(viewing=confirmed, by=seeker)
    assert not Reminder.objects.due().exists()
    assert run_at(start - 2 * HOUR) == 0


def test_while_the_listing_is_held_reminders_wait(confirmed, start, listing, seeker):
    move_listing(listing=listing, verb="check_hold", by=SYSTEM, now=clock.now())
    assert CalendarEntry.objects.get().is_frozen
    assert run_at(start - 24 * HOUR) == 0
    assert "not available" in Notification.objects.of(seeker).order_by("-id")[0].title
    Property.objects.filter(pk=listing.pk).update(status="submitted")
    move_listing(listing=listing, verb="check_hold", by=SYSTEM, now=clock.now())
    move_listing(listing=listing, verb="check_pass", by=SYSTEM, now=clock.now())
    assert run_at(start - 23 * HOUR) == 2


def test_a_meeting_point_keeps_the_reminders(confirmed, start, poster):
    messages.give_meeting_point(viewing=confirmed, meeting_point="At the gate", by=poster)
    assert run_at(start - 2 * HOUR) == 2


def test_switched_off_reminders_wait(confirmed, start):
    Flag.objects.update_or_create(name=flags.VIEWINGS, defaults={"is_on": False})
    flags.forget()
    assert run_at(start - 24 * HOUR) == 0
    Flag.objects.update(is_on=True)
    flags.forget()
    assert run_at(start - 23 * HOUR) == 2


def test_a_session_without_a_proved_contact_is_reminded_on_the_site_alone(
    listing, seeker_session, poster
):
    confirmed = confirm_first(ask(listing, seeker_session), poster)
    run_at(fresh(confirmed).chosen.start_at - 24 * HOUR)
    note = Notification.objects.of(seeker_session).get(type="viewing_reminder")
    assert note.route.startswith("/v/")
    assert not Delivery.objects.of(seeker_session).exists()


def test_one_reminder_that_fails_does_not_stop_the_others(
    confirmed, start, seeker, poster, monkeypatch
):
    write = reminders._write

    def refuse_seeker(viewing, reminder, now):
        if reminder.recipient == seeker.event_channel:
            raise RuntimeError("no words")
        return write(viewing, reminder, now)

    monkeypatch.setattr(reminders, "_write", refuse_seeker)
    assert run_at(start - 24 * HOUR) == 1
    monkeypatch.undo()
    assert run_at(start - 24 * HOUR + dt.timedelta(minutes=6)) == 1
    assert (reminded(seeker), reminded(poster)) == (["Viewing tomorrow"],) * 2
