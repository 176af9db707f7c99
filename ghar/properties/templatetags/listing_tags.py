"""Pieces of listing pages: addresses of photos, and amenities in words."""

from django import template

from ghar.properties.models import PropertyMedia
from ghar.properties.models import photo_url as url_of
from ghar.properties.states import Amenity

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
def amenity_label(amenity: str) -> str:
    """Ours in the reader's language, others as the poster wrote them."""
    return str(Amenity(amenity).label) if amenity in Amenity.values else amenity
