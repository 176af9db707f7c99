"""Three questions between two who are matched. Each sees the other's answers once both have given theirs."""

from dataclasses import dataclass
import datetime as dt
import uuid

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from flatmates.models import Match, QnaAnswer
from flatmates.policies import chats as policies
from flatmates.rules.qna import questions_for
from flatmates.services.conversations import emit_updated, thread_of
from ghar.accounts.models import User
from ghar.errors import Conflict
from ghar.lib import clock
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify


@dataclass(frozen=True)
class Answers:
    """`theirs` is empty until both have answered all; keys of questions lead to words."""

    questions: list[str]
    mine: dict[str, str]
    theirs: dict[str, str]
    has_peer_answered: bool

    @property
    def has_answered(self) -> bool:
        return set(self.mine) == set(self.questions)

    @property
    def is_revealed(self) -> bool:
        return self.has_answered and self.has_peer_answered


def answers_of(*, match: Match, reader_id: uuid.UUID) -> Answers:
    questions = questions_for(match.pk)
    given: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for row in match.answers.all():
        if row.question in questions:
            given[row.user_id == reader_id][row.question] = row.answer
    mine, theirs = given[True], given[False]
    both = set(mine) == set(theirs) == set(questions)
    return Answers(questions, mine, theirs if both else {}, set(theirs) == set(questions))


@transaction.atomic
def answer_questions(*, match: Match, answers: dict[str, str], by: User) -> Answers:
    """Give or change one's answers, until both have given all; then they stand.

    Raises Conflict (NO_ACTIVE_MATCH, ANSWERS_STAND) or Invalid.
    """
    now = clock.now()
    match = Match.objects.select_for_update(of=("self",)).get(pk=match.pk)
    policies.check_can_answer(match)
    before = answers_of(match=match, reader_id=by.pk)
    policies.check_answers(answers, before.questions)
    if before.is_revealed:
        raise Conflict(_("Both of you have answered: the answers stand."), code="ANSWERS_STAND")
    QnaAnswer.objects.bulk_create(
        [
            QnaAnswer(match=match, user=by, question=question, answer=answer, created_at=now)
            for question, answer in answers.items()
        ],
        update_conflicts=True,
        unique_fields=["match", "user", "question"],
        update_fields=["answer"],
    )
    after = answers_of(match=match, reader_id=by.pk)
    _tell(match, before, after, by=by, now=now)
    return after


def _tell(match: Match, before: Answers, after: Answers, *, by: User, now: dt.datetime) -> None:
    conversation = match.conversation
    if conversation is None or after.has_answered == before.has_answered:
        return
    peer = match.peer_of(by)
    emit_updated(conversation, by, peer)
    news = _("Open the chat to read both answers.")
    notify(
        Line(
            to=peer,
            type=NotificationType.NEW_MESSAGE,
            title=format_lazy(_("{name} answered the three questions"), name=by.public_name),
            body=news if after.is_revealed else _("Answer yours, and you both see each other's."),
            route=conversation.get_absolute_url(),
            thread=thread_of(conversation),
        ),
        now=now,
        purpose=Purpose.MESSAGES,
    )
