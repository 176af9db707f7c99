"""The host's photos of one listing: add, order, describe, remove."""

from typing import Any, cast
import uuid

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ghar.api import limits
from ghar.api.errors import with_error_headers
from ghar.errors import DomainError, Invalid
from ghar.lib.guards import PageRequest, login_required
from ghar.properties.forms import PhotoUploadForm, PhotoWordsForm
from ghar.properties.images import rejection_message
from ghar.properties.models import Property, PropertyMedia
from ghar.properties.policies import can_edit, has_open_points
from ghar.properties.services import media
from ghar.properties.states import MediaCategory
from ghar.properties.views.host import PAGE, own_listing, steps_of

MOVES = {"earlier": -1, "later": 1}


@login_required
@require_http_methods(PAGE)
def photos(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """All photos; a POST adds those that it carries."""
    listing = own_listing(request, pk)
    if request.method != "POST":
        return _page(request, listing)
    try:
        _add(request, listing)
    except DomainError as error:
        return _page(request, own_listing(request, pk), error=error)
    return redirect("properties:photos", pk=pk)


def _add(request: PageRequest, listing: Property) -> None:
    form = PhotoUploadForm(request.POST)
    files = request.FILES.getlist("file")
    if not files:
        raise Invalid.field("file", _("Please choose at least one photo."))
    category = form.cleaned_data["category"] if form.is_valid() else ""
    for file in files:
        limits.hit("uploads", str(request.user.pk))
        media.add_photo(
            listing=listing, file=file, category=category or MediaCategory.OTHER, by=request.user
        )


@login_required
@require_safe
def grid(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """The photos alone, for the page that watches them being prepared."""
    return render(request, "properties/_photos.html", _context(own_listing(request, pk)))


@login_required
@require_POST
def order(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """`order` names every photo in its place; without a script, `move` names one and where to."""
    listing = own_listing(request, pk)
    ids = posted_order(request)
    try:
        media.order_photos(listing=listing, media_ids=ids, by=request.user)
    except DomainError as error:
        return _page(request, own_listing(request, pk), error=error)
    return redirect("properties:photos", pk=pk)


def posted_order(request: PageRequest) -> list[uuid.UUID]:
    """The ids that the page showed (`order`), after the move that its reader asked for (`move`)."""
    try:
        ids = [uuid.UUID(text) for text in request.POST.getlist("order")]
        if "move" in request.POST:
            ids = _moved(ids, request.POST["move"])
    except (ValueError, KeyError) as error:
        raise Http404 from error
    return ids


def _moved(ids: list[uuid.UUID], move: str) -> list[uuid.UUID]:
    """`<id>:earlier`, `<id>:later` or `<id>:first`."""
    name, _colon, where = move.partition(":")
    media_id = uuid.UUID(name)
    place = 0 if where == "first" else max(0, ids.index(media_id) + MOVES[where])
    rest = [each for each in ids if each != media_id]
    return [*rest[:place], media_id, *rest[place:]]


@login_required
@require_POST
def change(request: PageRequest, pk: uuid.UUID, media_id: uuid.UUID) -> HttpResponse:
    """Remove one photo, or give it other words."""
    listing = own_listing(request, pk)
    try:
        if "remove" in request.POST:
            media.remove_photo(listing=listing, media_id=media_id, by=request.user)
        else:
            _describe(request, listing, media_id)
    except DomainError as error:
        return _page(request, own_listing(request, pk), error=error)
    return redirect("properties:photos", pk=pk)


def _describe(request: PageRequest, listing: Property, media_id: uuid.UUID) -> None:
    form = PhotoWordsForm(request.POST)
    if not form.is_valid():
        raise Invalid(details={"fields": form.errors})
    media.describe_photo(listing=listing, media_id=media_id, by=request.user, **form.cleaned_data)


def _page(
    request: PageRequest, listing: Property, *, error: DomainError | None = None
) -> HttpResponse:
    context = _context(listing) | {
        "upload_form": PhotoUploadForm(),
        "error": error,
        "max_bytes": settings.MEDIA_MAX_BYTES,
        "most": settings.MEDIA_MAX_PER_LISTING,
        "can_edit": can_edit(listing, request.user),
        "has_open_points": listing.is_in_review or has_open_points(listing),
        "steps": steps_of(listing, current="photos") if listing.is_draft else [],
    }
    if error is None:
        return render(request, "properties/photos.html", context)
    page = render(request, "properties/photos.html", context, status=error.status)
    return with_error_headers(page, error)


def _context(listing: Property) -> dict[str, Any]:
    return {"listing": listing, "photos": [_shown(photo) for photo in listing.shown_media]}


def _shown(photo: Any) -> PropertyMedia:
    """The row with what the page says about it."""
    photo.words_form = PhotoWordsForm(instance=photo, auto_id=f"id_{photo.pk}_%s")
    photo.failure_text = rejection_message(photo.failure) if photo.failure else ""
    return cast(PropertyMedia, photo)
