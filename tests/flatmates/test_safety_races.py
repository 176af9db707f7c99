"""A block beside what the other is about to do. GHAR_RACE_ROUNDS=50 runs the acceptance number."""

import pytest

from flatmates.models import Conversation, Match, Message, Swipe
from flatmates.services.messages import send_message
from ghar.errors import Conflict
from ghar.lib import clock
from moderation.models import Block
from moderation.services.blocks import block_person
from tests.flatmates.people import like, match_of, person
from tests.moderation.test_races import ROUNDS, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def writing(chat, by, number):
    """The message with the moment at which it was certain, or the refusal."""

    def write():
        try:
            sent, _ = send_message(conversation=chat, by=by, body=f"Message {number}")
        except Conflict as refused:
            return refused.code
        return sent

    return write


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_after_a_block_no_message_is_stored(round_):
    asha, mira = person(), person()
    chat = match_of(asha, mira).conversation
    calls = [writing(chat, (asha, mira)[n % 2], n) for n in range(6)]
    answers = at_once(lambda: block_person(target=mira, by=asha), *calls)
    stored = {answer for answer in answers[1:] if isinstance(answer, Message)}
    refused = [answer for answer in answers[1:] if not isinstance(answer, Message)]
    assert set(refused) <= {"CONVERSATION_CLOSED"}
    assert set(Message.objects.all()) == stored
    chat.refresh_from_db()
    assert (chat.status, chat.message_count) == ("blocked", len(stored))
    assert writing(chat, mira, 99)() == "CONVERSATION_CLOSED"


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_block_beside_the_second_like_leaves_no_open_match(round_):
    asha, mira = person(), person()
    like(asha, mira)
    at_once(lambda: block_person(target=mira, by=asha), lambda: like(mira, asha))
    assert not Match.objects.active().exists()
    assert not Conversation.objects.filter(status="active").exists()
    assert not Swipe.objects.filter(spent_at=None).exists()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_who_block_each_other_at_once_both_have_their_block(round_):
    asha, mira = person(), person()
    match_of(asha, mira)
    answers = at_once(
        lambda: block_person(target=mira, by=asha), lambda: block_person(target=asha, by=mira)
    )
    assert [type(answer) for answer in answers] == [Block, Block]
    assert Match.objects.get().status == "blocked"
    assert Match.objects.get().closed_at <= clock.now()
