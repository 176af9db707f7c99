"""How much the reports about one target weigh: three people, not three accounts.

One person counts at most 1, whatever the number of accounts: those that shared a phone or a push
device when they reported are one group, and so are all accounts that were younger than a day. A
group speaks with its most credible voice. A voice counts 1 / (1 + n), n being how many reports of
that reporter were found groundless within half a year; so three clean reporters are needed, or
more of those who have cried wolf.
"""

from collections.abc import Iterable
import datetime as dt
from fractions import Fraction
from typing import Final, NamedTuple
import uuid

NEEDED: Final = 3
YOUNG: Final = dt.timedelta(hours=24)
REMEMBERED: Final = dt.timedelta(days=180)
_ALL_YOUNG: Final = "young"


class Voice(NamedTuple):
    """One report. `links`: hashes that two accounts of one person have in common."""

    reporter: uuid.UUID
    age: dt.timedelta  # of the account when it reported
    links: frozenset[str] = frozenset()
    dismissed: int = 0


def weight_of(voices: Iterable[Voice]) -> Fraction:
    """The sum over groups; exact, so that three times one third is one."""
    groups: list[tuple[set[str], Fraction]] = []
    for voice in voices:
        keys, weight = _keys(voice), Fraction(1, 1 + voice.dismissed)
        apart = []
        for others, their_weight in groups:
            if keys & others:
                keys, weight = keys | others, max(weight, their_weight)
            else:
                apart.append((others, their_weight))
        groups = [*apart, (keys, weight)]
    return sum((weight for _, weight in groups), Fraction(0))


def is_credible(voices: Iterable[Voice]) -> bool:
    return weight_of(voices) >= NEEDED


def _keys(voice: Voice) -> set[str]:
    young = {_ALL_YOUNG} if voice.age < YOUNG else set()
    return {str(voice.reporter), *voice.links, *young}
