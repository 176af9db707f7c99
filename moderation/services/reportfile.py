"""All that staff may know about what was reported. Runs as staff."""

from collections.abc import Iterable
import datetime as dt
from typing import Any, Final

from ghar.accounts.models import User
from ghar.audit import services as audit
from moderation import policies
from moderation.models import Case, Report
from moderation.services.reports import words_for
from moderation.states import ReportAction

SHOWN: Final = 100
_READ_BY_PERSON: Final = (ReportAction.WARN_USER, ReportAction.SUSPEND_USER)


def page_of(case: Case) -> dict[str, Any]:
    """The reports that wait, or what the case was closed on, each in its reporter's words."""
    about = Report.objects.about_target_of(case).select_related("reporter", "decided_by", "listing")
    reports = list(about.undecided().order_by("created_at")[:SHOWN])
    if not policies.is_open(case):
        reports = list(about.decided().filter(decided_at=case.closed_at)[:SHOWN])
    person = case.person_behind
    return {
        "reports": reports,
        "reporters": len({row.reporter_id for row in reports if row.reporter_id}),
        "words": [(action, words_for(person, action, reports)) for action in _READ_BY_PERSON],
        "has_evidence": any(row.evidence for row in reports),
    }


def open_evidence(*, case: Case, by: User, now: dt.datetime) -> list[tuple[Report, Any]]:
    """The frozen evidence, for whoever holds the case now; each opening is in the audit."""
    policies.check_holds(case, by, now)
    reports = [row for row in page_of(case)["reports"] if row.evidence]
    data = {"reports": [str(row.pk) for row in reports]}
    audit.record(by=by, action="report_evidence_opened", target=case, now=now, data=data)
    return [(row, _sections(row.evidence)) for row in reports]


def _sections(evidence: dict[str, Any]) -> list[tuple[str, list[list[tuple[str, Any]]]]]:
    """[(name, [facts of one thing])]: a profile or listing is one thing, messages are several."""
    return [
        (name, [_facts(thing) for thing in _as_list(things)]) for name, things in evidence.items()
    ]


def _as_list(things: Any) -> Iterable[Any]:
    return things if isinstance(things, list) else [things]


def _facts(thing: Any) -> list[tuple[str, Any]]:
    if not isinstance(thing, dict):
        return [("", thing)]
    return [(name, value) for name, value in thing.items() if value not in (None, "", [], {})]
