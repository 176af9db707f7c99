from celery import shared_task

from ghar.lib import clock
from ghar.properties.services import listings, media


@shared_task(name="properties.process_due_media")
def process_due_media() -> None:
    media.process_due_media(now=clock.now())


@shared_task(name="properties.expire_listings")
def expire_listings() -> None:
    listings.expire_listings(now=clock.now())
