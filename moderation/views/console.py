"""The console: one person, what was said and decided about them, and what can be done; and what is
said about a photo of a case.
"""

from typing import Any
import uuid

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from ghar.accounts.models import User
from ghar.errors import DomainError, NotFound
from ghar.lib import clock
from ghar.lib.guards import PageRequest
from moderation.forms import LiftForm, SanctionForm
from moderation.models import Case, Sanction
from moderation.services import casefile, common_photos, personfile, sanctions

MARKED = {
    "mark": (
        common_photos.mark_common,
        _("This picture counts no more. What waited because of it is checked again."),
    ),
    "unmark": (
        common_photos.unmark_common,
        _("This picture counts again. What waits for review and shows it is checked again."),
    ),
}
DONE = {
    "warn": _("The person is warned."),
    "suspend": _("The account is closed at once. Another moderator must confirm it."),
    "confirm": _("Confirmed. It lasts until somebody lifts it."),
    "lift": _("The account is open again, and its owner is told."),
}


@require_safe
def person(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    return _page(request, get_object_or_404(User, pk=pk))


@require_POST
def reveal(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    facts = personfile.reveal_contacts(person=found, by=request.user, now=clock.now())
    return _page(request, found, private_facts=facts)


@require_POST
def step(request: PageRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    if verb not in DONE:
        raise Http404
    form = SanctionForm(request.POST) if verb in ("warn", "suspend") else LiftForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, form=form)
    try:
        # A refusal must leave the transaction of the page usable: it is rendered in it.
        with transaction.atomic():
            _take(verb, found, form.cleaned_data, request.user)
    except DomainError as error:
        form.add_error(None, str(error.message))
        return _page(request, User.objects.get(pk=pk), status=error.status, form=form)
    messages.success(request, DONE[verb])
    return redirect("console:person", pk=pk)


@require_POST
def common_photo(request: PageRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    """What a moderator says about one of the pairs of photos of a case."""
    case = get_object_or_404(Case.objects.select_related("listing"), pk=pk)
    if verb not in MARKED or case.listing is None:
        raise Http404
    step, done = MARKED[verb]
    photos = {name: request.POST.get(name, "") for name in ("mine", "other")}
    try:
        step(pair=casefile.photo_pair(listing=case.listing, **photos), by=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done)
    return redirect("admin:moderation_case_change", case.pk)


def _take(verb: str, found: User, data: dict[str, Any], by: User) -> None:
    if verb in ("warn", "suspend"):
        make = sanctions.warn_person if verb == "warn" else sanctions.suspend_person
        make(person=found, report=None, by=by, now=clock.now(), **data)
        return
    in_force = Sanction.objects.suspensions().standing().filter(person=found).first()
    if in_force is None:
        raise NotFound
    if verb == "confirm":
        sanctions.confirm_suspension(sanction=in_force, by=by)
    else:
        sanctions.lift_suspension(sanction=in_force, by=by, **data)


def _page(
    request: PageRequest,
    found: User,
    *,
    status: int = 200,
    form: SanctionForm | LiftForm | None = None,
    private_facts: Any = (),
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        **personfile.page_of(found, by=request.user, now=clock.now()),
        "title": found.full_name,
        "sanction_form": form if isinstance(form, SanctionForm) else SanctionForm(),
        "lift_form": form if isinstance(form, LiftForm) else LiftForm(),
        "refused": form,
        "private_facts": private_facts,
    }
    return render(request, "admin/moderation/person.html", context, status=status)
