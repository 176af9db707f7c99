import datetime as dt
from fractions import Fraction
import itertools

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ghar.lib.ids import uuid7
from moderation.rules.credibility import Voice, is_credible, weight_of

DAY = dt.timedelta(days=1)


def voice(*links: str, age=30 * DAY, dismissed=0, reporter=None) -> Voice:
    return Voice(reporter or uuid7(), age, frozenset(links), dismissed)


def test_three_people_are_needed():
    people = [voice() for _ in range(3)]
    assert [is_credible(people[:n]) for n in range(4)] == [False, False, False, True]


def test_nobody_counts_twice():
    me = uuid7()
    assert weight_of([voice(reporter=me), voice(reporter=me), voice()]) == 2


def test_any_number_of_accounts_younger_than_a_day_count_as_one():
    young = [voice(age=DAY - dt.timedelta(seconds=1)) for _ in range(50)]
    assert weight_of(young) == 1
    assert weight_of([*young, voice(age=DAY), voice()]) == 3


def test_accounts_that_share_a_phone_or_a_device_count_as_one():
    assert weight_of([voice("phone"), voice("phone", "device"), voice("device")]) == 1


def test_a_voice_that_links_two_groups_makes_them_one_in_whatever_order_they_come():
    chain = [voice("a"), voice("b"), voice("a", "b"), voice("c")]
    assert {weight_of(order) for order in itertools.permutations(chain)} == {2}


@pytest.mark.parametrize(
    ("dismissed", "weight"), [(0, 1), (1, Fraction(1, 2)), (4, Fraction(1, 5))]
)
def test_who_has_cried_wolf_weighs_less(dismissed, weight):
    assert weight_of([voice(dismissed=dismissed)]) == weight


def test_two_who_cried_wolf_once_weigh_as_much_as_one_who_did_not():
    assert is_credible([voice(), voice(), voice(dismissed=1)]) is False
    assert is_credible([voice(), voice(), voice(dismissed=1), voice(dismissed=1)]) is True


def test_a_group_speaks_with_its_most_credible_voice():
    assert weight_of([voice("phone", dismissed=9), voice("phone")]) == 1


voices = st.lists(
    st.builds(
        lambda links, hours, dismissed: voice(
            *links, age=dt.timedelta(hours=hours), dismissed=dismissed
        ),
        st.sets(st.sampled_from("abcd")),
        st.integers(0, 48),
        st.integers(0, 5),
    ),
    max_size=8,
)


@given(voices, st.randoms())
def test_the_weight_knows_no_order_and_never_exceeds_the_number_of_people(people, random):
    shuffled = random.sample(people, len(people))
    assert weight_of(people) == weight_of(shuffled) <= len(people)


@given(voices)
def test_one_more_voice_never_adds_more_than_one(people):
    assert weight_of([*people, voice()]) == weight_of(people) + 1
