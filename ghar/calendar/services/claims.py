"""Who is busy when. Nobody is in two places at once, across everything that can be booked.

A booking locks its party in the order of ids, looks, and only then writes (book_with_guest looks
while it locks); the caller brings the transaction. The exclusion constraint alone would keep the
promise too, but concurrent inserts deadlock on it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
import datetime as dt
from functools import reduce
import operator
from typing import Any, NamedTuple
import uuid

from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Case, Exists, Q, QuerySet, When

from ghar.calendar.models import Claim, Resource, ResourceKind, Subject
from ghar.errors import SlotTaken

Span = tuple[dt.datetime, dt.datetime]


class ResourceKey(NamedTuple):
    kind: str
    owner_id: uuid.UUID
    seat: int = 1


class PartyKeys(NamedTuple):
    """Everybody who is needed at a time, and the seats of which one must be free.

    Who meets somewhere else takes no seat: there are none then.
    """

    people: Sequence[ResourceKey]
    seats: Sequence[ResourceKey]

    @property
    def all(self) -> list[ResourceKey]:
        return [*self.people, *self.seats]


class Party(NamedTuple):
    """The same as rows."""

    people: list[Resource]
    seats: list[Resource]

    @property
    def resources(self) -> list[Resource]:
        return [*self.people, *self.seats]


class Guest(NamedTuple):
    """One who takes part for longer than the others, as an agent who has a way to go.

    `keys` are the names under which this one is busy; the first stands in no party.
    """

    keys: Sequence[ResourceKey]
    span: Span


def key_of(principal: Any) -> ResourceKey:
    """The resource of a User or a SeekerSession."""
    is_session = principal.actor_kind == "session"
    return ResourceKey(ResourceKind.SESSION if is_session else ResourceKind.PERSON, principal.pk)


def seats_of(listing_id: uuid.UUID, capacity: int = 1) -> list[ResourceKey]:
    """One seat of a property, more for an open house."""
    return [ResourceKey(ResourceKind.SEAT, listing_id, seat) for seat in range(1, capacity + 1)]


def find_resources(keys: Iterable[ResourceKey]) -> list[Resource]:
    """The rows of `keys`, in their order; what does not exist yet is made."""
    return _in_order(list(keys), Resource.objects.all())


def find_party(keys: PartyKeys) -> Party:
    return _party_of(keys, find_resources(keys.all))


def lock_party(keys: PartyKeys) -> Party:
    """The party, locked until commit: two bookings of one resource wait for each other in a line.

    Rows are locked in the order of their ids. Rows made here would join the line late, so whoever
    opens a negotiation makes them with find_party.
    """
    return _party_of(keys, _in_order(keys.all, _in_line()))


def lock_resources(resources: Iterable[Resource]) -> None:
    """Lock until commit, in the order of ids."""
    list(_in_line().filter(pk__in=[row.pk for row in resources]))


def hold_time(*, subject: Subject, party: Party, span: Span, until: dt.datetime | None) -> None:
    """Keep `span` for `subject` until `until`, or for good; SlotTaken if somebody of the locked
    party is busy.

    What the subject has already stays: the hold takes only what that does not cover.
    """
    busy = as_range(span)
    claims = list(Claim.objects.overlapping(party.resources, busy))
    taking_part = _who_takes_part(subject, party, claims)
    _claim_rest(subject, taking_part, claims, busy=busy, until=until)


def book_with_guest(*, subject: Subject, keys: PartyKeys, span: Span, guest: Guest) -> None:
    """Give `span` to a subject that has nothing yet, and to its guest; SlotTaken if not.

    In one go, which is how it nearly always ends: who is busy is looked up while the line forms.
    That may be out of date, so the constraint has the last word; but nothing is tried beside a
    claim that stands, because the insert would wait for whoever is giving it up. The caller
    brings a savepoint: whoever went on without this guest, and still held them, would deadlock.
    """
    busy, away = as_range(span), as_range(guest.span)
    is_busy = Case(When(any_of(guest.keys), then=_is_busy(away)), default=_is_busy(busy))
    line = _in_line().filter(any_of([*keys.all, *guest.keys])).annotate(is_busy=is_busy)
    free = {_key(row): row for row in line if not row.is_busy}
    seat = next((key for key in keys.seats if key in free), None)
    # Who has no row yet is none of them: made here it would join the line late, behind the guest.
    if seat is None or not free.keys() >= {*keys.people, *guest.keys}:
        raise SlotTaken
    together = [_claim(subject, free[key], busy, None) for key in (*keys.people, seat)]
    coming = [_claim(subject, free[key], away, None) for key in guest.keys]
    try:
        Claim.objects.bulk_create(together + coming)
    except IntegrityError:
        raise SlotTaken from None


def join_time(*, subject: Subject, guest: Guest, until: dt.datetime | None = None) -> None:
    """Have one more take part in a time that is booked; SlotTaken.

    The first of the guest's names is waited for; it stands in no party, so that everybody comes to
    it last. The others stand in parties too, and to wait for them here would be out of order: one
    who is being booked at this moment counts as busy.
    """
    first = _in_order(list(guest.keys[:1]), _in_line())
    rows = [*first, *_not_waited_for(guest.keys[1:])]
    if len(rows) < len(guest.keys):
        find_resources(guest.keys[1:])  # who was never busy has no row yet
        rows = [*first, *_not_waited_for(guest.keys[1:])]
    busy = as_range(guest.span)
    claims = list(Claim.objects.overlapping(rows, busy))
    if len(rows) < len(guest.keys) or any(claim.subject != subject for claim in claims):
        raise SlotTaken
    _claim_rest(subject, rows, claims, busy=busy, until=until)


def _not_waited_for(keys: Sequence[ResourceKey]) -> Iterable[Resource]:
    """Those of them whom nobody has locked."""
    free = Resource.objects.select_for_update(no_key=True, skip_locked=True)
    return free.filter(any_of(keys)) if keys else []


def leave_time(*, subject: Subject, keys: Sequence[ResourceKey]) -> int:
    """Free what the subject has of these; the number of claims."""
    mine = Claim.objects.active().of(subject)
    return mine.filter(resource__in=Resource.objects.filter(any_of(keys))).update(active=False)


def book_time(*, subject: Subject, party: Party, span: Span) -> None:
    """Give `span` to `subject` for good, instead of whatever it had; SlotTaken as above."""
    busy = as_range(span)
    claims = list(Claim.objects.overlapping(party.resources, busy))
    taking_part = _who_takes_part(subject, party, claims)
    release(subject)
    Claim.objects.bulk_create([_claim(subject, row, busy, None) for row in taking_part])


def make_permanent(subject: Subject) -> int:
    """A held time becomes an agreed one; the number of claims."""
    return Claim.objects.active().of(subject).update(hold_until=None)


def release(subject: Subject) -> int:
    """Free all that the subject has; the number of claims."""
    return Claim.objects.active().of(subject).update(active=False)


def release_hold(subject: Subject) -> int:
    """Free what is only held and leave what was agreed."""
    held = Claim.objects.active().of(subject).filter(hold_until__isnull=False)
    return held.update(active=False)


def move_claims(*, source: ResourceKey, target: ResourceKey) -> set[Subject]:
    """Hand the claims of one resource to another; the subjects whose times overlap and stay."""
    old, new = find_resources([source, target])
    lock_resources([old, new])
    staying = set()
    for claim in Claim.objects.active().filter(resource=old):
        if Claim.objects.overlapping([new], claim.busy).exists():
            staying.add(claim.subject)
        else:
            Claim.objects.filter(pk=claim.pk).update(resource=new)
    return staying


def as_range(span: Span) -> DateTimeTZRange:
    return DateTimeTZRange(*span)


def any_of(keys: Iterable[ResourceKey]) -> Q:
    """Their resources."""
    return reduce(operator.or_, (Q(**key._asdict()) for key in keys))


def _in_line() -> QuerySet[Resource]:
    """Guests last: see join_time."""
    is_guest = Case(When(kind=ResourceKind.AGENT, then=1), default=0)
    return Resource.objects.order_by(is_guest, "pk").select_for_update(no_key=True)


def _is_busy(busy: DateTimeTZRange) -> Exists:
    """Of a resource: whether it has given away any of `busy`."""
    return Exists(Claim.objects.of_outer_resource(busy))


def _party_of(keys: PartyKeys, rows: list[Resource]) -> Party:
    return Party(rows[: len(keys.people)], rows[len(keys.people) :])


def _in_order(keys: list[ResourceKey], rows: QuerySet[Resource]) -> list[Resource]:
    if not keys:
        return []
    wanted = any_of(keys)
    found = {_key(row): row for row in rows.filter(wanted)}
    missing = sorted(key for key in keys if key not in found)
    if missing:
        made = [Resource(**key._asdict()) for key in missing]
        Resource.objects.bulk_create(made, ignore_conflicts=True)
        found = {_key(row): row for row in rows.filter(wanted)}
    return [found[key] for key in keys]


def _claim_rest(
    subject: Subject,
    rows: list[Resource],
    claims: list[Claim],
    *,
    busy: DateTimeTZRange,
    until: dt.datetime | None,
) -> None:
    """Claim of `rows` whatever of `busy` the subject does not have yet."""
    own = _busy_by_resource(subject, claims)
    Claim.objects.bulk_create(
        [
            _claim(subject, row, piece, until)
            for row in rows
            for piece in _uncovered(busy, own[row.pk])
        ]
    )


def _busy_by_resource(subject: Subject, claims: list[Claim]) -> dict[int, list[DateTimeTZRange]]:
    own: dict[int, list[DateTimeTZRange]] = defaultdict(list)
    for claim in claims:
        if claim.subject == subject:
            own[claim.resource_id].append(claim.busy)
    return own


def _who_takes_part(subject: Subject, party: Party, claims: list[Claim]) -> list[Resource]:
    """The people and, where seats count, a free one; rather the one that the subject has."""
    busy = {claim.resource_id for claim in claims if claim.subject != subject}
    own = {claim.resource_id for claim in claims if claim.subject == subject}
    free = sorted(
        (seat for seat in party.seats if seat.pk not in busy),
        key=lambda seat: (seat.pk not in own, seat.seat),
    )
    if (party.seats and not free) or any(person.pk in busy for person in party.people):
        raise SlotTaken
    return [*party.people, *free[:1]]


def _claim(
    subject: Subject, resource: Resource, busy: DateTimeTZRange, until: dt.datetime | None
) -> Claim:
    return Claim(
        resource=resource,
        busy=busy,
        hold_until=until,
        subject_type=subject.type,
        subject_id=subject.id,
    )


def _uncovered(busy: DateTimeTZRange, own: list[DateTimeTZRange]) -> Iterator[DateTimeTZRange]:
    """`busy` without the stretches in `own`, which do not overlap each other."""
    start = busy.lower
    for taken in sorted(own, key=lambda stretch: stretch.lower):
        if start < taken.lower:
            yield DateTimeTZRange(start, taken.lower)
        start = max(start, taken.upper)
    if start < busy.upper:
        yield DateTimeTZRange(start, busy.upper)


def _key(row: Resource) -> ResourceKey:
    return ResourceKey(row.kind, row.owner_id, row.seat)
