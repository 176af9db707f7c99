"""The outbox: staff see what left the site and what did not, and try again what was given up."""

import pytest

from ghar.audit.models import AuditEvent
from ghar.errors import Conflict
from ghar.lib import clock
from ghar.models import DueState
from ghar.notifications.models import Channel, Delivery, NotificationType, Purpose
from ghar.notifications.services import lines, outbox

pytestmark = pytest.mark.django_db

OUTBOX = "/admin/notifications/delivery/"


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def dead(seeker):
    """A message to the seeker that was given up after five tries."""
    told = lines.Line(
        to=seeker,
        type=NotificationType.VIEWING_CONFIRMED,
        title="Your viewing is confirmed",
        route="/viewings/",
        body="Tomorrow at ten.",
        channels=[Channel.EMAIL],
    )
    lines.notify(told, now=clock.now(), purpose=Purpose.VIEWINGS)
    Delivery.objects.update(state=DueState.DEAD, attempts=5, last_error="TimeoutError: nobody")
    return Delivery.objects.get()


def retry(client, delivery):
    data = {"action": "try_again", "_selected_action": [str(delivery.pk)]}
    return client.post(OUTBOX, data, follow=True)


def test_the_list_says_what_went_wrong_and_no_address(staff, dead, seeker):
    page = staff.get(OUTBOX).content.decode()
    assert "TimeoutError: nobody" in page
    assert seeker.email not in page


def test_the_page_of_a_message_shows_its_words_and_no_address(staff, dead, seeker):
    page = staff.get(f"{OUTBOX}{dead.pk}/change/").content.decode()
    assert "Tomorrow at ten." in page
    assert seeker.email not in page


def test_no_column_keeps_an_address(dead, seeker, settings):
    settings.CHANNELS = ["email"]
    settings.EMAIL_BACKEND = "tests.notifications.broken_mail.RefusingMail"
    outbox.retry_delivery(delivery=dead, by=seeker)
    outbox.send_due_deliveries(now=clock.now())
    row = Delivery.objects.values().get()
    assert row["last_error"].startswith("SMTPRecipientsRefused")
    assert seeker.email not in str(row)


def test_what_was_given_up_goes_out_again(staff, dead, admin):
    assert "1 goes out again." in retry(staff, dead).content.decode()
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == (DueState.DUE, 0)
    event = AuditEvent.objects.get(action="delivery_retried")
    assert (event.actor_id, event.target_id) == (str(admin.pk), str(dead.pk))


def test_what_has_left_is_not_sent_twice(staff, dead, admin):
    Delivery.objects.update(state=DueState.DONE)
    retry(staff, dead)
    dead.refresh_from_db()
    assert dead.state == DueState.DONE
    with pytest.raises(Conflict):
        outbox.retry_delivery(delivery=dead, by=admin)


def test_the_outbox_is_for_staff(client, dead, seeker):
    client.force_login(seeker)
    assert client.get(OUTBOX).status_code in {302, 404}
    retry(client, dead)
    dead.refresh_from_db()
    assert dead.state == DueState.DEAD


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    staff, dead, count, django_assert_max_num_queries
):
    for number in range(1, count):
        dead.pk, dead.key, dead._state.adding = None, f"key {number}", True
        dead.save(force_insert=True)
    staff.get(OUTBOX)
    with django_assert_max_num_queries(9):
        staff.get(OUTBOX)
