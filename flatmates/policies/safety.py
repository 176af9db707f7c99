"""May this person speak to us about that one?"""

import uuid

from flatmates.models import Conversation, Profile
from ghar.accounts.models import User
from ghar.errors import NotFound
from ghar.properties.models import Property


def check_knows(
    by: User,
    person: User,
    *,
    conversation: Conversation | None,
    conversation_id: uuid.UUID | None,
    listing: Property | None,
) -> None:
    """Who never met somebody learns nothing about them; NotFound.

    `conversation` is the one of these two. Who wrote together knows each other whatever came after,
    a block too; else the other's profile or a listing must be public.
    """
    if conversation_id is not None and (conversation is None or conversation.pk != conversation_id):
        raise NotFound
    if listing is not None and not Property.objects.live().filter(pk=listing.pk).exists():
        raise NotFound
    if conversation is None and listing is None and not _is_shown(by, person):
        raise NotFound


def _is_shown(by: User, person: User) -> bool:
    if Profile.objects.visible_to(by).filter(user=person).exists():
        return True
    return Property.objects.live().owned_by(person).exists()
