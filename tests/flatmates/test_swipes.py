import datetime as dt

from django.db import IntegrityError, transaction
import pytest
import time_machine

from flatmates.models import Conversation, Match, Swipe
from flatmates.services import swipes
from flatmates.services.matches import unmatch
from flatmates.services.swipes import super_likes_left, undo_swipe
from ghar.errors import Conflict, Invalid, NotFound, RateLimited
from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.realtime.models import Event
from moderation.models import Block
from tests.factories import LiveListingFactory, ProfileFactory, PropertyFactory, UserFactory
from tests.flatmates.people import hide, like, match_of, pass_on, person, room

pytestmark = pytest.mark.django_db


def told(user) -> list[str]:
    return list(
        Notification.objects.filter(user=user).order_by("id").values_list("type", flat=True)
    )


# --- Repeats --------------------------------------------------------------------------------------
def test_the_same_like_three_times_is_one_row_and_tells_once(asha, mira):
    answers = [like(asha, mira) for _ in range(3)]
    assert [answer.stored for answer in answers] == [True, False, False]
    assert Swipe.objects.count() == 1
    assert told(mira) == ["new_like"]
    assert told(asha) == []


def test_a_repeat_after_the_match_names_it_and_changes_nothing(asha, mira):
    match = match_of(asha, mira)
    events = Event.objects.count()
    again = like(mira, asha)
    assert (again.stored, again.did_match, again.match) == (False, False, match)
    assert again.conversation == match.conversation
    assert Event.objects.count() == events


def test_somebody_may_change_their_mind_until_they_match(asha, mira):
    assert pass_on(asha, mira).stored
    assert like(asha, mira).stored
    assert like(asha, mira, "super_like").stored
    assert Swipe.objects.get().action == "super_like"
    like(mira, asha)
    with pytest.raises(Conflict) as refused:
        pass_on(asha, mira)
    assert refused.value.code == "ALREADY_MATCHED"


def test_likes_of_several_people_are_one_unread_line(asha, mira):
    for other in (mira, person(), person()):
        like(other, asha)
    line = Notification.objects.get(user=asha)
    assert (line.type, line.route) == ("new_like", "/likes/")
    assert mira.public_name not in line.title + line.body


def test_a_pass_tells_nobody(asha, mira):
    like(mira, asha)
    pass_on(asha, mira)
    assert told(mira) == []
    assert not Match.objects.exists()


# --- Who may swipe whom ---------------------------------------------------------------------------
def test_oneself_is_refused(asha):
    with pytest.raises(Invalid):
        like(asha, asha)


def test_hidden_blocked_and_suspended_people_are_not_found(asha, mira):
    paused, blocker, suspended, plain = person(), person(), person(), UserFactory()
    hide(paused)
    Block.objects.create(blocker=blocker, blocked=asha)
    Block.objects.create(blocker=asha, blocked=mira)
    suspended.suspended_at = clock.now()
    suspended.save()
    for target in (paused, blocker, mira, suspended, plain):
        with pytest.raises(NotFound):
            like(asha, target)
    assert not Swipe.objects.exists()


def test_only_who_is_shown_may_look_for_others(asha):
    for nobody in (UserFactory(), ProfileFactory(status="draft").user):
        with pytest.raises(Conflict) as refused:
            like(nobody, asha)
        assert refused.value.code == "PROFILE_NOT_ACTIVE"
        assert refused.value.details["next_step"] == "/welcome/"


def test_a_row_has_one_target_and_never_oneself(asha, mira):
    for wrong in ({}, {"target_user": mira, "listing": room(mira)}, {"target_user": asha}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Swipe.objects.create(user=asha, action="like", **wrong)


# --- Limits ---------------------------------------------------------------------------------------
def test_five_super_likes_a_day_and_the_sixth_says_when(asha):
    start = clock.now()
    with time_machine.travel(start, tick=False) as time:
        for left in (4, 3, 2, 1, 0):
            like(asha, person(), "super_like")
            assert super_likes_left(asha, clock.now()) == left
            time.shift(60)
        sixth = person()
        with pytest.raises(RateLimited) as refused:
            like(asha, sixth, "super_like")
        assert refused.value.retry_after == 24 * 3600 - 5 * 60
        assert like(asha, sixth).stored
        time.shift(refused.value.retry_after)
        assert like(asha, person(), "super_like").stored


def test_a_super_like_that_became_a_like_is_one_of_the_five_all_the_same(asha):
    start = clock.now()
    with time_machine.travel(start, tick=False) as time:
        for _ in range(5):
            other = person()
            like(asha, other, "super_like")
            like(asha, other)
        assert super_likes_left(asha, clock.now()) == 0
        with pytest.raises(RateLimited):
            like(asha, person(), "super_like")
        time.shift(23 * 3600)
        like(asha, other, "pass")
        time.shift(3600)
        assert super_likes_left(asha, clock.now()) == 5
        assert like(asha, person(), "super_like").stored


def test_two_hundred_swipes_a_day(asha, mira, settings):
    settings.LIMITS = {**settings.LIMITS, "swipes": (3, 86_400, "account")}
    for _ in range(3):
        pass_on(asha, person())
    with pytest.raises(RateLimited):
        like(asha, mira)
    with pytest.raises(RateLimited):
        like(asha, room(mira))
    assert Swipe.objects.count() == 3


def test_a_repeat_costs_nothing(asha, mira, settings):
    settings.LIMITS = {**settings.LIMITS, "swipes": (1, 86_400, "account")}
    like(asha, mira)
    assert like(asha, mira).stored is False


# --- Listings -------------------------------------------------------------------------------------
def test_liking_a_room_asks_its_host_and_is_no_match(asha, mira):
    answer = like(asha, room(mira))
    chat = answer.conversation
    assert (answer.stored, answer.did_match) == (True, False)
    assert (chat.source, chat.opened_by, chat.accepted_at) == ("listing_interest", asha, None)
    assert told(mira) == ["enquiry"]
    assert Notification.objects.get(user=mira).route == chat.get_absolute_url()
    assert not Match.objects.exists()


def test_one_need_not_have_a_profile_to_like_a_room(mira):
    assert like(UserFactory(), room(mira)).conversation is not None


def test_the_same_room_again_tells_nobody(asha, mira):
    place = room(mira)
    first, second = like(asha, place), like(asha, place)
    assert (second.stored, second.conversation) == (False, first.conversation)
    pass_on(asha, place)
    like(asha, place)
    assert told(mira) == ["enquiry"]


def test_ones_own_room_is_refused_and_hidden_rooms_are_not_found(asha, mira):
    with pytest.raises(Invalid):
        like(asha, room(asha))
    parted = person()
    Block.objects.create(blocker=parted, blocked=asha)
    for place in (PropertyFactory(owner=mira), room(parted)):
        with pytest.raises(NotFound):
            like(asha, place)


def test_the_hosts_like_takes_the_enquiry_up_and_is_no_match(asha, mira):
    chat = like(asha, room(mira)).conversation
    answer = like(mira, asha)
    chat.refresh_from_db()
    assert (answer.did_match, answer.conversation, chat.is_accepted) == (False, chat, True)
    assert Swipe.objects.get(user=mira, target_user=asha).is_like
    assert not Match.objects.exists()


def test_a_host_without_a_profile_may_like_back_who_asked(asha):
    host = UserFactory()
    like(asha, room(host))
    assert like(host, asha).stored


def test_the_seekers_like_of_the_host_then_makes_the_match_in_the_same_chat(asha, mira):
    chat = like(asha, room(mira)).conversation
    like(mira, asha)
    answer = like(asha, mira)
    assert answer.did_match
    assert answer.conversation == chat
    assert Conversation.objects.count() == 1


# --- Undo -----------------------------------------------------------------------------------------
def test_undo_takes_the_last_swipe_back(asha, mira):
    other = person()
    pass_on(asha, other)
    like(asha, mira)
    assert undo_swipe(by=asha).target_user == mira
    assert undo_swipe(by=asha).target_user == other
    with pytest.raises(Conflict) as refused:
        undo_swipe(by=asha)
    assert refused.value.code == "NOTHING_TO_UNDO"


def titles_of(user):
    return list(Notification.objects.filter(user=user).values_list("title", flat=True))


def test_undo_takes_the_unread_line_back(asha, mira):
    like(asha, mira, "super_like")
    assert titles_of(mira) == ["Somebody likes you very much"]
    undo_swipe(by=asha)
    assert (titles_of(mira), super_likes_left(asha, clock.now())) == ([], 5)


@pytest.mark.parametrize("then", [["like"], ["pass", "super_like"]])
def test_so_it_does_after_a_change_of_mind_that_rang_nobody_again(asha, mira, then):
    with time_machine.travel(clock.now(), tick=False) as time:
        for action in ("super_like", *then):
            like(asha, mira, action)
            assert titles_of(mira) == ["Somebody likes you very much"]
            time.shift(dt.timedelta(minutes=1))
        assert super_likes_left(asha, clock.now()) == 4
        undo_swipe(by=asha)
    assert titles_of(mira) == []


def test_a_like_after_a_match_that_ended_is_news(asha, mira):
    match = match_of(asha, mira)
    Swipe.objects.update(super_liked_at=clock.now())
    unmatch(match=match, by=mira)
    Notification.objects.all().delete()
    like(asha, mira)
    assert titles_of(mira) == ["Somebody likes you"]


def test_whoever_else_likes_them_is_told_of_after_an_undo(asha, mira):
    like(person(), mira)
    like(asha, mira, "super_like")
    undo_swipe(by=asha)
    assert titles_of(mira) == ["Somebody likes you"]


def test_they_stand_there_as_of_then_and_leave_the_site_no_second_time(asha, mira):
    with time_machine.travel(clock.now(), tick=False) as time:
        first = clock.now()
        like(person(), mira)
        time.shift(dt.timedelta(minutes=5))
        like(asha, mira, "super_like")
        undo_swipe(by=asha)
    line = Notification.objects.get(user=mira)
    assert (line.created_at, line.is_dispatched) == (first, True)


def test_a_line_that_has_been_read_stays_as_does_one_of_somebody_else(asha, mira):
    like(asha, mira, "super_like")
    Notification.objects.update(is_read=True)
    like(person(), mira)
    undo_swipe(by=asha)
    assert sorted(titles_of(mira)) == ["Somebody likes you", "Somebody likes you very much"]


def test_undo_works_for_ten_minutes(asha, mira):
    start = clock.now()
    with time_machine.travel(start, tick=False) as time:
        like(asha, mira)
        time.shift(dt.timedelta(minutes=10, seconds=1))
        with pytest.raises(Conflict):
            undo_swipe(by=asha)
        assert Swipe.objects.count() == 1


def test_what_matched_cannot_be_undone(asha, mira):
    match_of(mira, asha)
    with pytest.raises(Conflict) as refused:
        undo_swipe(by=asha)
    assert refused.value.code == "ALREADY_MATCHED"


def test_undoing_an_enquiry_takes_its_empty_chat_and_its_line_along(asha, mira):
    place = room(mira)
    like(asha, place)
    undo_swipe(by=asha)
    assert not Conversation.objects.exists()
    assert told(mira) == []
    assert like(asha, place).conversation is not None


def test_an_enquiry_with_a_message_or_an_answer_cannot_be_undone(asha, mira):
    chat = like(asha, room(mira)).conversation
    Conversation.objects.filter(pk=chat.pk).update(message_count=1)
    with pytest.raises(Conflict) as refused:
        undo_swipe(by=asha)
    assert refused.value.code == "ALREADY_TALKING"
    Conversation.objects.filter(pk=chat.pk).update(message_count=0)
    like(mira, asha)
    for person_ in (asha, mira):
        with pytest.raises(Conflict):
            undo_swipe(by=person_)


def test_undoing_interest_in_a_second_room_leaves_the_first_enquiry(asha, mira):
    first = like(asha, room(mira))
    second = LiveListingFactory(owner=mira)
    like(asha, second)
    undo_swipe(by=asha)
    assert Conversation.objects.get() == first.conversation


# --- Presence -------------------------------------------------------------------------------------
def test_swiping_shows_that_one_is_there(asha, mira):
    before = asha.profile.last_active_at
    with time_machine.travel(clock.now() + dt.timedelta(hours=3), tick=False):
        pass_on(asha, mira)
    asha.profile.refresh_from_db()
    assert asha.profile.last_active_at > before


SAVEPOINT = 2  # the test's own transaction around the verb's


@pytest.mark.parametrize(("action", "most"), [("pass", 8), ("like", 10)])
def test_a_swipe_is_at_most_ten_statements(asha, mira, action, most, django_assert_max_num_queries):
    with django_assert_max_num_queries(most + SAVEPOINT):
        like(asha, mira, action)


# --- History --------------------------------------------------------------------------------------
def test_passes_and_spent_likes_are_forgotten_after_a_year_and_likes_stay(asha, mira):
    start = clock.now()
    with time_machine.travel(start, tick=False) as time:
        pass_on(asha, person())
        like(asha, waiting := person())
        unmatch(match=match_of(asha, mira), by=asha)
        time.shift(dt.timedelta(days=365))
        assert swipes.forget_old_swipes(now=clock.now()) == 0
        time.shift(1)
        pass_on(asha, kept := person())
        assert swipes.forget_old_swipes(now=clock.now()) == 3
    left = Swipe.objects.values_list("target_user", flat=True)
    assert set(left) == {waiting.pk, kept.pk}


def test_the_history_is_forgotten_in_batches(asha, monkeypatch):
    monkeypatch.setattr(swipes, "BATCH", 2)
    for _ in range(3):
        pass_on(asha, person())
    later = clock.now() + dt.timedelta(days=366)
    assert [swipes.forget_old_swipes(now=later) for _ in range(3)] == [2, 1, 0]
