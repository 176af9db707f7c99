"""What must be true of calendars and visits at any moment, as questions to the database."""

from collections.abc import Iterable
import datetime as dt

from django.db import connection

from ghar.calendar.models import LEADING_CHANNEL, CalendarEntry, Claim, Reminder
from ghar.calendar.services.reminders import AHEAD
from ghar.notifications.models import Purpose
from ghar.notifications.services.preferences import opted_in_channels
from visits.models import Visit
from visits.policies.settings import current_settings
from visits.policies.steps import is_frozen
from visits.services.records import differences

Span = tuple[dt.datetime, dt.datetime]
OVERLAPS = (
    "SELECT count(*) FROM calendar_claims a JOIN calendar_claims b ON a.id < b.id"
    " AND a.resource_id = b.resource_id AND a.busy && b.busy WHERE a.active AND b.active"
)


def overlapping_claims() -> int:
    """How often somebody is in two places at once."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        return cursor.fetchone()[0]


def deadlocks() -> int:
    """Ever in this database, as the server counts them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def check_claims(visits: Iterable[Visit]) -> None:
    """An active visit has taken its time of everybody it needs and of nobody else; others nothing."""
    taken: dict = {}
    for claim in Claim.objects.active().filter(subject_type="visit").select_related("resource"):
        mine = taken.setdefault(claim.subject_id, {})
        key = claim.resource.kind, claim.resource.owner_id
        mine.setdefault(key, []).append((claim.busy.lower, claim.busy.upper))
    for visit in visits:
        found = {key: joined(spans) for key, spans in taken.pop(visit.pk, {}).items()}
        assert fits(found, visit), f"{visit.pk} {visit.status}: {found}"
    assert taken == {}, "claims of visits that are not there"


def fits(found: dict[tuple, list[Span]], visit: Visit) -> bool:
    if not visit.is_active:
        return found == {}
    times = joined({visit.standing_span, visit.span})
    needed = {("person", visit.user_id): times}
    needed[("seat", visit.listing_id) if visit.is_tour else ("person", visit.counterparty_id)] = (
        times
    )
    at_agent = _keys_of_agent(visit)
    others = {key: spans for key, spans in found.items() if key not in at_agent}
    # An agent comes to the time that waits; where they came to the old one too, they keep it.
    possible = [joined(map(widened, spans)) for spans in ({visit.span}, times)]
    return others == needed and all(found.get(key) in possible for key in at_agent)


def check_history(visit: Visit) -> None:
    """Its events, numbered without a gap, make the row."""
    numbers = list(visit.events.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert differences(visit) == {}


def check_reminders(visit: Visit, now: dt.datetime) -> None:
    """What is agreed has one live reminder for each person, channel and kind that lies ahead; what
    is not has none, nor has what waits for a new time.
    """
    entry = CalendarEntry.objects.filter(subject_type="visit", subject_id=visit.pk).first()
    rows = Reminder.objects.due().filter(entry__subject_id=visit.pk, due_at__gt=now)
    found = list(rows.values_list("schedule_seq", "recipient", "channel", "kind"))
    if not visit.is_confirmed:
        assert found == [], visit.status
        stands = visit.is_agreed or visit.status == "completed"
        assert entry is None or entry.is_active is stands
        return
    assert (entry.is_active, entry.start_at) == (True, visit.scheduled_date)
    assert entry.is_frozen is is_frozen(visit), "reminders wait while something stops the visit"
    kinds = [kind for kind, ahead in AHEAD.items() if visit.scheduled_date - ahead > now]
    wanted = [
        (entry.sequence, person.event_channel, channel, kind)
        for person in visit.parties
        for channel in (LEADING_CHANNEL, *opted_in_channels(person, Purpose.VIEWINGS))
        for kind in kinds
    ]
    assert sorted(found) == sorted(wanted)


def _keys_of_agent(visit: Visit) -> list[tuple]:
    if visit.agent is None:
        return []
    own = [("person", visit.agent.user_id)] if visit.agent.user_id else []
    return [("agent", visit.agent_id), *own]


def widened(span: Span) -> Span:
    margin = current_settings().buffer
    return span[0] - margin, span[1] + margin


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order, with those that touch or overlap made one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return out
