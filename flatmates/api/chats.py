"""The routes of conversations, their messages and the questions of a match."""

from functools import partial

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from flatmates.models import Match, Participant
from flatmates.policies.chats import match_of
from flatmates.rules.qna import ICEBREAKERS
from flatmates.serializers.chats import (
    AnswersInput,
    ArchiveInput,
    ChatMessageInput,
    ConversationFilters,
    ConversationSerializer,
    MessageSerializer,
    QnaSerializer,
    ReadInput,
    conversation_answer,
    conversation_answers,
    message_answer,
    message_answers,
    qna_answer,
)
from flatmates.services import conversations, messages, qna
from ghar.api import limits
from ghar.api.permissions import IsSignedIn
from ghar.api.routers import Router
from ghar.api.schema import PAGE
from ghar.api.viewsets import ViewSet
from ghar.errors import NotFound
from ghar.lib.ids import UUID_PATTERN


@extend_schema_view(list=extend_schema(parameters=[ConversationFilters, *PAGE]))
class ConversationViewSet(ViewSet):
    """The caller's conversations; anybody else's do not exist."""

    queryset = Participant.objects.none()
    serializer_class = ConversationSerializer
    permission_classes = [IsSignedIn]
    lookup_value_regex = UUID_PATTERN

    def list(self, request: Request) -> Response:
        aside = self.read_query(ConversationFilters)["archived"]
        seats = Participant.objects.visible_to(self.caller).archived(aside).for_list()
        return self.page(seats, conversation_answers, order=("-active_at", "-id"))

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._show(pk)

    @extend_schema(request=ReadInput, responses=ConversationSerializer)
    @action(detail=True, methods=["post"], url_path="mark-read")
    def mark_read(self, request: Request, pk: str) -> Response:
        conversation = self._seat(pk).conversation
        conversations.mark_read(conversation=conversation, by=self.caller, **self.read(ReadInput))
        return self._show(pk)

    @extend_schema(request=ArchiveInput, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        conversation = self._seat(pk).conversation
        conversations.set_archived(
            conversation=conversation, by=self.caller, **self.read(ArchiveInput)
        )
        return self._show(pk)

    @extend_schema(methods=["get"], parameters=PAGE, responses=MessageSerializer(many=True))
    @extend_schema(methods=["post"], request=ChatMessageInput, responses={201: MessageSerializer})
    @action(detail=True, methods=["get", "post"])
    def messages(self, request: Request, pk: str) -> Response:
        conversation = self._seat(pk).conversation
        if request.method == "GET":
            rows = conversation.messages.select_related("attachment")
            return self.page(rows, partial(message_answers, reader=self.caller), order=("-number",))
        limits.hit("messages", self.caller.event_channel)
        message, is_new = messages.send_message(
            conversation=conversation, by=self.caller, **self.read(ChatMessageInput)
        )
        answer = message_answer(message, reader=self.caller)
        return Response(answer, status=201 if is_new else 200)

    @extend_schema(methods=["get"], responses=QnaSerializer)
    @extend_schema(methods=["post"], request=AnswersInput, responses=QnaSerializer)
    @action(detail=True, methods=["get", "post"])
    def qna(self, request: Request, pk: str) -> Response:
        match = self._match(pk)
        if request.method == "GET":
            answers = qna.answers_of(match=match, reader_id=self.caller.pk)
        else:
            given = self.read(AnswersInput)["answers"]
            answers = qna.answer_questions(match=match, answers=given, by=self.caller)
        return Response(qna_answer(answers, ICEBREAKERS))

    def _seat(self, pk: str) -> Participant:
        mine = Participant.objects.visible_to(self.caller).select_related("conversation")
        return self.get_one(mine, pk, column="conversation")

    def _match(self, pk: str) -> Match:
        match = match_of(self._seat(pk).conversation)
        if match is None:
            raise NotFound
        return match

    def _show(self, pk: str) -> Response:
        mine = Participant.objects.visible_to(self.caller).for_list()
        return Response(conversation_answer(self.get_one(mine, pk, column="conversation")))


router = Router()
router.register("flatmates/conversations", ConversationViewSet, basename="conversation")
