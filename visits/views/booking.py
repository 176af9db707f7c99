"""Book a tour of a place, or a meeting with somebody who matched."""

from typing import Any, Final
import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from flatmates.models import Participant
from flatmates.policies.chats import match_of
from ghar.accounts.forms import add_refusal
from ghar.accounts.models import User
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.guards import PageRequest, login_required
from ghar.lib.widgets import words_in
from ghar.properties.models import Property
from moderation.models import Block
from visits.forms import MeetForm, TourForm
from visits.models import Visit
from visits.policies.booking import NoActiveMatch, check_can_schedule
from visits.policies.settings import duration_of
from visits.services.booking import schedule_visit
from visits.services.suggestions import meeting_places
from visits.states import VisitContext
from visits.views.times import time_choices

PAGE: Final = ["GET", "HEAD", "POST"]
# After these there is no other time to choose.
FINAL: Final = frozenset({"LISTING_NOT_AVAILABLE", "NOT_ALLOWED", "NO_ACTIVE_MATCH"})


@require_http_methods(PAGE)
@login_required
def tour(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """A tour of this place, shown by one of our agents."""
    listing = get_object_or_404(Property.objects.select_related("owner", "cover"), pk=pk)
    draft = _draft(request.user, listing, VisitContext.PROPERTY_TOUR)
    form = TourForm(_posted(request), zone=draft.timezone)
    return _book(request, draft, form, {"listing": listing})


@require_http_methods(PAGE)
@login_required
def meet(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """A meeting of the two of this conversation, at a place that one of them knows."""
    seat = Participant.objects.visible_to(request.user).for_list().filter(conversation=pk).first()
    if seat is None:
        raise Http404
    context: dict[str, Any] = {"conversation": seat.conversation, "peer": seat.peer}
    match = match_of(seat.conversation)
    if match is None or not match.is_active:
        problem = NoActiveMatch()
        return _page(request, context | {"problem": problem, "is_final": True}, problem.status)
    places = meeting_places(match)
    if not places:
        return _page(request, context)
    listing = _place_asked_for(request, places)
    draft = _draft(request.user, listing, VisitContext.FLATMATE_MEET)
    draft.counterparty, draft.match, draft.conversation = seat.peer, match, seat.conversation
    initial = {"place": listing, "shown_zone": draft.timezone}
    form = MeetForm(_posted(request), zone=draft.timezone, places=places, initial=initial)
    return _book(request, draft, form, context | {"listing": listing, "places": places})


def _posted(request: PageRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _draft(by: User, listing: Property, kind: str) -> Visit:
    """What would be booked; the verb makes it."""
    return Visit(
        user=by,
        listing=listing,
        host=listing.owner,
        visit_context=kind,
        duration_minutes=duration_of(kind),
        timezone=listing.timezone or "UTC",
    )


def _place_asked_for(request: PageRequest, places: list[Property]) -> Property:
    asked = request.POST.get("place") or request.GET.get("place")
    return next((place for place in places if str(place.pk) == asked), places[0])


def _book(
    request: PageRequest, draft: Visit, form: TourForm, context: dict[str, Any]
) -> HttpResponse:
    context |= {"form": form}
    try:
        # Nobody fills in a page for what they could not book.
        check_can_schedule(
            draft.listing,
            by=draft.user,
            visitor=draft.user,
            context=draft.visit_context,
            counterparty=draft.counterparty,
            is_blocked=Block.objects.between(draft.user_id, draft.listing.owner_id).exists(),
        )
        if form.is_valid():
            visit = _schedule(draft, form)
            messages.success(request, _("The time is kept for you. The other side confirms it."))
            return redirect(visit)
        status = 422 if form.is_bound else 200
    except DomainError as error:
        if error.status == 404:
            raise Http404 from error
        status = error.status
        if status == 422:
            add_refusal(form, error)
        else:
            context |= {"problem": error, "is_final": error.code in FINAL}
            context |= {"unsaved": words_in(form), "opened": "book"}
    context["verbs"] = [] if context.get("is_final") else ["book"]
    if not context.get("is_final"):
        context |= time_choices(draft, form, reader=request.user, now=clock.now())
    return _page(request, context, status)


def _schedule(draft: Visit, form: TourForm) -> Visit:
    return schedule_visit(
        by=draft.user,
        listing=draft.listing,
        scheduled_date=form.moment,
        visit_context=draft.visit_context,
        counterparty=draft.counterparty,
        match=draft.match,
        conversation=draft.conversation,
        special_requirements=form.cleaned_data["special_requirements"],
    )


def _page(request: PageRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    template = "meet" if "conversation" in context else "new"
    return render(request, f"visits/{template}.html", context, status=status)
