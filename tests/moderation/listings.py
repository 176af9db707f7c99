"""Listings with ready photos, sent in and checked the way that posters do it."""

from collections.abc import Sequence
from pathlib import Path
import secrets
from typing import Any

from django.conf import settings
from PIL import Image

from ghar.properties.images import clean_image
from ghar.properties.models import Property, PropertyMedia
from ghar.properties.services.listings import create_listing, submit_listing
from ghar.properties.states import MediaStatus
from tests.moderation.pictures import as_jpeg, draw

FACTS: dict[str, Any] = {
    "property_type": "apartment",
    "purpose": "rent",
    "title": "Sunny two bedroom flat near the market",
    "description": "A quiet flat on the second floor with morning light, a balcony to the garden, "
    "a kitchen with gas and filtered water, and ten minutes on foot to the bus park.",
    "city": "Kigali",
    "locality": "Kimironko",
    "address": "12 KG 11 Avenue",
    "unit": "2B",
    "latitude": -1.9441,
    "longitude": 30.1269,
    "price_amount": 350_000,
    "currency": "RWF",
    "bedrooms": 2,
    "bathrooms": 1,
    "area_sqft": 900,
    "contact_phone": "+250788123456",
}
# Another home, so that only photos can tell two listings together.
ELSEWHERE: dict[str, Any] = {
    "title": "Family house with a wide garden",
    "description": "Four rooms around a courtyard, mango trees, a guard's hut and parking for two "
    "cars; schools and a clinic are close by and the road is paved.",
    "locality": "Kacyiru",
    "address": "7 KG 620 Street",
    "unit": "",
    "latitude": -1.9302,
    "longitude": 30.0801,
    "price_amount": 900_000,
    "bedrooms": 4,
    "area_sqft": 2_400,
    "contact_phone": "+250788999111",
}


def make_listing(owner: Any, *, pictures: Sequence[Image.Image] = (), **facts: Any) -> Property:
    listing = create_listing(by=owner, **(FACTS | facts))
    for picture in pictures or [draw(abs(hash((listing.pk, n)))) for n in range(2)]:
        add_ready_photo(listing, picture)
    return listing


def submitted(owner: Any, **kwargs: Any) -> Property:
    """Sent in; the check runs when the surrounding block commits."""
    return submit_listing(listing=make_listing(owner, **kwargs), by=owner)


def add_ready_photo(listing: Property, picture: Image.Image) -> PropertyMedia:
    """A photo that has been through the pipeline."""
    clean = clean_image(as_jpeg(picture))
    folder = Path(settings.MEDIA_ROOT) / secrets.token_hex(8)
    folder.mkdir(parents=True)
    for name, content in clean.files.items():
        (folder / f"{name}.jpg").write_bytes(content)
    return PropertyMedia.objects.create(
        listing=listing,
        status=MediaStatus.READY,
        folder=folder.name,
        width=clean.width,
        height=clean.height,
        position=listing.media.count(),
    )
