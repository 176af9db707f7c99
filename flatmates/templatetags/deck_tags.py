"""What flatmates add to the page of a listing, which stands below them."""

from typing import Any

from django import template

from flatmates.models import Swipe
from flatmates.serializers.swipes import tag_answer
from flatmates.services.tags import tags_of
from ghar.properties.models import Property
from ghar.properties.states import SHARED_TYPES

register = template.Library()

TAGS_SHOWN = 12
SUGGESTED = ("quiet", "safe_at_night", "water_all_day", "power_backup", "pet_friendly")


@register.inclusion_tag("flatmates/_interest.html")
def interest_in(listing: Property, user: Any) -> dict[str, Any]:
    """The like of a room that is shared; empty for its host."""
    is_shown = listing.is_live and listing.property_type in SHARED_TYPES
    said = None
    if is_shown and user.is_authenticated:
        said = Swipe.objects.by(user).filter(listing=listing).first()
    return {
        "listing": listing,
        "is_shown": is_shown and user.pk != listing.owner_id,
        "is_liked": said is not None and said.is_like,
        "user": user,
    }


@register.inclusion_tag("flatmates/_tags.html")
def society_tags(listing: Property, user: Any) -> dict[str, Any]:
    """What neighbours say, the most confirmed first, each to be confirmed or doubted."""
    reader = user if user.is_authenticated else None
    rows = tags_of(listing, reader=reader).order_by("-upvotes", "tag")[:TAGS_SHOWN]
    answers = [tag_answer(row) for row in rows] if listing.is_live else []
    said = {answer["tag"] for answer in answers}
    return {
        "listing": listing,
        "is_shown": listing.is_live,
        "tags": answers,
        "suggested": [tag for tag in SUGGESTED if tag not in said],
        "may_vote": user.is_authenticated and user.pk != listing.owner_id,
    }


@register.filter
def in_words(tag: str) -> str:
    return tag.replace("_", " ")
