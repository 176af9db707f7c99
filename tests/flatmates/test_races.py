"""Two people at the same instant, on real transactions: one match, one chat, one event for each."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import os
import threading

from django.db import connections
from django.db.utils import IntegrityError, OperationalError
import pytest

from flatmates.models import Conversation, Match, Profile, SocietyTagVote, Swipe
from flatmates.services import matches, swipes
from flatmates.services.matches import unmatch
from flatmates.services.swipes import undo_swipe
from flatmates.services.tags import tags_of, vote_tag
from ghar.accounts.models import User
from ghar.errors import DomainError
from ghar.notifications.models import Notification
from ghar.realtime.models import Event
from tests.flatmates.people import like, match_of, person, room

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

PAIRS = int(os.environ.get("RACE_PAIRS", "200"))
THREADS = 16


def at_once(groups):
    """Run the calls of each group at the same instant; the outcomes of all groups."""
    outcomes = []

    def run(call, start):
        start.wait(timeout=30)
        try:
            return call()
        except (DomainError, IntegrityError, OperationalError) as error:
            return error

    def close(_number, start):
        start.wait(timeout=30)
        connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        for group in groups:
            start = threading.Barrier(len(group))
            outcomes += pool.map(run, group, [start] * len(group))
        everybody = threading.Barrier(THREADS)
        list(pool.map(close, range(THREADS), [everybody] * THREADS))
    return outcomes


def people(number):
    """Made in bulk: two hundred pairs are a crowd."""
    users = [User(full_name=f"Asha Number{n}", email=f"pair{n}@example.org") for n in range(number)]
    User.objects.bulk_create(users)
    Profile.objects.bulk_create(
        Profile(user=user, status="active", onboarding_completed=True, mode="co_hunter", age=30)
        for user in users
    )
    return users


def likes_of_both(one, other):
    return [lambda: like(one, other), lambda: like(other, one)]


def groups_of(pairs):
    """Eight pairs at a time, so that every thread has one side of a pair."""
    calls = [call for one, other in pairs for call in likes_of_both(one, other)]
    return [calls[start : start + THREADS] for start in range(0, len(calls), THREADS)]


def test_two_hundred_pairs_who_like_each_other_at_once_are_two_hundred_matches():
    everybody = people(2 * PAIRS)
    pairs = list(zip(everybody[::2], everybody[1::2], strict=True))
    outcomes = at_once(groups_of(pairs))
    assert Counter(getattr(o, "did_match", o) for o in outcomes) == {True: PAIRS, False: PAIRS}
    assert Match.objects.active().count() == PAIRS
    assert Conversation.objects.count() == PAIRS
    told = Event.objects.filter(type="new_match").values_list("channel", flat=True)
    assert Counter(told) == {user.event_channel: 1 for user in everybody}
    lines = Notification.objects.filter(type="new_match").values_list("user_id", flat=True)
    assert Counter(lines) == {user.pk: 1 for user in everybody}


def test_without_the_lock_likes_are_lost(monkeypatch):
    """The proof that the race above is one: both look before either has written."""
    together = threading.Barrier(2)

    def no_lock(one, other):
        return None

    seen = swipes._check_quota

    def look_together(*args):
        seen(*args)
        together.wait(timeout=10)

    monkeypatch.setattr(swipes, "lock_pair", no_lock)
    monkeypatch.setattr(swipes, "_check_quota", look_together)
    one, other = people(2)
    at_once([likes_of_both(one, other)])
    assert Swipe.objects.likes().count() == 2
    assert Match.objects.count() == 0


def test_the_same_like_sixteen_times_at_once_is_one_row_and_one_line():
    one, other = people(2)
    outcomes = at_once([[lambda: like(one, other)] * THREADS])
    assert Counter(outcome.stored for outcome in outcomes) == {True: 1, False: THREADS - 1}
    assert Swipe.objects.count() == 1
    assert Notification.objects.filter(user=other).count() == 1


def test_sixteen_likes_of_one_room_at_once_open_one_chat():
    host, seeker = person(), person()
    place = room(host)
    outcomes = at_once([[lambda: like(seeker, place)] * THREADS])
    assert len({outcome.conversation.pk for outcome in outcomes}) == 1
    assert Conversation.objects.count() == 1
    assert Notification.objects.filter(user=host, type="enquiry").count() == 1


@pytest.mark.parametrize("_round", range(8))
def test_parting_twice_then_a_like_and_its_undo_at_once_leave_one_story(_round):
    one, other = person(), person()
    match = match_of(one, other)
    at_once([[lambda: unmatch(match=match, by=one), lambda: unmatch(match=match, by=other)]])
    at_once([[lambda: like(one, other), lambda: undo_swipe(by=one)]])
    match.refresh_from_db()
    assert not match.is_active
    assert match.conversation.is_open is False


def test_the_sixth_super_like_does_not_slip_in_at_once():
    by, targets = person(), [person() for _ in range(8)]
    outcomes = at_once(
        [[lambda target=target: like(by, target, "super_like") for target in targets]]
    )
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {
        "Swiped": 5,
        "RateLimited": 3,
    }
    assert Swipe.objects.filter(action="super_like").count() == 5


def test_ten_votes_at_once_are_ten():
    place, voters = room(person()), people(10)
    at_once(
        [[lambda by=by: vote_tag(by=by, listing=place, tag="quiet", vote="up") for by in voters]]
    )
    assert SocietyTagVote.objects.count() == 10
    assert tags_of(place, reader=None).get()["upvotes"] == 10


def test_both_closing_at_once_tell_once(monkeypatch):
    closed = []
    one, other = person(), person()
    match = match_of(one, other)
    matches.match_closed.connect(
        lambda **call: closed.append(call["match"]), weak=False, dispatch_uid="t"
    )
    try:
        at_once([[lambda: unmatch(match=match, by=one), lambda: unmatch(match=match, by=other)]])
    finally:
        matches.match_closed.disconnect(dispatch_uid="t")
    assert closed == [match]
