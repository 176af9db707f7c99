"""How well two people fit: a truth table of every pair of answers, and what is made of it."""

from itertools import product

import pytest

from flatmates.models import Profile
from flatmates.rules.compatibility import QUESTIONS, color_of, compare

ANSWERS = {
    "sleep_schedule": "early_bird",
    "cleanliness": "tidy",
    "food_habits": "vegetarian",
    "smoking": "never",
    "drinking": "never",
    "guests_policy": "occasional_ok",
    "work_style": "wfh",
}
# Rows are mine, columns theirs, in the order of the vocabulary.
SCALE = {
    "sleep_schedule": [[100, 50, 0], [50, 100, 50], [0, 50, 100]],
    "cleanliness": [[100, 50, 0], [50, 100, 50], [0, 50, 100]],
    "smoking": [[100, 70, 40], [70, 100, 70], [40, 70, 100]],
    "drinking": [[100, 70, 40], [70, 100, 70], [40, 70, 100]],
    "guests_policy": [[100, 60, 20], [60, 100, 60], [20, 60, 100]],
    "work_style": [[100, 70, 70], [70, 100, 70], [70, 70, 100]],
    # vegetarian, vegan, non_vegetarian, eggetarian, no_preference
    "food_habits": [
        [100, 100, 0, 0, 70],
        [100, 100, 0, 0, 70],
        [0, 0, 100, 80, 70],
        [0, 0, 80, 100, 70],
        [70, 70, 70, 70, 100],
    ],
}
CELLS = [
    (question.field, mine, theirs, SCALE[question.field][row][column])
    for question in QUESTIONS
    for (row, mine), (column, theirs) in product(enumerate(question.choices.values), repeat=2)
]


def fit(mine: dict, theirs: dict):
    return compare(Profile(**mine), Profile(**theirs))


@pytest.mark.parametrize(("field", "mine", "theirs", "score"), CELLS)
def test_every_pair_of_answers_has_its_score(field, mine, theirs, score):
    found = fit({field: mine}, {field: theirs})
    assert (found.overall, [d.score for d in found.compared]) == (score, [score])


def test_the_weights_are_those_of_the_rules_and_sum_to_one():
    weights = {question.name: question.weight for question in QUESTIONS}
    assert weights == {
        "sleep": 20,
        "cleanliness": 20,
        "food": 15,
        "guests": 15,
        "smoking": 10,
        "drinking": 10,
        "work": 10,
    }
    assert sum(weights.values()) == 100


def test_only_what_both_have_answered_counts():
    found = fit(ANSWERS, {"sleep_schedule": "night_owl", "smoking": "never"})
    # 0 of 20 and 10 of 10, out of 30
    assert (found.overall, found.coverage) == (33, "2 of 7 answers")
    assert [d.points for d in found.compared] == [0.0, 10.0]


def test_nothing_comparable_is_unknown_and_never_nought():
    for mine, theirs in (
        ({}, ANSWERS),
        (ANSWERS, {}),
        ({"smoking": "never"}, {"food_habits": "vegan"}),
    ):
        found = fit(mine, theirs)
        assert (found.overall, found.color, found.is_match) == (None, None, False)
        assert found.coverage == "0 of 7 answers"
        assert found.summary == ["You have not answered the same questions yet."]


def test_both_see_the_same_score():
    other = ANSWERS | {"cleanliness": "spotless", "work_style": "office"}
    assert fit(ANSWERS, other).overall == fit(other, ANSWERS).overall == 87


def test_a_match_begins_at_sixty():
    assert fit({"guests_policy": "open_house"}, {"guests_policy": "occasional_ok"}).is_match
    assert not fit({"sleep_schedule": "flexible"}, {"sleep_schedule": "night_owl"}).is_match


@pytest.mark.parametrize(
    ("score", "color"),
    [
        (100, "green"),
        (70, "green"),
        (69, "amber"),
        (40, "amber"),
        (39, "red"),
        (0, "red"),
        (None, None),
    ],
)
def test_colours_change_at_seventy_and_forty(score, color):
    assert color_of(score) == color


def test_each_dimension_says_what_both_said():
    found = fit(ANSWERS, ANSWERS | {"sleep_schedule": "night_owl", "work_style": ""})
    by_name = {dimension.name: dimension for dimension in found.dimensions}
    sleep, work, food = by_name["sleep"], by_name["work"], by_name["food"]
    assert (sleep.mine, sleep.theirs, sleep.weight, sleep.points) == (
        "early_bird",
        "night_owl",
        0.2,
        0,
    )
    assert (
        sleep.summary == "Sleep: “Early bird” and “Night owl” are far apart. Talk about it first."
    )
    assert work.summary == "Work: you say “From home”, they have not said yet."
    assert food.summary == "Food: you both say “Vegetarian”."


def test_it_names_my_open_questions_that_they_have_answered():
    found = fit(ANSWERS | {"sleep_schedule": "", "smoking": ""}, ANSWERS | {"smoking": ""})
    assert [question.field for question in found.sharpen] == ["sleep_schedule"]
