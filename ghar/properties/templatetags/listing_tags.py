"""Pieces of listing pages: addresses of photos, and amenities in words."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from ghar.lib.formats import format_area
from ghar.properties.models import Property, PropertyMedia, SavedListing
from ghar.properties.models import photo_url as url_of
from ghar.properties.rules import area_unit_of
from ghar.properties.states import Amenity, Cost

register = template.Library()

# Long sides of the sizes that the pipeline makes; the largest keeps the photo's own.
_SIDES = {"small": 320, "medium": 960}


@register.filter
def photo_url(photo: PropertyMedia, size: str) -> str:
    """`{{ photo|photo_url:"medium" }}`."""
    return url_of(photo.pk, size)


@register.filter
def srcset(photo: PropertyMedia) -> str:
    """Every size with its true width in pixels, for `<img srcset>`."""
    width, height = photo.width or 0, photo.height or 0
    longest = max(width, height, 1)
    parts = [
        f"{url_of(photo.pk, size)} {round(width * side / longest)}w"
        for size, side in _SIDES.items()
        if side < longest
    ]
    return ", ".join([*parts, f"{url_of(photo.pk, 'large')} {width}w"])


@register.filter
def area(listing: Property) -> str:
    """`{{ listing|area }}`, in the unit in which its size was asked for; empty where none is said."""
    return format_area(listing.area_sqft, area_unit_of(listing)) if listing.area_sqft else ""


@register.filter
def amenity_label(amenity: str) -> str:
    """Ours in the reader's language, others as the poster wrote them."""
    return str(Amenity(amenity).label) if amenity in Amenity.values else amenity


@register.filter
def cost_labels(costs: Iterable[str]) -> str:
    """As one says them: water, gas and internet."""
    return get_text_list([str(Cost(cost).label).lower() for cost in costs], _("and"))


@register.inclusion_tag("properties/_heart.html", takes_context=True)
def heart(context: template.Context, listing: Property) -> dict[str, Any]:
    """Puts a place on the reader's shortlist or takes it off; asked once for all cards of a page."""
    request, user = context["request"], context["user"]
    if user.is_authenticated and not hasattr(request, "saved_ids"):
        request.saved_ids = SavedListing.objects.ids_of(user)
    return {
        "listing": listing,
        "user": user,
        "is_saved": listing.pk in getattr(request, "saved_ids", ()),
        "back": request.get_full_path(),
    }
