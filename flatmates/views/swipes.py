"""The deck and its equal list, likes and matches, interest in a room, what neighbours say."""

from typing import Any, Final
from urllib.parse import urlencode, urlsplit
import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from flatmates.forms import DeckForm, TagVoteForm
from flatmates.models import Match, Profile
from flatmates.policies.swipes import can_undo
from flatmates.search import (
    LATEST_FIRST,
    ORDER,
    deck_of,
    interest_in_listings,
    likes_received,
    likes_sent,
    why_empty,
)
from flatmates.serializers.chats import peer_name
from flatmates.services import matches, swipes, tags
from flatmates.services.profiles import profile_or_blank
from flatmates.states import SwipeAction
from flatmates.views.people import person_context
from ghar.accounts.models import User
from ghar.api import limits
from ghar.api.errors import with_error_headers
from ghar.api.pages import paginate_page
from ghar.errors import DomainError, Invalid
from ghar.lib import clock
from ghar.lib.guards import PageRequest, login_required, next_page
from ghar.lib.places import city_names
from ghar.properties.models import Property

# Of lists that stand beside the one that has pages.
SHOWN: Final = 50
DONE: Final[dict[str, Any]] = {
    SwipeAction.PASS: gettext_lazy("Passed. You can undo it for ten minutes."),
    SwipeAction.LIKE: gettext_lazy("Liked. If they like you too, you can write to each other."),
    SwipeAction.SUPER_LIKE: gettext_lazy("Super liked. They see it among the first."),
}


@login_required
@require_safe
def people(request: PageRequest) -> HttpResponse:
    return _people_page(request, request.GET)


@login_required
@require_POST
def swipe(request: PageRequest, user_id: uuid.UUID) -> HttpResponse:
    """One swipe; then the next card, or the page from where it came."""
    target, action = get_object_or_404(User, pk=user_id), _action(request)
    try:
        swiped = swipes.swipe_person(by=request.caller, target=target, action=action)
    except DomainError as error:
        return _refused(request, error)
    back = _back(request)
    if swiped.did_match and swiped.match:
        celebrated = _query(_asked_at(back), match=swiped.match.pk)
        return redirect(f"{reverse('flatmates:people')}?{celebrated}")
    if urlsplit(back).path != reverse("flatmates:people"):
        talk = _("You can write to each other now.") if swiped.conversation else DONE[action]
        messages.success(request, talk)
    return redirect(back)


@login_required
@require_POST
def undo(request: PageRequest) -> HttpResponse:
    limits.hit("undos", str(request.caller.pk))
    try:
        swipes.undo_swipe(by=request.caller)
    except DomainError as error:
        return _refused(request, error)
    return redirect(_back(request))


@login_required
@require_safe
def likes(request: PageRequest) -> HttpResponse:
    me = profile_or_blank(request.caller)
    page = paginate_page(request, likes_received(request.caller), order=LATEST_FIRST)
    context = {
        "received": [
            person_context(like.user.profile, me) | {"is_super": like.is_super}
            for like in page.rows
        ],
        "sent": likes_sent(request.caller).order_by(*LATEST_FIRST)[:SHOWN],
        "matches": _matches(request.caller),
        "interests": interest_in_listings(request.caller)[:SHOWN],
        "next_cursor": page.next_cursor,
        "here": reverse("flatmates:likes"),
    }
    # The page fetches its lists anew when somebody likes back.
    template = "_likes" if request.GET.get("part") == "lists" else "likes"
    return render(request, f"flatmates/{template}.html", context)


def _matches(reader: User) -> list[dict[str, Any]]:
    """With the way to the other's page, where there is one to be seen."""
    shown = Match.objects.visible_to(reader).active().for_list()
    rows = [
        (match, match.peer_of(reader)) for match in shown.order_by("-matched_at", "-id")[:SHOWN]
    ]
    profiles = Profile.objects.visible_to(reader).filter(user__in=[peer for _match, peer in rows])
    seen = set(profiles.values_list("user", flat=True))
    return [
        {"match": match, "peer": peer_name(peer), "is_shown": peer.pk in seen}
        for match, peer in rows
    ]


@login_required
@require_POST
def unmatch(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    match = get_object_or_404(Match.objects.visible_to(request.caller), pk=pk)
    try:
        matches.unmatch(match=match, by=request.caller)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("You have parted. The chat is closed."))
    return redirect("flatmates:likes")


@login_required
@require_POST
def interest(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """Like a room: its host is asked. Or take that back by passing."""
    listing = get_object_or_404(Property.objects.select_related("owner"), pk=pk)
    try:
        swiped = swipes.swipe_listing(by=request.caller, listing=listing, action=_action(request))
    except DomainError as error:
        return _sent_back(request, listing, error)
    if swiped.conversation and swiped.stored:
        messages.success(request, _("The host knows. Say hello: one message until they answer."))
        return redirect(swiped.conversation)
    return redirect(listing)


@login_required
@require_POST
def vote(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    listing = get_object_or_404(Property.objects.live(), pk=pk)
    form = TagVoteForm(request.POST)
    if not form.is_valid():
        return _sent_back(request, listing, Invalid(details={"fields": form.errors}))
    try:
        limits.hit("tag_votes", str(request.caller.pk))
        tags.vote_tag(by=request.caller, listing=listing, **form.cleaned_data)
    except DomainError as error:
        return _sent_back(request, listing, error)
    return redirect(f"{listing.get_absolute_url()}#society")


# --- The page of people -----------------------------------------------------------------------------
def _people_page(
    request: PageRequest,
    asked: QueryDict,
    *,
    status: int = 200,
    problem: DomainError | None = None,
) -> HttpResponse:
    """`asked` is the query: view (list), filters, cursor, match (just made)."""
    me = profile_or_blank(request.caller)
    form = DeckForm(asked if "city" in asked else None, initial={"city": me.city})
    is_list, is_valid = asked.get("view") == "list", not form.is_bound or form.is_valid()
    deck = deck_of(me, form.filters()).for_cards() if is_valid else Profile.objects.none()
    page = paginate_page(
        request,
        deck,
        order=ORDER,
        params=asked if is_list else {"limit": "1"},
        scope=reverse("flatmates:people"),  # where its links lead, also from a refused swipe
    )
    last = swipes.last_swipe_of(request.caller)
    context = {
        "me": me,
        "form": form,
        "is_list": is_list,
        "cards": [person_context(profile, me) for profile in page.rows],
        "empty": why_empty(me) if is_valid and not page.rows else None,
        "next_query": page.next_cursor and _query(asked, cursor=page.next_cursor),
        "here": f"{reverse('flatmates:people')}?{_query(asked)}".rstrip("?"),
        "other_view": _query(asked, view="" if is_list else "list"),
        "super_likes_left": swipes.super_likes_left(request.caller, clock.now()),
        "can_undo": can_undo(last, clock.now()),
        "match": _match(request, asked.get("match", "")),
        "problem": problem,
        "cities": city_names(),
    }
    # The deck asks for itself alone; without its script it is a page like any other.
    template = "_deck" if request.headers.get("HX-Request") else "people"
    status = status if is_valid else 422
    return render(request, f"flatmates/{template}.html", context, status=status)


def _match(request: PageRequest, pk: str) -> dict[str, Any] | None:
    """The match that a swipe has just made, with its other side."""
    try:
        wanted = uuid.UUID(pk)
    except ValueError:
        return None
    found = Match.objects.visible_to(request.caller).active().for_list().filter(pk=wanted).first()
    return {"row": found, "peer": peer_name(found.peer_of(request.caller))} if found else None


# --- Back to where one was --------------------------------------------------------------------------
def _action(request: PageRequest) -> SwipeAction:
    said = request.POST.get("action", "")
    if said not in SwipeAction.values:
        raise Http404
    return SwipeAction(said)


def _back(request: PageRequest) -> str:
    return next_page(request, reverse("flatmates:people"))


def _asked_at(address: str) -> QueryDict:
    """The query of an address of the page of people; of any other page, none."""
    parts = urlsplit(address)
    return QueryDict(parts.query if parts.path == reverse("flatmates:people") else "")


def _query(asked: QueryDict, **changes: Any) -> str:
    """The query again without what belongs to one look, with `changes`; an empty one goes."""
    once = {"cursor", "match", *changes}
    pairs: dict[str, Any] = {name: value for name, value in asked.lists() if name not in once}
    return urlencode(pairs | {k: v for k, v in changes.items() if v}, doseq=True)


def _refused(request: PageRequest, error: DomainError) -> HttpResponse:
    """The deck as it stands now, with the reason on top."""
    if error.status == 404:
        raise Http404 from error
    response = _people_page(request, _asked_at(_back(request)), status=error.status, problem=error)
    return with_error_headers(response, error)


def _sent_back(request: PageRequest, listing: Property, error: DomainError) -> HttpResponse:
    if error.status == 404:
        raise Http404 from error
    fields = error.details.get("fields", {}).values()
    messages.error(
        request, " ".join(text for texts in fields for text in texts) or str(error.message)
    )
    return redirect(listing)
