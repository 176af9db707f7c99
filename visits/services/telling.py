"""Words for the people of a visit, and the hint to their open pages."""

import datetime as dt
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.lib.actors import Actor
from ghar.lib.formats import say_time
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.notifications.services.notices import Notice
from ghar.realtime.models import EventType
from ghar.realtime.services import emit, together
from visits.models import Agent, Visit

NOTICES: Final = {
    "schedule": Notice(
        NotificationType.VISIT_SCHEDULED,
        _("Somebody would like to visit {place}"),
        _("{time}. Open it to confirm, or to propose another time."),
    ),
    "meet": Notice(
        NotificationType.VISIT_SCHEDULED,
        _("{visitor} would like to meet you"),
        _("{time}, at {place}. Open it to confirm, or to propose another time."),
    ),
    "assign": Notice(
        NotificationType.VISIT_SCHEDULED,
        _("A tour of {place} is yours"),
        _("{time}. Open it to read what the visitor asks for."),
        is_for_calendar=True,
    ),
    "relieve": Notice(
        NotificationType.VISIT_CANCELLED,
        _("Somebody else shows {place}"),
        _("You are free again at that time."),
        is_for_calendar=True,
        own_title=_("You no longer show {place}"),
    ),
    "confirm": Notice(
        NotificationType.VISIT_CONFIRMED,
        _("Your visit of {place} is confirmed"),
        _("{time}. We will remind you a day and two hours before."),
        is_for_calendar=True,
        own_title=_("You agreed on a time for {place}"),
    ),
    "reschedule": Notice(
        NotificationType.VISIT_RESCHEDULED,
        _("Another time for {place}"),
        _("{time} is proposed. The old time is kept for you until the new one is agreed."),
    ),
    "withdraw": Notice(
        NotificationType.VISIT_RESCHEDULED,
        _("The time for {place} stays as it was"),
        _("{time}. The new time is no longer proposed."),
        is_for_calendar=True,
        own_title=_("You took back the new time for {place}"),
    ),
    "cancel": Notice(
        NotificationType.VISIT_CANCELLED,
        _("The visit of {place} is cancelled"),
        _("{reason}"),
        is_for_calendar=True,
        own_title=_("You cancelled the visit of {place}"),
        own_body=_("Everybody concerned has been told."),
    ),
    "expire": Notice(
        NotificationType.VISIT_CANCELLED,
        _("The time for {place} has passed"),
        _("Nobody had confirmed it, so the visit is closed. You can book another time."),
    ),
    "complete": Notice(
        NotificationType.VISIT_REMINDER,
        _("How was {place}?"),
        _("Tell us in a word or two: it helps you to remember, and us to find better ones."),
    ),
    "undo": Notice(
        NotificationType.VISIT_RESCHEDULED,
        _("The last step for {place} was taken back"),
        _("{time}. Open it to see how it stands."),
        is_for_calendar=True,
        own_title=_("You took back your last step for {place}"),
    ),
    "freeze": Notice(
        NotificationType.VISIT_RESCHEDULED,
        _("{place} is not available for the moment"),
        _("Your visit waits with it. You will hear when it goes on; you can cancel at any time."),
    ),
    "thaw": Notice(
        NotificationType.VISIT_RESCHEDULED,
        _("{place} is available again"),
        _("Your visit goes on as it was."),
    ),
    "wait": Notice(
        NotificationType.VISIT_RESCHEDULED,
        _("Your visit of {place} waits"),
        _("The other side cannot answer now. You will hear when it goes on; you can cancel."),
    ),
    "go_on": Notice(
        NotificationType.VISIT_RESCHEDULED,
        _("Your visit of {place} goes on"),
        _("It stands as it was."),
    ),
}


def tell(
    *visits: Visit,
    verb: str,
    by: Actor,
    now: dt.datetime,
    was: Agent | None = None,
    was_agreed: bool = False,
) -> None:
    """A line for everybody concerned, and the hint for all their pages; of several visits in as
    many statements as of one. Whoever acts hears what is for their calendar, of a time that is or
    `was_agreed`.

    `was`: the agent before. One who is relieved hears it, and a new one that the tour is theirs.
    """
    relieved = [was.user] if was and was.user else []
    with together():
        lines = [line for visit in visits for line in _lines(visit, verb, by, was, was_agreed)]
        notify(*lines, now=now, purpose=Purpose.VIEWINGS)
        for visit in visits:
            hint(visit, *relieved)


def _lines(visit: Visit, verb: str, by: Actor, was: Agent | None, was_agreed: bool) -> list[Line]:
    is_agreed = was_agreed or visit.is_agreed
    notices = _notices(visit, verb, was)
    own = {
        person: notice.own(is_agreed=is_agreed)
        for person, notice in notices.items()
        if notice and str(person.pk) == by.actor_id
    }
    return [_line(visit, notice, to=to) for to, notice in (notices | own).items() if notice]


def _notices(visit: Visit, verb: str, was: Agent | None) -> dict[User, Notice | None]:
    agent, relieved = _user_of(visit.agent), _user_of(was)
    notices = {person: NOTICES.get(verb) for person in _readers(visit, verb)}
    if agent is not None and (verb == "schedule" or (relieved and relieved != agent)):
        notices[agent] = NOTICES["assign"]
    if relieved is not None and relieved != agent:
        notices[relieved] = NOTICES["relieve"]
    return notices


def hint(visit: Visit, *others: User) -> None:
    emit(
        to=[*visit.parties, *others],
        type=EventType.VISIT_UPDATED,
        object_type="visit",
        object_id=visit.pk,
        status=visit.status,
        route=visit.get_absolute_url(),
    )


def _readers(visit: Visit, verb: str) -> list[User]:
    """Who gets a line; the pages of the others are refreshed all the same."""
    agent = _user_of(visit.agent)
    if verb == "assign":
        return [agent] if agent else []
    if verb in ("complete", "freeze", "thaw"):
        return [person for person in visit.parties if person not in (visit.host, agent)]
    return visit.parties


def _user_of(agent: Agent | None) -> User | None:
    return agent.user if agent else None


def _line(visit: Visit, notice: Notice, *, to: User) -> Line:
    words = {
        "place": visit.listing.title,
        "time": time_of(visit),
        "visitor": visit.user.public_name,
        "reason": visit.shown_reason or _("No reason was given."),
    }
    # Who is relieved has no part in it any more; their other tours are on the page of their day.
    is_relieved = notice is NOTICES["relieve"]
    # A new agent for a proposed time has nothing to do with the one that stands until then.
    is_only_proposed = visit.has_proposal and notice is NOTICES["assign"]
    return notice.line(
        to=to,
        words=words,
        route=reverse("visits:agent") if is_relieved else visit.get_absolute_url(),
        appointment_id=None if is_only_proposed else visit.pk,
    )


def time_of(visit: Visit) -> Any:
    return say_time(visit.scheduled_date, visit.timezone)
