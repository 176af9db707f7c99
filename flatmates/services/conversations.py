"""The one conversation of two people: opened by a match or an enquiry, closed by either side."""

import datetime as dt
import uuid

from django.db import transaction

from flatmates.models import Conversation, Participant
from flatmates.policies import chats as policies
from flatmates.states import ConversationSource
from ghar.accounts.models import User
from ghar.errors import NotFound
from ghar.lib import clock
from ghar.lib.pairs import canonical
from ghar.notifications.services.lines import mark_thread_read
from ghar.properties.models import Property
from ghar.realtime.models import EventType
from ghar.realtime.services import emit


def open_conversation(
    *,
    one: User,
    other: User,
    source: ConversationSource,
    context_listing: Property | None,
    opened_by: User | None,
    now: dt.datetime,
) -> Conversation:
    """The conversation of the pair, whose lock the caller holds.

    A match (`opened_by` is None) accepts it and opens it again; an enquiry leaves closed what the
    other side has closed.
    """
    first, second = canonical(one.pk, other.pk)
    conversation = Conversation.objects.between(one.pk, other.pk).select_for_update().first()
    if conversation is None:
        conversation = Conversation.objects.create(
            first_id=first,
            second_id=second,
            source=source,
            context_listing=context_listing,
            opened_by=opened_by,
            accepted_at=None if opened_by else now,
            created_at=now,
        )
        _seat(conversation, one, other, now)
    elif opened_by is None:
        _join_again(conversation, now)
    conversation.context_listing = context_listing or conversation.context_listing
    conversation.save()
    emit_updated(conversation, one, other)
    return conversation


def accept_enquiry(*, conversation: Conversation, by: User, now: dt.datetime) -> Conversation:
    """Its host answers or likes back. A repeat changes nothing."""
    conversation = lock_conversation(conversation.pk)
    if policies.accepts_by_answering(conversation, by.pk):
        conversation.accepted_at = now
        conversation.save(update_fields=["accepted_at"])
        emit_updated(conversation, conversation.first, conversation.second)
    return conversation


def move_conversation(*, conversation: Conversation, verb: str, now: dt.datetime) -> Conversation:
    """Close or block, for both. The caller holds the pair's lock; a repeat changes nothing."""
    conversation = lock_conversation(conversation.pk)
    target = policies.check_step(conversation, verb).target
    conversation.status = target
    conversation.save(update_fields=["status"])
    people = [person for person in (conversation.first, conversation.second) if person]
    if verb == "block":  # what was written and has not left the site yet stays here
        for person in people:
            mark_thread_read(to=person, thread=thread_of(conversation), now=now)
    emit_updated(conversation, *people)
    return conversation


@transaction.atomic
def mark_read(*, conversation: Conversation, by: User, up_to: int | None = None) -> Participant:
    """Move the reader's high-water mark forward, by default to the newest message."""
    now = clock.now()
    mine = _lock_seat(conversation, by)
    newest = mine.conversation.message_count
    mark = newest if up_to is None else min(up_to, newest)
    if mark <= mine.read_number and not mine.unread_count:
        return mine
    mine.read_number = max(mark, mine.read_number)
    later = mine.conversation.messages.filter(number__gt=mine.read_number)
    mine.unread_count = later.exclude(sender=by).count()
    mine.save(update_fields=["read_number", "unread_count"])
    mark_thread_read(to=by, thread=thread_of(mine.conversation), now=now)
    emit_updated(mine.conversation, by, mine.peer)
    return mine


@transaction.atomic
def set_archived(*, conversation: Conversation, by: User, is_archived: bool) -> Participant:
    """Put it aside, or back; the next message brings it back by itself."""
    mine = _lock_seat(conversation, by)
    mine.archived_at = clock.now() if is_archived else None
    mine.save(update_fields=["archived_at"])
    return mine


def lock_conversation(pk: uuid.UUID) -> Conversation:
    """The fresh row with both people, locked until commit."""
    rows = Conversation.objects.select_related("first", "second")
    return rows.select_for_update(of=("self",)).get(pk=pk)


def thread_of(conversation: Conversation) -> str:
    """By which its notifications are one until they are read."""
    return f"conversation-{conversation.pk}"


def _seat(conversation: Conversation, one: User, other: User, now: dt.datetime) -> None:
    pairs = ((one, other), (other, one))
    Participant.objects.bulk_create(
        Participant(conversation=conversation, user=user, peer=peer, active_at=now)
        for user, peer in pairs
    )


def _join_again(conversation: Conversation, now: dt.datetime) -> None:
    if not conversation.is_open:
        conversation.status = policies.check_step(conversation, "reopen").target
    conversation.source = ConversationSource.PROFILE_MATCH
    conversation.accepted_at = conversation.accepted_at or now
    conversation.participants.update(active_at=now, archived_at=None)


def _lock_seat(conversation: Conversation, by: User) -> Participant:
    seats = Participant.objects.select_related("conversation", "peer")
    mine = seats.select_for_update(of=("self",)).filter(conversation=conversation, user=by).first()
    if mine is None:
        raise NotFound
    return mine


def emit_updated(conversation: Conversation, *people: User | None) -> None:
    """A hint to these of its people that there is something to fetch."""
    emit(
        to=[person for person in people if person is not None],
        type=EventType.CONVERSATION_UPDATED,
        object_type="conversation",
        object_id=conversation.pk,
        status=conversation.told_status,
        route=conversation.get_absolute_url(),
    )
