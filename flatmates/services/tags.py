"""What neighbours say about the society of a listing."""

from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from flatmates.models import SocietyTagVote
from flatmates.policies.swipes import check_not_own
from flatmates.rules.tags import LONGEST, MOST, normal_tag
from flatmates.states import Vote
from ghar.accounts.models import User
from ghar.errors import Conflict, Invalid, NotFound
from ghar.lib import clock
from ghar.properties.models import Property
from moderation.models import Block
from moderation.services.wording import check_wording


@transaction.atomic
def vote_tag(*, by: User, listing: Property, tag: str, vote: Vote) -> dict[str, Any]:
    """Say that a tag is true, or not so; answers the tag as it stands. A repeat changes nothing.

    One row a person and tag: a change of mind moves one vote, and no counter can drift. Raises
    NotFound, Invalid (a host's own place, a wrong word) or Conflict (TOO_MANY_TAGS).
    """
    parted = Block.objects.hide(by.pk, outer="owner_id")
    if not Property.objects.live().filter(~parted, pk=listing.pk).exists():
        raise NotFound
    check_not_own(by, listing)
    tag = _allowed(normal_tag(tag))
    _check_room(by, listing, tag)
    said = SocietyTagVote(
        user=by, listing=listing, tag=tag, is_up=vote == Vote.UP, created_at=clock.now()
    )
    SocietyTagVote.objects.bulk_create(
        [said],
        update_conflicts=True,
        unique_fields=["listing", "tag", "user"],
        update_fields=["is_up"],
    )
    return tags_of(listing, reader=by).get(tag=tag)


def tags_of(listing: Property, *, reader: User | None) -> QuerySet[Any, Any]:
    """{tag, upvotes, downvotes, mine} for each tag; `mine` is True, False or None (not said)."""
    of_reader = Q(user=reader.pk if reader else None)
    return (
        SocietyTagVote.objects.filter(listing=listing)
        .values("tag")
        .annotate(
            upvotes=Count("id", filter=Q(is_up=True)),
            downvotes=Count("id", filter=Q(is_up=False)),
            mine=BoolOr("is_up", filter=of_reader),
        )
    )


def _check_room(by: User, listing: Property, tag: str) -> None:
    """Nobody alone fills the page of a place. One vote of a person at a time, so that it is exact."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    said = SocietyTagVote.objects.filter(user=by, listing=listing).values_list("tag", flat=True)
    if len({tag, *said}) > MOST:
        raise Conflict(
            _("You can say %(n)s things about a place. You can still change what you said.")
            % {"n": MOST},
            code="TOO_MANY_TAGS",
        )


def _allowed(tag: str) -> str:
    """Everybody reads it beside the listing, so it passes the rules of public text."""
    if not 2 <= len(tag) <= LONGEST:
        raise Invalid.field("tag", _("Please use 2 to 40 letters."))
    if check_wording(tag.replace("_", " ")).is_flagged:
        raise Invalid.field("tag", _("Please put this differently: it breaks our rules."))
    return tag
