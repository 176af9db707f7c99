"""Who is busy in a stretch of time, read once and asked many times."""

from django.contrib.postgres.expressions import ArraySubquery

from ghar.calendar.models import Claim, Resource, Subject
from ghar.calendar.services.claims import PartyKeys, ResourceKey, Span, any_of, as_range
from ghar.errors import SlotTaken


class SeenTaken(SlotTaken):
    """The time is not free, and this is what was read to find that out."""

    def __init__(self, busy: "BusyTimes") -> None:
        super().__init__()
        self.busy = busy


class BusyTimes:
    """Claims of other subjects on a party: anybody's counts, the seats' when all are taken.

    One statement, which locks nothing. Who was never booked has no row in the calendar and is free.
    """

    def __init__(self, *, subject: Subject, keys: PartyKeys, window: Span) -> None:
        given = Claim.objects.of_outer_resource(as_range(window)).of_others(subject)
        rows = Resource.objects.filter(any_of(keys.all)).values_list(
            "kind", "owner_id", "seat", ArraySubquery(given.values("busy"))
        )
        spans = {
            ResourceKey(kind, owner, seat): [(busy.lower, busy.upper) for busy in taken]
            for kind, owner, seat, taken in rows
        }
        self._people = [span for key in keys.people for span in spans.get(key, [])]
        self._seats = [spans.get(key, []) for key in keys.seats]

    def leave_free(self, span: Span) -> bool:
        if any(overlap(span, busy) for busy in self._people):
            return False
        if not self._seats:
            return True
        return any(not any(overlap(span, busy) for busy in seat) for seat in self._seats)

    def check_free(self, span: Span) -> None:
        if not self.leave_free(span):
            raise SeenTaken(self)


def overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
