"""What the API reads and answers about conversations. Peers are a name and a picture, never more."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from flatmates.models import Message, Participant
from flatmates.policies.chats import can_send, match_of
from flatmates.services.qna import Answers, answers_of
from flatmates.states import ARCHIVED, ConversationSource, ConversationStatus, MessageType
from ghar.accounts.models import User
from ghar.api.serializers import StrictSerializer
from ghar.properties.models import Property

STATUSES = [*ConversationStatus.values, ARCHIVED]


# --- Bodies -----------------------------------------------------------------------------------------
class ChatMessageInput(StrictSerializer):
    body = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    attachment_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    message_type = serializers.ChoiceField(
        [MessageType.TEXT.value, MessageType.IMAGE.value], required=False
    )
    client_msg_id = serializers.CharField(max_length=64, required=False, default="")

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        """The server derives the type; one that contradicts the rest is refused."""
        wants_picture = body.pop("message_type", "") == MessageType.IMAGE
        if wants_picture and not body["attachment_id"]:
            raise serializers.ValidationError({"attachment_id": [_("Which picture?")]})
        return body


class ReadInput(StrictSerializer):
    up_to = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="The number of a message."
    )


class ArchiveInput(StrictSerializer):
    is_archived = serializers.BooleanField()


class AnswerInput(StrictSerializer):
    question = serializers.CharField(max_length=40)
    answer = serializers.CharField(max_length=500)


class AnswersInput(StrictSerializer):
    answers = AnswerInput(many=True, allow_empty=False, max_length=3)  # type: ignore[call-arg]

    def validate_answers(self, rows: list[dict[str, str]]) -> dict[str, str]:
        return {row["question"]: row["answer"] for row in rows}


class ConversationFilters(serializers.Serializer):
    archived = serializers.BooleanField(required=False, default=False)


# --- Answers ----------------------------------------------------------------------------------------
class PeerNameSerializer(serializers.Serializer):
    id = serializers.UUIDField(allow_null=True, help_text="Empty where the account is gone.")
    full_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)


class ContextPropertySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    cover_url = serializers.CharField(allow_null=True)


class QnaStateSerializer(serializers.Serializer):
    has_answered = serializers.BooleanField()
    has_peer_answered = serializers.BooleanField()
    is_revealed = serializers.BooleanField()


class ConversationSerializer(serializers.Serializer):
    """A conversation as one side reads it; `conversation_answer` writes it."""

    id = serializers.UUIDField()
    source = serializers.ChoiceField(ConversationSource.choices)  # type: ignore[assignment]
    status = serializers.ChoiceField(STATUSES)
    peer = PeerNameSerializer()
    context_property = ContextPropertySerializer(allow_null=True)
    match_id = serializers.UUIDField(allow_null=True)
    last_message_preview = serializers.CharField()
    last_message_at = serializers.DateTimeField(allow_null=True)
    unread_count = serializers.IntegerField()
    read_number = serializers.IntegerField(help_text="Up to which message the caller has read.")
    peer_read_number = serializers.IntegerField()
    can_send = serializers.BooleanField()
    qna = QnaStateSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class AttachmentSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class MessageSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    sender_id = serializers.UUIDField(allow_null=True)
    is_mine = serializers.BooleanField()
    message_type = serializers.ChoiceField(MessageType.choices)
    body = serializers.CharField()
    attachment = AttachmentSerializer(allow_null=True)
    safety_note = serializers.CharField(help_text="A word of care for the reader; mostly empty.")
    client_msg_id = serializers.CharField()
    created_at = serializers.DateTimeField()


class QnaQuestionSerializer(serializers.Serializer):
    question = serializers.CharField()
    text = serializers.CharField()
    mine = serializers.CharField()
    theirs = serializers.CharField(help_text="Empty until both have answered all three.")


class QnaSerializer(QnaStateSerializer):
    items = QnaQuestionSerializer(many=True)


def peer_name(peer: User | None) -> dict[str, Any]:
    if peer is None or not peer.is_active or peer.is_suspended:
        return {"id": None, "full_name": _("Somebody who has left"), "avatar_url": None}
    return {"id": peer.pk, "full_name": peer.public_name, "avatar_url": peer.avatar_url}


def context_property(listing: Property | None) -> dict[str, Any] | None:
    """By its title; the way to it and its picture only while everybody may see it."""
    if listing is None:
        return None
    url = listing.get_absolute_url() if listing.is_live else None
    cover = listing.cover_url if listing.is_live else None
    return {"id": listing.pk, "title": listing.title, "url": url, "cover_url": cover}


def conversation_answer(mine: Participant) -> dict[str, Any]:
    conversation = mine.conversation
    match = match_of(conversation)
    return {
        "id": conversation.pk,
        "source": conversation.source,
        "status": mine.shown_status,
        "peer": peer_name(mine.peer),
        "context_property": context_property(conversation.context_listing),
        "match_id": match.pk if match else None,
        "last_message_preview": str(conversation.shown_preview),
        "last_message_at": conversation.last_message_at,
        "unread_count": mine.unread_count,
        "read_number": mine.read_number,
        "peer_read_number": mine.peer_read_number,
        "can_send": can_send(conversation, mine.user_id),
        "qna": _state(answers_of(match=match, reader_id=mine.user_id)) if match else None,
        "created_at": conversation.created_at,
    }


def conversation_answers(seats: list[Participant]) -> list[dict[str, Any]]:
    return [conversation_answer(seat) for seat in seats]


def qna_answer(answers: Answers, words: dict[str, Any]) -> dict[str, Any]:
    """`words` are the texts of the questions in the reader's language."""
    items = [
        {
            "question": question,
            "text": str(words[question]),
            "mine": answers.mine.get(question, ""),
            "theirs": answers.theirs.get(question, ""),
        }
        for question in answers.questions
    ]
    return _state(answers) | {"items": items}


def message_answers(messages: list[Message], *, reader: User) -> list[dict[str, Any]]:
    return [message_answer(message, reader=reader) for message in messages]


def message_answer(message: Message, *, reader: User) -> dict[str, Any]:
    is_mine = message.sender_id == reader.pk
    return {
        "id": message.pk,
        "number": message.number,
        "sender_id": message.sender_id,
        "is_mine": is_mine,
        "message_type": message.type,
        "body": message.body,
        "attachment": _attachment(message),
        "safety_note": "" if is_mine else safety_note(message),
        "client_msg_id": message.client_msg_id if is_mine else "",
        "created_at": message.created_at,
    }


def safety_note(message: Message) -> str:
    """The gravest word of care that the message calls for."""
    notes = {
        "payment": _("Never pay before you have seen the place. We never ask for a deposit."),
        "phone": _("Take your time before you leave this chat: here we can help if it goes wrong."),
        "link": _("Open links only from people you trust, and never sign in behind one."),
    }
    return next((note for flag, note in notes.items() if flag in message.safety_flags), "")


def _attachment(message: Message) -> dict[str, Any] | None:
    picture = message.attachment
    if picture is None:
        return None
    url = f"/chats/{message.conversation_id}/pictures/{picture.pk}/medium.jpg"
    return {"id": picture.pk, "url": url, "width": picture.width, "height": picture.height}


def _state(answers: Answers) -> dict[str, bool]:
    names = ("has_answered", "has_peer_answered", "is_revealed")
    return {name: getattr(answers, name) for name in names}
