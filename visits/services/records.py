"""What every verb does with a visit: lock it, change it, write down what happened.

An event holds the new value of everything that it changed, so that the events of a visit, one after
the other, give its row: that is how a step is taken back, and how `fold_visits` checks the table.
"""

from collections.abc import Iterable, Sequence
import datetime as dt
from typing import Any, Final
import uuid

from django.db import models
from django.db.models import Max, Subquery
from django.db.models.functions import Coalesce

from ghar.audit import services as audit
from ghar.errors import NotFound
from ghar.lib.actors import Actor
from visits.models import Visit, VisitEvent
from visits.states import VisitEventType

# Written by people: the parties read it, the audit, which nobody can change, does without.
WORDS: Final = frozenset(
    {"cancellation_reason", "reason", "special_requirements", "visit_notes", "visitor_feedback"}
)
# Emptied by the database when an account goes; the events keep nothing but the id.
FORGOTTEN: Final = frozenset({"counterparty_id", "conversation_id", "match_id"})
_NOT_TOLD: Final = frozenset({"id", "created_at", "updated_at"})
COLUMNS: Final = {
    field.attname: field for field in Visit._meta.concrete_fields if field.attname not in _NOT_TOLD
}


def lock_visit(visit: Visit) -> Visit:
    """The fresh row with its people and listing, locked until commit.

    Two statements, because a row that waited for its lock would be joined with a listing as it was
    before the wait: a verb could miss that the listing has been held meanwhile.
    """
    locked = Visit.objects.filter(pk=visit.pk).select_for_update(no_key=True)
    if not list(locked.values_list("pk")):
        raise NotFound
    return Visit.objects.for_detail().get(pk=visit.pk)


def put(visit: Visit, **values: Any) -> dict[str, Any]:
    """Set these columns (attribute names, as agent_id); the changes for the event."""
    for name, value in values.items():
        setattr(visit, name, value)
    return values


def save(visit: Visit, changes: dict[str, Any]) -> None:
    names = [COLUMNS[name].name for name in changes]
    visit.save(update_fields=[*names, "updated_at"])


def change(visit: Visit, **values: Any) -> dict[str, Any]:
    """Set and save them at once, where no time is booked in between."""
    changes = put(visit, **values)
    save(visit, changes)
    return changes


def snapshot(visit: Visit) -> dict[str, Any]:
    """The whole row as changes: what the first event of a visit says."""
    return {name: getattr(visit, name) for name in COLUMNS}


def record(
    visit: Visit,
    event_type: VisitEventType | str,
    *,
    by: Actor,
    side: str,
    changes: dict[str, Any],
    now: dt.datetime,
    history: Sequence[models.Model] = (),
) -> None:
    """Write the next event of a visit whose row is locked, and with it the audit row and what else
    tells of this step.

    After every lock of the verb: the audit is one line in which everybody waits.
    """
    told = plain(changes)
    earlier = VisitEvent.objects.filter(visit=visit.pk).order_by().values("visit")
    last = Subquery(earlier.annotate(last=Max("number")).values("last"))
    event = VisitEvent(
        visit=visit,
        number=Coalesce(last, 0) + 1,
        event_type=event_type,
        actor=side,
        actor_id=uuid.UUID(by.actor_id) if by.actor_id else None,
        changes=told,
        created_at=now,
    )
    data = {name: value for name, value in told.items() if name not in WORDS}
    audit.record(
        by=by,
        action=f"visit_{event_type}",
        target=visit,
        now=now,
        data=data,
        history=[event, *history],
    )


def fold(events: Iterable[VisitEvent]) -> dict[str, Any]:
    """The row that these events make, in the plain values of JSON."""
    row: dict[str, Any] = {}
    for event in events:
        row |= {name: value for name, value in event.changes.items() if name in COLUMNS}
    return row


def restore(values: dict[str, Any]) -> dict[str, Any]:
    """Plain values as the columns hold them."""
    return {name: _column(name).to_python(value) for name, value in values.items()}


def differences(visit: Visit) -> dict[str, tuple[Any, Any]]:
    """Where the row says something else than its events: {column: (row, events)}."""
    told, row = fold(visit.events.all()), plain(snapshot(visit))
    return {
        name: (value, told.get(name))
        for name, value in row.items()
        if value != told.get(name) and not (value is None and name in FORGOTTEN)
    }


def plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID | str) else value


def _column(name: str) -> Any:
    return getattr(COLUMNS[name], "target_field", COLUMNS[name])
