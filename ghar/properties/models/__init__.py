from ghar.properties.models.geocoding import LISTING, GeocodeJob
from ghar.properties.models.listings import AREA, CELL_POINT, Property, PropertyQuerySet
from ghar.properties.models.media import ImageJob, Picture, PropertyMedia, Upload, photo_url
from ghar.properties.models.saved import (
    NAME_LENGTH,
    NOTE_LENGTH,
    ListingArrival,
    SavedListing,
    SavedMatch,
    SavedSearch,
    SavedSearchQuerySet,
    city_key,
)

__all__ = [
    "AREA",
    "CELL_POINT",
    "LISTING",
    "NAME_LENGTH",
    "NOTE_LENGTH",
    "GeocodeJob",
    "ImageJob",
    "ListingArrival",
    "Picture",
    "Property",
    "PropertyMedia",
    "PropertyQuerySet",
    "SavedListing",
    "SavedMatch",
    "SavedSearch",
    "SavedSearchQuerySet",
    "Upload",
    "city_key",
    "photo_url",
]
