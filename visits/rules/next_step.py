"""What comes next of a visit, in one word for its page."""

from collections.abc import Collection
import datetime as dt

from visits.models import Visit
from visits.policies.steps import is_frozen, took_place
from visits.states import VisitStatus


def next_step(visit: Visit, actions: Collection[str], now: dt.datetime) -> str:
    """`actions` are the reader's. Of what waits: "confirm" is their turn, "wait" the other side's."""
    if not visit.is_active:
        return str(visit.status)
    if is_frozen(visit):
        return "frozen"
    if "confirm" in actions:
        return "confirm"
    if visit.scheduled_date <= now:
        if not visit.is_confirmed:
            return "lapsed"
        return "complete" if "complete" in actions else "begun"
    return "agreed" if visit.is_confirmed else "wait"


def needs_answer(actions: Collection[str]) -> bool:
    """Whether the others, or the record, wait for the reader."""
    return "confirm" in actions or "complete" in actions


def is_over(visit: Visit) -> bool:
    return visit.status == VisitStatus.COMPLETED


def may_have_been_seen(visit: Visit) -> bool:
    """The place by its visitor: nobody has said otherwise."""
    return not visit.outcome or took_place(visit.outcome)
