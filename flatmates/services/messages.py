"""What people write to each other."""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils.text import Truncator, format_lazy
from django.utils.translation import gettext_lazy as _

from flatmates.models import Conversation, Message
from flatmates.models.chats import PREVIEW_LENGTH
from flatmates.policies import chats as policies
from flatmates.services.conversations import lock_conversation, thread_of
from flatmates.states import MessageType
from ghar.accounts.models import User
from ghar.errors import Conflict, Invalid
from ghar.lib import clock
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.properties.models import Upload
from ghar.properties.states import UploadPurpose
from ghar.realtime.models import EventType
from ghar.realtime.services import emit
from moderation.rules.safety import safety_flags
from moderation.services.wording import check_wording


@transaction.atomic
def send_message(
    *,
    conversation: Conversation,
    by: User,
    body: str = "",
    attachment_id: uuid.UUID | None = None,
    client_msg_id: str = "",
) -> tuple[Message, bool]:
    """Say something; the message, and whether it is new.

    A retry with the same `client_msg_id` is the first row again. Raises Invalid, or Conflict
    (CONVERSATION_CLOSED, AWAITING_ANSWER, MEDIA_PROCESSING, CLIENT_MSG_ID_REUSED).
    """
    now = clock.now()
    conversation = lock_conversation(conversation.pk)
    body = body.strip()
    if first := _first_try(conversation, by, client_msg_id):
        _check_same(first, body, attachment_id)
        return first, False
    policies.check_can_send(conversation, by.pk)
    _check_says_something(conversation, body, attachment_id)
    message = Message.objects.create(
        conversation=conversation,
        sender=by,
        number=conversation.message_count + 1,
        type=MessageType.IMAGE if attachment_id else MessageType.TEXT,
        body=body,
        attachment=_own_picture(attachment_id, by) if attachment_id else None,
        safety_flags=list(safety_flags(body)),
        client_msg_id=client_msg_id,
        created_at=now,
    )
    _move_to_top(conversation, message, by=by, now=now)
    _tell(conversation, message, by=by, now=now)
    return message, True


def _first_try(conversation: Conversation, by: User, client_msg_id: str) -> Message | None:
    if not client_msg_id:
        return None
    return conversation.messages.filter(sender=by, client_msg_id=client_msg_id).first()


def _check_same(first: Message, body: str, attachment_id: uuid.UUID | None) -> None:
    if (first.body, first.attachment_id) != (body, attachment_id):
        raise Conflict(
            _("Another message was sent with this client_msg_id."), code="CLIENT_MSG_ID_REUSED"
        )


def _check_says_something(
    conversation: Conversation, body: str, attachment_id: uuid.UUID | None
) -> None:
    if not body and not attachment_id:
        raise Invalid.field("body", _("Please write something."))
    # The first words to a stranger pass the rules of public text.
    if not conversation.message_count and check_wording(body).is_severe:
        raise Invalid.field("body", _("Please put this differently: it breaks our rules."))


def _own_picture(attachment_id: uuid.UUID, by: User) -> Upload:
    own = Upload.objects.filter(owner=by, purpose=UploadPurpose.MESSAGE)
    upload = own.filter(pk=attachment_id).first()
    if upload is None:
        raise Invalid.field("attachment_id", _("This picture is not among yours."))
    if upload.is_processing:
        raise Conflict(_("The picture is still being prepared."), code="MEDIA_PROCESSING")
    if not upload.is_ready:
        raise Invalid.field("attachment_id", _("This picture could not be read."))
    return upload


def _move_to_top(
    conversation: Conversation, message: Message, *, by: User, now: dt.datetime
) -> None:
    if policies.accepts_by_answering(conversation, by.pk):
        conversation.accepted_at = now
    conversation.message_count = message.number
    conversation.last_message_at = now
    conversation.last_message_preview = preview_of(message)
    conversation.save()
    conversation.participants.update(
        active_at=now,
        archived_at=None,
        unread_count=F("unread_count") + Case(When(user=by, then=Value(0)), default=Value(1)),
    )


def preview_of(message: Message) -> str:
    """Its words in one line; a picture has none, and is named where somebody reads of it."""
    return Truncator(" ".join(message.body.split())).chars(PREVIEW_LENGTH)


def _tell(conversation: Conversation, message: Message, *, by: User, now: dt.datetime) -> None:
    peer = conversation.peer_of(by)
    assert peer is not None  # noqa: S101 -- check_can_send
    route = conversation.get_absolute_url()
    emit(
        to=[by, peer],
        type=EventType.NEW_MESSAGE,
        object_type="message",
        object_id=message.pk,
        status=message.type,
        route=route,
    )
    notify(
        Line(
            to=peer,
            type=NotificationType.NEW_MESSAGE,
            title=format_lazy(_("{name} wrote to you"), name=by.public_name),
            body=conversation.shown_preview,
            route=route,
            thread=thread_of(conversation),
        ),
        now=now,
        purpose=Purpose.MESSAGES,
    )
