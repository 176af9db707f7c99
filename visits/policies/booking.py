"""May this be booked, and for when?"""

import datetime as dt
from typing import Any
import uuid

from django.utils.translation import gettext_lazy as _

from flatmates.models import Conversation, Match
from ghar.accounts.models import User
from ghar.errors import Conflict, Invalid, ListingNotAvailable, NotAllowed, NotFound
from ghar.properties.models import Property
from visits.policies.settings import current_settings
from visits.states import VisitContext


class NoActiveMatch(Conflict):
    code = "NO_ACTIVE_MATCH"
    message = _("You can meet once you have matched.")


def check_may_book_for(visitor_id: uuid.UUID, by: User) -> None:
    """Before anybody looks who that is: the answer must not tell which accounts there are."""
    if visitor_id != by.pk and not by.is_admin:
        raise NotAllowed(_("You can book for yourself alone."))


def check_can_schedule(
    listing: Property,
    *,
    by: User,
    visitor: User,
    context: str,
    counterparty: User | None,
    is_blocked: bool,
) -> None:
    """A listing that can be seen, and the people whom this kind of visit needs.

    `is_blocked`: the visitor or the host has blocked the other.
    """
    check_may_book_for(visitor.pk, by)
    is_there = listing.owner.is_active and not listing.owner.is_suspended
    if not (listing.is_live and is_there):
        raise ListingNotAvailable if listing.published_at or by.is_admin else NotFound
    if context == VisitContext.PROPERTY_TOUR:
        if counterparty is not None:
            raise Invalid.field("counterparty_user_id", _("A tour is with the host alone."))
        if visitor.pk == listing.owner_id:
            raise NotAllowed(_("This is your own place."))
        if is_blocked:
            raise NotFound
    elif counterparty is None:
        raise Invalid.field("counterparty_user_id", _("Please say whom you want to meet."))
    elif counterparty.pk == visitor.pk:
        raise Invalid.field("counterparty_user_id", _("You cannot meet yourself."))
    elif counterparty.is_suspended or not counterparty.is_active:
        raise NoActiveMatch


def check_match(found: Any, named: Match | None) -> Match:
    """The active match of the two; it says no more to a stranger than to somebody who left.

    `found` carries `is_blocked`.
    """
    if found is None or not found.is_active or found.is_blocked or named not in (None, found):
        raise NoActiveMatch
    return found


def check_conversation(match: Match, named: Conversation | None) -> None:
    if named is not None and named.pk != match.conversation_id:
        raise Invalid.field("conversation_id", _("This is another conversation."))


def check_time(moment: dt.datetime, *, now: dt.datetime, field: str = "scheduled_date") -> None:
    limits = current_settings()
    if moment <= now:
        raise Invalid.field(field, _("This time has passed."), code="PAST_DATE")
    if moment < now + limits.lead:
        raise Invalid.field(field, _("This is too soon: people need two hours."), code="TOO_SOON")
    if moment > now + limits.horizon:
        raise Invalid.field(field, _("This is too far ahead."), code="TOO_FAR")


def bookable(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Between which instants a visit may start."""
    limits = current_settings()
    return now + limits.lead, now + limits.horizon
