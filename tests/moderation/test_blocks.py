from django.db import IntegrityError, transaction
import pytest

from ghar.errors import Invalid
from ghar.realtime.models import Event
from moderation.models import Block
from moderation.services.blocks import block_person, unblock_person
from moderation.signals import user_blocked
from tests.statements import statements_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What the apps above hear of blocks: (blocker, blocked)."""
    calls = []

    def listen(sender, blocker, blocked, now, **kwargs):
        calls.append((sender, blocker, blocked))

    user_blocked.connect(listen)
    yield calls
    user_blocked.disconnect(listen)


def test_a_block_parts_two_people_whoever_made_it(seeker, poster):
    block_person(target=poster, by=seeker)
    assert Block.objects.between(seeker.pk, poster.pk).count() == 1
    assert Block.objects.between(poster.pk, seeker.pk).count() == 1


def test_a_block_is_heard_once_and_a_repeat_changes_nothing(seeker, poster, heard):
    first = block_person(target=poster, by=seeker)
    again = block_person(target=poster, by=seeker)
    assert (first, heard) == (again, [(Block, seeker, poster)])


def test_both_may_block_each_other(seeker, poster, heard):
    block_person(target=poster, by=seeker)
    block_person(target=seeker, by=poster)
    assert heard == [(Block, seeker, poster), (Block, poster, seeker)]
    assert Block.objects.between(seeker.pk, poster.pk).count() == 2


def test_unblocking_leaves_the_other_ones_block(seeker, poster):
    block_person(target=poster, by=seeker)
    block_person(target=seeker, by=poster)
    unblock_person(target=poster, by=seeker)
    unblock_person(target=poster, by=seeker)
    assert Block.objects.get().blocker == poster


def test_nobody_blocks_oneself(seeker):
    with pytest.raises(Invalid) as refusal:
        block_person(target=seeker, by=seeker)
    assert list(refusal.value.details["fields"]) == ["user_id"]
    with pytest.raises(IntegrityError, match="block_not_oneself"), transaction.atomic():
        Block.objects.create(blocker=seeker, blocked=seeker)


def test_one_block_a_pair_is_held_by_the_database(seeker, poster):
    Block.objects.create(blocker=seeker, blocked=poster)
    with pytest.raises(IntegrityError, match="block_once"), transaction.atomic():
        Block.objects.create(blocker=seeker, blocked=poster)


def test_the_blocked_person_is_told_nothing(seeker, poster):
    block_person(target=poster, by=seeker)
    assert not Event.objects.exists()


def test_a_block_costs_few_statements(seeker, poster, outsider):
    """Each app locks what it will end before anything is written, and then looks again."""
    block_person(target=outsider, by=seeker)  # a process asks for its roles once
    assert statements_of(lambda: block_person(target=poster, by=seeker)) <= 10
