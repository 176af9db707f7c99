from ghar.properties.models.listings import CELL_POINT, Property, PropertyQuerySet
from ghar.properties.models.media import ImageJob, Picture, PropertyMedia, Upload, photo_url

__all__ = [
    "CELL_POINT",
    "ImageJob",
    "Picture",
    "Property",
    "PropertyMedia",
    "PropertyQuerySet",
    "Upload",
    "photo_url",
]
