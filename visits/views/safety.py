"""Pages for the safety of a visit, and the one page that a friend sees."""

from collections.abc import Callable
from typing import Any
import uuid

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ghar.accounts.forms import add_refusal
from ghar.api.errors import with_error_headers
from ghar.errors import DomainError, Invalid, NotFound, RateLimited
from ghar.lib import clock
from ghar.lib.guards import PageRequest, login_required
from moderation.forms import DisputeForm
from visits.forms import ArrivalForm
from visits.models import Visit
from visits.rules.safety import helplines
from visits.services import reliability, safety
from visits.views.room import own_visit, show

PAGE = ["GET", "HEAD", "POST"]


@require_POST
@login_required
def share(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """Shows the link, this once."""
    visit = own_visit(request, pk)
    try:
        url, _until = safety.share_visit(visit=visit, by=request.user)
    except DomainError as error:
        return _refused(request, visit, error)
    return render(request, "visits/shared_link.html", {"visit": visit, "url": url})


@require_POST
@login_required
def stop_sharing(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    return _take(safety.stop_sharing, request, pk, _("Your link shows nothing any more."))


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever holds the link: first names, the part of town, and when."""
    try:
        context = {"shared": safety.read_share(token, now=clock.now())}
    except NotFound as error:
        raise Http404 from error
    response = render(request, "visits/shared.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_POST
@login_required
def check_in(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    return _take(safety.check_in, request, pk, _("Good to hear. Nobody else is told."))


@require_safe
@login_required
def help_page(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """Whom to call. Opening it tells nobody anything."""
    visit = own_visit(request, pk)
    found = safety.overview(visit, by=request.user, now=clock.now())
    context = {"visit": visit, "lines": helplines(visit.listing.currency), "safety": found}
    return render(request, "visits/help.html", context)


@require_http_methods(PAGE)
@login_required
def arrival(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """One's own code, and the field for the other side's."""
    visit, form = own_visit(request, pk), _form(ArrivalForm, request)
    refusal: DomainError | None = None
    try:
        context: dict[str, Any] = {"own": safety.own_code(visit, by=request.user, now=clock.now())}
        if request.method == "POST" and form.is_valid():
            safety.prove_arrival(visit=visit, by=request.user, **form.cleaned_data)
            messages.success(request, _("Thank you: it is written down that you came."))
            return redirect(visit)
    except (Invalid, RateLimited) as error:
        add_refusal(form, error)
        refusal = error
    except DomainError as error:
        return _refused(request, visit, error)
    context |= {"visit": visit, "form": form}
    status = refusal.status if refusal else 422 if form.errors else 200
    response = render(request, "visits/arrival.html", context, status=status)
    return with_error_headers(response, refusal) if refusal else response


@require_http_methods(PAGE)
@login_required
def dispute(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """Object to what is held against the reader, or tell that the other side did not come."""
    visit, form = own_visit(request, pk), _form(DisputeForm, request)
    try:
        kind = reliability.check_disputable(visit, by=request.user, now=clock.now())
        if request.method == "POST" and form.is_valid():
            reliability.dispute_outcome(visit=visit, by=request.user, **form.cleaned_data)
            messages.success(request, _("Thank you. A person of our team reads it."))
            return redirect(visit)
    except DomainError as error:
        return _refused(request, visit, error)
    context = {"visit": visit, "form": form, "kind": kind}
    return render(request, "visits/dispute.html", context, status=422 if form.errors else 200)


def _form(made: type[Form], request: PageRequest) -> Form:
    return made(request.POST if request.method == "POST" else None)


def _take(
    verb: Callable[..., object], request: PageRequest, pk: uuid.UUID, told: str
) -> HttpResponse:
    visit = own_visit(request, pk)
    try:
        verb(visit=visit, by=request.user)
    except DomainError as error:
        return _refused(request, visit, error)
    messages.success(request, told)
    return redirect(visit)


def _refused(request: PageRequest, visit: Visit, error: DomainError) -> HttpResponse:
    if error.status == 404:
        raise Http404 from error
    return with_error_headers(show(request, visit, status=error.status, problem=error), error)
