import datetime as dt
from typing import Any

from django.dispatch import receiver

from ghar.accounts.models import User
from ghar.accounts.policies import register_appeals
from ghar.properties.models import Property, PropertyMedia
from ghar.properties.signals import listing_status_changed, listing_submitted, media_ready
from moderation.policies import can_appeal_suspension
from moderation.services.cases import outdate_cases, sync_cases
from moderation.services.checks import request_check
from moderation.services.pauses import release_pauses_of
from moderation.signals import person_restored

register_appeals(can_appeal_suspension)


@receiver(listing_submitted)
def check_submitted_listing(listing: Property, now: dt.datetime, **_: Any) -> None:
    outdate_cases(listing=listing)
    request_check(listing=listing, now=now)


@receiver(media_ready)
def index_ready_photo(media: PropertyMedia, now: dt.datetime, **_: Any) -> None:
    request_check(listing=media.listing, now=now)


@receiver(listing_status_changed)
def keep_cases_in_step(listing: Property, now: dt.datetime, **_: Any) -> None:
    sync_cases(listing=listing, now=now)


@receiver(person_restored)
def bring_back_what_reports_kept_down(person: User, now: dt.datetime, **_: Any) -> None:
    release_pauses_of(person=person, now=now)
