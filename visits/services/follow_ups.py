"""On the day on which somebody promised to be in touch again, they are reminded of it."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
import structlog

from ghar.accounts.models import User
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from visits.models import Visit

log = structlog.get_logger(__name__)

MORNING: Final = dt.time(9)
# For so long a sweep that did not run is made up for.
KEPT: Final = dt.timedelta(days=3)


def remind_of_follow_ups(*, now: dt.datetime) -> int:
    """From nine in the morning where the place is; each promise once, however often this runs."""
    tomorrow = now.date() + dt.timedelta(days=1)  # where the day begins first, it is that already
    visits = Visit.objects.to_follow_up(tomorrow).filter(follow_up_date__gt=tomorrow - KEPT)
    return sum(_remind_if_due(visit, now) for visit in visits.for_detail())


def _remind_if_due(visit: Visit, now: dt.datetime) -> bool:
    try:
        reader = _who_promised(visit) if _is_due(visit, now) else None
        if reader is not None:
            _remind(visit, reader, now)
    except Exception:
        # It is tried again with the next run; the promises of others must not wait for it.
        log.exception("follow_up_failed", visit=str(visit.pk))
        return False
    return reader is not None


def _is_due(visit: Visit, now: dt.datetime) -> bool:
    day, zone = visit.follow_up_date, ZoneInfo(visit.timezone)
    return day is not None and dt.datetime.combine(day, MORNING, zone) <= now


def _who_promised(visit: Visit) -> User | None:
    if not visit.is_tour:
        return visit.counterparty
    return visit.agent.user if visit.agent and visit.agent.user else visit.host


def _remind(visit: Visit, reader: User, now: dt.datetime) -> None:
    words = {"place": visit.listing.title, "visitor": visit.user.public_name}
    notify(
        Line(
            to=reader,
            type=NotificationType.VISIT_REMINDER,
            title=format_lazy(_("Today: be in touch about {place}"), **words),
            body=format_lazy(_("You promised it to {visitor} after the visit."), **words),
            route=visit.get_absolute_url(),
            key=f"follow-up-{visit.pk}-{visit.follow_up_date}",
        ),
        now=now,
        purpose=Purpose.VIEWINGS,
    )
