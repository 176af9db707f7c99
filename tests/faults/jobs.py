"""Work that waits for a worker, and the time that its leases take."""

import datetime as dt
from itertools import count

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.models import ClockOffset
from ghar.notifications.models import Channel, Delivery, Purpose
from ghar.properties.models import ImageJob, Property, PropertyMedia
from ghar.properties.services.media import original_path
from moderation.models import ListingCheck
from tests.factories import NotificationFactory, PhotoFactory, PropertyFactory

# Longer than any lease, and than the last pause before a mail is tried again.
LONG = dt.timedelta(hours=3)

_numbers = count()


def a_waiting_photo(listing: Property, content: bytes) -> ImageJob:
    """As add_photo leaves it, without the message that would wake a worker."""
    number = next(_numbers)
    photo = PropertyMedia.objects.create(listing=listing, folder=f"cc/{number}", position=number)
    original_path(photo).parent.mkdir(parents=True)
    original_path(photo).write_bytes(content)
    return ImageJob.objects.create(media=photo, due_at=clock.now())


def a_waiting_check() -> ListingCheck:
    """As a submission leaves it."""
    listing = PropertyFactory(status="submitted", submitted_at=clock.now())
    PhotoFactory(listing=listing)
    ListingCheck.objects.request(listing=listing, now=clock.now())
    return listing.checks.get()


def a_waiting_mail(reader: User) -> Delivery:
    line = NotificationFactory(user=reader, is_dispatched=True)
    return Delivery.objects.create(
        user=reader,
        notification=line,
        channel=Channel.EMAIL,
        purpose=Purpose.VIEWINGS,
        type=line.type,
        title=line.title,
        route=line.route,
        key=f"{line.pk}-email",
        due_at=clock.now(),
    )


def much_later() -> None:
    """For the processes: what somebody held until now is free."""
    ahead = ClockOffset.current() + LONG
    ClockOffset.objects.update_or_create(id=1, defaults={"offset": ahead})
