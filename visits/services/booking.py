"""How a visit is made: the time is the visitor's at once, and waits for somebody to confirm it."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Exists

from flatmates.models import Conversation, Match
from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.pairs import lock_pair
from ghar.properties.models import Property
from ghar.properties.services.moves import lock_listing
from moderation.models import Block
from visits.models import Visit
from visits.policies import booking as policies
from visits.policies.settings import duration_of
from visits.policies.steps import side_of
from visits.services import telling
from visits.services.assigning import choose_agent, take_time_and_agent
from visits.services.records import record, snapshot
from visits.services.slots import or_alternatives, take_time
from visits.states import AssignmentTrigger, VisitContext, VisitEventType


def schedule_visit(
    *,
    by: User,
    listing: Property,
    scheduled_date: dt.datetime,
    visit_context: str = VisitContext.PROPERTY_TOUR,
    counterparty: User | None = None,
    conversation: Conversation | None = None,
    match: Match | None = None,
    special_requirements: str = "",
    visitor: User | None = None,
) -> Visit:
    """Book a tour of a place, or a meeting there with somebody who matched; an admin for `visitor`.

    Raises Invalid (PAST_DATE, TOO_SOON, TOO_FAR), Conflict (NO_ACTIVE_MATCH), ListingNotAvailable,
    NotFound, or SlotTaken (VISIT_CONFLICT) with three alternatives.
    """
    now = clock.now()
    visit = Visit(
        listing=listing,
        user=visitor or by,
        counterparty=counterparty,
        visit_context=visit_context,
        scheduled_date=scheduled_date.astimezone(dt.UTC),
        duration_minutes=duration_of(visit_context),
        special_requirements=special_requirements,
        created_at=now,
    )
    # Other times are looked for when the locks are given back: others wait for the same one.
    with or_alternatives(visit, now=now), transaction.atomic():
        is_blocked = _lock(visit)
        policies.check_can_schedule(
            visit.listing,
            by=by,
            visitor=visit.user,
            context=visit_context,
            counterparty=counterparty,
            is_blocked=is_blocked,
        )
        policies.check_time(visit.scheduled_date, now=now)
        if counterparty is not None:
            _introduce(visit, counterparty, match, conversation)
        _book(visit, by=by, now=now)
    return visit


def _lock(visit: Visit) -> bool:
    """Against what could end the visit at the same moment; with the listing as it is from now on.

    Answers whether the visitor or the host has blocked the other.
    """
    # A block or a parting.
    lock_pair(visit.user_id, visit.counterparty_id or visit.listing.owner_id)
    # A withdrawal: it waits and cancels this, or this sees it.
    blocks = Block.objects.between(visit.user_id, visit.listing.owner_id)
    listing: Any = lock_listing(visit.listing, is_blocked=Exists(blocks))
    visit.listing, visit.host = listing, listing.owner
    visit.timezone = listing.timezone or "UTC"
    return listing.is_blocked


def _book(visit: Visit, *, by: User, now: dt.datetime) -> None:
    visit.proposed_by = side = side_of(visit, by)
    decision = take_time_and_agent(visit, now=now) if visit.is_tour else None
    if decision is None:
        take_time(visit)
        if visit.is_tour:
            choose_agent(visit, trigger=AssignmentTrigger.SCHEDULE, now=now)
    visit.save(force_insert=True)
    record(
        visit,
        VisitEventType.SCHEDULED,
        by=by,
        side=side,
        changes=snapshot(visit),
        now=now,
        history=[decision] if decision else [],
    )
    telling.tell(visit, verb="schedule" if visit.is_tour else "meet", by=by, now=now)


def _introduce(
    visit: Visit, counterparty: User, match: Match | None, conversation: Conversation | None
) -> None:
    """The match by which these two know each other; Conflict (NO_ACTIVE_MATCH) without."""
    pair = (visit.user_id, counterparty.pk)
    found = (
        Match.objects.between(*pair)
        .select_related("conversation")
        .annotate(is_blocked=Exists(Block.objects.between(*pair)))
        .first()
    )
    visit.match = policies.check_match(found, match)
    policies.check_conversation(visit.match, conversation)
    visit.conversation = visit.match.conversation
