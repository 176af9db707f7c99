"""All that staff may know about what was reported. Runs as staff."""

from collections.abc import Iterable
import datetime as dt
from typing import Any, Final, NamedTuple

from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.properties.models import PropertyMedia, Upload
from moderation import policies
from moderation.models import Case, Report
from moderation.services.reports import words_for
from moderation.states import ReportAction

SHOWN: Final = 100
_READ_BY_PERSON: Final = (ReportAction.WARN_USER, ReportAction.SUSPEND_USER)
# Where evidence names pictures: of a listing its photos, of all else uploads.
_PICTURES: Final = ("photos", "picture")


class Exhibit(NamedTuple):
    """One thing of the evidence: what it said, and those of its pictures that are still there."""

    facts: list[tuple[str, Any]]
    photos: Iterable[PropertyMedia] = ()
    uploads: Iterable[Upload] = ()


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


def open_evidence(
    *, case: Case, by: User, now: dt.datetime
) -> list[tuple[Report, list[tuple[str, list[Exhibit]]]]]:
    """The frozen evidence, for whoever holds the case now; each opening is in the audit."""
    policies.check_holds(case, by, now)
    reports = [row for row in page_of(case)["reports"] if row.evidence]
    data = {"reports": [str(row.pk) for row in reports]}
    audit.record(by=by, action="report_evidence_opened", target=case, now=now, data=data)
    return [(row, _sections(row.evidence)) for row in reports]


def _sections(evidence: dict[str, Any]) -> list[tuple[str, list[Exhibit]]]:
    """A profile or listing is one thing, messages are several."""
    return [
        (name, [_exhibit(name, thing) for thing in _as_list(things)])
        for name, things in evidence.items()
    ]


def _as_list(things: Any) -> Iterable[Any]:
    return things if isinstance(things, list) else [things]


def _exhibit(name: str, thing: Any) -> Exhibit:
    if not isinstance(thing, dict):
        return Exhibit([("", thing)])
    known = [(key, value) for key, value in thing.items() if value not in (None, "", [], {})]
    shown = [pk for key in _PICTURES for pk in _as_list(thing.get(key) or [])]
    facts = [(key, value) for key, value in known if key not in _PICTURES]
    if name == "listing":
        return Exhibit(facts, photos=PropertyMedia.objects.filter(pk__in=shown))
    return Exhibit(facts, uploads=Upload.objects.filter(pk__in=shown))
