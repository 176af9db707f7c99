"""Which times to propose to a host, out of what a seeker wishes for."""

from collections.abc import Iterable, Iterator, Sequence
import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from ghar.accounts.models import Principal, SeekerSession, User
from ghar.calendar.services.alternatives import STEP
from ghar.calendar.services.busy import BusyTimes
from ghar.calendar.services.claims import PartyKeys, Span, key_of, seats_of
from ghar.lib import clock
from ghar.properties.models import Property
from viewings.assistant.reading import Wish, read_wishes, words_beside
from viewings.assistant.words import language
from viewings.models import MAX_OPEN_OPTIONS, ViewingRequest
from viewings.policies.booking import USUAL_LENGTH, ProposedTime, bookable
from viewings.services.booking import subject_of, zone_of

# Of one wish; who names several days wants some of each.
MOST_OF_ONE: Final = 3


def pick_times(
    wishes: Sequence[Wish], viewing: ViewingRequest, *, now: dt.datetime
) -> list[ProposedTime]:
    """Up to five free times out of the wishes, the earliest first. `viewing` may be unsaved.

    Free for the seeker and at the place. What else the host does is nobody's to read out of this.
    """
    zone, reach = ZoneInfo(zone_of(viewing)), bookable(now)
    starts = [list(_starts(wish, zone, reach)) for wish in wishes]
    named = [start for each in starts for start in each]
    if not named:
        return []
    window = min(named), max(named) + USUAL_LENGTH
    busy = BusyTimes(subject=subject_of(viewing), keys=_who_must_be_free(viewing), window=window)
    free = [[start for start in each if busy.leave_free(_span(start))] for each in starts]
    return [ProposedTime(*_span(start), zone.key) for start in _some_of_each(free)]


def planned(listing: Property, by: Principal | None) -> ViewingRequest:
    """What a viewing would be that nobody has asked for yet."""
    return ViewingRequest(
        listing=listing,
        seeker=by if isinstance(by, User) else None,
        seeker_session=by if isinstance(by, SeekerSession) else None,
    )


def wishes_in(text: str, viewing: ViewingRequest, *, now: dt.datetime) -> list[Wish]:
    """When somebody could come, in the reader's language and the zone of the place."""
    return read_wishes(text, language=language(), now=_here(viewing, now))


def words_beside_times(text: str, viewing: ViewingRequest, *, now: dt.datetime) -> str:
    return words_beside(text, language=language(), now=_here(viewing, now))


def _here(viewing: ViewingRequest, now: dt.datetime) -> dt.datetime:
    return now.astimezone(ZoneInfo(zone_of(viewing)))


def _who_must_be_free(viewing: ViewingRequest) -> PartyKeys:
    seeker = viewing.seeker or viewing.seeker_session
    seats = seats_of(viewing.listing_id, viewing.listing.capacity)
    return PartyKeys([key_of(seeker)] if seeker else [], seats)


def _starts(wish: Wish, zone: ZoneInfo, reach: Span) -> Iterator[dt.datetime]:
    """Each half hour of the wish; times that a clock change skips are dropped."""
    if wish.day > reach[1].date() + dt.timedelta(days=1):
        return  # nor is there a next half hour at the end of the year 9999
    local, last = (dt.datetime.combine(wish.day, time) for time in (wish.first, wish.last))
    while local <= last:
        moment = clock.instant_of(local, zone)
        if moment and reach[0] <= moment <= reach[1]:
            yield moment
        local += STEP


def _span(start: dt.datetime) -> Span:
    return start, start + USUAL_LENGTH


def _some_of_each(wishes: Iterable[list[dt.datetime]]) -> list[dt.datetime]:
    """At most five, from as many of the wishes as possible, and no two that overlap."""
    fulfilled = [starts for starts in wishes if starts]
    most = min(MOST_OF_ONE, max(1, MAX_OPEN_OPTIONS // max(1, len(fulfilled))))
    picked: list[dt.datetime] = []
    for starts in fulfilled:
        for start in _spread(starts, most):
            is_apart = all(abs(start - other) >= USUAL_LENGTH for other in picked)
            if is_apart and len(picked) < MAX_OPEN_OPTIONS:
                picked.append(start)
    return sorted(picked)


def _spread(starts: list[dt.datetime], count: int) -> list[dt.datetime]:
    """So many of them, from the first to the last."""
    if len(starts) <= count or count == 1:
        return starts[:count]
    return [starts[number * (len(starts) - 1) // (count - 1)] for number in range(count)]
