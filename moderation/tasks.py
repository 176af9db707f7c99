from celery import shared_task

from ghar import flags
from ghar.lib import clock
from moderation.services import checks, evidence


@shared_task(name="moderation.run_due_checks")
def run_due_checks() -> int:
    return checks.run_due_checks(may_hold=flags.is_on(flags.RISK_SCORING), now=clock.now())


@shared_task(name="moderation.forget_old_evidence")
def forget_old_evidence() -> int:
    return evidence.forget_old_evidence(now=clock.now())
