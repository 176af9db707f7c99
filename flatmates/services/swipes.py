"""Pass, like and super like, of people and of listings; and taking the last one back."""

import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from flatmates.models import Conversation, Match, Profile, Swipe
from flatmates.policies import swipes as policies
from flatmates.search import LATEST_FIRST, likes_received
from flatmates.services.conversations import accept_enquiry, open_conversation
from flatmates.services.matches import make_match
from flatmates.services.profiles import touch
from flatmates.states import ConversationSource, SwipeAction
from ghar.accounts.models import User
from ghar.errors import Conflict, NotFound
from ghar.lib import clock
from ghar.lib.pairs import lock_pair
from ghar.notifications.models import Channel, NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify, take_back, take_back_unread
from ghar.properties.models import Property
from moderation.models import Block

# All likes of a person are one unread line: /likes/ says who.
LIKES_THREAD = "likes"
LIKES_ROUTE = "/likes/"
HISTORY_KEPT = dt.timedelta(days=365)
BATCH = 5000


class Swiped(NamedTuple):
    """What came of a swipe; `stored` is False where it had been said before."""

    stored: bool
    did_match: bool = False
    match: Match | None = None
    conversation: Conversation | None = None


@transaction.atomic
def swipe_person(
    *,
    by: User,
    target: User,
    action: SwipeAction,
    context_listing: Property | None = None,
) -> Swiped:
    """Say it about a person. Two likes make a match; the like of somebody who asked takes that up.

    Raises NotFound, Invalid, RateLimited or Conflict (PROFILE_NOT_ACTIVE, ALREADY_MATCHED).
    """
    now = clock.now()
    policies.check_not_oneself(by, target)
    lock_pair(by.pk, target.pk)
    chat = Conversation.objects.between(by.pk, target.pk).first()
    mine = _check_may_meet(by, target, chat)
    said = {swipe.user_id: swipe for swipe in Swipe.objects.between(by.pk, target.pk)}
    before, theirs = said.get(by.pk), said.get(target.pk)
    match = Match.objects.between(by.pk, target.pk).first() if said else None
    if policies.is_repeat(before, action):
        is_matched = match is not None and match.is_active
        return Swiped(False, False, match, chat) if is_matched else Swiped(False)
    policies.check_may_change(before, match)
    _check_quota(by, action, before, now)
    _touch(mine, by, now)
    is_news = policies.is_news(before, now)
    swipe = _store(before or Swipe(user=by, target_user=target), action, context_listing, now)
    if swipe.is_like and theirs is not None and theirs.is_like:
        context = context_listing or theirs.context_listing
        match = make_match(before=match, one=by, other=target, context_listing=context, now=now)
        return Swiped(True, True, match, match.conversation)
    if not swipe.is_like:
        return Swiped(True)
    if chat is not None and policies.awaits(chat, by.pk):
        chat = accept_enquiry(conversation=chat, by=by, now=now)
    else:
        chat = None
    if is_news:
        _tell_liked(target, action, now)
    return Swiped(True, conversation=chat)


@transaction.atomic
def swipe_listing(*, by: User, listing: Property, action: SwipeAction) -> Swiped:
    """Say it about a live listing. A like asks its host, who answers or likes back; it is no match.

    Raises NotFound, Invalid or RateLimited.
    """
    now = clock.now()
    policies.check_not_own(by, listing)
    lock_pair(by.pk, listing.owner_id)
    listing = _shown_listing(listing, by)
    mine = _lock_account(by)
    before = Swipe.objects.by(by).filter(listing=listing).first()
    if policies.is_repeat(before, action):
        chat = Conversation.objects.between(by.pk, listing.owner_id).first()
        return Swiped(False, conversation=chat if before and before.is_like else None)
    _check_quota(by, action, before, now)
    _touch(mine, by, now)
    swipe = _store(before or Swipe(user=by, listing=listing), action, None, now)
    if not swipe.is_like:
        return Swiped(True)
    chat = open_conversation(
        one=by,
        other=listing.owner,
        source=ConversationSource.LISTING_INTEREST,
        context_listing=listing,
        opened_by=by,
        now=now,
    )
    # What either of them has closed, interest in a room does not open again.
    if not chat.is_open:
        return Swiped(True)
    _tell_host(listing, chat, by=by, key=_key_of(swipe), now=now)
    return Swiped(True, conversation=chat)


@transaction.atomic
def undo_swipe(*, by: User) -> Swipe:
    """Take back what the reader said last, within ten minutes.

    Raises Conflict (NOTHING_TO_UNDO, ALREADY_MATCHED, ALREADY_TALKING).
    """
    now = clock.now()
    last = policies.check_can_undo(last_swipe_of(by), now)
    other_id = last.other_id
    lock_pair(by.pk, other_id)
    swipe = last_swipe_of(by)
    if swipe != last:
        raise Conflict(_("This has just been undone."), code="NOTHING_TO_UNDO")
    match = Match.objects.between(by.pk, other_id).first()
    chat = Conversation.objects.between(by.pk, other_id).select_for_update().first()
    policies.check_led_to_nothing(swipe, match, chat)
    if chat is not None and policies.opened_by_like(swipe, chat):
        chat.delete()
        take_back(to=User(pk=other_id), key=_key_of(swipe))
    swipe.delete()
    _take_back_like(swipe, now)
    return swipe


def forget_old_swipes(*, now: dt.datetime) -> int:
    """A batch of the history that is older than a year. Returns how many."""
    history = Swipe.objects.history_before(now - HISTORY_KEPT)
    # Both conditions: what is said anew meanwhile is no history any more.
    deleted, _rows = history.filter(
        pk__in=history.order_by("swiped_at").values("pk")[:BATCH]
    ).delete()
    return deleted


def last_swipe_of(by: User) -> Swipe | None:
    latest = (
        Swipe.objects.by(by).select_related("listing", "target_user").order_by("-swiped_at", "-id")
    )
    return latest.first()


def super_likes_left(by: User, now: dt.datetime) -> int:
    since = now - policies.quota_window("super_likes")
    return policies.super_likes_left(Swipe.objects.super_likes_since(by, since).count())


def _check_may_meet(by: User, target: User, chat: Conversation | None) -> Profile | None:
    """Both are shown to each other; of somebody who has asked the reader, no profile is needed."""
    mine = _lock_account(by)
    if chat is not None and policies.awaits(chat, by.pk) and policies.is_in_good_standing(target):
        return mine
    if not Profile.objects.active_for(by.pk).filter(user=target).exists():
        raise NotFound
    policies.check_shows_oneself(mine)
    return mine


def _lock_account(by: User) -> Profile | None:
    """One swipe of a person at a time, so that quotas are exact."""
    account = User.objects.select_related("profile").select_for_update(of=("self",), no_key=True)
    return getattr(account.get(pk=by.pk), "profile", None)


def _touch(mine: Profile | None, by: User, now: dt.datetime) -> None:
    if mine is not None and mine.last_active_at <= now - dt.timedelta(hours=1):
        touch(by, now)


def _shown_listing(listing: Property, by: User) -> Property:
    live = Property.objects.live().filter(owner__suspended_at=None).select_related("owner")
    found = live.filter(~Block.objects.hide(by.pk, outer="owner_id"), pk=listing.pk).first()
    if found is None:
        raise NotFound
    return found


def _check_quota(by: User, action: SwipeAction, before: Swipe | None, now: dt.datetime) -> None:
    since = now - policies.quota_window("swipes")
    today = list(Swipe.objects.by(by).filter(swiped_at__gt=since))
    # To change one's mind is no other swipe, but what was a super like stays one.
    swiped = [row.swiped_at for row in today if row != before]
    super_liked = [row.super_liked_at for row in today if row.super_liked_at]
    policies.check_quota(action, swiped, super_liked, now)


def _store(
    swipe: Swipe, action: SwipeAction, context_listing: Property | None, now: dt.datetime
) -> Swipe:
    # Of several on one day the first one counts, which is the one that was told.
    is_news = policies.is_news(swipe, now)
    swipe.action, swipe.swiped_at, swipe.spent_at = action, now, None
    if swipe.is_super and is_news:
        swipe.super_liked_at = now
    swipe.context_listing = context_listing or swipe.context_listing
    swipe.save()
    return swipe


def _tell_liked(
    target: User, action: SwipeAction, now: dt.datetime, channels: list[Channel] | None = None
) -> None:
    is_super = action == SwipeAction.SUPER_LIKE
    notify(
        Line(
            to=target,
            type=NotificationType.NEW_LIKE,
            title=_("Somebody likes you very much") if is_super else _("Somebody likes you"),
            body=_("See who it is. If you like them too, you can write to each other."),
            route=LIKES_ROUTE,
            thread=LIKES_THREAD,
            channels=channels,
        ),
        now=now,
        purpose=Purpose.MESSAGES,
    )


def _take_back_like(swipe: Swipe, now: dt.datetime) -> None:
    """The line that was told of it, while it is unread; in its place stands whoever else likes them,
    as of when they did: that has left the site already.
    """
    target = swipe.target_user
    if target is None or not swipe.is_like:
        return
    told_at = [swipe.swiped_at, swipe.super_liked_at]
    if not take_back_unread(to=target, thread=LIKES_THREAD, told_at=told_at):
        return
    if other := likes_received(target).order_by(*LATEST_FIRST).first():
        _tell_liked(target, SwipeAction(other.action), other.swiped_at, channels=[])


def _tell_host(
    listing: Property, chat: Conversation, *, by: User, key: str, now: dt.datetime
) -> None:
    notify(
        Line(
            to=listing.owner,
            type=NotificationType.ENQUIRY,
            title=format_lazy(_("{name} likes {place}"), name=by.public_name, place=listing.title),
            body=_("Answer, or like them back, and you can talk."),
            route=chat.get_absolute_url(),
            key=key,
        ),
        now=now,
        purpose=Purpose.MESSAGES,
    )


def _key_of(swipe: Swipe) -> str:
    """An enquiry is told once, however often somebody changes their mind."""
    return f"enquiry-{swipe.pk}"
