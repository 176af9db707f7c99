import datetime as dt

from django.core.management import CommandError, call_command
from django.db import connection
import pytest

from ghar.audit.models import AuditEvent
from ghar.audit.services import record
from ghar.lib.actors import SYSTEM

NOW = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def tamper(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_event_refuse")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE audit_events ENABLE TRIGGER audit_event_refuse")


@pytest.fixture
def three_rows(poster):
    for n in range(3):
        record(by=SYSTEM, action="tested", target=poster, now=NOW, data={"n": n})


def test_an_honest_chain_prints_its_head(three_rows, capsys):
    call_command("verify_audit")
    assert AuditEvent.objects.order_by("-id").first().hash in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE audit_events SET actor_label = 'somebody else' WHERE id = 2", 2),
        ("DELETE FROM audit_events WHERE id = 2", 3),
        ("DELETE FROM audit_events WHERE id = 1", 2),
    ],
)
def test_a_changed_or_missing_row_is_named(three_rows, sql, broken):
    tamper(sql)
    with pytest.raises(CommandError, match=f"row {broken}"):
        call_command("verify_audit")
