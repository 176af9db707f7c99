"""Telling people: in their language, on the channels they chose, once, and never at night."""

import datetime as dt
from smtplib import SMTPServerDisconnected

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext_lazy
import pytest
from structlog.testing import capture_logs
import time_machine

from ghar.lib import clock
from ghar.lib.claim import LEASE, MAX_ATTEMPTS
from ghar.models import DueState
from ghar.notifications import channels
from ghar.notifications.models import (
    Channel,
    ChannelPreference,
    Delivery,
    Notification,
    NotificationType,
    Purpose,
)
from ghar.notifications.services import lines, outbox, preferences
from ghar.notifications.services.lines import Line
from ghar.realtime.models import Event
from tests.factories import SeekerSessionFactory, UserFactory

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def mail_is_connected(settings):
    settings.CHANNELS = ["email", "console"]


def tell(reader, *, now=NOON, purpose=Purpose.VIEWINGS, **changes):
    given = {
        "to": reader,
        "type": NotificationType.VIEWING_CONFIRMED,
        "title": "Your viewing is confirmed",
        "body": "Tomorrow at ten.",
        "route": "/viewings/1/",
    }
    lines.notify(Line(**given | changes), now=now, purpose=purpose)
    return Notification.objects.of(reader).latest("id")


def test_the_line_is_written_and_its_event_sent(seeker):
    notification = tell(seeker)
    assert list(Notification.objects.of(seeker).visible_at(NOON)) == [notification]
    event = Event.objects.get()
    assert (event.channel, event.type) == (seeker.event_channel, "new_notification")
    assert (event.object_id, event.route) == (notification.pk, "/viewings/1/")


def test_an_email_goes_out_once_with_its_key(seeker, on_commit):
    with on_commit():
        tell(seeker)
    outbox.send_due_deliveries(now=NOON)
    (message,) = mail.outbox
    assert message.to == [seeker.email]
    assert message.subject == "Your viewing is confirmed"
    delivery = Delivery.objects.get()
    assert message.extra_headers["Message-ID"].startswith(f"<{delivery.key}@")
    assert (delivery.state, delivery.sent_at is not None) == (DueState.DONE, True)
    assert "http://127.0.0.1:8000/viewings/1/" in message.body


def test_a_title_is_in_the_readers_language():
    reader = UserFactory(language="fr")
    assert tell(reader, title=gettext_lazy("Monday")).title == "Lundi"


@pytest.mark.parametrize(
    ("purpose", "count"),
    [
        (Purpose.VIEWINGS, 1),
        (Purpose.MODERATION, 1),
        (Purpose.MESSAGES, 0),
        (Purpose.MARKETING, 0),
    ],
)
def test_nobody_who_chose_nothing_gets_more_than_the_default(seeker, purpose, count):
    tell(seeker, purpose=purpose)
    outbox.dispatch_lines(now=NOON)
    assert Delivery.objects.count() == count


@pytest.mark.parametrize(
    "reader",
    [{"email_verified": False}, {"is_fictional": True}, {"is_active": False}],
)
def test_nothing_leaves_the_site_for_whom_we_may_not_write_to(reader):
    tell(UserFactory(**reader))
    outbox.dispatch_lines(now=NOON)
    assert Notification.objects.count() == 1
    assert Delivery.objects.count() == 0


def test_a_session_hears_by_mail_once_its_contact_is_proved():
    session = SeekerSessionFactory(contact_email="visitor@example.org")
    tell(session)
    outbox.dispatch_lines(now=NOON)
    assert Delivery.objects.count() == 0
    session.contact_verified_at = NOON
    session.save()
    tell(session)
    outbox.dispatch_lines(now=NOON)
    assert Delivery.objects.get().session_id == session.pk


def test_the_same_cause_is_told_once(seeker, poster):
    first = tell(seeker, key="viewing-1")
    assert tell(seeker, key="viewing-1") == first
    tell(poster, key="viewing-1")
    outbox.dispatch_lines(now=NOON)
    assert Notification.objects.count() == 2
    assert Delivery.objects.count() == 2


def keyed(reader, key="reminder-1", channels=(Channel.EMAIL,)):
    kind = NotificationType.VIEWING_REMINDER
    return Line(reader, kind, "In two hours", "/viewings/1/", key=key, channels=channels)


def test_of_many_lines_those_whose_cause_was_told_are_left_out(seeker, poster):
    session = SeekerSessionFactory()
    first = [keyed(seeker), keyed(session, channels=())]
    lines.notify(*first, now=NOON, purpose=Purpose.VIEWINGS)
    again = [*first, keyed(poster), keyed(seeker, key="reminder-2"), keyed(poster)]
    lines.notify(*again, now=NOON, purpose=Purpose.VIEWINGS)
    for reader, times in ((seeker, 2), (poster, 1), (session, 1)):
        assert Notification.objects.of(reader).count() == times
        assert Event.objects.filter(channel=reader.event_channel).count() == times
    assert not Delivery.objects.of(session).exists()
    outbox.send_due_deliveries(now=NOON)
    told = [seeker.email, seeker.email, poster.email]
    assert sorted(message.to[0] for message in mail.outbox) == sorted(told)


@pytest.mark.parametrize("number", [1, 30])
def test_many_lines_with_a_key_cost_as_much_as_one(number, django_assert_num_queries):
    told = [keyed(UserFactory()) for _ in range(number)]
    # The lines, their deliveries, their hints.
    with django_assert_num_queries(3):
        lines.notify(*told, now=NOON, purpose=Purpose.VIEWINGS)


def test_a_line_for_later_is_neither_seen_nor_sent_before(seeker):
    later = NOON + dt.timedelta(seconds=60)
    notification = tell(seeker, visible_at=later)
    assert list(Notification.objects.of(seeker).visible_at(NOON)) == []
    outbox.send_due_deliveries(now=NOON)
    assert (Event.objects.count(), mail.outbox) == (0, [])
    outbox.send_due_deliveries(now=later)
    assert Event.objects.get().object_id == notification.pk
    assert len(mail.outbox) == 1


def test_an_undone_cause_is_withdrawn_whole(seeker):
    later = NOON + dt.timedelta(seconds=60)
    tell(seeker, visible_at=later, key="decision-1")
    lines.withdraw(key="decision-1", now=NOON + dt.timedelta(seconds=59))
    assert (Notification.objects.count(), Delivery.objects.count()) == (0, 0)


def test_what_has_been_seen_is_not_withdrawn(seeker):
    tell(seeker, key="decision-1")
    lines.withdraw(key="decision-1", now=NOON)
    assert Notification.objects.count() == 1


def test_a_channel_that_is_down_is_tried_again_and_given_up_after_five(
    seeker, settings, monkeypatch
):
    settings.EMAIL_BACKEND = "tests.notifications.broken_mail.BrokenMail"
    tell(seeker)
    now = NOON
    for attempt in range(1, 6):
        outbox.send_due_deliveries(now=now)
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts) == (DueState.DUE, attempt)
        assert delivery.last_error.startswith(SMTPServerDisconnected.__name__)
        assert delivery.due_at > now
        now = delivery.due_at
    outbox.send_due_deliveries(now=now)
    assert Delivery.objects.get().state == DueState.DEAD


def test_an_address_given_up_meanwhile_is_not_written_to(seeker):
    tell(seeker)
    outbox.dispatch_lines(now=NOON)
    seeker.email_verified = False
    seeker.save()
    outbox.send_due_deliveries(now=NOON)
    assert mail.outbox == []
    assert Delivery.objects.get().state == DueState.SKIPPED


class Deadly(BaseEmailBackend):
    """Takes the first message, and the worker that brought it with it."""

    def send_messages(self, email_messages):
        raise SystemExit


def test_of_what_a_dying_worker_had_claimed_only_the_one_in_hand_waits_long(settings):
    for _ in range(3):
        tell(UserFactory())
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Deadly"
    with time_machine.travel(NOON, tick=False) as moment:
        with pytest.raises(SystemExit):
            outbox.send_due_deliveries(now=clock.now())
        settings.EMAIL_BACKEND = working
        moment.shift(dt.timedelta(seconds=6))
        outbox.send_due_deliveries(now=clock.now())
        assert len(mail.outbox) == 2
        moment.shift(LEASE)
        outbox.send_due_deliveries(now=clock.now())
        assert len(mail.outbox) == 3


def test_a_message_behind_one_that_kills_five_workers_is_sent_at_its_first_try(settings):
    for _ in range(2):
        tell(UserFactory())
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Deadly"
    with time_machine.travel(NOON, tick=False) as moment:
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(SystemExit):
                outbox.send_due_deliveries(now=clock.now())
            moment.shift(dt.timedelta(hours=1))
        settings.EMAIL_BACKEND = working
        outbox.send_due_deliveries(now=clock.now())
    states = Delivery.objects.order_by("pk").values_list("state", "attempts")
    assert list(states) == [(DueState.DEAD, MAX_ATTEMPTS), (DueState.DONE, 1)]


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(12, (1, 12)), (23, (2, 7)), (3, (1, 7)), (22, (2, 7)), (7, (1, 7))],
)
def test_loud_channels_wait_for_the_readers_morning(hour, expected):
    reader = UserFactory(
        email=None, phone="+250788123456", phone_verified=True, timezone="Africa/Kigali"
    )
    preferences.set_channels(principal=reader, choices={"sms": {"viewings": True}})
    local = dt.datetime(2026, 5, 1, hour, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    tell(reader, now=local)
    outbox.dispatch_lines(now=local)
    due = Delivery.objects.get().due_at + dt.timedelta(hours=2)
    assert (due.day, due.hour) == expected


@pytest.mark.parametrize("factory", [UserFactory, SeekerSessionFactory])
def test_of_a_whole_page_of_channels_what_differs_is_written_at_once(
    factory, django_assert_num_queries
):
    reader = factory()
    page = preferences.get_channels(reader)
    page["sms"]["messages"] = page["email"]["marketing"] = True
    mine = ChannelPreference.objects.of(reader)
    # A savepoint and its end, what stands, and one write of both.
    with django_assert_num_queries(4):
        preferences.set_channels(principal=reader, choices=page)
    assert mine.count() == 2
    page["sms"]["messages"] = False
    preferences.set_channels(principal=reader, choices=page)
    assert preferences.get_channels(reader) == page
    assert mine.count() == 2


def test_a_reminder_may_wake_somebody():
    reader = UserFactory(email=None, phone="+250788123456", phone_verified=True, timezone="UTC")
    preferences.set_channels(principal=reader, choices={"sms": {"viewings": True}})
    night = NOON.replace(hour=2)
    tell(reader, now=night, type=NotificationType.VIEWING_REMINDER)
    outbox.dispatch_lines(now=night)
    assert Delivery.objects.get().due_at == night


def test_the_console_tells_no_address(seeker, settings):
    settings.CHANNELS = ["console"]
    tell(seeker)
    with capture_logs() as logs:
        outbox.send_due_deliveries(now=NOON)
    said = str(logs)
    assert "Your viewing is confirmed" in said
    assert seeker.email not in said


def test_a_channel_that_is_not_connected_is_nobodys_choice(seeker, settings):
    settings.CHANNELS = []
    assert preferences.opted_in_channels(seeker, Purpose.VIEWINGS) == []
    assert not channels.is_connected(Channel.SMS)


def test_channels_given_by_the_caller_are_taken_as_they_are(seeker):
    tell(seeker, channels=[])
    assert outbox.dispatch_lines(now=NOON) == 0
    tell(seeker, channels=[Channel.EMAIL])
    assert Delivery.objects.get().channel == Channel.EMAIL
    assert outbox.dispatch_lines(now=NOON) == 0


def test_long_titles_are_cut(seeker):
    assert len(tell(seeker, title="x" * 400).title) == 150


def test_unread_lines_are_counted(seeker):
    tell(seeker)
    tell(seeker)
    assert lines.count_unread(seeker) == 2
    lines.mark_all_read(principal=seeker, now=clock.now())
    assert lines.count_unread(seeker) == 0


def test_what_is_half_a_year_old_is_forgotten(seeker):
    tell(seeker)
    outbox.dispatch_lines(now=NOON)
    lines.forget_old(now=NOON + dt.timedelta(days=180))
    assert Notification.objects.count() == 1
    lines.forget_old(now=NOON + dt.timedelta(days=180, seconds=1))
    assert (Notification.objects.count(), Delivery.objects.count()) == (0, 0)


def test_a_line_break_in_a_listings_title_does_not_stop_the_mail():
    channels.send(
        channels.Message(
            channel=Channel.EMAIL,
            address="reader@example.org",
            title="Nice\nroom",
            body="",
            route="",
            key="k",
        )
    )
    assert mail.outbox[0].subject == "Nice room"
