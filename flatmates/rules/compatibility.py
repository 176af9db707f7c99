"""How well two people's days fit together.

Seven answers with weights that sum to 100. Only what both have answered counts, and the rest is
divided by the weight of that; with nothing to compare there is no score at all, never 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from flatmates.models import Profile
from flatmates.states import (
    Cleanliness,
    FoodHabits,
    Frequency,
    GuestsPolicy,
    SleepSchedule,
    WorkStyle,
)

MATCH: Final = 60
GREEN, AMBER = 70, 40
STRICT_FOOD: Final = frozenset({FoodHabits.VEGETARIAN, FoodHabits.VEGAN})

Score = Callable[[str, str], int]


def _by_distance(scale: type[TextChoices], *scores: int) -> Score:
    """The nearer two answers stand on the scale, the better: `scores` by their distance."""
    places = {value: place for place, value in enumerate(scale.values)}
    return lambda mine, theirs: scores[abs(places[mine] - places[theirs])]


def _food(mine: str, theirs: str) -> int:
    pair = {mine, theirs}
    if len(pair) == 1 or pair == STRICT_FOOD:
        return 100
    if FoodHabits.NO_PREFERENCE in pair:
        return 70
    return 0 if pair & STRICT_FOOD else 80


def _work(mine: str, theirs: str) -> int:
    return 100 if mine == theirs else 70


@dataclass(frozen=True)
class Question:
    """One answer of the quiz: its column, its weight in percent, its words and how it is scored."""

    name: str
    field: str
    weight: int
    label: Any
    choices: type[TextChoices]
    score: Score


QUESTIONS: Final = (
    Question(
        *("sleep", "sleep_schedule", 20, gettext_lazy("Sleep"), SleepSchedule),
        _by_distance(SleepSchedule, 100, 50, 0),
    ),
    Question(
        *("cleanliness", "cleanliness", 20, gettext_lazy("Cleanliness"), Cleanliness),
        _by_distance(Cleanliness, 100, 50, 0),
    ),
    Question("food", "food_habits", 15, gettext_lazy("Food"), FoodHabits, _food),
    Question(
        *("guests", "guests_policy", 15, gettext_lazy("Guests"), GuestsPolicy),
        _by_distance(GuestsPolicy, 100, 60, 20),
    ),
    Question(
        *("smoking", "smoking", 10, gettext_lazy("Smoking"), Frequency),
        _by_distance(Frequency, 100, 70, 40),
    ),
    Question(
        *("drinking", "drinking", 10, gettext_lazy("Drinking"), Frequency),
        _by_distance(Frequency, 100, 70, 40),
    ),
    Question("work", "work_style", 10, gettext_lazy("Work"), WorkStyle, _work),
)


@dataclass(frozen=True)
class Dimension:
    """One question with both answers; `score` (0..100) only where both are there."""

    question: Question
    mine: str
    theirs: str
    score: int | None

    @property
    def name(self) -> str:
        return self.question.name

    @property
    def weight(self) -> float:
        return self.question.weight / 100

    @property
    def points(self) -> float | None:
        """What it adds, of at most its weight in percent."""
        return None if self.score is None else self.question.weight * self.score / 100

    @property
    def color(self) -> str | None:
        return color_of(self.score)

    @property
    def mine_label(self) -> str:
        return _label(self.question, self.mine)

    @property
    def theirs_label(self) -> str:
        return _label(self.question, self.theirs)

    @property
    def summary(self) -> str:
        words = {
            "label": self.question.label,
            "mine": self.mine_label,
            "theirs": self.theirs_label,
        }
        return _sentence(self) % words


@dataclass(frozen=True)
class Compatibility:
    dimensions: tuple[Dimension, ...]

    @property
    def compared(self) -> list[Dimension]:
        return [dimension for dimension in self.dimensions if dimension.score is not None]

    @property
    def overall(self) -> int | None:
        """0..100, a half rounded up; None where nothing can be compared."""
        weight = sum(dimension.question.weight for dimension in self.compared)
        points = sum(d.question.weight * (d.score or 0) for d in self.compared)
        return (2 * points + weight) // (2 * weight) if weight else None

    @property
    def is_match(self) -> bool:
        return self.overall is not None and self.overall >= MATCH

    @property
    def color(self) -> str | None:
        return color_of(self.overall)

    @property
    def coverage(self) -> str:
        counts = {"n": len(self.compared), "all": len(self.dimensions)}
        return _("%(n)s of %(all)s answers") % counts

    @property
    def summary(self) -> list[str]:
        """What fits best and what least, the heaviest first; one sentence where nothing compares."""
        if not self.compared:
            return [_("You have not answered the same questions yet.")]
        ranked = sorted(self.compared, key=lambda d: (-(d.score or 0), -d.question.weight))
        best = [d.summary for d in ranked if d.color == "green"][:2]
        worst = [d.summary for d in reversed(ranked) if d.color != "green"][:2]
        return [*best, *worst]

    @property
    def sharpen(self) -> list[Question]:
        """My open questions that they have answered: each that I answer makes the score surer."""
        return [d.question for d in self.dimensions if d.theirs and not d.mine]


def compare(mine: Profile, theirs: Profile) -> Compatibility:
    """Reads the answers of both and nothing else."""
    return Compatibility(tuple(_dimension(question, mine, theirs) for question in QUESTIONS))


def color_of(score: int | None) -> str | None:
    if score is None:
        return None
    if score >= GREEN:
        return "green"
    return "amber" if score >= AMBER else "red"


def _dimension(question: Question, mine: Profile, theirs: Profile) -> Dimension:
    one, other = getattr(mine, question.field), getattr(theirs, question.field)
    return Dimension(question, one, other, question.score(one, other) if one and other else None)


def _label(question: Question, value: str) -> str:
    return str(question.choices(value).label) if value else ""


def _sentence(dimension: Dimension) -> str:
    if not dimension.mine and not dimension.theirs:
        return _("%(label)s: neither of you has said yet.")
    if not dimension.mine:
        return _("%(label)s: they say “%(theirs)s”, you have not said yet.")
    if not dimension.theirs:
        return _("%(label)s: you say “%(mine)s”, they have not said yet.")
    if dimension.mine == dimension.theirs:
        return _("%(label)s: you both say “%(mine)s”.")
    if dimension.color == "green":
        return _("%(label)s: “%(mine)s” and “%(theirs)s” go well together.")
    if dimension.color == "amber":
        return _("%(label)s: “%(mine)s” and “%(theirs)s” need a word between you.")
    return _("%(label)s: “%(mine)s” and “%(theirs)s” are far apart. Talk about it first.")
