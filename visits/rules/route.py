"""The way of an agent through a day: by time, and to the nearest where two begin together."""

from collections.abc import Iterable
import datetime as dt
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

from ghar.lib.geo import haversine_m

Position = tuple[float, float]

# Streets are longer than the crow's way, and town traffic makes some 18 km an hour.
DETOUR: Final = 1.3
METRES_A_MINUTE: Final = 300


class Stop(NamedTuple):
    """`what` is at a place from `start` to `end`; `position` is None where nobody knows it."""

    start: dt.datetime
    end: dt.datetime
    position: Position | None
    what: Any


class Leg(NamedTuple):
    """Between two stops: what is free, how far it is and how long that takes, as far as known."""

    free: dt.timedelta
    metres: float | None
    minutes: int | None

    @property
    def hours(self) -> int:
        return self.free // dt.timedelta(hours=1)

    @property
    def rest(self) -> int:
        """The minutes beside the full hours."""
        return self.free // dt.timedelta(minutes=1) % 60

    @property
    def is_tight(self) -> bool:
        return self.minutes is not None and dt.timedelta(minutes=self.minutes) > self.free


def order_stops(stops: Iterable[Stop]) -> list[Stop]:
    ordered: list[Stop] = []
    for _start, together in groupby(sorted(stops, key=lambda s: s.start), lambda s: s.start):
        waiting = list(together)
        while waiting:
            nearest = min(waiting, key=lambda stop: _distance(ordered[-1:], stop) or 0)
            waiting.remove(nearest)
            ordered.append(nearest)
    return ordered


def legs_between(ordered: list[Stop]) -> list[Leg]:
    """One less than there are stops."""
    return [_leg(one, other) for one, other in pairwise(ordered)]


def _leg(one: Stop, other: Stop) -> Leg:
    metres = _distance([one], other)
    minutes = None if metres is None else round(metres * DETOUR / METRES_A_MINUTE)
    return Leg(max(other.start - one.end, dt.timedelta()), metres, minutes)


def _distance(last: list[Stop], stop: Stop) -> float | None:
    here = last[0].position if last else None
    if here is None or stop.position is None:
        return None
    return haversine_m(here, stop.position)
