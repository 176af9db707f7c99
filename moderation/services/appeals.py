"""The poster's own words, and a second reviewer."""

from collections.abc import Sequence
import datetime as dt
from typing import Final
import uuid

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.lib import clock
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services import notify
from ghar.properties.models import Property
from ghar.properties.services import review
from ghar.properties.services.moves import host_page, lock_listing
from moderation import policies
from moderation.models import Appeal, Case, Decision
from moderation.services.cases import check_version, lock_case, open_case, settle, sync_cases
from moderation.services.decisions import Ruling, allow_likeness, record_decision
from moderation.services.evidence import attach_evidence
from moderation.states import APPEAL_TRANSITIONS, AppealStatus, CaseKind, Verdict

_OUTCOME: Final = {
    Verdict.UPHOLD: _("A second reviewer has looked at {title}. The decision stands."),
    Verdict.OVERTURN: _("A second reviewer agrees with you about {title}. It goes on to review."),
}


@transaction.atomic
def submit_appeal(
    *, listing: Property, message: str, by: User, upload_ids: Sequence[uuid.UUID] = ()
) -> Appeal:
    """Ask for a second look at a hold or a rejection; one open appeal a decision."""
    now = clock.now()
    listing = lock_listing(listing)
    policies.check_owner(listing, by)
    policies.check_can_appeal(listing)
    attach_evidence(listing=listing, upload_ids=upload_ids, by=by, now=now)
    appeal = Appeal.objects.create(
        listing=listing,
        decision=Decision.objects.of(listing.pk).standing().first(),
        message=message,
        created_at=now,
    )
    open_case(listing=listing, kind=CaseKind.APPEAL, now=now)
    audit.record(
        by=by, action="appeal_submitted", target=listing, now=now, data={"appeal": str(appeal.pk)}
    )
    return appeal


@transaction.atomic
def decide_appeal(*, case: Case, ruling: Ruling, version: int, by: User) -> Appeal:
    """Uphold or overturn, by somebody who did not make the decision.

    Overturning sends the listing on to review; likenesses that it was held for count no more.
    """
    now = clock.now()
    listing = lock_listing(case.listing)
    case = lock_case(case.pk)
    check_version(case, version)
    policies.check_can_claim(case, by, now)
    policies.check_verdict(case, ruling.verdict)
    appeal = Appeal.objects.open().select_for_update().get(listing=listing)
    policies.check_can_decide_appeal(appeal, by)
    decision = record_decision(listing=listing, case=case, ruling=ruling, by=by, now=now)
    if ruling.verdict == Verdict.OVERTURN:
        allow_likeness(decision=decision, by=by, now=now)
        if policies.is_appealable(listing):
            listing = review.allow_listing(listing=listing, by=by, now=now)
    settle(case=case, is_over=True, now=now)
    sync_cases(listing=listing, now=now)
    return _close(appeal, listing, ruling, by=by, now=now)


def _close(
    appeal: Appeal, listing: Property, ruling: Ruling, *, by: User, now: dt.datetime
) -> Appeal:
    step = APPEAL_TRANSITIONS.find(ruling.verdict, appeal.status)
    assert step is not None  # noqa: S101 -- only open appeals come here
    appeal.status, appeal.decided_at, appeal.decided_by = AppealStatus(step.target), now, by
    appeal.save(update_fields=["status", "decided_at", "decided_by"])
    audit.record(
        by=by,
        action=f"appeal_{appeal.status}",
        target=listing,
        now=now,
        data={"appeal": str(appeal.pk), "notes": ruling.note},
    )
    notify(
        to=listing.owner,
        type=NotificationType.APPEAL_OUTCOME,
        title=_("Your appeal has been decided"),
        body=ruling.message or format_lazy(_OUTCOME[ruling.verdict], title=listing),
        route=host_page(listing),
        now=now,
        purpose=Purpose.MODERATION,
        key=f"appeal-{appeal.pk}",
    )
    return appeal
