"""Many at once, on real transactions: one conversation a pair, one row a message."""

import threading

from django.db import connections
import pytest

from flatmates.models import Conversation, Message, Participant
from flatmates.services.conversations import mark_read
from flatmates.services.messages import send_message
from tests.factories import LiveListingFactory, UserFactory
from tests.flatmates.pairs import enquired, matched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(*calls):
    """Run all calls at the same moment, each on a connection of its own; what they answered."""
    start, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index, call):
        start.wait()
        try:
            answers[index] = call()
        except Exception as error:  # noqa: BLE001 -- the test looks at what was raised
            answers[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_sixty_pairs_opening_at_once_have_sixty_conversations():
    """One asks about a home while the other's like makes a match: both open."""
    for _ in range(60):
        seeker, listing = UserFactory(), LiveListingFactory()
        answers = at_once(
            lambda s=seeker, home=listing: enquired(s, home),
            lambda s=seeker, home=listing: matched(s, home.owner),
        )
        assert [type(answer) for answer in answers] == [Conversation, Conversation]
    assert (Conversation.objects.count(), Participant.objects.count()) == (60, 120)
    assert not Conversation.objects.filter(accepted_at=None).exists()


def test_a_message_sent_eight_times_is_one_row(seeker, outsider):
    chat = matched(seeker, outsider)
    sent = at_once(
        *[
            lambda: send_message(conversation=chat, by=seeker, body="Hi", client_msg_id="a")
            for _ in range(8)
        ]
    )
    assert sorted(is_new for _message, is_new in sent) == [False] * 7 + [True]
    assert Message.objects.count() == 1


def test_messages_of_both_at_once_are_numbered_without_gaps_and_counted(seeker, outsider):
    chat = matched(seeker, outsider)
    calls = [
        lambda who=who: send_message(conversation=chat, by=who, body="Hi")
        for who in (seeker, outsider) * 5
    ]
    at_once(*calls, lambda: mark_read(conversation=chat, by=seeker))
    assert sorted(Message.objects.values_list("number", flat=True)) == list(range(1, 11))
    mine = Participant.objects.get(user=outsider)
    assert mine.unread_count == 5
