"""Rows of several tables in one statement."""

from typing import Any

from django.db import IntegrityError, transaction
import pytest

from ghar.lib.inserts import execute_together, insert_of
from ghar.notifications.models import Notification
from ghar.realtime.models import Event, EventType
from tests.factories import NotificationFactory
from tests.statements import statements_of

pytestmark = pytest.mark.django_db


def hint(to: Any, **fields: Any) -> Event:
    return Event(
        channel=to.event_channel,
        type=EventType.VISIT_UPDATED,
        object_type="visit",
        object_id=to.pk,
        **fields,
    )


def test_rows_of_two_tables_take_one_statement(seeker, poster):
    lines = [NotificationFactory.build(user=person) for person in (seeker, poster)]
    hints = [hint(seeker), hint(poster)]
    assert statements_of(lambda: execute_together(insert_of(lines), insert_of(hints))) == 1
    assert set(Notification.objects.all()) == set(lines)
    assert set(Event.objects.all()) == set(hints)


def test_one_that_is_refused_keeps_all_out(seeker):
    line = NotificationFactory.build(user=seeker)
    refused = hint(seeker)
    refused.channel = "of nobody"
    with pytest.raises(IntegrityError), transaction.atomic():
        execute_together(insert_of([line]), insert_of([refused]))
    assert not Notification.objects.exists()


def test_a_row_that_stands_gets_the_new_values(seeker):
    unique = ("channel", "type", "object_id", "cause")
    for status in ("scheduled", "confirmed"):
        rows = [hint(seeker, status=status)]
        execute_together(insert_of(rows, unique=unique, update=("status",)))
    assert Event.objects.get().status == "confirmed"
