"""The pages of a viewing: ask for one, find one's own, agree on a time."""

from contextlib import suppress
from typing import Any, Final
import uuid

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ghar import flags
from ghar.accounts.authentication import remember_session
from ghar.accounts.forms import add_refusal
from ghar.accounts.models import Principal, SeekerSession
from ghar.accounts.services.contacts import CannotBeReached
from ghar.accounts.services.sessions import open_session, settle
from ghar.api import limits
from ghar.api.errors import with_error_headers
from ghar.api.features import require_feature
from ghar.api.pages import paginate_page
from ghar.errors import DomainError, RateLimited
from ghar.lib import clock
from ghar.lib.guards import PageRequest, caller_required, login_required
from ghar.lib.rls import acting_for, as_caller
from ghar.lib.widgets import words_in
from ghar.properties.models import Property
from viewings.assistant import replies
from viewings.forms import RequestForm, WordsForm, as_initial
from viewings.models import ViewingRequest, ViewingRequestQuerySet
from viewings.policies import steps as policies
from viewings.policies.booking import ProposedTime, check_can_request, check_has_not_asked
from viewings.services import visitors
from viewings.services.booking import zone_of
from viewings.services.calendar_file import calendar_file
from viewings.services.free_times import pick_times, planned, wishes_in
from viewings.services.requests import create_request
from viewings.states import POSTER, SEEKER
from viewings.views.room import act, fragment, show

PAGE: Final = ["GET", "HEAD", "POST"]
# More open requests than this nobody has; the closed ones come in pages.
MOST_ACTIVE: Final = 100
# After these there is nothing to send again.
FINAL: Final = frozenset(
    {"LISTING_NOT_AVAILABLE", "NOT_ALLOWED", "REQUEST_OPEN", "FEATURE_DISABLED"}
)


@require_http_methods(PAGE)
@as_caller
def new(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for a viewing, with or without an account."""
    listing = get_object_or_404(Property.objects.select_related("owner", "cover"), pk=pk)
    form = RequestForm(
        request.POST if request.method == "POST" else None,
        zone=listing.timezone or "UTC",
        has_account=request.user.is_authenticated,
    )
    try:
        require_feature(flags.VIEWINGS)
        # Nobody reads a page about a place that they could not ask for.
        check_can_request(listing, request.caller)
        if request.method != "POST":
            return _empty_page(request, listing, form)
        if not form.is_valid():
            return _new_page(request, listing, form, status=422)
        return _create(request, listing, form)
    except DomainError as error:
        if error.status == 404:
            raise Http404 from error
        if error.status == 422:
            add_refusal(form, error)
            return _new_page(request, listing, form, status=error.status)
        return _new_page(request, listing, form, status=error.status, problem=error)


def _empty_page(request: PageRequest, listing: Property, form: RequestForm) -> HttpResponse:
    """With free times out of their own words, if they wrote any."""
    if request.caller:
        # Nobody fills it in to read that they have asked already.
        mine = ViewingRequest.objects.sought_by(request.caller).active()
        check_has_not_asked(mine.filter(listing=listing), listing)
    words = WordsForm(request.GET if "words" in request.GET else None)
    if words.is_valid():
        form.initial = as_initial(_times_in(words, listing, request.caller))
    return _new_page(request, listing, form, status=422 if words.errors else 200, words=words)


def _times_in(form: WordsForm, listing: Property, by: Principal | None) -> list[ProposedTime]:
    """Free times out of what they wrote; the form says why there are none."""
    viewing, now = planned(listing, by), clock.now()
    wishes = wishes_in(form.cleaned_data["words"], viewing, now=now)
    times = pick_times(wishes, viewing, now=now)
    if not times:
        form.add_error("words", replies.NOTHING_FREE if wishes else replies.NOT_UNDERSTOOD)
    return times


def _create(request: PageRequest, listing: Property, form: RequestForm) -> HttpResponse:
    limits.hit("viewing_requests", limits.address_of(request))
    by, secret = request.caller, ""
    contact = form.cleaned_data.get("contact", "")
    with transaction.atomic():
        if by is None:
            by, secret = open_session(now=clock.now(), language=get_language())
        with acting_for(by):
            viewing = create_request(
                listing=listing,
                by=by,
                notes=form.cleaned_data["notes"],
                contact=contact,
                times=form.times,
            )
            if isinstance(by, SeekerSession):
                settle(session=by, timezone=form.cleaned_data["timezone"], is_guess=False)
            if contact:
                # The page of the viewing offers a code again, once the limit is over or a service is
                # there that brings it.
                with suppress(RateLimited, CannotBeReached):
                    visitors.send_code(viewing=viewing, by=by)
    response = redirect("viewings:detail", pk=viewing.pk)
    if secret:
        remember_session(response, secret)
    messages.success(request, _("Your request is with the host. You will see the answer here."))
    return response


def _new_page(
    request: PageRequest,
    listing: Property,
    form: forms.Form,
    *,
    status: int,
    problem: DomainError | None = None,
    words: WordsForm | None = None,
) -> HttpResponse:
    context = {"listing": listing, "form": form, "problem": problem, "now": clock.now()}
    context["words"] = words or WordsForm()
    if problem is None:
        return render(request, "viewings/new.html", context, status=status)
    if problem.code in FINAL:
        context |= {"is_final": True, "opened": "request", "verbs": [], "unsaved": words_in(form)}
    context["open_request"] = problem.details.get("viewing_request_id")
    response = render(request, "viewings/new.html", context, status=status)
    return with_error_headers(response, problem)


@require_safe
@caller_required
@as_caller
def index(request: PageRequest) -> HttpResponse:
    """Everything that the caller seeks or hosts; what waits for them comes first."""
    # Not visible_to: the team finds everybody's in the console, here are one's own.
    sought = ViewingRequest.objects.sought_by(request.caller)
    mine = sought | ViewingRequest.objects.hosted_by(request.caller)
    return _list_page(request, mine, "index")


@require_safe
@login_required
@as_caller
def host(request: PageRequest) -> HttpResponse:
    return _list_page(request, ViewingRequest.objects.hosted_by(request.caller), "host")


def _list_page(request: PageRequest, found: ViewingRequestQuerySet, page: str) -> HttpResponse:
    active = list(found.active().for_detail().order_by("-id")[:MOST_ACTIVE])
    closed = paginate_page(request, found.closed().for_detail())
    rows = [_row(viewing, request.caller) for viewing in active]
    context = {
        "waiting": [row for row in rows if row["needs_me"]],
        "others": [row for row in rows if not row["needs_me"]],
        "closed": [_row(viewing, request.caller) for viewing in closed.rows],
        "next_cursor": closed.next_cursor,
        "is_host_page": page == "host",
    }
    # The page fetches its lists anew when something happens.
    template = "_lists" if request.GET.get("part") == "lists" else page
    return render(request, f"viewings/{template}.html", context)


def _row(viewing: ViewingRequest, by: Principal) -> dict[str, Any]:
    side = viewing.side_of(by)
    return {
        "viewing": viewing,
        "is_host": side == POSTER,
        "needs_me": policies.needs_answer_of(viewing, side or SEEKER),
        "option": viewing.chosen or (None if viewing.is_open else viewing.agreed_option),
        "proposed": [] if viewing.chosen or not viewing.is_open else viewing.open_options,
        "zone": zone_of(viewing),
    }


def _mine(request: PageRequest, pk: uuid.UUID) -> ViewingRequest:
    mine = ViewingRequest.objects.visible_to(request.caller).for_detail()
    return get_object_or_404(mine, pk=pk)


@require_safe
@caller_required
@as_caller
def detail(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    viewing = _mine(request, pk)
    return show(request, viewing, by=request.caller, base=viewing.get_absolute_url())


@require_safe
@caller_required
@as_caller
def state(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """The part of the page that changes while one looks at it."""
    viewing = _mine(request, pk)
    return fragment(request, viewing, by=request.caller, base=viewing.get_absolute_url())


@require_POST
@caller_required
@as_caller
def step(request: PageRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    viewing = _mine(request, pk)
    return act(request, viewing, verb=verb, by=request.caller, base=viewing.get_absolute_url())


@require_safe
@caller_required
@as_caller
def calendar(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    return calendar_response(_mine(request, pk), by=request.caller)


def calendar_response(viewing: ViewingRequest, *, by: Principal) -> HttpResponse:
    try:
        content = calendar_file(viewing, by=by)
    except DomainError as error:
        raise Http404 from error
    headers = {"Content-Disposition": 'attachment; filename="viewing.ics"'}
    return HttpResponse(content, content_type="text/calendar", headers=headers)
