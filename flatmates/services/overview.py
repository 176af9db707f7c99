"""What an app asks for first."""

from typing import NamedTuple

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from flatmates.models import Participant
from ghar.accounts.models import User
from ghar.properties.models import Property


class Counts(NamedTuple):
    active_listing_count: int
    conversation_count: int
    unread_message_count: int


def counts_of(user: User) -> Counts:
    """In two statements, however much there is."""
    chats = Participant.objects.visible_to(user).archived(False)
    seats = chats.aggregate(n=Count("pk"), unread=Coalesce(Sum("unread_count"), 0))
    listings = Property.objects.live().owned_by(user).count()
    return Counts(listings, seats["n"], seats["unread"])
