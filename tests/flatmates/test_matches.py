import pytest

from flatmates.models import Conversation, Match, Swipe
from flatmates.services.matches import close_between, unmatch
from flatmates.signals import match_closed
from ghar.errors import InvalidTransition, NotFound
from ghar.lib import clock
from ghar.lib.pairs import lock_pair
from ghar.notifications.models import Notification
from ghar.realtime.models import Event
from moderation.models import Block
from tests.flatmates.people import like, match_of, person, room

pytestmark = pytest.mark.django_db


def block(by, other):
    Block.objects.create(blocker=by, blocked=other)
    lock_pair(by.pk, other.pk)
    close_between(one=by, other=other, verb="block", by=by, now=clock.now())


def test_two_likes_are_one_match_one_chat_and_one_event_for_each(asha, mira):
    assert like(asha, mira).did_match is False
    answer = like(mira, asha, "super_like")
    assert answer.did_match
    match, chat = Match.objects.get(), Conversation.objects.get()
    assert (answer.match, match.conversation, match.is_active) == (match, chat, True)
    assert (chat.source, chat.is_accepted, chat.opened_by) == ("profile_match", True, None)
    events = Event.objects.filter(type="new_match")
    assert sorted(events.values_list("channel", flat=True)) == sorted(
        [asha.event_channel, mira.event_channel]
    )
    assert set(events.values_list("object_id", "route")) == {(match.pk, chat.get_absolute_url())}
    lines = Notification.objects.filter(type="new_match", route=chat.get_absolute_url())
    assert sorted(lines.values_list("user_id", flat=True)) == sorted([asha.pk, mira.pk])


def test_the_match_remembers_the_room_by_which_they_met(asha, mira):
    from flatmates.services.swipes import swipe_person  # noqa: PLC0415

    place = room(mira)
    swipe_person(by=asha, target=mira, action="like", context_listing=place)
    assert like(mira, asha).match.context_listing == place


def test_unmatch_closes_the_chat_and_spends_both_likes(asha, mira):
    heard = []
    match_closed.connect(lambda match, by, **kw: heard.append((match, by)), weak=False)
    match = match_of(asha, mira)
    closed = unmatch(match=match, by=asha)
    assert closed.status == "unmatched"
    assert closed.closed_at is not None
    assert Conversation.objects.get().status == "closed"
    assert not Swipe.objects.likes().exists()
    assert heard == [(match, asha)]
    assert unmatch(match=match, by=mira).status == "unmatched"
    assert len(heard) == 1


def test_after_unmatch_one_like_does_nothing_and_two_fresh_ones_match_again(asha, mira):
    match = match_of(asha, mira)
    unmatch(match=match, by=mira)
    assert like(asha, mira)[:2] == (True, False)
    assert Conversation.objects.get().status == "closed"
    again = like(mira, asha)
    assert (again.did_match, again.match) == (True, match)
    assert Match.objects.get().status == "active"
    assert Conversation.objects.get().status == "active"


def test_a_stranger_cannot_unmatch_two_people(asha, mira):
    with pytest.raises(NotFound):
        unmatch(match=match_of(asha, mira), by=person())
    assert Match.objects.get().is_active


def test_block_closes_for_both_and_unmatch_is_too_late(asha, mira):
    match = match_of(asha, mira)
    block(asha, mira)
    assert Match.objects.get().status == "blocked"
    assert Conversation.objects.get().status == "blocked"
    with pytest.raises(InvalidTransition):
        unmatch(match=match, by=mira)
    for one, other in ((asha, mira), (mira, asha)):
        with pytest.raises(NotFound):
            like(one, other)


def test_unblock_reopens_nothing_and_two_fresh_likes_do(asha, mira):
    match_of(asha, mira)
    block(asha, mira)
    Block.objects.all().delete()
    assert Conversation.objects.get().status == "blocked"
    assert like(mira, asha).did_match is False
    assert like(asha, mira).did_match
    assert Match.objects.get().is_active
    assert Conversation.objects.get().status == "active"


def test_blocking_a_stranger_spends_a_like_that_waits(asha, mira):
    like(mira, asha)
    block(asha, mira)
    Block.objects.all().delete()
    assert like(asha, mira).did_match is False


def test_interest_in_a_room_does_not_reopen_what_was_closed(asha, mira):
    place = room(mira)
    unmatch(match=match_of(asha, mira), by=mira)
    told = Notification.objects.filter(user=mira).count()
    answer = like(asha, place)
    assert (answer.stored, answer.conversation) == (True, None)
    assert Conversation.objects.get().status == "closed"
    assert Notification.objects.filter(user=mira).count() == told


def test_unmatch_spends_the_interest_in_each_others_rooms(asha, mira):
    like(asha, room(mira))
    match = match_of(asha, mira)
    unmatch(match=match, by=asha)
    assert not Swipe.objects.likes().exists()
    assert like(mira, asha).did_match is False


def test_unmatch_is_at_most_ten_statements(asha, mira, django_assert_max_num_queries):
    match = match_of(asha, mira)
    with django_assert_max_num_queries(10 + 2):  # and the test's own transaction around the verb's
        unmatch(match=match, by=asha)


def test_a_match_is_bounded_in_statements(asha, mira, django_assert_max_num_queries):
    like(asha, mira)
    with django_assert_max_num_queries(21):
        like(mira, asha)
