"""One way to decide a case, whatever it is about."""

from collections.abc import Callable, Sequence
import datetime as dt
from functools import partial
from typing import Any, Final

from ghar.accounts.models import User
from moderation import policies
from moderation.models import Case
from moderation.services import appeals, decisions, disputes, reports
from moderation.services.decisions import Ruling
from moderation.states import CaseKind

_VERBS: Final[dict[str, Callable[..., Any]]] = {
    CaseKind.APPEAL: appeals.decide_appeal,
    CaseKind.REPORT: reports.decide_reports_of,
    CaseKind.DISPUTE: disputes.decide_dispute,
}


def decide_any_case(
    *,
    case: Case,
    decision: str,
    reason_codes: Sequence[str] = (),
    note: str = "",
    message: str = "",
    version: int,
    by: User,
    undo_window: dt.timedelta | None = None,
) -> None:
    """Raises InvalidTransition where such a case cannot be decided so, Conflict (STALE_CASE).

    With `undo_window` what is decided about a listing can be taken back that long.
    """
    verdict = policies.verdict_named(case, decision)
    ruling = Ruling(verdict, reason_codes, note, message)
    about_listing = partial(decisions.decide_case, undo_window=undo_window)
    verb = _VERBS.get(case.kind, about_listing)
    verb(case=case, ruling=ruling, version=version, by=by)
