"""The pages of conversations."""

from typing import Any, Final
import uuid

from django.contrib import messages as flash
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from flatmates.forms import AnswersForm, MessageForm
from flatmates.models import Message, Participant, Profile
from flatmates.policies import chats as policies
from flatmates.policies.swipes import awaits
from flatmates.rules.qna import ICEBREAKERS, questions_for
from flatmates.serializers.chats import (
    conversation_answers,
    message_answers,
    peer_name,
    qna_answer,
)
from flatmates.services import conversations, qna
from flatmates.services.matches import unmatch
from flatmates.services.messages import send_message
from ghar.accounts.forms import add_refusal
from ghar.api import limits
from ghar.api.errors import with_error_headers
from ghar.api.pages import paginate_page
from ghar.errors import DomainError
from ghar.lib.guards import PageRequest, login_required
from ghar.properties.images import SIZES
from ghar.properties.models import Upload
from ghar.properties.services.media import add_upload
from ghar.properties.states import UploadPurpose
from ghar.properties.views.public import picture_response

SHOWN: Final = 50
STEPS: Final = ("read", "archive", "unarchive", "unmatch", "picture")


@login_required
@require_safe
def index(request: PageRequest) -> HttpResponse:
    """All conversations, the latest first; those put aside on a page of their own."""
    is_archive = "archived" in request.GET
    seats = Participant.objects.visible_to(request.user).archived(is_archive).for_list()
    page = paginate_page(request, seats, order=("-active_at", "-id"))
    context = {
        "rows": conversation_answers(page.rows),
        "next_cursor": page.next_cursor,
        "is_archive": is_archive,
    }
    part = request.GET.get("part") == "list"
    return render(request, "flatmates/_chats.html" if part else "flatmates/chats.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def chat(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """One conversation. A POST says something, or answers the questions (`answers`); a script reads
    only what is new (`?after=`).
    """
    mine = _seat(request, pk)
    if request.method != "POST":
        if "after" in request.GET:
            return _fragment(request, mine, status=200)
        return _page(request, mine, _blank())
    if "answers" in request.POST:
        return _answer(request, mine)
    return _say(request, mine, MessageForm(request.POST))


def _blank() -> MessageForm:
    return MessageForm(initial={"client_msg_id": uuid.uuid4()})


def _answer(request: PageRequest, mine: Participant) -> HttpResponse:
    """The three questions; what cannot be taken stays in the form."""
    match = policies.match_of(mine.conversation)
    if match is None:
        raise Http404
    form = AnswersForm(request.POST, questions=_questions(questions_for(match.pk)))
    if not form.is_valid():
        return _page(request, mine, _blank(), answers_form=form, status=422)
    try:
        qna.answer_questions(match=match, answers=form.given(), by=request.user)
    except DomainError as error:
        flash.error(request, str(error.message))
    return redirect(mine.conversation)


def _questions(asked: list[str]) -> dict[str, Any]:
    return {key: ICEBREAKERS[key] for key in asked}


def _say(request: PageRequest, mine: Participant, form: MessageForm) -> HttpResponse:
    """What is refused stands in the form."""
    if not form.is_valid():
        return _said(request, mine, form, status=422)
    try:
        limits.hit("messages", request.user.event_channel)
        send_message(conversation=mine.conversation, by=request.user, **form.cleaned_data)
    except DomainError as error:
        add_refusal(form, error)
        return with_error_headers(_said(request, mine, form, status=error.status), error)
    return _said(request, mine, form, status=200)


def _said(
    request: PageRequest, mine: Participant, form: MessageForm, *, status: int
) -> HttpResponse:
    """To a script what is new; to a browser without one the page."""
    pk = mine.conversation_id
    if "after" in request.GET:
        return _fragment(request, _seat(request, pk), status=status, form=form)
    if status == 200:
        return redirect("flatmates:chat", pk=pk)
    return _page(request, _seat(request, pk), form, status=status)


@login_required
@require_safe
def state(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """What changes while one looks: who, whether it is open, the three questions."""
    return render(request, "flatmates/_chat_side.html", _side(request, _seat(request, pk)))


@login_required
@require_POST
def step(request: PageRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    if verb not in STEPS:
        raise Http404
    mine = _seat(request, pk)
    try:
        _take(request, mine, verb)
    except DomainError as error:
        flash.error(request, str(error.message))
    if request.headers.get("Sec-Fetch-Mode") == "cors":  # from the script of the page
        return HttpResponse(status=204)
    return redirect("flatmates:chats" if verb == "archive" else mine.conversation)


def _take(request: PageRequest, mine: Participant, verb: str) -> None:
    conversation, by = mine.conversation, request.user
    if verb == "read":
        conversations.mark_read(conversation=conversation, by=by)
    elif verb in ("archive", "unarchive"):
        conversations.set_archived(conversation=conversation, by=by, is_archived=verb == "archive")
    elif verb == "picture":
        _send_picture(request, mine)
    elif (match := policies.match_of(conversation)) is None:
        raise Http404
    else:
        unmatch(match=match, by=by)


def _send_picture(request: PageRequest, mine: Participant) -> None:
    """Without a script: the picture goes on its way, and is sent as soon as it is clean."""
    file = request.FILES.get("file")
    if file is None:
        flash.error(request, _("Please choose a picture."))
        return
    policies.check_can_send(mine.conversation, request.user.pk)
    limits.hit("uploads", str(request.user.pk))
    upload = add_upload(file=file, purpose=UploadPurpose.MESSAGE, by=request.user)
    request.session[f"picture-{mine.conversation_id}"] = str(upload.pk)


@login_required
@require_safe
def picture(request: PageRequest, pk: uuid.UUID, upload_id: uuid.UUID, size: str) -> HttpResponse:
    """A picture of this conversation, for its members."""
    mine = _seat(request, pk)
    if size not in SIZES:
        raise Http404
    sent = Message.objects.filter(conversation=mine.conversation, attachment=upload_id)
    message = sent.select_related("attachment").first()
    if message is None or message.attachment is None or not message.attachment.is_ready:
        raise Http404
    return picture_response(message.attachment, size, cache="private, no-store")


def _seat(request: PageRequest, pk: uuid.UUID) -> Participant:
    mine = Participant.objects.visible_to(request.user).for_list().filter(conversation=pk).first()
    if mine is None:
        raise Http404
    return mine


def _page(
    request: PageRequest,
    mine: Participant,
    form: MessageForm,
    *,
    answers_form: AnswersForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = mine.conversation.messages.select_related("attachment")
    page = paginate_page(request, rows, order=("-number",))
    context = _side(request, mine) | {
        "form": form,
        "messages_shown": _shown(request, reversed(page.rows)),
        "older_cursor": page.next_cursor,
        "waiting_picture": _waiting_picture(request, mine),
        # Hosts and those who ask need no profile.
        "is_peer_shown": Profile.objects.visible_to(request.user).filter(user=mine.peer).exists(),
    }
    if answers_form is not None:
        context["answers_form"] = answers_form
    return render(request, "flatmates/chat.html", context, status=status)


def _fragment(
    request: PageRequest, mine: Participant, *, status: int, form: MessageForm | None = None
) -> HttpResponse:
    """The messages after the one that the page has already, and why the last was refused."""
    after = request.GET["after"]
    if not after.isascii() or not after.isdecimal() or len(after) > 9:
        raise Http404
    rows = mine.conversation.messages.select_related("attachment").order_by("number")
    context = {
        "messages_shown": _shown(request, rows.filter(number__gt=int(after))[:SHOWN]),
        "peer_read_number": mine.peer_read_number,
        "form": form,
    }
    return render(request, "flatmates/_messages_shown.html", context, status=status)


def _shown(request: PageRequest, rows: Any) -> list[dict[str, Any]]:
    return message_answers(list(rows), reader=request.user)


def _side(request: PageRequest, mine: Participant) -> dict[str, Any]:
    conversation = mine.conversation
    match = policies.match_of(conversation)
    answers = qna.answers_of(match=match, reader_id=request.user.pk) if match else None
    return {
        "mine": mine,
        "conversation": conversation,
        "peer": peer_name(mine.peer),
        "peer_read_number": mine.peer_read_number,
        "can_send": policies.can_send(conversation, request.user.pk),
        "awaits_reader": awaits(conversation, request.user.pk),
        "waits_for_host": policies.waits_for_host(conversation, request.user.pk),
        "is_matched": match is not None and match.is_active,
        "qna": qna_answer(answers, ICEBREAKERS) if answers else None,
        "answers_form": AnswersForm(initial=answers.mine, questions=_questions(answers.questions))
        if answers
        else None,
    }


def _waiting_picture(request: PageRequest, mine: Participant) -> Upload | None:
    """What somebody without scripts chose a moment ago and has still to send."""
    chosen = request.session.get(f"picture-{mine.conversation_id}")
    own = Upload.objects.filter(owner=request.user, messages=None)
    return own.filter(pk=chosen).first() if chosen else None
