"""Any order of swipes, blocks and partings keeps what must always be true of two people."""

import datetime as dt
from itertools import permutations

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
import pytest
import time_machine

from flatmates.models import Conversation, Match, Swipe
from flatmates.services.matches import close_between, unmatch
from flatmates.services.messages import send_message
from flatmates.services.swipes import undo_swipe
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.pairs import lock_pair
from ghar.realtime.models import Event
from moderation.models import Block
from tests.flatmates.people import like, person, room

PEOPLE = 3
START = dt.datetime(2027, 5, 3, 6, tzinfo=dt.UTC)
who = st.sampled_from(list(permutations(range(PEOPLE), 2)))
actions = st.sampled_from(["pass", "like", "like", "super_like"])


class TwoPeople(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.traveller = time_machine.travel(START, tick=False)
        self.time = self.traveller.start()
        self.cast = [person() for _ in range(PEOPLE)]
        self.rooms = [room(user) for user in self.cast]
        # Who likes whom since they last parted, in the words of the rules and not of the tables.
        self.fresh: set[tuple[int, int]] = set()
        self.matched: set[frozenset[int]] = set()
        self.matches_told = 0

    def teardown(self):
        self.traveller.stop()
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # --- steps ------------------------------------------------------------------------------------
    @rule(pair=who, action=actions)
    def swipe(self, pair, action):
        answer = self._try(like, self.cast[pair[0]], self.cast[pair[1]], action)
        if answer is None or not answer.stored:
            return
        (self.fresh.discard if action == "pass" else self.fresh.add)(pair)
        both = action != "pass" and pair[::-1] in self.fresh
        assert answer.did_match is both
        if both:
            self.matched.add(frozenset(pair))
            self.matches_told += 1

    @rule(pair=who, action=actions)
    def swipe_room(self, pair, action):
        answer = self._try(like, self.cast[pair[0]], self.rooms[pair[1]], action)
        assert answer is None or not answer.did_match

    @rule(pair=who)
    def write(self, pair):
        chat = self._chat(pair)
        if chat is not None:
            self._try(send_message, conversation=chat, by=self.cast[pair[0]], body="Hello there")

    @rule(pair=who)
    def part(self, pair):
        match = self._match(pair)
        is_parted = match is not None and self._try(unmatch, match=match, by=self.cast[pair[0]])
        if is_parted and frozenset(pair) in self.matched:
            self._forget(pair)

    @rule(pair=who)
    def block(self, pair):
        one, other = (self.cast[n] for n in pair)
        lock_pair(one.pk, other.pk)
        Block.objects.get_or_create(blocker=one, blocked=other)
        close_between(one=one, other=other, verb="block", by=one, now=clock.now())
        self._forget(pair)

    @rule(pair=who)
    def unblock(self, pair):
        Block.objects.filter(blocker=self.cast[pair[0]], blocked=self.cast[pair[1]]).delete()

    @rule(one=st.integers(0, PEOPLE - 1))
    def undo(self, one):
        taken = self._try(undo_swipe, by=self.cast[one])
        if taken is not None and taken.target_user_id:
            self.fresh.discard((one, self.cast.index(taken.target_user)))

    @rule(minutes=st.sampled_from([1, 11, 60 * 25]))
    def let_time_pass(self, minutes):
        self.time.shift(dt.timedelta(minutes=minutes))

    def _forget(self, pair):
        self.fresh -= {pair, pair[::-1]}
        self.matched.discard(frozenset(pair))

    def _try(self, verb, *args, **call):
        """A refusal writes nothing."""
        self.time.shift(dt.timedelta(seconds=1))
        before = self._rows()
        try:
            return verb(*args, **call)
        except DomainError:
            assert self._rows() == before
            return None

    def _rows(self):
        return [
            list(Swipe.objects.order_by("id").values_list("id", "action", "spent_at", "swiped_at")),
            list(Match.objects.order_by("id").values_list("id", "status")),
            list(Conversation.objects.order_by("id").values_list("id", "status", "accepted_at")),
            Event.objects.count(),
        ]

    def _chat(self, pair):
        return Conversation.objects.between(*(self.cast[n].pk for n in pair)).first()

    def _match(self, pair):
        return Match.objects.between(*(self.cast[n].pk for n in pair)).first()

    # --- what must always be true -----------------------------------------------------------------
    @invariant()
    def matches_are_exactly_the_pairs_of_fresh_likes(self):
        found = {
            frozenset(self.cast.index(user) for user in (match.first, match.second))
            for match in Match.objects.active().select_related("first", "second")
        }
        assert found == self.matched

    @invariant()
    def a_fresh_like_is_a_row_and_nothing_else_is(self):
        place = {user.pk: number for number, user in enumerate(self.cast)}
        rows = Swipe.objects.likes().filter(listing=None).values_list("user_id", "target_user_id")
        assert {(place[one], place[other]) for one, other in rows} == self.fresh

    @invariant()
    def a_chat_is_open_only_with_consent(self):
        for chat in Conversation.objects.all():
            match = Match.objects.between(chat.first_id, chat.second_id).first()
            is_matched = match is not None and match.is_active
            if is_matched:
                assert (chat.is_open, chat.is_accepted, match.conversation_id) == (
                    True,
                    True,
                    chat.pk,
                )
            elif match is not None:
                assert not chat.is_open
            if Block.objects.between(chat.first_id, chat.second_id).exists():
                assert not chat.is_open

    @invariant()
    def each_match_was_told_once_to_each(self):
        told = Event.objects.filter(type="new_match")
        # All steps of an example share one transaction, and so one cause: count the distinct ones.
        assert told.count() == 2 * Match.objects.count()

    @invariant()
    def one_chat_a_pair(self):
        pairs = list(Conversation.objects.values_list("first_id", "second_id"))
        assert len(pairs) == len(set(pairs)) <= PEOPLE


@pytest.mark.long
@pytest.mark.django_db
def test_swipes_in_any_order_of_steps():
    run_state_machine_as_test(
        TwoPeople,
        settings=settings(
            max_examples=20,
            stateful_step_count=100,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
