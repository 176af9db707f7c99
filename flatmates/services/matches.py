"""Two people who like each other, and how they part."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from flatmates.models import Conversation, Match, Swipe
from flatmates.models.swipes import SwipeQuerySet
from flatmates.policies import swipes as policies
from flatmates.services.conversations import move_conversation, open_conversation
from flatmates.signals import match_closed
from flatmates.states import ConversationSource
from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.pairs import canonical, lock_pair
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.properties.models import Property
from ghar.realtime.models import EventType
from ghar.realtime.services import emit

# What becomes of the chat when a pair parts.
STEP_OF_CHAT = {"unmatch": "close", "block": "block"}


def make_match(
    *,
    before: Match | None,
    one: User,
    other: User,
    context_listing: Property | None,
    now: dt.datetime,
) -> Match:
    """Both like: one match and one conversation, told once to each. The caller holds the pair's lock.

    `before` is the row of an earlier match of these two, which lives again.
    """
    conversation = open_conversation(
        one=one,
        other=other,
        source=ConversationSource.PROFILE_MATCH,
        context_listing=context_listing,
        opened_by=None,
        now=now,
    )
    first, second = canonical(one.pk, other.pk)
    match = before or Match(first_id=first, second_id=second, created_at=now)
    if before is not None:
        match.status = policies.step_of(before, "rematch") or before.status
    match.conversation, match.matched_at, match.closed_at = conversation, now, None
    match.context_listing = context_listing or match.context_listing
    match.save()
    _tell(match, one, other, now)
    return match


@transaction.atomic
def unmatch(*, match: Match, by: User) -> Match:
    """Part from somebody: the chat closes, both likes are spent. A repeat changes nothing."""
    now = clock.now()
    lock_pair(match.first_id, match.second_id)
    match = Match.objects.select_related("first", "second").get(pk=match.pk)
    if policies.is_unmatched(match):
        return match
    policies.check_can_unmatch(match, by)
    return (
        close_between(one=match.first, other=match.second, verb="unmatch", by=by, now=now) or match
    )


def close_between(*, one: User, other: User, verb: str, by: User, now: dt.datetime) -> Match | None:
    """End what there is between two people, by "unmatch" or "block"; a new match needs fresh likes.

    The caller holds the pair's lock. Answers the match that these two have or had.
    """
    match = Match.objects.between(one.pk, other.pk).first()
    target = match and policies.step_of(match, verb)
    if match and target:
        match.status, match.closed_at = target, now
        match.save(update_fields=["status", "closed_at"])
    conversation = Conversation.objects.between(one.pk, other.pk).first()
    if conversation and policies.can_take(conversation, STEP_OF_CHAT[verb]):
        move_conversation(conversation=conversation, verb=STEP_OF_CHAT[verb], now=now)
    _likes_between(one, other).update(spent_at=now)
    if match and target:
        match_closed.send(sender=Match, match=match, by=by, now=now)
    return match


def _likes_between(one: User, other: User) -> SwipeQuerySet:
    """Of each other, and of each other's listings."""
    of_listings = Q(user=one, listing__owner=other) | Q(user=other, listing__owner=one)
    of_people = Q(user=one, target_user=other) | Q(user=other, target_user=one)
    return Swipe.objects.likes().filter(of_people | of_listings)


def _tell(match: Match, one: User, other: User, now: dt.datetime) -> None:
    assert match.conversation is not None  # noqa: S101 -- make_match has just opened it
    route = match.conversation.get_absolute_url()
    emit(
        to=[one, other],
        type=EventType.NEW_MATCH,
        object_type="match",
        object_id=match.pk,
        status=match.status,
        route=route,
    )
    lines = [
        Line(
            to=reader,
            type=NotificationType.NEW_MATCH,
            title=format_lazy(_("You and {name} like each other"), name=peer.public_name),
            body=_("You can write to each other now."),
            route=route,
        )
        for reader, peer in ((one, other), (other, one))
    ]
    notify(*lines, now=now, purpose=Purpose.MESSAGES)
