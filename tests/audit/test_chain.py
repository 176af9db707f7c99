import datetime as dt
import threading

from django.db import IntegrityError, connection, transaction
import pytest

from ghar.audit.models import AuditEvent
from ghar.audit.services import record
from ghar.lib.actors import SYSTEM

NOW = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)


def links() -> list[bool]:
    """For each row, oldest first, whether it names the hash of the row before it."""
    rows = list(AuditEvent.objects.order_by("id").values_list("previous_hash", "hash"))
    before = ["0" * 64, *(own for _previous, own in rows)]
    return [previous == expected for (previous, _own), expected in zip(rows, before, strict=False)]


@pytest.mark.django_db
def test_each_row_names_the_one_before(poster):
    for _ in range(3):
        record(by=poster, action="tested", target=poster, now=NOW, data={"n": 1})
    assert links() == [True] * 3
    assert AuditEvent.objects.order_by("id").values_list("id", flat=True)[0] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [lambda rows: rows.update(action="x"), lambda rows: rows.delete()]
)
def test_the_audit_only_grows(poster, change):
    record(by=SYSTEM, action="tested", target=poster, now=NOW)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change(AuditEvent.objects.all())


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_chain_holds_under_eight_writers(poster):
    def write():
        for _ in range(10):
            record(by=SYSTEM, action="tested", target=poster, now=NOW)
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert links() == [True] * 80
