"""Whose turn it is: the smallest share of the work first, in proportion to the weights."""

from collections.abc import Iterable, Sequence
import datetime as dt
from typing import Final, NamedTuple
import uuid

# Over which time the work is shared out.
WINDOW: Final = dt.timedelta(days=28)
_NEVER: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


class Load(NamedTuple):
    """What one agent has: `open` visits, and what they were given to start with."""

    agent_id: uuid.UUID
    open: int
    weight: float = 1
    calibration: float = 0
    last_assigned_at: dt.datetime | None = None

    @property
    def score(self) -> float:
        return (self.open + self.calibration) / self.weight


def order_of(loads: Iterable[Load]) -> list[Load]:
    """The next one first; ties go to whoever waits longest, then by id."""
    return sorted(
        loads, key=lambda load: (load.score, load.last_assigned_at or _NEVER, load.agent_id)
    )


def calibration_for(loads: Sequence[Load], *, weight: float) -> float:
    """What puts a new agent beside the others, instead of before all of them."""
    if not loads:
        return 0
    return weight * sum(load.score for load in loads) / len(loads)


def calibration_left(calibration: float, *, age: dt.timedelta) -> float:
    """It fades over the window, as the visits that it stands for leave it."""
    return calibration * max(0.0, 1 - max(age, dt.timedelta()) / WINDOW)


def spread(loads: Sequence[Load]) -> float:
    """How far the fullest agent is ahead of the emptiest, by weight."""
    scores = [load.score for load in loads]
    return max(scores) - min(scores) if scores else 0
