"""What every verb does with a request: lock it, change its options, write down what happened."""

from collections.abc import Iterable, Sequence
import datetime as dt
from typing import Any, NamedTuple

from ghar.audit import services as audit
from ghar.errors import NotFound
from ghar.lib.actors import Actor
from viewings.models import MAX_OPEN_OPTIONS, ViewingEvent, ViewingRequest, ViewingTimeOption
from viewings.policies.booking import ProposedTime
from viewings.states import EventType, OptionStatus

# Written by people: the parties read it, the audit, which nobody can change, does without.
WORDS = frozenset({"reason"})


class Happening(NamedTuple):
    """One event to be: `actor` is the side on which it was done."""

    type: EventType
    actor: str
    payload: dict[str, Any] = {}


def lock_viewing(viewing: ViewingRequest) -> ViewingRequest:
    """The fresh row with its people, listing and options, locked until commit.

    Two statements, because a row that waited for its lock would be joined with a listing as it was
    before the wait: a verb could miss that the listing has been held meanwhile.
    """
    locked = ViewingRequest.objects.filter(pk=viewing.pk).select_for_update(no_key=True)
    if not list(locked.values_list("pk")):
        raise NotFound
    return ViewingRequest.objects.for_detail().get(pk=viewing.pk)


def fresh_option(viewing: ViewingRequest, option: ViewingTimeOption) -> ViewingTimeOption:
    """The option as it stands in the locked request."""
    found = viewing.option(option.pk)
    if found is None:
        raise NotFound
    return found


def add_options(
    viewing: ViewingRequest,
    times: Sequence[ProposedTime],
    *,
    source: str,
    beside: Iterable[ViewingTimeOption] = (),
) -> list[ViewingTimeOption]:
    """Write the times into free slots; `beside` are the options that stay open."""
    used = {option.slot for option in beside}
    free = (slot for slot in range(1, MAX_OPEN_OPTIONS + 1) if slot not in used)
    options = [
        ViewingTimeOption(
            **owners(viewing),
            viewing=viewing,
            **time._asdict(),
            source=source,
            round=viewing.round,
            slot=slot,
        )
        for time, slot in zip(times, free, strict=False)
    ]
    return ViewingTimeOption.objects.bulk_create(options)


def reject_options(viewing: ViewingRequest, options: Iterable[ViewingTimeOption]) -> None:
    """These times are out; the slots are free again."""
    ids = [option.pk for option in options]
    if not ids:
        return
    viewing.options.filter(pk__in=ids).update(status=OptionStatus.REJECTED, slot=None)
    if viewing.selected_option_id in ids:
        viewing.selected_option = None


def restore_option(option: ViewingTimeOption) -> None:
    """The one that is chosen once more, when the others are out and every slot is free."""
    option.status, option.slot = OptionStatus.SELECTED, 1
    option.save(update_fields=["status", "slot"])


def mark_option(option: ViewingTimeOption, status: OptionStatus) -> None:
    option.status = status
    option.save(update_fields=["status"])


def record(
    viewing: ViewingRequest,
    *happenings: Happening,
    by: Actor,
    action: str,
    now: dt.datetime,
    **details: Any,
) -> None:
    """Write the events, and with them one audit row for the verb. After every lock of the verb.

    `details` are for the audit alone: the parties read the events.
    """
    events = [
        ViewingEvent(
            **owners(viewing),
            viewing=viewing,
            event_type=happening.type,
            actor=happening.actor,
            payload=happening.payload,
            created_at=now,
        )
        for happening in happenings
    ]
    data = details | {"status": viewing.status, "round": viewing.round}
    for happening in happenings:
        data |= {name: value for name, value in happening.payload.items() if name not in WORDS}
    action = f"viewing_{action}"
    audit.record(by=by, action=action, target=viewing, now=now, data=data, history=events)


def owners(viewing: ViewingRequest) -> dict[str, Any]:
    """The parties, as every row of a request repeats them for the database's policies."""
    return {
        "seeker_id": viewing.seeker_id,
        "seeker_session_id": viewing.seeker_session_id,
        "poster_id": viewing.poster_id,
    }


def as_payload(option: ViewingTimeOption) -> dict[str, Any]:
    return {
        "time_option_id": str(option.pk),
        "start_at": option.start_at.isoformat(),
        "end_at": option.end_at.isoformat(),
        "timezone": option.timezone,
    }


def as_payloads(options: Iterable[ViewingTimeOption]) -> dict[str, Any]:
    return {"time_options": [as_payload(option) for option in options]}
