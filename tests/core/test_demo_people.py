"""What the demo's seeker finds at first sight, made by the verbs that people use."""

import pytest

from flatmates.models import Conversation, Match, Participant, Profile, QnaAnswer, SocietyTagVote
from flatmates.search import deck_of, likes_received
from flatmates.services.qna import answers_of
from ghar.management.commands.seed_demo import make_accounts
from ghar.management.demo import PEOPLE
from ghar.management.flatmates import make_meetings, make_profiles
from ghar.management.people import WAITING
from ghar.notifications.models import Delivery
from ghar.properties.models import SavedListing, SavedSearch
from moderation.models import Case, Report
from tests.factories import LiveListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeker():
    cast, people = make_accounts()
    for owner in (cast["poster"], cast["poster2"], *people[:4]):
        LiveListingFactory(owner=owner, property_type="flatmate", sharing_type="private_room")
    jobs = make_profiles(cast, people)
    make_meetings(cast)
    assert len(jobs) == len(PEOPLE) + 3
    cast["seeker"].refresh_from_db()
    return cast["seeker"]


def test_the_seeker_finds_people_likes_matches_and_chats(seeker):
    mine = Profile.objects.get(user=seeker)
    assert mine.is_visible
    assert seeker.avatar_id is not None
    assert deck_of(mine, {}).count() >= 25
    assert likes_received(seeker).count() == 6
    assert Match.objects.of(seeker).active().count() == 4
    seats = Participant.objects.visible_to(seeker)
    assert seats.count() == 5  # with the enquiry to the host
    assert seats.filter(unread_count__gt=0).count() == 1
    assert SavedSearch.objects.of(seeker).count() == 1
    assert SavedListing.objects.of(seeker).count() == 2
    assert SocietyTagVote.objects.filter(user=seeker).exists()


def test_the_questions_are_half_answered_and_one_chat_asks_for_care(seeker):
    asked = Match.objects.get(pk=QnaAnswer.objects.first().match_id)
    answers = answers_of(match=asked, reader_id=seeker.pk)
    assert (answers.has_peer_answered, answers.has_answered) == (True, False)
    notes = Conversation.objects.filter(messages__safety_flags__contains=["phone"])
    assert notes.count() == 1
    assert notes.get().message_count == 3


def test_one_profile_and_one_report_wait_for_a_moderator(seeker):
    (waiting,) = Profile.objects.waiting_for_review().select_related("user")
    assert waiting.user.full_name == WAITING
    assert Profile.objects.exclude(status="active").count() == 1
    assert Report.objects.filter(status="open").count() == 1
    assert Case.objects.open().filter(kind="report").count() == 1


def test_nothing_of_it_leaves_the_site(seeker):
    assert not Delivery.objects.exists()
