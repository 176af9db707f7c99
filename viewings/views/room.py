"""One viewing as its reader sees it, the same for an account, a session and a private link.

`base` is the address of the page; the steps, the fragment and the calendar file lie below it.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from ghar import flags
from ghar.accounts.forms import CodeForm, add_refusal
from ghar.accounts.models import Principal, SeekerSession
from ghar.accounts.services.contacts import has_code
from ghar.api import limits
from ghar.api.errors import with_error_headers
from ghar.api.features import require_feature
from ghar.errors import DomainError, is_allowed
from ghar.lib import clock
from ghar.lib.guards import PageRequest
from ghar.lib.widgets import words_in
from moderation.forms import DisputeForm
from viewings.forms import STEPS, ContactForm, RunningLateForm
from viewings.models import ViewingRequest
from viewings.policies import steps as policies
from viewings.policies.address import (
    is_address_due,
    is_verified,
    visible_place,
    visible_position,
)
from viewings.services.booking import taken_options, zone_of
from viewings.services.links import link_path
from viewings.services.reliability import disputable, objection
from viewings.services.sharing import words_for_friend
from viewings.states import SEEKER

DONE = {
    "offer": _("Your times are with the other side."),
    "select": _("Chosen. The time is kept for you."),
    "confirm": _("Confirmed. It is in both calendars."),
    "reschedule": _("Your new times are with the other side."),
    "cancel": _("Cancelled. The other side knows."),
    "complete": _("Thank you. The viewing is closed."),
    "meeting_point": _("Saved."),
    "notify": _("Sent."),
    "running_late": _("The other side knows that you will be late."),
    "settle": _("Saved."),
    "dispute": _("Thank you. A person of our team reads it."),
    "contact": _("We have sent you a code. Please enter it here."),
    "send_code": _("We have sent you a code. Please enter it here."),
    "confirm_code": _("Thank you, your contact is verified."),
}
# One limit for all that one side writes to the other.
MESSAGES = frozenset({"notify", "running_late"})


def show(
    request: PageRequest,
    viewing: ViewingRequest,
    *,
    by: Principal,
    base: str,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    context = _context(viewing, by=by, base=base) | extra
    return render(request, "viewings/detail.html", context, status=status)


def fragment(
    request: PageRequest, viewing: ViewingRequest, *, by: Principal, base: str
) -> HttpResponse:
    return render(request, "viewings/_viewing.html", _context(viewing, by=by, base=base))


def act(
    request: PageRequest, viewing: ViewingRequest, *, verb: str, by: Principal, base: str
) -> HttpResponse:
    """Take the step; on a conflict the page comes back as things stand now."""
    if verb not in STEPS:
        raise Http404
    form = STEPS[verb].make_form(request.POST, viewing, policies.party_side(viewing, by))
    if not form.is_valid():
        return show(request, viewing, by=by, base=base, status=422, opened=verb, form=form)
    try:
        require_feature(flags.VIEWINGS)
        if verb in MESSAGES:
            limits.hit("messages", by.event_channel)
        STEPS[verb].take(viewing, by, form)
    except DomainError as error:
        return _refused(request, viewing, by=by, base=base, verb=verb, form=form, error=error)
    messages.success(request, DONE[verb])
    return redirect(base)


def _refused(
    request: PageRequest,
    viewing: ViewingRequest,
    *,
    by: Principal,
    base: str,
    verb: str,
    form: forms.Form,
    error: DomainError,
) -> HttpResponse:
    if error.status == 404:
        raise Http404 from error
    fresh = ViewingRequest.objects.for_detail().get(pk=viewing.pk)
    if error.status == 422:
        add_refusal(form, error)
        return show(request, fresh, by=by, base=base, status=422, opened=verb, form=form)
    response = show(
        request,
        fresh,
        by=by,
        base=base,
        status=error.status,
        opened=verb,
        form=form,
        problem=error,
        unsaved=words_in(form),
    )
    return with_error_headers(response, error)


def _context(viewing: ViewingRequest, *, by: Principal, base: str) -> dict[str, Any]:
    now, side = clock.now(), policies.party_side(viewing, by)
    to_dispute = disputable(viewing, by=by, now=now)
    is_on = flags.is_on(flags.VIEWINGS)
    actions = policies.allowed_actions(viewing, by, now) if is_on else []
    choices = policies.selectable(viewing, side)
    zone = zone_of(viewing)
    may_be_late = is_on and is_allowed(policies.check_can_run_late, viewing, by, now)
    context = {
        "viewing": viewing,
        "listing": viewing.listing,
        "events": list(viewing.events.shown_to(by)),
        "base": base,
        "side": side,
        "zone": zone,
        "is_on": is_on,
        "actions": actions,
        # Whose forms stand there.
        "verbs": [*actions, "dispute"] if to_dispute else actions,
        "next_step": policies.next_step(viewing, side),
        "has_begun": policies.has_begun(viewing, now),
        "choices": choices,
        "own_options": [o for o in viewing.open_options if viewing.is_open and o not in choices],
        "taken": taken_options(viewing) if viewing.is_open else [],
        "place": visible_place(viewing, side, now),
        "position": visible_position(viewing, side, now),
        "is_address_due": is_address_due(viewing, now),
        "is_verified": is_verified(viewing.seeking_principal),
        "words_for_friend": words_for_friend(viewing, side, now),
        "disputable": to_dispute,
        "dispute_form": DisputeForm(),
        "objection": objection(viewing, by=by),
        "late_form": RunningLateForm() if may_be_late else None,
        "forms": {verb: STEPS[verb].make_form(None, viewing, side) for verb in actions},
        "reader_zone": by.timezone,
        "other": viewing.poster if side == SEEKER else viewing.seeking_principal,
    }
    if isinstance(by, SeekerSession):
        context |= _visitor_context(viewing, by)
    return context


def _visitor_context(viewing: ViewingRequest, by: SeekerSession) -> dict[str, Any]:
    """What a seeker without an account needs besides: the way back, and to be reached."""
    now = clock.now()
    return {
        "reader_zone": "" if by.is_zone_guessed else by.timezone,
        "private_link": link_path(viewing, now=now),
        "contact": by.contact,
        "contact_form": ContactForm(),
        "code_form": CodeForm(),
        "needs_code": by.contact and viewing.is_active and not is_verified(by),
        "code_is_sent": has_code(by, by.contact, now=now),
    }
