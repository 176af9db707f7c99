"""Who reads where to come to, and from when until when."""

import datetime as dt
from typing import Final

from visits.models import Visit
from visits.policies.settings import current_settings
from visits.states import ADMIN, AGENT, COUNTERPARTY, HOST, VISITOR

_STAFF: Final = frozenset({HOST, AGENT, ADMIN})


def is_address_due(visit: Visit, now: dt.datetime) -> bool:
    """Until what was agreed is closed or would be, at the home of one of the two."""
    ends = visit.standing_span[1] + current_settings().until_completed
    return visit.is_agreed and now < ends and _is_at_home(visit)


def can_see_address(visit: Visit, side: str | None, now: dt.datetime) -> bool:
    """The exact place is for whoever receives there, and in time for a proved contact."""
    if visit.is_tour and side in _STAFF:
        return True
    reader = {VISITOR: visit.user, COUNTERPARTY: visit.counterparty}.get(side or "")
    is_proved = reader is not None and (reader.email_verified or reader.phone_verified)
    return is_proved and is_address_due(visit, now)


def visible_place(visit: Visit, side: str | None, now: dt.datetime) -> str:
    """Where to meet, as far as this side may know it; empty until then."""
    return visit.listing.exact_place if can_see_address(visit, side, now) else ""


def _is_at_home(visit: Visit) -> bool:
    """Whether whoever lives there is one of the two: a meeting tells nothing of a third's home."""
    return visit.is_tour or visit.host_id in (visit.user_id, visit.counterparty_id)
