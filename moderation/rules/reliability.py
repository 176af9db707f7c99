"""Who keeps what was agreed: from how one visit ended to the figure that others see, and to risk.

A figure is published from five on, so that one bad day names nobody, and covers twelve months.
"""

import datetime as dt
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from moderation.rules.facts import Family, Reason
from moderation.rules.limits import DetectionSettings
from moderation.states import Presence

PERIOD: Final = dt.timedelta(days=365)
PUBLISHED_FROM: Final = 5
DISPUTED_WITHIN: Final = dt.timedelta(days=7)
# Whoever is so late is likely not to come at all.
ABSENT_AFTER: Final = dt.timedelta(minutes=15)
# Somebody who has less notice than this has arranged the day around it.
LATE: Final = dt.timedelta(hours=12)
CODE: Final = "VISITS_MISSED"
VISITOR, OTHER = "visitor", "other"
# What an outcome says of each side. A door that stays shut may be anybody's fault but the visitor's.
_OF_OUTCOME: Final = {
    "attended": {VISITOR: Presence.KEPT, OTHER: Presence.KEPT},
    "visitor_no_show": {VISITOR: Presence.MISSED, OTHER: Presence.KEPT},
    "host_no_show": {VISITOR: Presence.KEPT, OTHER: Presence.MISSED},
    "not_accessible": {VISITOR: Presence.KEPT},
}


class Ending(NamedTuple):
    """How an agreed visit or viewing ended. `cancelled_by` is a side, or empty; `notice` is how
    long before its start it was cancelled. An arrival counts that the other side vouched for.
    """

    outcome: str = ""
    cancelled_by: str = ""
    notice: dt.timedelta = dt.timedelta(0)
    arrived: frozenset[str] = frozenset()


def presences(ending: Ending) -> dict[str, Presence]:
    """What each side did, as far as it is known. Who proved to be there has kept it."""
    found = dict(_OF_OUTCOME.get(ending.outcome, {}))
    if ending.cancelled_by in (VISITOR, OTHER):
        is_late = ending.notice < LATE
        found[ending.cancelled_by] = Presence.CANCELLED_LATE if is_late else Presence.CANCELLED
    return found | dict.fromkeys(ending.arrived, Presence.KEPT)


def is_time_to_report(start: dt.datetime, now: dt.datetime) -> bool:
    """Whether one who came to an agreed time may say that nobody else did."""
    return start + ABSENT_AFTER <= now < start + DISPUTED_WITHIN


class Record(NamedTuple):
    """How often somebody did what, in the period."""

    kept: int = 0
    missed: int = 0
    cancelled_late: int = 0
    cancelled: int = 0

    @property
    def planned(self) -> int:
        """Whoever cancels in good time has let nobody down."""
        return self.kept + self.missed + self.cancelled_late


def published(record: Record) -> tuple[int, int] | None:
    """(kept, planned) for others to see; None while there are too few to say anything."""
    return (record.kept, record.planned) if record.planned >= PUBLISHED_FROM else None


def reliability_reasons(record: Record, limits: DetectionSettings) -> list[Reason]:
    """Of a host's record. Here every cancellation counts: homes that nobody ever sees are a scam's.

    Never high alone: people fall ill, and homes are let meanwhile.
    """
    total = record.planned + record.cancelled
    share = (total - record.kept) / total if total else 0.0
    if total < PUBLISHED_FROM or share < limits.visits_missed_notable_share:
        return []
    is_heavy = share >= limits.visits_missed_share
    return [
        Reason(
            code=CODE,
            family=Family.CONDUCT,
            weight=limits.visits_missed_weight if is_heavy else limits.visits_missed_notable_weight,
            message=_("Kept %(kept)d of %(total)d agreed visits of their places.")
            % {"kept": record.kept, "total": total},
            evidence=record._asdict(),
        )
    ]
