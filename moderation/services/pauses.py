"""What several people reported is out of sight until somebody has looked, a day at the longest."""

import datetime as dt
import uuid

from django.db import transaction

from ghar.accounts.models import User
from ghar.accounts.services.suspension import lock_account
from ghar.audit import services as audit
from ghar.lib.actors import SYSTEM, Actor
from ghar.lib.rls import acting_for
from ghar.properties.services.listings import pause_listing
from ghar.properties.services.moves import lock_listing
from ghar.properties.services.review import lift_pause_by_reports
from moderation import policies
from moderation.models import Case, Report
from moderation.services.cases import REVIEW_WITHIN, lock_case
from moderation.signals import person_paused, person_released


def pause_target(*, case: Case, now: dt.datetime) -> None:
    """Once a case, and a listing only while it is live. The case is locked.

    As the system: whoever reported it may not see what hangs on the listing.
    """
    if case.target_paused_at is not None:
        return
    if case.person is not None:
        person_paused.send(sender=Report, person=case.person, now=now)
        audit.record(by=SYSTEM, action="person_paused", target=case.person, now=now)
    else:
        if not lock_listing(case.listing).is_live:
            return
        with acting_for(SYSTEM):
            pause_listing(listing=case.listing, by=SYSTEM)
    case.target_paused_at = now
    case.save(update_fields=["target_paused_at"])


def lift_pause(*, case: Case, by: Actor, now: dt.datetime) -> None:
    """Back into sight, if this case took it out. The case is locked."""
    if not case.is_target_paused:
        return
    case.pause_lifted_at = now
    case.save(update_fields=["pause_lifted_at"])
    if case.person is not None:
        person_released.send(sender=Report, person=case.person, now=now)
        audit.record(by=by, action="person_released", target=case.person, now=now)
        return
    with acting_for(SYSTEM):
        lift_pause_by_reports(listing=case.listing, by=by, now=now)


def release_overdue_pauses(*, now: dt.datetime) -> int:
    """Nobody has looked for a day: that is ours to answer for, not theirs. The case stays open."""
    late = Case.objects.open().keeping_down().filter(target_paused_at__lte=now - REVIEW_WITHIN)
    return sum(_release(pk, now) for pk in list(late.values_list("pk", flat=True)[:100]))


def release_pauses_of(*, person: User, now: dt.datetime) -> None:
    """Let in again: what the decided reports kept down comes back with them. The person is locked."""
    cases = Case.objects.of(person).settled().keeping_down()
    for case in cases.select_for_update(of=("self",), no_key=True):
        lift_pause(case=case, by=SYSTEM, now=now)


@transaction.atomic
def _release(pk: uuid.UUID, now: dt.datetime) -> bool:
    case = Case.objects.select_related("listing__owner", "person").get(pk=pk)
    lock_account(case.person_behind)
    case = lock_case(pk)
    if not (policies.is_open(case) and case.is_target_paused):  # decided since the sweep looked
        return False
    lift_pause(case=case, by=SYSTEM, now=now)
    return True
