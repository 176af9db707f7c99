"""One visit as its reader sees it: what happened, what comes next, and the steps.

The steps, the fragment that refreshes itself and the calendar file lie below its address.
"""

import datetime as dt
from typing import Any, Final
import uuid

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ghar.accounts.forms import add_refusal
from ghar.accounts.models import User
from ghar.api.errors import with_error_headers
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.guards import PageRequest
from ghar.lib.widgets import words_in
from ghar.properties.models import Property
from visits.forms import STEPS
from visits.models import Visit
from visits.policies import steps as policies
from visits.policies.address import can_see_address, is_address_due, visible_place
from visits.policies.agents import can_rate
from visits.policies.settings import current_settings
from visits.rules.next_step import is_over, may_have_been_seen, next_step
from visits.services.agents import ratings_on
from visits.services.safety import overview
from visits.states import AGENT, VISITOR
from visits.views.timeline import happenings
from visits.views.times import time_choices

DONE: Final = {
    "confirm": _("Confirmed. It is in both calendars."),
    "reschedule": _("Your new time is with the other side. The old one is kept until they agree."),
    "withdraw": _("Taken back. The time stays as it was."),
    "cancel": _("Cancelled. The other side knows."),
    "complete": _("Thank you. The visit is closed."),
    "undo": _("Taken back."),
    "assign": _("Handed over."),
    "note": _("Saved."),
    "followed-up": _("Saved."),
    "rate": _("Thank you for your rating."),
}


def own_visit(request: PageRequest, pk: uuid.UUID) -> Visit:
    return get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)


def show(request: PageRequest, visit: Visit, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = visit_context(visit, by=request.user, form=extra.get("form")) | extra
    return render(request, "visits/detail.html", context, status=status)


def act(request: PageRequest, visit: Visit, verb: str) -> HttpResponse:
    """Take the step; on a conflict the page comes back as things stand now."""
    if verb not in STEPS:
        raise Http404
    side = policies.side_of(visit, request.user)
    form = make_form(verb, request.POST, visit, side)
    if not form.is_valid():
        return show(request, visit, status=422, opened=verb, form=form)
    try:
        STEPS[verb].take(visit, request.user, form)
    except DomainError as error:
        return _refused(request, visit, verb, form, error)
    messages.success(request, DONE[verb])
    return redirect(_way_back(request, visit))


def _refused(
    request: PageRequest, visit: Visit, verb: str, form: forms.Form, error: DomainError
) -> HttpResponse:
    if error.status == 404:
        raise Http404 from error
    fresh = Visit.objects.for_detail().get(pk=visit.pk)
    if error.status == 422:
        add_refusal(form, error)
        return show(request, fresh, status=422, opened=verb, form=form)
    response = show(
        request,
        fresh,
        status=error.status,
        opened=verb,
        # Beside what stands there by now, a form that was filled in before would be refused again.
        form=None if error.code == "STALE_NOTES" else form,
        problem=error,
        unsaved=words_in(form),
    )
    return with_error_headers(response, error)


def _way_back(request: PageRequest, visit: Visit) -> str:
    """An agent who works down the day goes on there, and so does one who has just given the visit
    away: it is not theirs to see any more.
    """
    try:
        day = dt.date.fromisoformat(request.POST.get("day_of_agent", ""))
    except ValueError:
        mine = Visit.objects.visible_to(request.user).filter(pk=visit.pk)
        return visit.get_absolute_url() if mine.exists() else reverse("visits:agent")
    return f"{reverse('visits:agent')}?day={day.isoformat()}"


def visit_context(visit: Visit, *, by: User, form: Any = None) -> dict[str, Any]:
    """For the whole page. `form` is the one that came back with errors, if any."""
    now, context = clock.now(), steps_context(visit, by=by)
    actions = context["actions"]
    times = (
        form if form is not None and "slot" in form.fields else context["forms"].get("reschedule")
    )
    context |= {
        "happenings": happenings(visit, by),
        "people": _people(visit, by),
        "answering": _who_answers(visit),
        "undo_until": _undo_until(visit) if "undo" in actions else None,
        "is_over": is_over(visit),
        "is_address_due": is_address_due(visit, now),
        "is_verified": by.email_verified or by.phone_verified,
        "safety": overview(visit, by=by, now=now),
    }
    context |= ratings_on(visit, by, now)
    if "rate" in context["forms"]:
        context["forms"]["rate"].initial["user_satisfaction"] = context["given_stars"]
    if times is not None and "reschedule" in actions:
        context |= time_choices(visit, times, reader=by, now=now)
    return context


def steps_context(visit: Visit, *, by: User) -> dict[str, Any]:
    """What the reader can do, and where: enough for a stop of an agent's day. Asks no rows."""
    now = clock.now()
    side = policies.side_of(visit, by)
    actions = policies.allowed_actions(visit, by, now)
    verbs = [*actions, *_words(visit, by, now)]
    return {
        "visit": visit,
        "listing": visit.listing,
        "base": visit.get_absolute_url(),
        "side": side,
        "is_agent": side == AGENT,
        "actions": actions,
        "verbs": verbs,
        "forms": {verb: make_form(verb, None, visit, side) for verb in verbs},
        "next_step": next_step(visit, actions, now),
        "place": visible_place(visit, side, now),
        "position": _position(visit, side, now),
    }


def make_form(verb: str, data: Any, visit: Visit, side: str) -> forms.Form:
    """The ids of its fields are its own: an agent's page holds many visits."""
    return STEPS[verb].make_form(data, visit, side, f"{verb}-{visit.pk}-%s")


def _words(visit: Visit, by: User, now: dt.datetime) -> list[str]:
    """What the reader can say beside the steps that move the visit."""
    possible = {"note": _takes_notes(visit, by), "rate": can_rate(visit, by, now)}
    return [verb for verb, is_possible in possible.items() if is_possible]


def _takes_notes(visit: Visit, by: User) -> bool:
    try:
        policies.check_can_edit(visit, {}, by)
    except DomainError:
        return False
    has_words = may_have_been_seen(visit) or policies.side_of(visit, by) != VISITOR
    return visit.is_active or (is_over(visit) and has_words)


def _undo_until(visit: Visit) -> dt.datetime | None:
    step = visit.last_step
    return step.created_at + current_settings().undo if step else None


def _position(visit: Visit, side: str, now: dt.datetime) -> tuple[float, float] | None:
    """Where it is to the metre, for those who may know."""
    return position_of(visit.listing) if can_see_address(visit, side, now) else None


def position_of(listing: Property) -> tuple[float, float] | None:
    if listing.latitude is None or listing.longitude is None:
        return None
    return (listing.latitude, listing.longitude)


def _people(visit: Visit, reader: User) -> list[dict[str, Any]]:
    """Everybody but the reader, each with a word on what they do here."""
    people = [(visit.user, _("The visitor"))]
    if visit.is_tour:
        people.append((visit.host, _("The host")))
    elif visit.counterparty:
        people.append((visit.counterparty, _("You matched")))
        people[0] = (visit.user, _("You matched"))
    return [
        {"name": person.public_name, "avatar_url": person.avatar_url, "does": does}
        for person, does in people
        if person.pk != reader.pk
    ]


def _who_answers(visit: Visit) -> Any:
    """Whose turn it is while a time waits, for those whose turn it is not."""
    agrees = policies.AGREES[visit.proposed_by]
    if VISITOR in agrees:
        return visit.user.public_name
    if visit.is_tour:
        return _("The host or the agent")
    return visit.counterparty.public_name if visit.counterparty else ""
