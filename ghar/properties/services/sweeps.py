"""What time does to listings: asked about, paused, expired.

There is one clock, `expires_at`: sixty days after the poster last touched the listing (approval,
edit, renewal, pause, return; never a view or a like). When it rings, a live listing is not taken
down but asked about; "yes" is a renewal, silence for seven days a pause with the way back. For a
paused listing it is the end: it expires, and a renewal brings it back. Rooms with people have a
promise beside it, the move-in date: the day after, they are paused until there is a new one.

Each sweep takes a batch, looks again at each row under its lock, and may run twice.
"""

from collections.abc import Callable
import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
import structlog

from ghar.audit import services as audit
from ghar.lib.actors import SYSTEM
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.properties.models import Property, PropertyQuerySet
from ghar.properties.rules import touched
from ghar.properties.services.moves import host_page, lock_listing, move_listing
from ghar.properties.states import PauseReason

log = structlog.get_logger(__name__)

BATCH: Final = 200
ANSWER_WITHIN: Final = dt.timedelta(days=7)


def ask_if_available(*, now: dt.datetime) -> int:
    return _each(Property.objects.to_ask_at(now), _ask, now=now)


def answer_by(listing: Property) -> dt.datetime | None:
    """Until when we wait to hear that it is still available; None if nobody was asked."""
    return listing.asked_at + ANSWER_WITHIN if listing.is_live and listing.asked_at else None


def pause_unanswered(*, now: dt.datetime) -> int:
    due = Property.objects.unanswered_since(now - ANSWER_WITHIN)
    return _each(due, _pause, now=now, reason=PauseReason.NOT_CONFIRMED)


def pause_past_move_in(*, now: dt.datetime) -> int:
    due = Property.objects.past_move_in_at(now)
    return _each(due, _pause, now=now, reason=PauseReason.MOVE_IN_PASSED)


def expire_listings(*, now: dt.datetime) -> int:
    return _each(Property.objects.expired_by(now), _expire, now=now)


def _each(due: PropertyQuerySet, change: Callable[..., None], **how: Any) -> int:
    """`change` up to a batch of the rows, each in its own transaction. Returns how many."""
    found = list(due.values_list("pk", flat=True)[:BATCH])
    return sum(_change_or_go_on(due, pk, change, **how) for pk in found)


def _change_or_go_on(
    due: PropertyQuerySet, pk: Any, change: Callable[..., None], **how: Any
) -> bool:
    """One that cannot be changed must not stop the others, nor the sweeps that follow."""
    try:
        return _change(due, pk, change, **how)
    except Exception:
        log.exception("listing_not_swept", listing=str(pk))
        return False


@transaction.atomic
def _change(due: PropertyQuerySet, pk: Any, change: Callable[..., None], **how: Any) -> bool:
    listing = lock_listing(Property(pk=pk))
    if not due.filter(pk=pk).exists():  # moved on between the look and the lock
        return False
    change(listing, **how)
    return True


def _ask(listing: Property, *, now: dt.datetime) -> None:
    listing.asked_at = now
    listing.save(update_fields=["asked_at"])
    audit.record(by=SYSTEM, action="listing_asked_about", target=listing, now=now)
    notify(
        Line(
            to=listing.owner,
            type=NotificationType.LISTING_PAUSED,
            title=format_lazy(_("Is {title} still available?"), title=listing),
            body=_(
                "You have not changed it for sixty days. Tell us with one tap that it is still"
                " available, or that it is let. If we hear nothing, we pause it in seven days."
            ),
            route=host_page(listing),
            key=f"still_available:{listing.pk}:{now:%Y%m%d}",
        ),
        now=now,
        purpose=Purpose.MODERATION,
    )


def _pause(listing: Property, *, reason: PauseReason, now: dt.datetime) -> None:
    changes = touched(now) | {"pause_reason": reason}
    move_listing(listing=listing, verb="pause", by=SYSTEM, now=now, **changes)


def _expire(listing: Property, *, now: dt.datetime) -> None:
    move_listing(listing=listing, verb="expire", by=SYSTEM, now=now)
