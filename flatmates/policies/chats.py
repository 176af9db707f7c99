"""May these two write to each other now?"""

from collections.abc import Collection
import uuid

from django.utils.translation import gettext_lazy as _

from flatmates.models import Conversation, Match
from flatmates.states import CONVERSATION_TRANSITIONS
from ghar.errors import Conflict, Invalid, InvalidTransition, is_allowed
from ghar.lib.transitions import Transition


def check_can_send(conversation: Conversation, by_id: uuid.UUID) -> None:
    """An open conversation; an enquiry takes one message until its host answers."""
    if not conversation.is_open or conversation.has_lost_somebody:
        raise Conflict(
            _("This conversation is closed. Nothing more can be sent."), code="CONVERSATION_CLOSED"
        )
    if waits_for_host(conversation, by_id) and conversation.message_count:
        raise Conflict(
            _("Your message is there. You can write again once they have answered."),
            code="AWAITING_ANSWER",
        )


def can_send(conversation: Conversation, by_id: uuid.UUID) -> bool:
    return is_allowed(check_can_send, conversation, by_id)


def waits_for_host(conversation: Conversation, by_id: uuid.UUID) -> bool:
    """Whether the reader asked, and the other side has not taken it up yet."""
    return not conversation.is_accepted and conversation.opened_by_id == by_id


def accepts_by_answering(conversation: Conversation, by_id: uuid.UUID) -> bool:
    return not conversation.is_accepted and conversation.opened_by_id != by_id


def match_of(conversation: Conversation) -> Match | None:
    """The match that the conversation belongs to, over or not; an enquiry has none."""
    return getattr(conversation, "match", None)


def check_can_answer(match: Match) -> None:
    """Questions are asked between people who are matched."""
    if not match.is_active:
        raise Conflict(_("You are not matched any more."), code="NO_ACTIVE_MATCH")


def check_answers(answers: dict[str, str], asked: Collection[str]) -> None:
    if unknown := sorted(set(answers) - set(asked)):
        raise Invalid.field(
            "answers", _("This is not one of your three questions: %s") % ", ".join(unknown)
        )


def check_step(conversation: Conversation, verb: str) -> Transition:
    step = CONVERSATION_TRANSITIONS.find(verb, conversation.status)
    if step is None:
        raise InvalidTransition(details={"allowed": []})
    return step
