"""What listings hold about people, for the registry in ghar.accounts.personal."""

from pathlib import Path
import shutil
from typing import Any

from django.conf import settings
from django.db import transaction

from ghar.accounts.models import User
from ghar.accounts.personal import (
    DELETE,
    NOT_PERSONAL,
    register,
    register_eraser,
    register_exporter,
)
from ghar.properties.models import (
    LISTING,
    GeocodeJob,
    Property,
    PropertyMedia,
    SavedListing,
    SavedSearch,
    Upload,
)

_SAID_BY_POSTER = ("title", "description", "city", "locality", "society", "address", "unit")
_POSITION = ("latitude", "longitude", "cell_geohash", "cell_latitude", "cell_longitude")
_COPIES = ("search", "approved_digest")

register(
    "properties.Property",
    owner=DELETE,
    amenities=NOT_PERSONAL,
    costs_included=NOT_PERSONAL,
    contact_phone=DELETE,
    timezone=NOT_PERSONAL,
    **dict.fromkeys((*_SAID_BY_POSTER, *_POSITION, *_COPIES), DELETE),
)
register("properties.PropertyMedia", failure=NOT_PERSONAL, folder=DELETE, alt=DELETE)
register("properties.Upload", owner=DELETE, failure=NOT_PERSONAL, folder=DELETE)
register("properties.ImageJob", last_error=NOT_PERSONAL)
register(
    "properties.GeocodeJob",
    subject_type=NOT_PERSONAL,
    last_error=NOT_PERSONAL,
    **dict.fromkeys(("subject_id", "city", "locality"), DELETE),
)

register(
    "properties.SavedSearch",
    property_types=DELETE,
    last_error=NOT_PERSONAL,
    **dict.fromkeys(("user", "name", "filters", "city"), DELETE),
)
register("properties.SavedListing", **dict.fromkeys(("user", "title", "note"), DELETE))
register("properties.ListingArrival", last_error=NOT_PERSONAL)


def export_listings(user: User) -> dict[str, Any]:
    mine = Property.objects.owned_by(user)
    columns = (*_SAID_BY_POSTER, "latitude", "longitude", "contact_phone", "amenities", "timezone")
    facts = ("id", "status", "property_type", "purpose", "price_amount", "currency", "created_at")
    room = ("occupants", "flatmates_wanted", "lives_here", "extra_costs_amount", "costs_included")
    photos = PropertyMedia.objects.filter(listing__owner=user)
    return {
        "listings": list(mine.values(*facts, *room, *columns)),
        "photos": list(photos.values("id", "listing_id", "category", "alt", "created_at")),
        "uploads": list(Upload.objects.filter(owner=user).values("id", "purpose", "created_at")),
    }


def export_saved(user: User) -> dict[str, Any]:
    searches = SavedSearch.objects.of(user)
    shortlist = SavedListing.objects.of(user)
    return {
        "searches": list(searches.values("id", "name", "filters", "frequency", "created_at")),
        "shortlist": list(shortlist.values("listing_id", "title", "note", "created_at")),
    }


def erase_files(user: User) -> None:
    """The rows go with the account; their files go with them, once that is certain."""
    photos = PropertyMedia.objects.filter(listing__owner=user).values_list("folder", flat=True)
    uploads = Upload.objects.filter(owner=user).values_list("folder", flat=True)
    folders = [Path(settings.MEDIA_ROOT) / folder for folder in (*photos, *uploads)]

    def remove() -> None:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    transaction.on_commit(remove, robust=True)


def erase_places(user: User) -> None:
    """Only those that nobody could find are still there."""
    mine = Property.objects.owned_by(user).values("pk")
    GeocodeJob.objects.about(LISTING, mine).delete()


register_exporter("listings", export_listings)
register_exporter("saved", export_saved)
register_eraser(erase_files)
register_eraser(erase_places)
