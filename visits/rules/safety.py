"""When the things for the safety of a visit are open, and where help is."""

import datetime as dt
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from visits.models import Visit
from visits.states import VISITOR, VisitStatus

SHARED_AFTER: Final = dt.timedelta(hours=2)
ARRIVES_BEFORE: Final = dt.timedelta(minutes=30)
ARRIVES_AFTER: Final = dt.timedelta(hours=1)
ASKED_AFTER: Final = dt.timedelta(minutes=20)
# After an outage nobody is asked about yesterday.
ASKED_WITHIN: Final = dt.timedelta(hours=3)


class Helpline(NamedTuple):
    name: Any
    number: str


# By the currency of the place, which is its market.
HELPLINES: Final = {
    "INR": [
        Helpline(_("Emergency: police, ambulance, fire"), "112"),
        Helpline(_("Helpline for women"), "181"),
    ],
    "RWF": [
        Helpline(_("Emergency: police"), "112"),
        Helpline(_("Ambulance"), "912"),
        Helpline(_("Violence against women and men"), "3512"),
    ],
}
ANYWHERE: Final = [Helpline(_("Emergency"), "112")]


def helplines(currency: str) -> list[Helpline]:
    return HELPLINES.get(currency, ANYWHERE)


def stands(visit: Visit) -> bool:
    """A time is agreed, or was kept: what its people may rely on."""
    return visit.is_agreed or visit.status == VisitStatus.COMPLETED


def is_asked_about(visit: Visit, now: dt.datetime) -> bool:
    """Whether its people have met a while ago, and not so long that nobody would understand."""
    return stands(visit) and ASKED_AFTER <= now - visit.standing_date < ASKED_WITHIN


def shared_until(visit: Visit) -> dt.datetime:
    return visit.standing_span[1] + SHARED_AFTER


def is_shareable(visit: Visit, now: dt.datetime) -> bool:
    return stands(visit) and now < shared_until(visit)


def is_arrival_time(visit: Visit, now: dt.datetime) -> bool:
    start, end = visit.standing_span
    return stands(visit) and start - ARRIVES_BEFORE <= now <= end + ARRIVES_AFTER


def is_check_in_time(visit: Visit, now: dt.datetime) -> bool:
    """From the start until the links end by which friends look on."""
    return stands(visit) and visit.standing_date <= now < shared_until(visit)


def stamp_of(side: str) -> str:
    """Which column says that this side has arrived; host and agent are one side of a tour."""
    return "visitor_arrived_at" if side == VISITOR else "other_arrived_at"
