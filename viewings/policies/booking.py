"""Who may ask to see a place, and which times may be proposed?"""

from collections.abc import Collection, Iterable, Sequence
import datetime as dt
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ghar.accounts.models import Principal
from ghar.errors import Conflict, Invalid, ListingNotAvailable, NotAllowed, NotFound, RateLimited
from ghar.lib.validators import timezones
from ghar.properties.models import Property
from moderation.models import Block
from viewings.models import MAX_OPEN_OPTIONS, ViewingRequest, ViewingTimeOption
from viewings.policies.settings import current_settings

# Of a viewing whose end nobody names.
USUAL_LENGTH: Final = dt.timedelta(minutes=30)


class ProposedTime(NamedTuple):
    start_at: dt.datetime
    end_at: dt.datetime
    timezone: str


# --- Asking for a viewing -----------------------------------------------------------------------
def check_can_request(listing: Property, by: Principal | None) -> None:
    """`by` is None for a reader without a session yet."""
    if by is not None and by.pk == listing.owner_id:
        raise NotAllowed(_("This is your own place."))
    if by is not None and Block.objects.between(by.pk, listing.owner_id).exists():
        raise NotFound
    if listing.is_live and listing.owner.is_active and not listing.owner.is_suspended:
        return
    if listing.published_at or (by is not None and by.is_admin):
        raise ListingNotAvailable
    raise NotFound


def check_has_not_asked(active: Iterable[ViewingRequest], listing: Property) -> None:
    """One that is not over for a listing."""
    for viewing in active:
        if viewing.listing_id == listing.pk:
            raise Conflict(
                _("You have already asked to see this place."),
                code="REQUEST_OPEN",
                details={"viewing_request_id": str(viewing.pk)},
            )


def check_has_room(active: Iterable[ViewingRequest]) -> None:
    """Altogether only so many that still need an answer."""
    if sum(viewing.is_open for viewing in active) >= settings.OPEN_VIEWINGS_PER_SEEKER:
        raise RateLimited(
            _("You have several requests open. Please settle or cancel one of them first."),
            retry_after=60 * 60,
        )


# --- Times ----------------------------------------------------------------------------------------
def check_times(
    times: Sequence[ProposedTime], *, now: dt.datetime, beside: Collection[ViewingTimeOption] = ()
) -> None:
    """The times may be proposed, in addition to the proposer's own open ones."""
    if not times:
        raise _wrong_times(_("Please propose at least one time."))
    if len(times) + len(beside) > MAX_OPEN_OPTIONS:
        raise _wrong_times(
            ngettext(
                "At most %(most)d time can be open at once.",
                "At most %(most)d times can be open at once.",
                MAX_OPEN_OPTIONS,
            )
            % {"most": MAX_OPEN_OPTIONS},
            code="TOO_MANY_OPTIONS",
        )
    for time in times:
        check_time(time, now=now)
    spans = [(time.start_at, time.end_at) for time in times] + [option.span for option in beside]
    if len(set(spans)) < len(spans):
        raise _wrong_times(_("Please propose each time once."))


def check_time(time: ProposedTime, *, now: dt.datetime) -> None:
    limits = current_settings()
    if time.timezone not in timezones():
        raise _wrong_times(_("Please use a time zone such as Africa/Kigali."))
    if time.end_at <= time.start_at:
        raise _wrong_times(_("A viewing must end after it starts."))
    if time.end_at - time.start_at > limits.longest:
        raise _wrong_times(_("A viewing takes three hours at most."))
    if time.start_at <= now:
        raise _wrong_times(_("This time has passed."), code="PAST_DATE")
    if time.start_at < now + limits.lead:
        raise _wrong_times(_("This is too soon: people need half an hour."), code="TOO_SOON")
    if time.start_at > now + limits.horizon:
        raise _wrong_times(_("This is too far ahead."), code="TOO_FAR")


def check_is_ahead(option: ViewingTimeOption, now: dt.datetime) -> None:
    if option.start_at <= now:
        raise _wrong_times(_("This time has passed."), code="PAST_DATE")


def _wrong_times(message: Any, *, code: str = "") -> Invalid:
    return Invalid.field("time_options", message, code=code)


def hold_end(start_at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Until when a selected time is kept for the other side to confirm."""
    limits = current_settings()
    latest = start_at - dt.timedelta(hours=limits.hold_ends_hours_ahead)
    end = min(now + dt.timedelta(hours=limits.hold_hours), latest)
    return min(max(end, now + dt.timedelta(minutes=limits.shortest_hold_minutes)), start_at)


def bookable(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Between which instants a viewing may start."""
    limits = current_settings()
    return now + limits.lead, now + limits.horizon
