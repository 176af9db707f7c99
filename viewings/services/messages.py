"""Beside the negotiation: a message, a meeting point, a look by the team."""

import datetime as dt

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal
from ghar.api import limits
from ghar.audit import services as audit
from ghar.calendar.services.entries import touch_entry
from ghar.lib import clock, rls
from ghar.lib.actors import SYSTEM
from ghar.notifications.models import Channel, NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.notifications.services.preferences import opted_in_channels
from viewings.models import ViewingRequest
from viewings.policies import steps as policies
from viewings.policies.address import can_see_address
from viewings.services import telling
from viewings.services.booking import subject_of
from viewings.services.links import route_for
from viewings.services.records import Happening, lock_viewing, record
from viewings.states import SEEKER, EventType


@transaction.atomic
def notify_other_side(
    *, viewing: ViewingRequest, to: str, channel: str, message: str, by: Principal
) -> bool:
    """Send a message to the side `to`; False where they do not read that channel."""
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.check_can_tell(viewing, to, by)
    reader = telling.people_on(viewing, [to])[0]
    outgoing = [] if channel == Channel.IN_APP else [Channel(channel)]
    if not set(outgoing) <= set(opted_in_channels(reader, Purpose.VIEWINGS)):
        return False
    happening = Happening(EventType.NOTIFIED, side, {"to": to, "channel": channel})
    record(viewing, happening, by=by, action="notified", now=now)
    notify(
        Line(
            to=reader,
            type=NotificationType.NEW_MESSAGE,
            title=format_lazy(_("A message about {place}"), place=viewing.listing.title),
            body=message,
            route=route_for(viewing, reader, now=now),
            channels=outgoing,
        ),
        now=now,
        purpose=Purpose.VIEWINGS,
    )
    telling.hint(viewing)
    return True


@transaction.atomic
def tell_running_late(*, viewing: ViewingRequest, minutes: int, by: Principal) -> ViewingRequest:
    """Tell the other side that one comes about `minutes` after the agreed start."""
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.check_can_run_late(viewing, by, now)
    [to] = telling.OTHER_SIDE[side]
    happening = Happening(EventType.NOTIFIED, side, {"to": to, "late_minutes": minutes})
    if _is_latest(viewing, happening):
        return viewing
    limits.hit("late_notes", f"{viewing.pk}:{side}")
    record(viewing, happening, by=by, action="running_late", now=now)
    # Whoever waits at a door looks at no page: unlike a free message it goes where they chose.
    telling.tell(
        viewing,
        telling.RUNNING_LATE,
        sides=[to],
        now=now,
        option=viewing.chosen,
        lateness=telling.say_lateness(side, minutes),
    )
    return viewing


def _is_latest(viewing: ViewingRequest, happening: Happening) -> bool:
    """Whether it is what happened last: a button pressed twice tells nobody twice."""
    last = viewing.events.last()
    return last is not None and happening == (last.event_type, last.actor, last.payload)


@transaction.atomic
def give_meeting_point(
    *, viewing: ViewingRequest, meeting_point: str, by: Principal
) -> ViewingRequest:
    """Where the seeker is met instead of at the address; empty: at the address after all."""
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.check_can_give_meeting_point(viewing, by)
    if viewing.meeting_point == meeting_point:
        return viewing
    viewing.meeting_point = meeting_point
    viewing.save(update_fields=["meeting_point", "updated_at"])
    touch_entry(subject_of(viewing))
    # Not in the event: the seeker reads that before they may know where to come to.
    happening = Happening(EventType.MEETING_POINT, side)
    record(viewing, happening, by=by, action="meeting_point", now=now)
    telling.tell(viewing, telling.MEETING_POINT, sides=[SEEKER], by_side=side, now=now)
    return viewing


@transaction.atomic
def settle_flag(*, viewing: ViewingRequest, note: str, by: Principal) -> ViewingRequest:
    """The team has looked at a flagged request; `note` says what came of it."""
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.check_can_settle(viewing, by)
    if not viewing.is_flagged:
        return viewing
    viewing.is_flagged = False
    viewing.save(update_fields=["is_flagged", "updated_at"])
    happening = Happening(EventType.ADMIN_INTERVENED, side)
    record(viewing, happening, by=by, action="settled", now=now, note=note)
    telling.hint(viewing)
    return viewing


@transaction.atomic
def share_addresses(*, principal: Principal, now: dt.datetime) -> None:
    """A proved contact sees the place of what is agreed: the audit says from when on."""
    with rls.acting_as(rls.WORKER):
        for viewing in ViewingRequest.objects.sought_by(principal).agreed().for_detail():
            if not can_see_address(viewing, SEEKER, now):
                continue
            data = {"address_shared": True}
            action = "viewing_address_shared"
            audit.record(by=SYSTEM, action=action, target=viewing, now=now, data=data)
            telling.hint(viewing)
