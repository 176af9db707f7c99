import pytest

from flatmates.models import Match
from flatmates.rules.qna import ICEBREAKERS, questions_for
from flatmates.services.qna import answer_questions, answers_of
from ghar.errors import Conflict, Invalid
from ghar.lib.ids import uuid7
from ghar.notifications.models import Notification
from tests.flatmates.pairs import matched


@pytest.fixture
def match(seeker, outsider) -> Match:
    return matched(seeker, outsider).match


def all_answers(match, word) -> dict[str, str]:
    return {question: f"{word} {question}" for question in questions_for(match.pk)}


def test_three_of_twelve_the_same_for_both_each_time():
    match_id = uuid7()
    asked = questions_for(match_id)
    assert (len(ICEBREAKERS), len(set(asked))) == (12, 3)
    assert asked == questions_for(match_id)


@pytest.mark.django_db
def test_answers_show_to_each_other_only_when_both_have_answered(match, seeker, outsider):
    mine = all_answers(match, "mine")
    answer_questions(match=match, answers=mine, by=seeker)
    before = answers_of(match=match, reader_id=outsider.pk)
    assert (before.theirs, before.has_peer_answered) == ({}, True)
    theirs = all_answers(match, "theirs")
    answer_questions(match=match, answers=theirs, by=outsider)
    match = Match.objects.get(pk=match.pk)
    assert answers_of(match=match, reader_id=seeker.pk).theirs == theirs
    assert answers_of(match=match, reader_id=outsider.pk).theirs == mine


@pytest.mark.django_db
def test_two_answers_of_three_reveal_nothing(match, seeker, outsider):
    answer_questions(match=match, answers=all_answers(match, "a"), by=seeker)
    two = dict(list(all_answers(match, "b").items())[:2])
    assert answer_questions(match=match, answers=two, by=outsider).theirs == {}


@pytest.mark.django_db
def test_an_answer_may_change_until_both_have_given_all(match, seeker, outsider):
    first = questions_for(match.pk)[0]
    answer_questions(match=match, answers={first: "early"}, by=seeker)
    changed = answer_questions(match=match, answers={first: "later"}, by=seeker)
    assert changed.mine == {first: "later"}
    answer_questions(match=match, answers=all_answers(match, "a"), by=seeker)
    answer_questions(match=match, answers=all_answers(match, "b"), by=outsider)
    with pytest.raises(Conflict):
        answer_questions(match=match, answers={first: "too late"}, by=seeker)


@pytest.mark.django_db
def test_other_questions_are_not_theirs(match, seeker):
    other = next(key for key in ICEBREAKERS if key not in questions_for(match.pk))
    with pytest.raises(Invalid):
        answer_questions(match=match, answers={other: "x"}, by=seeker)


@pytest.mark.django_db
def test_answers_make_no_match_and_need_one(match, seeker):
    match.status = "unmatched"
    match.save()
    with pytest.raises(Conflict):
        answer_questions(match=match, answers=all_answers(match, "a"), by=seeker)


@pytest.mark.django_db
def test_the_other_side_is_told_once_all_three_are_given(match, seeker, outsider):
    answer_questions(match=match, answers=all_answers(match, "a"), by=seeker)
    answer_questions(match=match, answers=all_answers(match, "b"), by=seeker)
    titles = [row.title for row in Notification.objects.filter(user=outsider)]
    assert titles == ["Sita S. answered the three questions"]
