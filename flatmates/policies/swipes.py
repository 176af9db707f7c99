"""May this person swipe that one, take it back, part? Each check raises with a reason."""

from collections.abc import Iterable
import datetime as dt
from typing import Final
import uuid

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from flatmates.models import Conversation, Match, Profile, Swipe
from flatmates.policies.chats import accepts_by_answering
from flatmates.states import (
    CONVERSATION_TRANSITIONS,
    MATCH_TRANSITIONS,
    PEER,
    MatchStatus,
    SwipeAction,
)
from ghar.accounts.models import User
from ghar.errors import Conflict, Invalid, NotFound, RateLimited, is_allowed, require_step
from ghar.properties.models import Property

UNDO_WITHIN: Final = dt.timedelta(minutes=10)


# --- Swiping --------------------------------------------------------------------------------------
def check_not_oneself(by: User, target: User) -> None:
    if by.pk == target.pk:
        raise Invalid.field("target_user_id", _("This is you."))


def check_not_own(by: User, listing: Property) -> None:
    if by.pk == listing.owner_id:
        raise Invalid.field("property_id", _("This is your own place."))


def awaits(chat: Conversation, by_id: uuid.UUID) -> bool:
    """Whether it is an enquiry that this person has still to take up."""
    return chat.is_open and accepts_by_answering(chat, by_id)


def is_in_good_standing(person: User) -> bool:
    return person.is_active and not person.is_suspended


def check_shows_oneself(mine: Profile | None) -> None:
    """Only who can be seen may look for others: a like is an offer to be liked back."""
    if mine is None or not mine.is_visible:
        raise Conflict(
            _("Please finish your own profile first, so that others can see who likes them."),
            code="PROFILE_NOT_ACTIVE",
            details={"status": mine.status if mine else "", "next_step": "/welcome/"},
        )


def check_may_change(before: Swipe | None, match: Match | None) -> None:
    """While two are matched, what they said stands; parting is a step of its own."""
    if before is not None and match is not None and match.is_active:
        raise Conflict(
            _("You are matched. To part, choose unmatch."),
            code="ALREADY_MATCHED",
            details={"match_id": str(match.pk)},
        )


def is_repeat(before: Swipe | None, action: SwipeAction) -> bool:
    return before is not None and before.action == action and before.spent_at is None


def check_quota(
    action: SwipeAction,
    swiped: Iterable[dt.datetime],
    super_liked: Iterable[dt.datetime],
    now: dt.datetime,
) -> None:
    """One more, beside those of the last day, by when they were."""
    if action == SwipeAction.SUPER_LIKE:
        _check_limit("super_likes", super_liked, now)
    _check_limit("swipes", swiped, now)


def is_news(before: Swipe | None, now: dt.datetime) -> bool:
    """To whom it is told: whoever was super liked has heard it, whatever was said since that day."""
    if before is None or before.spent_at is not None:
        return True
    heard_at = before.super_liked_at
    return heard_at is None or heard_at <= now - quota_window("super_likes")


def _check_limit(name: str, moments: Iterable[dt.datetime], now: dt.datetime) -> None:
    most = settings.LIMITS[name][0]
    recent = sorted(moment for moment in moments if moment > now - quota_window(name))
    if len(recent) < most:
        return
    free_at = recent[len(recent) - most] + quota_window(name)
    words = {
        "swipes": ngettext(
            "That is all for today: %d swipe.", "That is all for today: %d swipes.", most
        ),
        "super_likes": ngettext(
            "That was your %d super like of today.",
            "Those were your %d super likes of today.",
            most,
        ),
    }
    raise RateLimited(words[name] % most, retry_after=max(1, int((free_at - now).total_seconds())))


def super_likes_left(used: int) -> int:
    return max(0, settings.LIMITS["super_likes"][0] - used)


def quota_window(name: str) -> dt.timedelta:
    return dt.timedelta(seconds=settings.LIMITS[name][1])


# --- Taking back ------------------------------------------------------------------------------------
def check_can_undo(last: Swipe | None, now: dt.datetime) -> Swipe:
    # What led to a match that has ended is history.
    if last is None or last.spent_at or last.swiped_at < now - UNDO_WITHIN:
        raise Conflict(
            _("There is nothing to undo: it works for ten minutes."), code="NOTHING_TO_UNDO"
        )
    return last


def can_undo(last: Swipe | None, now: dt.datetime) -> bool:
    """Whether to offer it; what came of it meanwhile, the step itself says."""
    return is_allowed(check_can_undo, last, now)


def check_led_to_nothing(swipe: Swipe, match: Match | None, chat: Conversation | None) -> None:
    """A like that two people have acted upon cannot be taken back."""
    if not swipe.is_like:
        return
    if swipe.target_user_id and match is not None and match.is_active:
        raise Conflict(
            _("You are matched already. To part, choose unmatch."), code="ALREADY_MATCHED"
        )
    if chat is None:
        return
    has_begun = opened_by_like(swipe, chat) and (chat.message_count or chat.is_accepted)
    if has_begun or (swipe.target_user_id and chat.accepted_at == swipe.swiped_at):
        raise Conflict(
            _("You are talking already. You can close the chat."), code="ALREADY_TALKING"
        )


def opened_by_like(swipe: Swipe, chat: Conversation) -> bool:
    """Whether this like of a listing is what opened the enquiry."""
    return swipe.listing_id is not None and chat.created_at == swipe.swiped_at


# --- Parting ----------------------------------------------------------------------------------------
def check_can_unmatch(match: Match, by: User) -> None:
    if by.pk not in (match.first_id, match.second_id):
        raise NotFound
    require_step(MATCH_TRANSITIONS, verb="unmatch", source=match.status, actors=[PEER])


def is_unmatched(match: Match) -> bool:
    return match.status == MatchStatus.UNMATCHED


def step_of(match: Match, verb: str) -> str | None:
    """Where the verb leads the match, or None where it leads nowhere."""
    step = MATCH_TRANSITIONS.find(verb, match.status)
    return step.target if step else None


def can_take(chat: Conversation, verb: str) -> bool:
    return CONVERSATION_TRANSITIONS.find(verb, chat.status) is not None
