"""What happened to a visit, in a sentence for each event."""

import datetime as dt
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.calendar.states import NEVER_AGREED, say_reason
from ghar.lib.formats import format_instant
from visits.models import Visit, VisitEvent
from visits.states import ADMIN, AGENT, COUNTERPARTY, HOST, SYSTEM, VISITOR, Outcome
from visits.states import VisitEventType as E

# Of the reader's own steps, and of somebody else's.
WORDS: Final = {
    E.SCHEDULED: (_("You asked for %(time)s"), _("%(who)s asked for %(time)s")),
    E.CONFIRMED: (_("You confirmed"), _("%(who)s confirmed")),
    E.RESCHEDULED: (_("You proposed %(time)s"), _("%(who)s proposed %(time)s")),
    E.WITHDRAWN: (_("You took the new time back"), _("%(who)s took the new time back")),
    E.CANCELLED: (_("You cancelled"), _("%(who)s cancelled")),
    E.COMPLETED: (_("You said how it went"), _("%(who)s said how it went")),
    E.UNDONE: (_("You took the last step back"), _("%(who)s took the last step back")),
    E.NOTED: (_("You changed the notes"), _("%(who)s changed the notes")),
    E.CHECKED_IN: (_("You arrived"), _("%(who)s arrived")),
    E.DISPUTED: (_("You see it differently"), _("%(who)s sees it differently")),
}
# Nobody in particular did these.
OWN: Final = {
    E.UNASSIGNED: _("We look for another agent"),
    E.EXPIRED: _(NEVER_AGREED),
    E.COMPLETED: _("It was closed a day later"),
    E.WITHDRAWN: _("Nobody answered in time: the old time stands"),
}
STOPPED: Final = (E.CANCELLED, E.EXPIRED)


class Happening(NamedTuple):
    """`why` is what somebody wrote with it, or the outcome."""

    title: Any
    why: Any
    at: dt.datetime
    is_stop: bool


def happenings(visit: Visit, reader: User) -> list[Happening]:
    names = _names(visit)
    return [
        Happening(
            _title(event, visit, reader, names),
            _why(event),
            event.created_at,
            event.event_type in STOPPED,
        )
        for event in visit.events.shown_to(reader)
    ]


def _title(event: VisitEvent, visit: Visit, reader: User, names: dict[str, Any]) -> Any:
    kind, changes = E(event.event_type), event.changes
    if kind == E.ASSIGNED:
        # Somebody else may have it by now; who came first is no concern of the others.
        is_still = visit.agent is not None and changes.get("agent_id") == str(visit.agent.pk)
        shown = visit.agent.name if is_still and visit.agent else _("Another agent")
        return _("%(who)s shows the place") % {"who": shown}
    if kind == E.REMINDED:
        return _reminded(changes.get("to"), visit.side_of(reader), names)
    if kind in OWN and (event.actor == SYSTEM or kind not in WORDS):
        return OWN[kind]
    mine, theirs = WORDS[kind]
    words = {"who": names[event.actor], "time": _time(changes, visit.timezone)}
    return (mine if event.actor_id == reader.pk else theirs) % words


def _reminded(to: str | None, own: str | None, names: dict[str, Any]) -> Any:
    if to == own:
        return _("We reminded you")
    return _("We reminded %(who)s") % {"who": names.get(to or "", _("the others"))}


def _why(event: VisitEvent) -> Any:
    changes = event.changes
    if outcome := changes.get("outcome"):
        return Outcome(outcome).label
    if event.event_type == E.EXPIRED:
        return ""  # the title says it
    return changes.get("reason") or say_reason(changes.get("cancellation_reason", ""))


def _time(changes: dict[str, Any], zone: str) -> str:
    told = changes.get("scheduled_date")
    return format_instant(dt.datetime.fromisoformat(told), zone) if told else ""


def _names(visit: Visit) -> dict[str, Any]:
    """Who is behind each side. An agent who is relieved is called by the word."""
    return {
        VISITOR: visit.user.public_name,
        HOST: visit.host.public_name,
        COUNTERPARTY: visit.counterparty.public_name if visit.counterparty else _("Somebody"),
        AGENT: visit.agent.name if visit.agent else _("The agent"),
        ADMIN: _("Our team"),
        SYSTEM: "ghar",
    }
