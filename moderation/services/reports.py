"""Reports: one person's words about another, and what a moderator makes of them.

Every verb locks the people first (in the order of their ids), then the case, then the listing.
"""

from collections.abc import Iterable
import datetime as dt
from typing import Any, Final
import uuid

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef
from django.utils import translation
from django.utils.crypto import salted_hmac

from ghar.accounts.models import SeekerSession, User
from ghar.accounts.services.suspension import lock_account
from ghar.audit import services as audit
from ghar.errors import NotFound, RateLimited, require_step
from ghar.lib import clock
from ghar.lib.phones import phone_hash
from ghar.lib.transitions import Transition
from ghar.notifications.models import Device, NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.properties.models import Property, Upload
from ghar.properties.services.media import delete_upload
from ghar.properties.states import UploadPurpose
from moderation import policies
from moderation.models import Case, Report
from moderation.rules import outcomes
from moderation.rules.credibility import REMEMBERED, Voice, is_credible
from moderation.services.cases import (
    check_version,
    escalate,
    keep_report_case,
    lock_report_case,
    settle,
)
from moderation.services.decisions import Ruling
from moderation.services.pauses import lift_pause, pause_target
from moderation.services.sanctions import suspend_person, warn_person
from moderation.states import MODERATOR, REPORT_TRANSITIONS, ReportAction

EVIDENCE_KEPT: Final = dt.timedelta(days=180)
_AUDIT_ACTIONS: Final = {
    ReportAction.DISMISS: "report_dismissed",
    ReportAction.WARN_USER: "report_led_to_warning",
    ReportAction.SUSPEND_USER: "report_led_to_suspension",
    ReportAction.ESCALATE: "report_escalated",
}
_SANCTIONS: Final = {
    ReportAction.WARN_USER: warn_person,
    ReportAction.SUSPEND_USER: suspend_person,
}


@transaction.atomic
def file_report(
    *,
    reporter: User,
    reported: User,
    reason: str,
    notes: str,
    evidence: dict[str, Any],
    content_mark: str,
    listing: Property | None = None,
    conversation_id: uuid.UUID | None = None,
) -> tuple[Report, bool]:
    """The report, and whether it is new: one that waits already is answered as it was written.

    Opens the case of its target, the listing or else the person, and takes the target out of sight
    once rules.credibility says that three people mean it. Raises RateLimited.
    """
    now = clock.now()
    policies.check_can_report(reporter, reported, listing)
    links = _links_of(_lock_people(reporter, reported))
    target = Report.objects.about(
        person_id=reported.pk, listing_id=listing.pk if listing else None
    ).undecided()
    if waiting := target.filter(reporter=reporter).first():
        return waiting, False
    _check_quota(reporter, now)
    report = Report.objects.create(
        reporter=reporter,
        reported=reported,
        listing=listing,
        conversation_id=conversation_id,
        reason=reason,
        notes=notes,
        evidence=evidence,
        content_mark=content_mark,
        links=links,
        created_at=now,
    )
    _weigh(report, target.with_dismissals(now - REMEMBERED).select_related("reporter"), now=now)
    audit.record(by=reporter, action="report_filed", target=report, now=now)
    return report, True


@transaction.atomic
def decide_report(
    *,
    report: Report,
    action: str,
    notes: str,
    by: User,
    version: int | None = None,
    message: str = "",
) -> Report:
    """Decide every report about the same target that waits; a repeat changes nothing.

    `notes` stay among staff, `message` is what a warned or suspended person reads (empty: the kind
    words of rules.outcomes). Raises StaleCase, Conflict (CASE_CLAIMED), NotAllowed or
    InvalidTransition.
    """
    now = clock.now()
    person = lock_account(report.reported)
    case = lock_report_case(**_target(report))
    report = Report.objects.select_related("listing").get(pk=report.pk)
    if report.action == action:
        return report
    check_version(case, version)
    step = require_step(REPORT_TRANSITIONS, verb=action, source=report.status, actors=[MODERATOR])
    policies.check_can_claim(case, by, now)
    reports = _decide(report, step, notes, by=by, now=now)
    report = next(row for row in reports if row.pk == report.pk)
    if action == ReportAction.ESCALATE:
        escalate(case=case, by=by, now=now)
        _record(reports, by=by, now=now)
        return report
    if action in _SANCTIONS:
        words = message or words_for(person, action, reports)
        sanction = _SANCTIONS[ReportAction(action)]
        sanction(person=person, report=report, message=words, note=notes, by=by, now=now)
    settle(case=case, is_over=True, now=now)
    # What is kept down with its owner comes back when that ends: pauses.release_pauses_of.
    if action != ReportAction.SUSPEND_USER:
        lift_pause(case=case, by=by, now=now)
    _record(reports, by=by, now=now)
    _tell_reporters(reports, now=now)
    return report


def decide_reports_of(*, case: Case, ruling: Ruling, version: int, by: User) -> Report:
    """The same by way of the queue, on the version of the case that was read."""
    about = Report.objects.about_target_of(case).select_related("reported", "listing")
    report = about.undecided().order_by("created_at").first() or about.decided().first()
    if report is None:
        raise NotFound
    return decide_report(
        report=report,
        action=ruling.verdict,
        notes=ruling.note,
        message=ruling.message,
        version=version,
        by=by,
    )


def words_for(person: User, action: str, reports: Iterable[Report]) -> str:
    """Exactly what the person will read, in their language."""
    with translation.override(person.language):
        return outcomes.message_for_person(action, {report.reason for report in reports})


def let_go_of_picture(upload: Upload) -> None:
    """Its owner takes it off their profile. For good, unless the evidence of a report shows it:
    then it stays for reviewers as long as that does. In the transaction of the cause.
    """
    if Report.objects.showing(upload).exists():
        upload.purpose = UploadPurpose.EVIDENCE
        upload.save(update_fields=["purpose"])
    else:
        delete_upload(upload)


@transaction.atomic
def forget_old_report_evidence(*, now: dt.datetime) -> int:
    """After half a year the words of the report must do."""
    old = Report.objects.filter(created_at__lt=now - EVIDENCE_KEPT)
    named = old.filter(evidence__profile__has_key="photos")
    ids = [
        pk for photos in named.values_list("evidence__profile__photos", flat=True) for pk in photos
    ]
    forgotten = old.exclude(evidence={}, links=[]).update(evidence={}, links=[])
    kept = Upload.objects.filter(pk__in=ids, purpose=UploadPurpose.EVIDENCE)
    for upload in kept.select_for_update():
        if not Report.objects.showing(upload).exists():
            delete_upload(upload)
    return forgotten


def _lock_people(reporter: User, reported: User) -> User:
    """The reporter, with what other accounts may have in common with theirs."""
    claimed = SeekerSession.objects.filter(
        claimed_by=OuterRef("pk"), contact_verified_at__isnull=False, contact_phone__isnull=False
    )
    devices = Device.objects.filter(user=OuterRef("pk"))
    people = (
        User.objects.filter(pk__in=[reporter.pk, reported.pk])
        .annotate(
            numbers=ArraySubquery(claimed.values("contact_phone")),
            tokens=ArraySubquery(devices.values("token")),
        )
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
    )
    found = {person.pk: person for person in people}
    if len(found) < 2:  # one of the two has just left
        raise NotFound
    return found[reporter.pk]


def _links_of(reporter: Any) -> list[str]:
    phones = {reporter.phone, *reporter.numbers} - {None}
    devices = (
        salted_hmac("moderation.Report.links", token, algorithm="sha256").hexdigest()
        for token in reporter.tokens
    )
    return sorted({*map(phone_hash, phones), *devices})


def _check_quota(reporter: User, now: dt.datetime) -> None:
    """Counted under the lock on the reporter."""
    most, seconds, _per = settings.LIMITS["reports"]
    window = dt.timedelta(seconds=seconds)
    recent = Report.objects.filter(reporter=reporter, created_at__gt=now - window)
    newest = list(recent.order_by("-created_at").values_list("created_at", flat=True)[:most])
    if len(newest) == most:
        raise RateLimited(retry_after=max(int((newest[-1] + window - now).total_seconds()), 1))


def _target(report: Report) -> dict[str, Any]:
    """What its case is about."""
    is_about_listing = report.listing_id is not None
    return {"listing": report.listing, "person": None if is_about_listing else report.reported}


def _weigh(report: Report, waiting: Iterable[Any], *, now: dt.datetime) -> None:
    waiting = list(waiting)
    case = keep_report_case(**_target(report), reasons=[row.reason for row in waiting], now=now)
    voices = [
        Voice(
            row.reporter.pk,
            row.created_at - row.reporter.created_at,
            frozenset(row.links),
            row.dismissed,
        )
        for row in waiting
        if row.reporter is not None  # who has left has taken his word with him
    ]
    if is_credible(voices) and not policies.is_shielded(report):
        pause_target(case=case, now=now)


def _decide(
    report: Report, step: Transition, notes: str, *, by: User, now: dt.datetime
) -> list[Report]:
    """All about the target that waits for this step, decided together."""
    about = Report.objects.about(person_id=report.reported_id, listing_id=report.listing_id)
    waiting = about.filter(status__in=step.sources).select_related("reporter")
    reports = list(waiting)
    policies.check_can_decide_reports(reports, by)
    for row in reports:
        row.status, row.action, row.staff_note = step.target, step.verb, notes
        row.decided_by, row.decided_at = by, now
        if not policies.is_undecided(row):
            row.links = []
    fields = ["status", "action", "staff_note", "decided_by", "decided_at", "links"]
    Report.objects.bulk_update(reports, fields)
    return reports


def _record(reports: Iterable[Report], *, by: User, now: dt.datetime) -> None:
    for report in reports:
        audit.record(
            by=by,
            action=_AUDIT_ACTIONS[ReportAction(report.action)],
            target=report,
            now=now,
            data={"reported": str(report.reported_id), "notes": report.staff_note},
        )


def _tell_reporters(reports: Iterable[Report], *, now: dt.datetime) -> None:
    lines = [
        Line(
            to=report.reporter,
            type=NotificationType.REPORT_OUTCOME,
            title=outcomes.TITLE_FOR_REPORTER,
            body=outcomes.outcome_for_reporter(report.action),
            route="/notifications/",
            key=f"report-{report.pk}",
            channels=[],
        )
        for report in reports
        if report.reporter is not None
    ]
    notify(*lines, now=now, purpose=Purpose.MODERATION)
