"""The time of a visit on the calendar.

A tour takes its visitor, a seat of the place and, with time to travel, its agent; a meeting both
people. What was booked stays booked until a new time is agreed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
import datetime as dt

from ghar.calendar.models import CalendarEntry, ResourceKind, Subject
from ghar.calendar.services.alternatives import busy_around, suggest_alternatives
from ghar.calendar.services.busy import SeenTaken
from ghar.calendar.services.claims import (
    Guest,
    Party,
    PartyKeys,
    ResourceKey,
    book_time,
    book_with_guest,
    hold_time,
    join_time,
    key_of,
    leave_time,
    lock_party,
    release_hold,
    seats_of,
)
from ghar.calendar.services.entries import upsert_entry
from ghar.calendar.services.reminders import plan_reminders
from ghar.errors import SlotTaken
from ghar.notifications.models import Purpose
from visits.models import Agent, Visit
from visits.policies.booking import bookable
from visits.policies.settings import current_settings
from visits.policies.steps import is_frozen

SUBJECT_TYPE = "visit"


def subject_of(visit: Visit) -> Subject:
    return Subject(SUBJECT_TYPE, visit.pk)


def check_free(visit: Visit) -> None:
    """Whoever comes too late hears it before anybody looks for an agent. Nothing is locked here:
    what has the last word is the claim.
    """
    subject, keys = subject_of(visit), keys_of_party(visit)
    busy_around(subject=subject, keys=keys, wanted=visit.span).check_free(visit.span)


def take_time(visit: Visit) -> None:
    """Claim the time of a visit that has none yet; SlotTaken."""
    hold_time(subject=subject_of(visit), party=_lock(visit), span=visit.span, until=None)


def propose_time(visit: Visit, *, now: dt.datetime) -> None:
    """Claim the proposed time beside the one that stands, instead of an earlier proposal."""
    subject = subject_of(visit)
    release_hold(subject)
    party = _lock(visit)
    with or_alternatives(visit, now=now):
        hold_time(subject=subject, party=party, span=visit.span, until=visit.scheduled_date)


def rebook(visit: Visit, *, now: dt.datetime) -> None:
    """Claim what the row says, instead of whatever it had: one time, or one and a proposal.

    The agent, who is not of the party, has to be taken again.
    """
    subject, party = subject_of(visit), _lock(visit)
    with or_alternatives(visit, now=now):
        book_time(subject=subject, party=party, span=visit.standing_span)
        if visit.has_proposal:
            hold_time(subject=subject, party=party, span=visit.span, until=visit.scheduled_date)


def take_time_with(*, visit: Visit, agent: Agent) -> None:
    """Claim the time of a new tour and its agent's in one go; SlotTaken if either is not free."""
    guest = _as_guest(agent, visit)
    book_with_guest(
        subject=subject_of(visit), keys=keys_of_party(visit), span=visit.span, guest=guest
    )


def take_agent(*, visit: Visit, agent: Agent) -> None:
    """Claim the agent's time beside the visit's; SlotTaken if it is not free."""
    until = visit.scheduled_date if visit.has_proposal else None
    join_time(subject=subject_of(visit), guest=_as_guest(agent, visit), until=until)


def drop_agent(*, visit: Visit) -> None:
    """Free the time of the visit's agent."""
    if visit.agent is not None:
        leave_time(subject=subject_of(visit), keys=_keys_of(visit.agent))


def _lock(visit: Visit) -> Party:
    return lock_party(keys_of_party(visit))


def keys_of_party(visit: Visit) -> PartyKeys:
    if visit.is_tour:
        seats = seats_of(visit.listing_id, visit.listing.capacity)
        return PartyKeys([key_of(visit.user)], seats)
    people = [person for person in (visit.user, visit.counterparty) if person is not None]
    return PartyKeys([key_of(person) for person in people], [])


def _as_guest(agent: Agent, visit: Visit) -> Guest:
    """The agent needs a margin on both sides."""
    margin = current_settings().buffer
    start, end = visit.span
    return Guest(_keys_of(agent), (start - margin, end + margin))


def _keys_of(agent: Agent) -> list[ResourceKey]:
    """An agent has a life of their own, in which they are as busy as at work."""
    keys = [ResourceKey(ResourceKind.AGENT, agent.pk)]
    if agent.user_id is not None:
        keys.append(ResourceKey(ResourceKind.PERSON, agent.user_id))
    return keys


@contextmanager
def or_alternatives(visit: Visit, *, now: dt.datetime) -> Iterator[None]:
    """SlotTaken leaves with three times that are still free."""
    try:
        yield
    except SlotTaken as refused:
        free = suggest_alternatives(
            subject=subject_of(visit),
            keys=keys_of_party(visit),
            wanted=visit.span,
            timezone=visit.timezone,
            bookable=bookable(now),
            known=refused.busy if isinstance(refused, SeenTaken) else None,
        )
        raise SlotTaken(code="VISIT_CONFLICT", details={"alternatives": free}) from None


# --- The agreed time ------------------------------------------------------------------------------
def enter_silently(visit: Visit) -> CalendarEntry:
    """The time that was agreed as a calendar entry; nobody is reminded of it."""
    return upsert_entry(
        subject=subject_of(visit),
        span=visit.standing_span,
        timezone=visit.timezone,
        is_frozen=is_frozen(visit),
    )


def enter_calendar(visit: Visit, *, now: dt.datetime) -> None:
    """The same, with the reminders of everybody concerned."""
    entry = enter_silently(visit)
    plan_reminders(entry=entry, recipients=visit.parties, purpose=Purpose.VIEWINGS, now=now)
