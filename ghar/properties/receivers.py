from typing import Any

from django.dispatch import receiver

from ghar.properties.models import LISTING
from ghar.properties.services import alerts
from ghar.properties.services.geocoding import place_listing
from ghar.properties.signals import listing_status_changed, place_found


@receiver(listing_status_changed)
def announce(sender: Any, listing: Any, now: Any, **kwargs: Any) -> None:
    alerts.announce_listing(listing=listing, now=now)


@receiver(place_found)
def place(
    sender: Any,
    subject_type: str,
    subject_id: Any,
    city: str,
    locality: str,
    point: Any,
    now: Any,
    **kwargs: Any,
) -> None:
    if subject_type == LISTING:
        place_listing(listing_id=subject_id, city=city, locality=locality, point=point, now=now)
