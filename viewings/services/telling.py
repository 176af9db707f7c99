"""Words for the people of a viewing, and the hint to their open pages."""

from collections.abc import Iterable
import datetime as dt
from typing import Any, Final

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal, SeekerSession
from ghar.calendar.services.busy import overlap
from ghar.errors import Text
from ghar.lib import rls
from ghar.lib.formats import format_instant, say_time, zone_name
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.notifications.services.notices import Notice
from ghar.realtime.models import EventType
from ghar.realtime.services import emit, together
from viewings.models import LATENESS, ViewingRequest, ViewingTimeOption
from viewings.policies.address import is_verified
from viewings.services.booking import alternatives_to, taken_options, zone_of
from viewings.services.links import route_for
from viewings.states import POSTER, SEEKER

OTHER_SIDE: Final = {SEEKER: [POSTER], POSTER: [SEEKER]}

REQUESTED = Notice(
    NotificationType.VIEWING_OFFERED,
    _("Somebody would like to see {place}"),
    _("Open it to choose a time or to propose others. {contact}"),
)
OFFERED = Notice(
    NotificationType.VIEWING_OFFERED,
    _("New times for {place}"),
    _("Choose the one that suits you, or propose others."),
)
SELECTED = Notice(
    NotificationType.VIEWING_SELECTED,
    _("{time} was chosen for {place}"),
    _("It is kept for a short while: please confirm it."),
)
CHOSEN_BY_POSTER = Notice(
    NotificationType.VIEWING_SELECTED,
    _("{time} suits for {place}"),
    _("The time is kept for you. You will hear as soon as it is confirmed."),
)
CONFIRMED = Notice(
    NotificationType.VIEWING_CONFIRMED,
    _("Your viewing of {place} is confirmed"),
    _("{time}. We will remind you a day and two hours before."),
    is_for_calendar=True,
    own_title=_("You agreed on a time for {place}"),
)
RESCHEDULED = Notice(
    NotificationType.VIEWING_RESCHEDULED,
    _("Other times for {place}"),
    _("Please choose one of the new times. Until then the old one stands, if there was one."),
)
CANCELLED = Notice(
    NotificationType.VIEWING_CANCELLED,
    _("The viewing of {place} is cancelled"),
    _("{reason}"),
    is_for_calendar=True,
    own_title=_("You cancelled the viewing of {place}"),
    own_body=_("Everybody concerned has been told."),
)
RAN_OUT = Notice(
    NotificationType.VIEWING_CANCELLED,
    _("The times for {place} have passed"),
    _("Nobody had confirmed one of them, so the request is closed. You can ask again."),
    is_for_calendar=True,
)
UNANSWERED = Notice(
    NotificationType.VIEWING_CANCELLED,
    _("The request to see {place} is closed"),
    _("For thirty days no time was proposed. Whoever would still like to see it can ask again."),
)
STANDS = Notice(
    NotificationType.VIEWING_RESCHEDULED,
    _("The time for {place} stays as it was"),
    _("{time}. The new time is no longer proposed."),
    is_for_calendar=True,
)
HOLD_ENDED = Notice(
    NotificationType.VIEWING_OFFERED,
    _("{time} is free again"),
    _("It was chosen for {place} and not confirmed in time. You can still choose it."),
)
SLOT_LOST = Notice(
    NotificationType.VIEWING_OFFERED,
    _("{time} has been taken"),
    _("It is no longer free for {place}. Still free: {alternatives}."),
)
NOTHING_FREE = Notice(
    NotificationType.VIEWING_OFFERED,
    _("{time} has been taken"),
    _("It is no longer free for {place}. You can propose other times."),
)
MEETING_POINT = Notice(
    NotificationType.VIEWING_CONFIRMED,
    _("Where to meet for {place}"),
    _("Open your viewing to see the meeting point."),
    is_for_calendar=True,
    own_title=_("You changed where to meet for {place}"),
)
FROZEN = Notice(
    NotificationType.VIEWING_RESCHEDULED,
    _("{place} is not available for the moment"),
    _("Your viewing waits with it. You will hear when it goes on; you can cancel at any time."),
)
UNFROZEN = Notice(
    NotificationType.VIEWING_RESCHEDULED,
    _("{place} is available again"),
    _("Your viewing goes on as it was."),
)
WAITS = Notice(
    NotificationType.VIEWING_RESCHEDULED,
    _("Your viewing of {place} waits"),
    _("The other side cannot answer now. You will hear when it goes on; you can cancel any time."),
)
GOES_ON = Notice(
    NotificationType.VIEWING_RESCHEDULED,
    _("Your viewing of {place} goes on"),
    _("It stands as it was."),
)
WITHDRAWN = Notice(
    NotificationType.VIEWING_CANCELLED,
    _("{place} is no longer offered"),
    _("The viewing is cancelled for that reason."),
    is_for_calendar=True,
)
MOVED = Notice(
    NotificationType.VIEWING_RESCHEDULED,
    _("Two of your viewings are at the same time"),
    _("{place}, {time}: both stand for now. Please reschedule or cancel one of them."),
)
RUNNING_LATE = Notice(
    NotificationType.NEW_MESSAGE,
    "{lateness}",
    _("This is about your viewing of {place}: {time}."),
)


def people_on(viewing: ViewingRequest, sides: Iterable[str]) -> list[Principal]:
    on_side = {SEEKER: viewing.seeking_principal, POSTER: viewing.poster}
    return [on_side[side] for side in sides]


def all_but(side: str) -> list[str]:
    """The sides that did not do it themselves: both, when the team or the system did."""
    return OTHER_SIDE.get(side, [SEEKER, POSTER])


def tell(
    viewing: ViewingRequest,
    notice: Notice,
    *,
    sides: Iterable[str],
    now: dt.datetime,
    by_side: str = "",
    was_agreed: bool = False,
    option: ViewingTimeOption | None = None,
    **words: Any,
) -> None:
    """A line for everybody on `sides`, and the hint for both sides' pages. Whoever acted, `by_side`,
    hears what is for their calendar, of a time that is or `was_agreed`.
    """
    notices = dict.fromkeys(people_on(viewing, sides), notice)  # once, also who stands on both
    if own := notice.own(is_agreed=was_agreed or viewing.agreed_time is not None):
        acting = [by_side] if by_side in OTHER_SIDE else []
        notices |= dict.fromkeys(people_on(viewing, acting), own)
    lines = [
        _line(viewing, notice, to=to, now=now, option=option, **words)
        for to, notice in notices.items()
    ]
    with together():
        notify(*lines, now=now, purpose=Purpose.VIEWINGS)
        hint(viewing)


def _line(
    viewing: ViewingRequest,
    notice: Notice,
    *,
    to: Principal,
    now: dt.datetime,
    option: ViewingTimeOption | None,
    **words: Any,
) -> Line:
    words |= {"place": viewing.listing.title, "time": time_of(option, viewing) if option else ""}
    route = route_for(viewing, to, now=now)
    return notice.line(to=to, words=words, route=route, appointment_id=viewing.pk)


def hint(viewing: ViewingRequest) -> None:
    emit(
        to=[viewing.seeking_principal, viewing.poster],
        type=EventType.VIEWING_UPDATED,
        object_type="viewing",
        object_id=viewing.pk,
        status=viewing.status,
        route=viewing.get_absolute_url(),
    )


def losses_of(
    viewing: ViewingRequest, option: ViewingTimeOption, *, now: dt.datetime
) -> list[tuple[ViewingRequest, Line]]:
    """Whoever hoped for a booked time of the same poster and can no longer have it, with what they
    hear: each is offered times that are free for them.
    """
    # The requests of others are nothing that the caller may see.
    with rls.acting_as(rls.WORKER):
        return [
            (loser, _line_of_loss(loser, lost, now))
            for loser in _who_hoped_for(viewing, option)
            if (lost := _lost_time(loser, option))
        ]


def tell_losses(losses: list[tuple[ViewingRequest, Line]], *, now: dt.datetime) -> None:
    if not losses:
        return
    with rls.acting_as(rls.WORKER), together():
        notify(*(line for _loser, line in losses), now=now, purpose=Purpose.VIEWINGS)
        for loser, _line_told in losses:
            hint(loser)


def _lost_time(loser: ViewingRequest, option: ViewingTimeOption) -> ViewingTimeOption | None:
    """The first of their times that `option` has taken; an open house may still have a seat."""
    taken = (own for own in taken_options(loser) if overlap(own.span, option.span))
    return next(taken, None)


def _line_of_loss(loser: ViewingRequest, lost: ViewingTimeOption, now: dt.datetime) -> Line:
    free = alternatives_to(loser, lost, now)
    times = [dt.datetime.fromisoformat(alternative["start_at"]) for alternative in free]
    said = _say_times(times, zone_of(loser))
    notice, to = SLOT_LOST if free else NOTHING_FREE, loser.seeking_principal
    return _line(loser, notice, to=to, now=now, option=lost, alternatives=said)


def _who_hoped_for(viewing: ViewingRequest, option: ViewingTimeOption) -> list[ViewingRequest]:
    wanted = ViewingTimeOption.objects.offered().meeting(*option.span)
    others = ViewingRequest.objects.open().hosted_by(viewing.poster).exclude(pk=viewing.pk)
    found = others.filter(pk__in=wanted.values("viewing_id")).for_detail().order_by("pk")
    return [other for other in found if other.seeking_principal != viewing.seeking_principal]


def contact_note(viewing: ViewingRequest) -> Text:
    """What the poster is told about how the seeker can be reached; never the contact itself."""
    seeker = viewing.seeking_principal
    if is_verified(seeker):
        return _("Their contact is verified.")
    if isinstance(seeker, SeekerSession) and not (seeker.contact_email or seeker.contact_phone):
        return _("They left no contact, but see your answer here.")
    return _("Their contact is not verified yet.")


def time_of(option: ViewingTimeOption, viewing: ViewingRequest) -> Text:
    return say_time(option.start_at, zone_of(viewing))


def _say_lateness(side: str, minutes: int) -> str:
    return str(LATENESS[side]) % {"minutes": minutes}


def _say_several(moments: list[dt.datetime], zone: str) -> str:
    times = "; ".join(format_instant(moment, zone) for moment in moments)
    return f"{times} ({zone_name(zone)})"


# Said in the reader's language, when the message is written.
say_lateness = lazy(_say_lateness, str)
_say_times = lazy(_say_several, str)
