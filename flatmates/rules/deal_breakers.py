"""What each deal-breaker asks of the other person."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from flatmates.states import (
    Cleanliness,
    DealBreaker,
    FoodHabits,
    Frequency,
    Gender,
    GuestsPolicy,
    Pets,
    SleepSchedule,
)


class Demand(NamedTuple):
    """`refused` values of `field` break it, `unknown` ones say nothing about it."""

    field: str
    refused: frozenset[str]
    unknown: frozenset[str] = frozenset({""})


_NOT_VEGETARIAN: Final = {FoodHabits.NON_VEGETARIAN, FoodHabits.EGGETARIAN}
_NOT_SAID: Final = frozenset({"", Gender.UNDISCLOSED.value})

DEMANDS: Final[dict[str, Demand]] = {
    DealBreaker.FOOD_VEG_ONLY: Demand("food_habits", frozenset(_NOT_VEGETARIAN)),
    DealBreaker.FOOD_VEGAN_ONLY: Demand(
        "food_habits", frozenset(_NOT_VEGETARIAN | {FoodHabits.VEGETARIAN})
    ),
    DealBreaker.NO_SMOKING: Demand(
        "smoking", frozenset({Frequency.OCCASIONALLY, Frequency.REGULARLY})
    ),
    DealBreaker.NO_DRINKING: Demand(
        "drinking", frozenset({Frequency.OCCASIONALLY, Frequency.REGULARLY})
    ),
    DealBreaker.NO_OVERNIGHT_GUESTS: Demand(
        "guests_policy", frozenset({GuestsPolicy.OCCASIONAL_OK, GuestsPolicy.OPEN_HOUSE})
    ),
    DealBreaker.NO_PETS: Demand("pets", frozenset({Pets.HAVE})),
    DealBreaker.GENDER_FEMALE_ONLY: Demand(
        "gender", frozenset({Gender.MALE, Gender.OTHER}), _NOT_SAID
    ),
    DealBreaker.GENDER_MALE_ONLY: Demand(
        "gender", frozenset({Gender.FEMALE, Gender.OTHER}), _NOT_SAID
    ),
    DealBreaker.NO_PARTIES: Demand("guests_policy", frozenset({GuestsPolicy.OPEN_HOUSE})),
    DealBreaker.MIN_TIDY: Demand("cleanliness", frozenset({Cleanliness.MINIMAL})),
    DealBreaker.EARLY_RISER: Demand("sleep_schedule", frozenset({SleepSchedule.NIGHT_OWL})),
}


def broken_by(person: Any) -> list[str]:
    """The deal-breakers that this person's answers break."""
    return [code for code, ask in DEMANDS.items() if getattr(person, ask.field) in ask.refused]


def left_open_by(person: Any) -> list[str]:
    """The deal-breakers about which this person has said nothing."""
    return [code for code, ask in DEMANDS.items() if getattr(person, ask.field) in ask.unknown]


def refused_values(codes: Iterable[str], *, strict: Iterable[str]) -> dict[str, set[str]]:
    """Which values of which field the deal-breakers rule out; the strict ones the unknown, too."""
    refused: dict[str, set[str]] = {}
    strict = set(strict)
    for code in {*codes, *strict}:
        field, values, unknown = DEMANDS[code]
        refused.setdefault(field, set()).update(values | unknown if code in strict else values)
    return refused
