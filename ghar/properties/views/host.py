"""The host's pages: my listings, the builder, one listing with what to do next."""

from collections.abc import Callable
from typing import Any, Final
import uuid

from django.contrib import messages
from django.forms import ModelForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ghar.accounts.forms import add_refusal
from ghar.api.pages import paginate_page
from ghar.errors import DomainError
from ghar.lib.guards import PageRequest, login_required, own_path, read_uuid
from ghar.lib.places import city_names, locality_names
from ghar.properties.forms import DetailsForm, PlaceForm, PriceForm, TextForm
from ghar.properties.models import Property
from ghar.properties.policies import EDIT, allowed_actions, has_open_points, is_discarded
from ghar.properties.services import listings
from ghar.properties.services.sweeps import answer_by
from ghar.properties.states import ListingStatus
from ghar.properties.views.public import listing_context

PAGE = ["GET", "HEAD", "POST"]
FORMS: Final[dict[str, type[ModelForm]]] = {
    "place": PlaceForm,
    "details": DetailsForm,
    "price": PriceForm,
    "text": TextForm,
}
STEPS: Final = {
    "place": gettext_lazy("Place"),
    "details": gettext_lazy("Details"),
    "price": gettext_lazy("Price"),
    "text": gettext_lazy("Words"),
    "photos": gettext_lazy("Photos"),
    "check": gettext_lazy("Check"),
}
ASKED: Final = gettext_lazy("Is it still available?")
DISCARDED: Final = gettext_lazy("You put this draft away.")
# The step in which what is missing can be put right.
STEP_OF_FIELD: Final = {
    "city": "place",
    "price_amount": "price",
    "currency": "price",
    "title": "text",
    "media": "photos",
}
VERBS: Final[dict[str, Callable[..., Property]]] = {
    "submit": listings.submit_listing,
    "pause": listings.pause_listing,
    "resume": listings.resume_listing,
    "renew": listings.renew_listing,
    "withdraw": listings.withdraw_listing,
}
NEXT_STEPS: Final[dict[str, Any]] = {
    ListingStatus.DRAFT: gettext_lazy("Finish it and send it to us."),
    ListingStatus.SUBMITTED: gettext_lazy("We are checking it. This takes a few seconds."),
    ListingStatus.HOLD_FOR_REVIEW: gettext_lazy("A few points are open. Each takes a minute."),
    ListingStatus.PENDING_REVIEW: gettext_lazy(
        "A person looks at it now. We tell you as soon as it is decided."
    ),
    ListingStatus.LIVE: gettext_lazy("Everybody can find it. Answer viewing requests soon."),
    ListingStatus.PAUSED: gettext_lazy("Nobody finds it while it is paused."),
    ListingStatus.NEEDS_EDIT: gettext_lazy(
        "Please change what the reviewer asks, then send it again."
    ),
    ListingStatus.REJECTED: gettext_lazy("Read why it was not published, and what you can do."),
    ListingStatus.EXPIRED: gettext_lazy("It rested for sixty days. Renew it if it is still free."),
    ListingStatus.WITHDRAWN: gettext_lazy("It is let. Well done."),
}


@login_required
@require_safe
def index(request: PageRequest) -> HttpResponse:
    mine = Property.objects.owned_by(request.user).not_discarded().for_cards()
    page = paginate_page(request, mine)
    for listing in page.rows:
        listing.next_step = _next_step(listing)
    context = {"listings": page.rows, "next_cursor": page.next_cursor}
    return render(request, "properties/host.html", context)


@login_required
@require_safe
def start(request: PageRequest) -> HttpResponse:
    return redirect("properties:new", step="place")


@login_required
@require_http_methods(PAGE)
def build(request: PageRequest, step: str) -> HttpResponse:
    """One step of the builder; the same steps change a listing that is there already."""
    if step not in STEPS:
        raise Http404
    listing = _listing_of_builder(request)
    if step == "place" or (listing is not None and step in FORMS):
        return _build_step(request, step, listing)
    if listing is None:
        return redirect("properties:new", step="place")
    return redirect(
        "properties:photos" if step == "photos" else "properties:listing", pk=listing.pk
    )


def _build_step(request: PageRequest, step: str, listing: Property | None) -> HttpResponse:
    form = FORMS[step](request.POST or None, instance=listing)
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(request, form, listing)
        except DomainError as error:
            add_refusal(form, error)
            return _step_page(request, step, listing, form, status=error.status)
        return redirect(own_path(request.GET.get("next", "")) or _after(saved, step))
    return _step_page(request, step, listing, form, status=422 if form.errors else 200)


def _save(request: PageRequest, form: ModelForm, listing: Property | None) -> Property:
    if listing is None:
        return listings.create_listing(by=request.user, **form.cleaned_data)
    was_live = listing.is_live
    saved = listings.edit_listing(listing=listing, by=request.user, **form.cleaned_data)
    if was_live and not saved.is_live:
        messages.info(request, _("Saved. We look at the change, then it is public again."))
    elif not saved.is_draft:
        messages.success(request, _("Your change is saved."))
    return saved


def _after(listing: Property, step: str) -> str:
    """A draft goes on to the next step, anything else back to its page."""
    if not listing.is_draft:
        return reverse("properties:listing", args=[listing.pk])
    names = list(STEPS)
    return builder_url(names[names.index(step) + 1], listing)


def builder_url(step: str, listing: Property) -> str:
    return f"{reverse('properties:new', args=[step])}?listing={listing.pk}"


def _step_page(
    request: PageRequest, step: str, listing: Property | None, form: ModelForm, *, status: int
) -> HttpResponse:
    drafts = Property.objects.owned_by(request.user).drafts()
    context = {
        "form": form,
        "step": step,
        "title": STEPS[step],
        "listing": listing,
        "back": own_path(request.GET.get("next", "")),
        "steps": steps_of(listing, current=step),
        "draft": drafts.order_by("-id").first() if listing is None else None,
        "cities": city_names(),
        "localities": locality_names(),
    }
    return render(request, "properties/build.html", context, status=status)


def steps_of(listing: Property | None, *, current: str) -> list[dict[str, Any]]:
    """The row of steps above the form: name, address (once there is a draft), done, current."""
    names = list(STEPS)
    return [
        {
            "label": STEPS[name],
            "url": builder_url(name, listing) if listing else "",
            "is_done": names.index(name) < names.index(current),
            "is_current": name == current,
        }
        for name in names
    ]


def _listing_of_builder(request: PageRequest) -> Property | None:
    asked = request.GET.get("listing")
    if not asked:
        return None
    return get_object_or_404(Property.objects.owned_by(request.user), pk=read_uuid(asked))


@login_required
@require_http_methods(PAGE)
def listing(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """One listing: how it stands, what to do next, and the buttons for it."""
    found = own_listing(request, pk)
    if request.method != "POST":
        return _listing_page(request, found)
    verb = VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Http404
    was_draft = found.is_draft
    try:
        moved = verb(listing=found, by=request.user)
    except DomainError as error:
        return _listing_page(request, own_listing(request, pk), error=error)
    if was_draft and is_discarded(moved):
        messages.success(request, _("The draft is put away."))
        return redirect("properties:host")
    return redirect("properties:listing", pk=pk)


@login_required
@require_safe
def state(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """The part of the page that changes while one looks at it."""
    context = state_context(request, own_listing(request, pk))
    return render(request, "properties/_state.html", context)


def _listing_page(
    request: PageRequest, found: Property, *, error: DomainError | None = None
) -> HttpResponse:
    context = state_context(request, found) | {"error": error}
    return render(
        request, "properties/listing.html", context, status=error.status if error else 200
    )


def state_context(request: PageRequest, found: Property) -> dict[str, Any]:
    actions = allowed_actions(found, request.user)
    missing = listings.missing_to_submit(found) if "submit" in actions else {}
    return {
        "listing": found,
        "photos": found.shown_media,
        "next_step": _next_step(found),
        "answer_by": answer_by(found),
        "move_in_url": builder_url("details", found) if found.needs_new_move_in else "",
        "has_open_points": has_open_points(found),
        "actions": actions,
        "can_edit": EDIT in actions,
        "missing": [
            {
                "message": _missing_label(field),
                "url": builder_url(STEP_OF_FIELD[field], found),
            }
            for field in missing
        ],
        "edit_steps": [
            {"label": label, "url": builder_url(name, found)}
            for name, label in STEPS.items()
            if name in FORMS
        ],
    }


def _next_step(listing: Property) -> Any:
    if listing.is_asked:
        return ASKED
    if is_discarded(listing):
        return DISCARDED
    if listing.is_paused and listing.pause_reason:
        return listing.get_pause_reason_display()
    return NEXT_STEPS[listing.status]


def _missing_label(field: str) -> str:
    if field == "media":
        return str(listings.WITHOUT_MEDIA)
    column: Any = Property._meta.get_field(field)
    return _("Missing: %(field)s") % {"field": column.verbose_name}


@login_required
@require_safe
def preview(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Property.objects.manageable_by(request.user).for_detail(), pk=pk)
    context = listing_context(request, found) | {"is_preview": True, "can_ask_for_viewing": False}
    return render(request, "properties/detail.html", context)


def own_listing(request: PageRequest, pk: uuid.UUID) -> Property:
    return get_object_or_404(Property.objects.manageable_by(request.user).for_host(), pk=pk)
