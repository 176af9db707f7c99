"""The poster's pages while a listing is held: what to do, evidence, and a person to ask."""

import datetime as dt
from typing import Any, Final
from urllib.parse import quote
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ghar.accounts.forms import add_refusal
from ghar.api import limits
from ghar.api.errors import with_error_headers
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.guards import PageRequest, login_required
from ghar.lib.rls import as_caller
from ghar.properties.models import Property
from ghar.properties.services.media import add_upload
from ghar.properties.states import UploadPurpose
from ghar.properties.views.host import builder_url
from moderation import policies
from moderation.forms import AppealForm, EvidenceForm
from moderation.models import Sanction
from moderation.services import appeals, evidence, summary

EVIDENCE: Final = "evidence"
# Where a point can be put right: the step of the builder, the field in it, and the link in words.
FIELDS: Final = {
    "unit": ("place", "id_unit", gettext_lazy("Change the flat number")),
    "address": ("place", "id_address", gettext_lazy("Change the address")),
    "details": ("details", "main", gettext_lazy("Fill in the details")),
    "price_amount": ("price", "id_price", gettext_lazy("Change the price")),
    "contact_phone": ("price", "id_contact_phone", gettext_lazy("Change the phone number")),
    "description": ("text", "id_description", gettext_lazy("Change the description")),
}


@login_required
@require_GET
@as_caller
def fix(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    return _fix_page(request, _own_listing(request, pk), EvidenceForm())


@login_required
@require_GET
@as_caller
def fix_points(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """The part of the page that changes while the check works."""
    listing = _own_listing(request, pk)
    return render(request, "moderation/_points.html", _points(listing))


@login_required
@require_POST
@as_caller
def add_evidence(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    listing = _own_listing(request, pk)
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _fix_page(request, listing, form, status=422)
    try:
        limits.hit("uploads", str(request.user.pk))
        upload = add_upload(
            file=form.cleaned_data["file"], purpose=UploadPurpose.EVIDENCE, by=request.user
        )
        evidence.add_evidence(listing=listing, upload=upload, by=request.user)
    except DomainError as error:
        form.add_error("file", str(error.message))
        page = _fix_page(request, listing, form, status=error.status)
        return with_error_headers(page, error)
    messages.success(request, _("Thank you. Only our reviewers see it."))
    return redirect("moderation:fix", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@as_caller
def appeal(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    listing = _own_listing(request, pk)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            appeals.submit_appeal(
                listing=listing, message=form.cleaned_data["message"], by=request.user
            )
        except DomainError as error:
            add_refusal(form, error)
            return _appeal_page(request, listing, form, status=error.status)
        messages.success(request, _("A second person will look at it and answer you here."))
        return redirect("moderation:fix", pk=pk)
    return _appeal_page(request, listing, form, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def suspended(request: PageRequest) -> HttpResponse:
    """All that is left to a suspended person: why, an appeal, and the ways out."""
    if not request.user.is_suspended:
        return redirect("home")
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            appeals.appeal_suspension(message=form.cleaned_data["message"], by=request.user)
        except DomainError as error:
            add_refusal(form, error)
            return _suspended_page(request, form, status=error.status)
        messages.success(request, _("Thank you. Somebody else reads it and answers you here."))
        return redirect("moderation:suspended")
    return _suspended_page(request, form, status=422 if form.is_bound else 200)


def _suspended_page(request: PageRequest, form: AppealForm, status: int) -> HttpResponse:
    person = request.user
    sanction = Sanction.objects.suspensions().standing().filter(person=person).first()
    context = {
        "sanction": sanction,
        "is_waiting": sanction is not None and policies.is_waiting(sanction, clock.now()),
        "appeal": sanction and sanction.appeals.order_by("-created_at").first(),
        "can_appeal": policies.can_appeal_suspension(person),
        "form": form,
    }
    return render(request, "moderation/suspended.html", context, status=status)


def _own_listing(request: PageRequest, pk: uuid.UUID) -> Property:
    return get_object_or_404(Property.objects.owned_by(request.user), pk=pk)


def _fix_page(
    request: PageRequest, listing: Property, form: EvidenceForm, status: int = 200
) -> HttpResponse:
    context = _points(listing) | {"form": form}
    return render(request, "moderation/fix.html", context, status=status)


def _appeal_page(
    request: PageRequest, listing: Property, form: AppealForm, status: int
) -> HttpResponse:
    context = {"listing": listing, "form": form, "can_appeal": policies.can_appeal(listing)}
    return render(request, "moderation/appeal.html", context, status=status)


def _points(listing: Property) -> dict[str, Any]:
    review_until: dt.datetime | None = summary.review_until(listing.pk)
    told = summary.owner_summary(listing=listing)
    return {
        "listing": listing,
        "summary": told,
        "points": [
            point | {"why": summary.WHY[point["code"]]} | _where(listing, point["field"])
            for point in told["checklist"]
        ],
        "open_count": sum(not point["satisfied"] for point in told["checklist"]),
        "message": summary.latest_message(listing),
        "is_being_checked": summary.is_being_checked(listing),
        "review_until": review_until,
        "is_late": review_until is not None and review_until < clock.now(),
        "evidence_count": listing.evidence.count(),
    }


def _where(listing: Property, field: str) -> dict[str, Any]:
    """The link of a point; from the builder one comes back to the list."""
    points_url = reverse("moderation:fix", args=[listing.pk])
    if field == EVIDENCE:
        return {"url": f"{points_url}#evidence-title", "action": _("Send a picture")}
    if field == "media":
        photos_url = reverse("properties:photos", args=[listing.pk])
        return {"url": photos_url, "action": _("Go to the photos")}
    step, anchor, action = FIELDS[field]
    url = f"{builder_url(step, listing)}&next={quote(points_url)}#{anchor}"
    return {"url": url, "action": action}
