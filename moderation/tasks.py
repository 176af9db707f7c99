from celery import shared_task

from ghar import flags
from ghar.lib import clock
from moderation.services import attendance, checks, evidence, pauses, reports, sanctions


@shared_task(name="moderation.run_due_checks")
def run_due_checks() -> int:
    return checks.run_due_checks(may_hold=flags.is_on(flags.RISK_SCORING), now=clock.now())


@shared_task(name="moderation.forget_old_evidence")
def forget_old_evidence() -> int:
    return evidence.forget_old_evidence(now=clock.now())


@shared_task(name="moderation.release_overdue_pauses")
def release_overdue_pauses() -> int:
    return pauses.release_overdue_pauses(now=clock.now())


@shared_task(name="moderation.forget_old_report_evidence")
def forget_old_report_evidence() -> int:
    return reports.forget_old_report_evidence(now=clock.now())


@shared_task(name="moderation.lapse_unconfirmed_suspensions")
def lapse_unconfirmed_suspensions() -> int:
    return sanctions.lapse_unconfirmed_suspensions(now=clock.now())


@shared_task(name="moderation.count_attendance")
def count_attendance() -> int:
    return attendance.count_attendance(now=clock.now())
