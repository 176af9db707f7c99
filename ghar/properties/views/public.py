"""What everybody sees: the search, one listing, its photos."""

import datetime as dt
from typing import Any, Final
import uuid

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from ghar import flags
from ghar.accounts.authentication import caller_by_cookies
from ghar.api.pages import Page, paginate_page
from ghar.lib.formats import format_money
from ghar.lib.guards import PageRequest
from ghar.lib.places import city_names
from ghar.properties.areas import Area, areas_of, areas_of_everything, is_area
from ghar.properties.forms import SavedSearchForm, SearchForm
from ghar.properties.models import Picture, Property, PropertyMedia, PropertyQuerySet, Upload
from ghar.properties.rules import market_of_reader
from ghar.properties.search import in_area, order_of, search_listings
from ghar.properties.services.media import picture_path
from ghar.properties.services.saved import kept_filters, words_of_filters

# A photo of a listing that was taken down is gone from every cache after this.
PUBLIC_PHOTO: Final = "public, max-age=600"
# "More than 100" helps as much as 4,711, and costs no more with a million places.
COUNTED: Final = 100
NOTHING: Final = Page(rows=[], next_cursor=None, limit=0, total=None)


@require_safe
def search(request: PageRequest) -> HttpResponse:
    form = asked_search(request)
    page = NOTHING if form.errors else _page_of(request, form, _wanted(form))
    context = {
        **_search_context(request, form, page),
        "found": None if form.errors else _count(request, form, page),
        "most_counted": COUNTED,
        "save_form": SavedSearchForm(),
    }
    # "Show more" asks for the cards alone; without htmx it is a page like any other.
    template = "_results.html" if request.headers.get("HX-Request") else "search.html"
    return render(request, f"properties/{template}", context, status=422 if form.errors else 200)


@require_safe
def on_map(request: PageRequest) -> HttpResponse:
    """Where there are places, by area; with an area in the address its places as well."""
    form, area = asked_search(request), request.GET.get("area", "")
    if area and not is_area(area):
        raise Http404
    wanted = Property.objects.none() if form.errors else _wanted(form)
    if area:
        wanted = wanted.filter(in_area(area))
    page = _page_of(request, form, wanted) if area and not form.errors else NOTHING
    context = _search_context(request, form, page)
    if request.headers.get("HX-Request"):
        return render(request, "properties/_results.html", context)
    context |= {
        "areas": _areas(form, wanted, page, within=area),
        "area": area,
        "tiles": settings.MAP_TILES_URL,
        "attribution": settings.MAP_ATTRIBUTION,
    }
    return render(request, "properties/map.html", context, status=422 if form.errors else 200)


def _areas(form: SearchForm, wanted: PropertyQuerySet, page: Page, *, within: str) -> list[Area]:
    if within and not page.rows:
        return []  # what was let a moment ago may still be counted
    if form.is_bound and (form.errors or form.is_narrowed):
        return areas_of(wanted, within=within)
    # What has just come to an area that was empty is not counted yet.
    return areas_of_everything(within=within) or areas_of(wanted, within=within)


def asked_search(request: PageRequest) -> SearchForm:
    """The filters that stand in the address, validated."""
    form = SearchForm(request.GET or None, usual_currency=currency_of_reader(request))
    form.is_valid()
    return form


def currency_of_reader(request: HttpRequest) -> str:
    """The money in which the reader most likely thinks: of the account's zone, else the language."""
    accepted = request.headers.get("Accept-Language", "").split(",")
    market = market_of_reader(
        zone=getattr(request.user, "timezone", ""),
        languages=[get_language() or "", *(tag.split(";")[0].strip() for tag in accepted)],
    )
    return str(settings.MARKETS[market]["currency"]) if market else ""


def _wanted(form: SearchForm) -> PropertyQuerySet:
    return search_listings(form.filters() if form.is_bound else {})


def _count(request: PageRequest, form: SearchForm, page: Page) -> int | None:
    """How many places fit, up to one more than COUNTED; said on the first page alone."""
    if "cursor" in request.GET:
        return None
    return len(page.rows) if page.next_cursor is None else _wanted(form)[: COUNTED + 1].count()


def _page_of(request: PageRequest, form: SearchForm, listings: PropertyQuerySet) -> Page:
    asked = form.cleaned_data if form.is_bound else {}
    order = order_of(asked.get("sort", ""), currency=asked.get("currency", ""))
    return paginate_page(request, listings.for_cards(), order=order)


def _search_context(request: PageRequest, form: SearchForm, page: Page) -> dict[str, Any]:
    return {
        "form": form,
        "filters": _query_with(request, area=None, cursor=None),
        "listings": page.rows,
        "is_more": bool(request.headers.get("HX-Request")),
        "next_query": page.next_cursor and _query_with(request, cursor=page.next_cursor),
        "cities": city_names(),
        "is_narrowed": form.is_bound and not form.errors and form.is_narrowed,
        "in_use": _filters_in_use(request, form) if form.is_bound and not form.errors else [],
        "prices_to_ask": [
            {
                "label": format_money(amount, currency),
                "query": _query_with(request, currency=currency, cursor=None),
            }
            for currency, amount in form.prices_to_ask.items()
        ],
    }


def _filters_in_use(request: PageRequest, form: SearchForm) -> list[dict[str, str]]:
    """Each filter in words, with the query of the page without it."""
    words = words_of_filters(kept_filters(form.filters()))
    return [
        {"words": said, "query": _query_with(request, **{name: None}, cursor=None)}
        for name, said in words.items()
    ]


def _query_with(request: PageRequest, **changes: str | None) -> str:
    """The query of this page with other values; without those that are None."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return query.urlencode()


@require_safe
def detail(request: PageRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    visible = Property.objects.visible_to(request.caller)
    listing = get_object_or_404(visible.for_detail(), pk=pk)
    if request.path != listing.get_absolute_url():
        return redirect(listing, permanent=listing.is_live)
    return render(request, "properties/detail.html", listing_context(request, listing))


def listing_context(request: PageRequest, listing: Property) -> dict[str, Any]:
    """For the page of one listing, and its preview."""
    is_own = request.user.pk == listing.owner_id
    return {
        "listing": listing,
        "photos": listing.ready_media,
        "is_own": is_own,
        "can_ask_for_viewing": listing.is_live and not is_own and flags.is_on(flags.VIEWINGS),
    }


@require_safe
def photo(request: PageRequest, pk: uuid.UUID, size: str) -> HttpResponseBase:
    """A photo for whoever may see its listing; who asks matters only where not everybody may."""
    media = PropertyMedia.objects.shown_to(None).filter(pk=pk).first()
    if media is not None:
        return picture_response(media, size, cache=PUBLIC_PHOTO)
    request.caller = caller_by_cookies(request)
    if getattr(request.caller, "is_suspended", False):
        raise Http404
    shown = PropertyMedia.objects.shown_to(request.caller)
    return picture_response(get_object_or_404(shown, pk=pk), size, cache="private, no-store")


@require_safe
def upload(request: PageRequest, pk: uuid.UUID, size: str) -> HttpResponseBase:
    """A picture that somebody sent, for himself and for staff."""
    shown = Upload.objects.shown_to(request.caller)
    return picture_response(get_object_or_404(shown, pk=pk), size, cache="private, no-store")


class ListingSitemap(Sitemap):
    """Live listings and nothing else; robots.txt names each file of them."""

    limit = 5000

    def items(self) -> PropertyQuerySet:
        return Property.objects.newest().only("title", "locality", "updated_at")

    def lastmod(self, listing: Property) -> dt.datetime:
        return listing.updated_at


def picture_response(picture: Picture, size: str, *, cache: str) -> HttpResponse:
    """The edge sends the file that X-Ghar-File names, so that no thread waits for a slow reader."""
    path = picture_path(picture, size).relative_to(settings.MEDIA_ROOT)
    headers = {"X-Ghar-File": str(path), "Cache-Control": cache}
    return HttpResponse(headers=headers, content_type="image/jpeg")
