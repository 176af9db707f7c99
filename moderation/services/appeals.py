"""The poster's own words, and a second reviewer."""

from collections.abc import Sequence
import datetime as dt
from typing import Any, Final
import uuid

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.accounts.policies import SUSPENDED_PAGE
from ghar.accounts.services.suspension import lock_account
from ghar.audit import services as audit
from ghar.lib import clock
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.properties.models import Property
from ghar.properties.services import review
from ghar.properties.services.moves import host_page, lock_listing
from moderation import policies
from moderation.models import Appeal, Case, Decision, Sanction
from moderation.services.cases import check_version, lock_case, open_case, settle, sync_cases
from moderation.services.decisions import Ruling, allow_likeness, record_decision
from moderation.services.evidence import attach_evidence
from moderation.services.sanctions import confirm_suspension, end_suspension
from moderation.states import APPEAL_TRANSITIONS, AppealStatus, CaseKind, Verdict

_OUTCOME: Final[dict[str, Any]] = {
    Verdict.UPHOLD: _("A second reviewer has looked at {title}. The decision stands."),
    Verdict.OVERTURN: _("A second reviewer agrees with you about {title}. It goes on to review."),
}
_OUTCOME_FOR_PERSON: Final[dict[str, Any]] = {
    Verdict.UPHOLD: _("Somebody else has looked at it again. Your account stays closed."),
    Verdict.OVERTURN: _("Somebody else agrees with you. Your account is open again."),
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
        decision=Decision.objects.of(listing.pk).about_listings().standing().first(),
        message=message,
        created_at=now,
    )
    open_case(listing=listing, kind=CaseKind.APPEAL, now=now)
    audit.record(
        by=by, action="appeal_submitted", target=listing, now=now, data={"appeal": str(appeal.pk)}
    )
    return appeal


@transaction.atomic
def appeal_suspension(*, message: str, by: User) -> Appeal:
    """Ask to be let in again; one open appeal a suspension."""
    now = clock.now()
    person = lock_account(by)
    sanction = Sanction.objects.suspensions().standing().filter(person=person).first()
    policies.check_can_appeal_suspension(sanction)
    appeal = Appeal.objects.create(sanction=sanction, message=message, created_at=now)
    open_case(person=person, kind=CaseKind.APPEAL, now=now)
    audit.record(
        by=by, action="appeal_submitted", target=person, now=now, data={"appeal": str(appeal.pk)}
    )
    return appeal


@transaction.atomic
def decide_appeal(*, case: Case, ruling: Ruling, version: int, by: User) -> Appeal:
    """Uphold or overturn, by somebody who did not make the decision.

    Overturning sends the listing on to review; likenesses that it was held for count no more. An
    account is opened again.
    """
    now = clock.now()
    if case.person is not None:
        return _decide_about_person(case, case.person, ruling, version=version, by=by, now=now)
    listing = lock_listing(case.listing)
    case = lock_case(case.pk)
    check_version(case, version)
    policies.check_can_claim(case, by, now)
    policies.check_verdict(case, ruling.verdict)
    appeal = Appeal.objects.open().select_for_update().get(listing=listing)
    policies.check_can_judge(listing, by)
    policies.check_can_decide_appeal(appeal, by)
    decision = record_decision(listing=listing, case=case, ruling=ruling, by=by, now=now)
    if ruling.verdict == Verdict.OVERTURN:
        allow_likeness(decision=decision, by=by, now=now)
        if policies.is_appealable(listing):
            listing = review.allow_listing(listing=listing, by=by, now=now)
    settle(case=case, is_over=True, now=now)
    sync_cases(listing=listing, now=now)
    _close(appeal, ruling, by=by, now=now)
    _tell(appeal, listing.owner, about=listing, ruling=ruling, by=by, now=now)
    return appeal


def _decide_about_person(
    case: Case, person: User, ruling: Ruling, *, version: int, by: User, now: dt.datetime
) -> Appeal:
    person = lock_account(person)
    case = lock_case(case.pk)
    check_version(case, version)
    policies.check_can_claim(case, by, now)
    policies.check_verdict(case, ruling.verdict)
    waiting = Appeal.objects.open().filter(sanction__person=person)
    appeal = waiting.select_related("sanction").select_for_update(of=("self",)).get()
    policies.check_can_decide_appeal(appeal, by)
    _close(appeal, ruling, by=by, now=now)
    settle(case=case, is_over=True, now=now)
    _follow(appeal.sanction, ruling, by=by, now=now)
    _tell(appeal, person, about=person, ruling=ruling, by=by, now=now)
    return appeal


def _follow(sanction: Sanction | None, ruling: Ruling, *, by: User, now: dt.datetime) -> None:
    """Upholding is the second look that a suspension needs to last."""
    assert sanction is not None  # noqa: S101 -- appeal_one_target
    if ruling.verdict == Verdict.OVERTURN:
        end_suspension(sanction=sanction, note=ruling.note, by=by, now=now)
    elif policies.is_waiting(sanction, now):
        confirm_suspension(sanction=sanction, by=by)


def _close(appeal: Appeal, ruling: Ruling, *, by: User, now: dt.datetime) -> None:
    step = APPEAL_TRANSITIONS.find(ruling.verdict, appeal.status)
    assert step is not None  # noqa: S101 -- only open appeals come here
    appeal.status, appeal.decided_at, appeal.decided_by = AppealStatus(step.target), now, by
    appeal.save(update_fields=["status", "decided_at", "decided_by"])


def _tell(
    appeal: Appeal,
    person: User,
    *,
    about: Property | User,
    ruling: Ruling,
    by: User,
    now: dt.datetime,
) -> None:
    audit.record(
        by=by,
        action=f"appeal_{appeal.status}",
        target=about,
        now=now,
        data={"appeal": str(appeal.pk), "notes": ruling.note},
    )
    verdict = Verdict(ruling.verdict)
    if isinstance(about, Property):
        words, route = format_lazy(_OUTCOME[verdict], title=about), host_page(about)
    else:
        words = _OUTCOME_FOR_PERSON[verdict]
        route = SUSPENDED_PAGE if verdict == Verdict.UPHOLD else "/"
    notify(
        Line(
            to=person,
            type=NotificationType.APPEAL_OUTCOME,
            title=_("Your appeal has been decided"),
            body=ruling.message or words,
            route=route,
            key=f"appeal-{appeal.pk}",
        ),
        now=now,
        purpose=Purpose.MODERATION,
    )
