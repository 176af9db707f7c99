"""Writing to the audit. Record after every lock and change of the verb and before telling anybody:
the chain is serialised by one lock that is held until commit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
import datetime as dt
from itertools import groupby
import json
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from ghar import flags
from ghar.audit.models import AuditChannel, AuditEvent
from ghar.lib.actors import Actor
from ghar.lib.inserts import Insert, execute_together, insert_of
from ghar.models import Flag

_INSERT: Final = (
    "INSERT INTO audit_events (at, actor_kind, actor_id, actor_label, action, target_type,"
    " target_id, channel, data) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_channel: ContextVar[str] = ContextVar("audit_channel", default=AuditChannel.SYSTEM.value)


@contextmanager
def through(channel: AuditChannel) -> Iterator[None]:
    """Name the way by which the calls inside came in."""
    token = _channel.set(channel.value)
    try:
        yield
    finally:
        _channel.reset(token)


def record(
    *,
    by: Actor,
    action: str,
    target: models.Model,
    now: dt.datetime,
    data: dict[str, Any] | None = None,
    history: Sequence[models.Model] = (),
) -> None:
    """Append one row about `target` in the caller's transaction. `data` holds no contact details.

    `history` are new rows that tell more of it, those of one table side by side; the same statement
    appends them.
    """
    row = [
        now,
        by.actor_kind,
        by.actor_id,
        by.actor_label[:120],
        action,
        target._meta.model_name,
        str(target.pk),
        _channel.get(),
        json.dumps(data or {}, cls=DjangoJSONEncoder),
    ]
    told = [insert_of(list(rows)) for _table, rows in groupby(history, key=type)]
    execute_together(*told, Insert(_INSERT, row))


@transaction.atomic
def switch_flag(*, flag: Flag, by: Actor, now: dt.datetime) -> None:
    """Save the flag as it is now. This process sees it after the commit, others within seconds."""
    flag.save()
    data = {"name": flag.name, "is_on": flag.is_on}
    record(by=by, action="flag_switched", target=flag, now=now, data=data)
    transaction.on_commit(flags.forget)


# A row is broken if it was changed, if it names another row before it, or if that row is gone.
_BROKEN = """
SELECT id FROM (
    SELECT e.id, e.hash, e.previous_hash, audit_event_hash(e) AS own,
           lag(e.id, 1, 0) OVER (ORDER BY e.id) AS id_before,
           lag(e.hash, 1, repeat('0', 64)) OVER (ORDER BY e.id) AS hash_before
    FROM audit_events e
) links
WHERE hash <> own OR previous_hash <> hash_before OR id <> id_before + 1
ORDER BY id LIMIT 1
"""


def find_broken_link() -> int | None:
    """The id of the first row at which the chain does not hold."""
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN)
        row = cursor.fetchone()
    return row[0] if row else None


def head_of_chain() -> AuditEvent | None:
    return AuditEvent.objects.order_by("-id").first()
