"""Who is busy in a stretch of time, read once and asked many times."""

from ghar.calendar.models import Claim, Subject
from ghar.calendar.services.claims import Party, Span, as_range


class BusyTimes:
    """Claims of other subjects on a party: anybody's counts, the seats' when all are taken."""

    def __init__(self, *, subject: Subject, party: Party, window: Span) -> None:
        spans: dict[int, list[Span]] = {row.pk: [] for row in party.resources}
        others = Claim.objects.overlapping(party.resources, as_range(window)).of_others(subject)
        for resource_id, busy in others.values_list("resource_id", "busy"):
            spans[resource_id].append((busy.lower, busy.upper))
        self._people = [span for row in party.people for span in spans[row.pk]]
        self._seats = [spans[row.pk] for row in party.seats]

    def leave_free(self, span: Span) -> bool:
        if any(overlap(span, busy) for busy in self._people):
            return False
        if not self._seats:
            return True
        return any(not any(overlap(span, busy) for busy in seat) for seat in self._seats)


def overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
