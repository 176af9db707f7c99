"""Two people who may write to each other, as the other tests of flatmates need them."""

from django.db import transaction

from flatmates.models import Conversation, Match
from flatmates.services.conversations import open_conversation
from flatmates.states import ConversationSource
from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.pairs import canonical, lock_pair
from ghar.properties.models import Property


@transaction.atomic
def matched(one: User, other: User) -> Conversation:
    """The conversation of a fresh match."""
    lock_pair(one.pk, other.pk)
    conversation = open_conversation(
        one=one,
        other=other,
        source=ConversationSource.PROFILE_MATCH,
        context_listing=None,
        opened_by=None,
        now=clock.now(),
    )
    first, second = canonical(one.pk, other.pk)
    Match.objects.create(first_id=first, second_id=second, conversation=conversation)
    return conversation


@transaction.atomic
def enquired(seeker: User, listing: Property) -> Conversation:
    lock_pair(seeker.pk, listing.owner_id)
    return open_conversation(
        one=seeker,
        other=listing.owner,
        source=ConversationSource.LISTING_INTEREST,
        context_listing=listing,
        opened_by=seeker,
        now=clock.now(),
    )
