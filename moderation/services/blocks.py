"""Two people who want nothing of each other."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.lib.pairs import lock_pair
from moderation.models import Block
from moderation.signals import people_parting, user_blocked


@transaction.atomic
def block_person(*, target: User, by: User) -> Block:
    """Part them both ways. A repeat changes nothing; the blocked person is told nothing."""
    now = clock.now()
    if target.pk == by.pk:
        raise Invalid.field("user_id", _("You cannot block yourself."))
    lock_pair(target.pk, by.pk)
    if standing := Block.objects.made_by(by).filter(blocked=target).first():
        return standing
    people_parting.send(sender=Block, one=by, other=target)
    block = Block.objects.create(blocker=by, blocked=target, created_at=now)
    user_blocked.send(sender=Block, blocker=by, blocked=target, now=now)
    return block


@transaction.atomic
def unblock_person(*, target: User, by: User) -> None:
    """Take one's own block back; what it closed stays closed, and the other's block stands."""
    lock_pair(target.pk, by.pk)
    Block.objects.made_by(by).filter(blocked=target).delete()
