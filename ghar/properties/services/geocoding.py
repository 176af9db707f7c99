"""Places without coordinates get a cell from a worker, so that the search by radius finds them.

A listing that is placed by its city and part of town has its cell from the table of places at
once; the worker's provider may know better. What the poster says himself always wins, and what is
found here fills the public cell alone, never the coordinates.
"""

import datetime as dt
from typing import Any, Final

from django.db import transaction

from ghar.errors import Unavailable
from ghar.lib.claim import claim_due
from ghar.lib.geo import Point
from ghar.lib.wake import wake
from ghar.properties.models import GeocodeJob, Property
from ghar.properties.rules import public_cell
from ghar.properties.services import geocoders
from ghar.properties.services.moves import lock_listing
from ghar.properties.services.review import ask_for_check
from ghar.properties.signals import place_found

JOBS_A_RUN: Final = 20
FIRST_RETRY: Final = dt.timedelta(minutes=1)


def request_geocoding(
    *, subject_type: str, subject_id: Any, city: str, locality: str, now: dt.datetime
) -> None:
    """Have a worker find the place and send `place_found`; in the transaction of the cause.

    `subject_type` is the asking app's own word. Without a city there is nothing to find.
    """
    if not city:
        GeocodeJob.objects.about(subject_type, [subject_id]).delete()
        return
    GeocodeJob.objects.request(
        subject_type=subject_type, subject_id=subject_id, city=city, locality=locality, now=now
    )
    wake("properties.run_due_geocoding")


def run_due_geocoding(*, now: dt.datetime) -> int:
    """Find the places that wait, one claim at a time. Returns how many were tried."""
    for count in range(JOBS_A_RUN):
        claimed = claim_due(GeocodeJob.objects.all(), now=now, limit=1)
        if not claimed:
            return count
        _find(claimed[0], now=now)
    wake("properties.run_due_geocoding")
    return JOBS_A_RUN


def _find(job: GeocodeJob, *, now: dt.datetime) -> None:
    """Outside any transaction: the provider may take seconds."""
    try:
        point = geocoders.find(job.city, job.locality)
    except Unavailable as error:
        _same(job).update(
            lease_until=None,
            due_at=now + FIRST_RETRY * 2**job.attempts,
            last_error=str(error.message)[:200],
        )
    else:
        _answer(job, point, now=now)


@transaction.atomic
def _answer(job: GeocodeJob, point: Point | None, *, now: dt.datetime) -> None:
    """Tell whoever asked, then forget it. The subject's row is locked before the job's."""
    if point is not None:
        place_found.send(
            sender=GeocodeJob,
            subject_type=job.subject_type,
            subject_id=job.subject_id,
            city=job.city,
            locality=job.locality,
            point=point,
            now=now,
        )
    _same(job).delete()


def _same(job: GeocodeJob) -> Any:
    """The row, unless something else was asked meanwhile."""
    return GeocodeJob.objects.filter(pk=job.pk, city=job.city, locality=job.locality)


def place_listing(
    *, listing_id: Any, city: str, locality: str, point: Point, now: dt.datetime
) -> None:
    """Put the listing into the cell of `point`, if it still is where that was asked about."""
    if not Property.objects.filter(pk=listing_id).exists():
        return
    listing = lock_listing(Property(pk=listing_id))
    is_elsewhere = (listing.city, listing.locality) != (city, locality)
    if is_elsewhere or listing.latitude is not None:
        return
    cell = public_cell(
        city=city, locality=locality, latitude=point.latitude, longitude=point.longitude
    )
    if cell[0] == listing.cell_geohash:
        return
    listing.cell_geohash, listing.cell_latitude, listing.cell_longitude = cell
    listing.save(update_fields=["cell_geohash", "cell_latitude", "cell_longitude", "updated_at"])
    ask_for_check(listing, now=now)
