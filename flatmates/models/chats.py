"""What two people write to each other."""

from typing import Any, Self
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from flatmates.models.swipes import Match, context_key
from flatmates.states import ARCHIVED, ConversationSource, ConversationStatus, MessageType
from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.lib.pairs import canonical
from ghar.properties.models import Upload
from moderation.models import Block
from moderation.models.fields import person_key

PREVIEW_LENGTH = 120


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def between(self, one: uuid.UUID, other: uuid.UUID) -> Self:
        first, second = canonical(one, other)
        return self.filter(first=first, second=second)


class Conversation(models.Model):
    """The one conversation of two people, small id first. Empty where an account is gone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = person_key("+", on_delete=models.SET_NULL, null=True, db_index=False)
    second = person_key("+", on_delete=models.SET_NULL, null=True)
    source = models.CharField(max_length=20, choices=ConversationSource.choices)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ConversationStatus.choices,
        default=ConversationStatus.ACTIVE,
    )
    context_listing = context_key()
    # Who asked; empty for a match.
    opened_by = person_key("+", on_delete=models.SET_NULL, null=True, db_index=False)
    # An enquiry is open for one message until its host answers or likes back.
    accepted_at = models.DateTimeField(null=True, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    last_message_preview = models.CharField(max_length=PREVIEW_LENGTH, blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        db_table = "flatmate_conversations"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="conversation_once_a_pair"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="conversation_pair_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("flatmates:chat", kwargs={"pk": self.pk})

    @property
    def is_open(self) -> bool:
        return self.status == ConversationStatus.ACTIVE

    @property
    def told_status(self) -> str:
        """As its people hear and read it: who was blocked learns no more than that it is closed."""
        is_blocked = self.status == ConversationStatus.BLOCKED
        return ConversationStatus.CLOSED if is_blocked else self.status

    @property
    def shown_preview(self) -> Any:
        """The last message in a line; a picture without words is named in the reader's language."""
        return self.last_message_preview or (_("A picture") if self.message_count else "")

    @property
    def has_lost_somebody(self) -> bool:
        """Whether one of the two accounts is gone."""
        return self.first_id is None or self.second_id is None

    @property
    def is_accepted(self) -> bool:
        return self.accepted_at is not None

    def peer_of(self, user: User) -> User | None:
        """Nobody where the other account is gone."""
        return self.second if self.first_id == user.pk else self.first


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def visible_to(self, user: User) -> Self:
        """One's own sides, but for conversations with somebody from whom a block parts."""
        return self.of(user).filter(~Block.objects.hide(user.pk, outer="peer_id"))

    def archived(self, is_archived: bool) -> Self:
        return self.filter(archived_at__isnull=not is_archived)

    def for_list(self) -> Self:
        """With all that an answer says, in three statements for any number of rows."""
        return self.select_related(
            "conversation__context_listing__owner", "conversation__match", "peer"
        ).prefetch_related("conversation__participants", "conversation__match__answers")


class Participant(models.Model):
    """One side of a conversation: what its list shows, and how far this person has read.

    Members alone read a conversation; staff see a frozen excerpt with a report.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="participants")
    user = person_key("conversations", db_index=False)
    peer = person_key("+", on_delete=models.SET_NULL, null=True, db_index=False)
    # The last message, or the beginning: the order of the list.
    active_at = models.DateTimeField(default=clock.now)
    unread_count = models.PositiveIntegerField(default=0)
    # The high-water mark: messages up to this number are read.
    read_number = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        db_table = "flatmate_participants"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="participant_once")
        ]
        indexes = [
            models.Index(fields=["user", "-active_at", "-id"], name="participant_list"),
            models.Index(
                fields=["user"], condition=Q(unread_count__gt=0), name="participant_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"

    @property
    def peer_read_number(self) -> int:
        """How far the other side has read."""
        seats = self.conversation.participants.all()
        return next((seat.read_number for seat in seats if seat.pk != self.pk), 0)

    @property
    def shown_status(self) -> str:
        """As this side reads it: "archived" where it was put aside."""
        is_aside = self.archived_at is not None and self.conversation.is_open
        return ARCHIVED if is_aside else self.conversation.told_status


class Message(models.Model):
    """One thing said. `number` counts from 1 in each conversation, without gaps."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, db_index=False, related_name="messages"
    )
    # Nobody where the account is gone, and for what the site itself says.
    sender = person_key("messages", on_delete=models.SET_NULL, null=True, blank=True)
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=15, choices=MessageType.choices, default=MessageType.TEXT)
    body = models.TextField(max_length=4000, blank=True)
    attachment = models.ForeignKey(
        Upload, models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    # link, phone, payment: the reader gets a note of care.
    safety_flags = ArrayField(models.CharField(max_length=10), default=list)
    # A retry of the sender's app carries the same.
    client_msg_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "flatmate_messages"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="message_numbered"),
            models.UniqueConstraint(
                fields=["conversation", "sender", "client_msg_id"],
                condition=~Q(client_msg_id=""),
                name="message_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.number}"


class QnaAnswer(models.Model):
    """One answer to one of the three questions of a match; shown when both have answered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    match = models.ForeignKey(Match, models.CASCADE, db_index=False, related_name="answers")
    user = person_key("+")
    question = models.CharField(max_length=40)
    answer = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "flatmate_qna_answers"
        constraints = [
            models.UniqueConstraint(fields=["match", "user", "question"], name="qna_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.match_id} {self.question}"
