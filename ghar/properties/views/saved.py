"""What somebody keeps: the shortlist, and searches with their alerts."""

from typing import Any
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ghar.accounts.forms import add_refusal
from ghar.api.pages import paginate_page
from ghar.errors import DomainError
from ghar.lib.guards import PageRequest, login_required, next_page
from ghar.properties.forms import NoteForm, SavedSearchForm
from ghar.properties.models import Property, SavedListing, SavedSearch
from ghar.properties.search import search_listings
from ghar.properties.services import saved
from ghar.properties.views.public import asked_search

PAGE = ["GET", "HEAD", "POST"]


@login_required
@require_safe
def index(request: PageRequest) -> HttpResponse:
    page = paginate_page(request, SavedListing.objects.of(request.user))
    live = Property.objects.live().for_cards().in_bulk([row.listing_id for row in page.rows])
    searches = SavedSearch.objects.of(request.user).with_news().order_by("-id")
    context = {
        "places": [(row, live.get(row.listing_id)) for row in page.rows],
        "next_cursor": page.next_cursor,
        "searches": [(search, _form_of(search)) for search in searches],
    }
    return render(request, "properties/saved.html", context)


@login_required
@require_http_methods(PAGE)
def listing(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """The heart: on the shortlist, off it, or another note. Who signs in meanwhile sees the list."""
    if request.method != "POST":
        return redirect("properties:saved")
    place = get_object_or_404(SavedListing.objects.listings_for(request.user), pk=pk)
    is_wanted = request.POST.get("save") != "0"
    form = NoteForm(request.POST)
    if is_wanted and form.is_valid():
        note = form.cleaned_data["note"] if "note" in request.POST else None
        saved.save_listing(listing=place, by=request.user, note=note)
    elif not is_wanted:
        saved.unsave_listing(listing_id=place.pk, by=request.user)
    else:
        messages.error(request, _("Please keep the note under 300 characters."))
    if request.headers.get("HX-Request"):
        context = {"listing": place, "is_saved": is_wanted, "back": request.POST.get("next", "")}
        return render(request, "properties/_heart.html", context)
    return redirect(next_page(request, "properties:saved"))


@login_required
@require_http_methods(PAGE)
def new_search(request: PageRequest) -> HttpResponse:
    """Keep the filters that stand in the address, as /rooms/ has them in its own."""
    wanted = asked_search(request)
    if not wanted.is_valid() or not wanted.is_narrowed or wanted.prices_to_ask:
        return redirect("properties:search")
    filters = wanted.filters()
    form = SavedSearchForm(request.POST or None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            saved.save_search(by=request.user, filters=filters, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
            status = error.status
        else:
            messages.success(request, _("Saved. We tell you what is new."))
            return redirect("properties:saved")
    context = {"form": form, "asked": saved.describe_filters(saved.kept_filters(filters))}
    return render(request, "properties/saved_new.html", context, status=status)


@login_required
@require_http_methods(PAGE)
def search(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """The places that a saved search finds now, newest first; POST changes the search."""
    kept = get_object_or_404(SavedSearch.objects.of(request.user).with_news(), pk=pk)
    form = _form_of(kept, request.POST if "change" in request.POST else None)
    if request.method == "POST" and not form.errors:
        return redirect(_change(request, kept, form))
    page = paginate_page(request, search_listings(kept.filters).for_cards())
    context = {
        "search": kept,
        "form": form,
        "asked": saved.describe_filters(kept.filters),
        "listings": page.rows,
        "next_cursor": page.next_cursor,
    }
    status = 422 if form.errors else 200
    return render(request, "properties/saved_search.html", context, status=status)


def _change(request: PageRequest, kept: SavedSearch, form: SavedSearchForm) -> Any:
    """Where to go on to when the asked change is made."""
    if "remove" in request.POST:
        saved.delete_search(search=kept, by=request.user)
        messages.success(request, _("The search is removed."))
        return "properties:saved"
    if form.is_bound:
        saved.change_search(search=kept, by=request.user, **form.cleaned_data)
        messages.success(request, _("Changed."))
        return "properties:saved"
    saved.mark_seen(search=kept, by=request.user)
    return kept


def _form_of(search: SavedSearch, data: Any = None) -> SavedSearchForm:
    initial = {"name": search.name, "frequency": search.frequency}
    return SavedSearchForm(data, initial=initial, auto_id=f"id_{search.pk}_%s")
