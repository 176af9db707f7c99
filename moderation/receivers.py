import datetime as dt
from typing import Any

from django.dispatch import receiver

from ghar.properties.models import Property, PropertyMedia
from ghar.properties.signals import listing_status_changed, listing_submitted, media_ready
from moderation.services.cases import sync_cases
from moderation.services.checks import request_check


@receiver(listing_submitted)
def check_submitted_listing(listing: Property, now: dt.datetime, **_: Any) -> None:
    request_check(listing=listing, now=now)


@receiver(media_ready)
def index_ready_photo(media: PropertyMedia, now: dt.datetime, **_: Any) -> None:
    request_check(listing=media.listing, now=now)


@receiver(listing_status_changed)
def keep_cases_in_step(listing: Property, now: dt.datetime, **_: Any) -> None:
    sync_cases(listing=listing, now=now)
