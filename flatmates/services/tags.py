"""What neighbours say about the society of a listing."""

from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from flatmates.models import SocietyTagVote
from flatmates.rules.tags import LONGEST, normal_tag
from flatmates.states import Vote
from ghar.accounts.models import User
from ghar.errors import Invalid, NotFound
from ghar.lib import clock
from ghar.properties.models import Property
from moderation.models import Block
from moderation.services.wording import check_wording


@transaction.atomic
def vote_tag(*, by: User, listing: Property, tag: str, vote: Vote) -> dict[str, Any]:
    """Say that a tag is true, or not so; answers the tag as it stands. A repeat changes nothing.

    One row a person and tag: a change of mind moves one vote, and no counter can drift.
    """
    parted = Block.objects.hide(by.pk, outer="owner_id")
    if not Property.objects.live().filter(~parted, pk=listing.pk).exists():
        raise NotFound
    tag = _allowed(normal_tag(tag))
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


def _allowed(tag: str) -> str:
    """Everybody reads it beside the listing, so it passes the rules of public text."""
    if not 2 <= len(tag) <= LONGEST:
        raise Invalid.field("tag", _("Please use 2 to 40 letters."))
    if check_wording(tag.replace("_", " ")).is_flagged:
        raise Invalid.field("tag", _("Please put this differently: it breaks our rules."))
    return tag
