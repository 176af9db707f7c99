"""Whom somebody finds on the deck, and what an empty one says."""

import datetime as dt

import pytest

from flatmates.search import ORDER, deck_of, why_empty
from flatmates.services.matches import unmatch
from ghar.api.pages import paginate
from ghar.lib import clock
from moderation.models import Block
from tests.factories import ProfileFactory, UserFactory
from tests.flatmates.people import like, match_of, pass_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def me():
    return ProfileFactory()


def found(me, **filters):
    return list(deck_of(me, filters).order_by(*ORDER))


# --- Who is there ---------------------------------------------------------------------------------
def test_active_and_finished_people_are_there_and_nobody_else(me):
    ProfileFactory(status="paused")
    ProfileFactory(status="pending_review")
    ProfileFactory(onboarding_completed=False)
    ProfileFactory(user=UserFactory(is_active=False))
    ProfileFactory(user=UserFactory(suspended_at=clock.now()))
    shown = ProfileFactory()
    assert found(me) == [shown]


def test_blocks_hide_both_ways(me):
    blocked, blocker = ProfileFactory(), ProfileFactory()
    Block.objects.create(blocker=me.user, blocked=blocked.user)
    Block.objects.create(blocker=blocker.user, blocked=me.user)
    assert found(me) == []


def test_who_was_swiped_is_gone_also_after_a_match_has_ended(me):
    passed, liked, former = ProfileFactory(), ProfileFactory(), ProfileFactory()
    pass_on(me.user, passed.user)
    like(me.user, liked.user)
    unmatch(match=match_of(me.user, former.user), by=me.user)
    assert found(me) == []


def test_the_last_active_come_first(me):
    days = [3, 1, 2]
    people = [ProfileFactory(last_active_at=clock.now() - dt.timedelta(days=day)) for day in days]
    assert found(me) == [people[1], people[2], people[0]]


def test_thirty_candidates_at_ten_a_page_are_all_seen_while_swiping_each_page(me):
    """Half of them were active in the same hour, so that the id decides."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    everybody = {
        ProfileFactory(last_active_at=hour - dt.timedelta(hours=n // 15 * (n % 7))).pk
        for n in range(30)
    }
    seen, cursor = [], None
    while True:
        params = {"limit": "10", **({"cursor": cursor} if cursor else {})}
        page = paginate(deck_of(me, {}), params=params, order=ORDER)
        seen += [profile.pk for profile in page.rows]
        for profile in page.rows:
            pass_on(me.user, profile.user)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 30
    assert set(seen) == everybody


# --- Filters --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("theirs", "asked", "is_found"),
    [
        ({"city": "Kigali"}, {"city": "kIGALI"}, True),
        ({"city": "Bengaluru"}, {"city": "bangalore"}, True),
        ({"city": "Huye"}, {"city": "Kigali"}, False),
        ({"budget_min": 100, "budget_max": 200}, {"budget_min": 200}, True),
        ({"budget_min": 100, "budget_max": 200}, {"budget_min": 201}, False),
        ({"budget_min": 100, "budget_max": 200}, {"budget_max": 99}, False),
        ({"budget_min": 100, "budget_max": 200}, {"budget_min": 50, "budget_max": 100}, True),
        ({"budget_min": None, "budget_max": None}, {"budget_max": 99}, True),
        ({"budget_max": 300_000, "currency": "INR"}, {"budget_min": 200}, False),
        ({"currency": "INR"}, {"budget_min": 200_000, "currency": "INR"}, True),
        ({"currency": ""}, {"budget_min": 200_000}, True),
        ({"move_in_timeline": "flexible"}, {"move_in": "now"}, True),
        ({"move_in_timeline": "within_month"}, {"move_in": "now"}, True),
        ({"move_in_timeline": "one_to_three_months"}, {"move_in": "now"}, False),
        ({"move_in_timeline": "now"}, {"move_in": "one_to_three_months"}, False),
        ({"move_in_timeline": "now"}, {"move_in": "flexible"}, True),
        ({"move_in_timeline": ""}, {"move_in": "now"}, True),
        ({"age": 30}, {"age_min": 30, "age_max": 30}, True),
        ({"age": 29}, {"age_min": 30}, False),
        ({"age": 31}, {"age_max": 30}, False),
        ({"gender": "male"}, {"gender_preference": "female"}, False),
        ({"gender": "other"}, {"gender_preference": "female"}, False),
        ({"gender": "undisclosed"}, {"gender_preference": "female"}, True),
        ({"gender": "male"}, {"gender_preference": "any"}, True),
        ({}, {"lat": -1.95, "lng": 30.09, "radius_km": 5}, True),
        ({}, {"lat": -2.6, "lng": 29.74, "radius_km": 5}, False),
        ({"cell_latitude": None, "cell_longitude": None}, {"lat": -1.95, "lng": 30.09}, False),
        ({"smoking": "never"}, {"non_negotiables": ["no_smoking"]}, True),
        ({"smoking": "occasionally"}, {"non_negotiables": ["no_smoking"]}, False),
        ({"smoking": ""}, {"non_negotiables": ["no_smoking"]}, True),
        ({"age": 29}, {"age_min": None, "city": "", "non_negotiables": []}, True),
    ],
)  # fmt: skip
def test_filters(me, theirs, asked, is_found):
    ProfileFactory(**theirs)
    assert bool(found(me, **asked)) is is_found


def test_the_distance_is_to_the_cell_and_not_to_the_person(me):
    profile = ProfileFactory()
    centre = {"lat": profile.cell_latitude, "lng": profile.cell_longitude}
    assert found(me, **centre, radius_km=0.1) == [profile]


# --- What both ask for ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "answer", "is_found"),
    [
        ("food_veg_only", {"food_habits": "vegan"}, True),
        ("food_veg_only", {"food_habits": "eggetarian"}, False),
        ("food_vegan_only", {"food_habits": "vegetarian"}, False),
        ("no_smoking", {"smoking": "regularly"}, False),
        ("no_drinking", {"drinking": "never"}, True),
        ("no_drinking", {"drinking": "occasionally"}, False),
        ("no_overnight_guests", {"guests_policy": "occasional_ok"}, False),
        ("no_pets", {"pets": "have"}, False),
        ("no_pets", {"pets": "welcome"}, True),
        ("gender_female_only", {"gender": "male"}, False),
        ("gender_female_only", {"gender": "female"}, True),
        ("gender_male_only", {"gender": "female"}, False),
        ("no_parties", {"guests_policy": "open_house"}, False),
        ("no_parties", {"guests_policy": "occasional_ok"}, True),
        ("min_tidy", {"cleanliness": "minimal"}, False),
        ("early_riser", {"sleep_schedule": "night_owl"}, False),
        ("early_riser", {"sleep_schedule": "flexible"}, True),
    ],
)
def test_a_deal_breaker_works_from_both_sides(code, answer, is_found):
    strict, other = ProfileFactory(non_negotiables=[code]), ProfileFactory(**answer)
    assert (found(strict) == [other]) is is_found
    assert (found(other) == [strict]) is is_found


@pytest.mark.parametrize("unknown", [{"smoking": ""}])
def test_what_is_unknown_passes_unless_the_deal_breaker_is_strict(unknown):
    asks = ProfileFactory(non_negotiables=["no_smoking"])
    silent = ProfileFactory(**unknown)
    assert (found(asks), found(silent)) == ([silent], [asks])
    asks.strict_non_negotiables = ["no_smoking"]
    asks.save()
    assert (found(asks), found(silent)) == ([], [])


def test_an_undisclosed_gender_is_unknown():
    asks = ProfileFactory(non_negotiables=["gender_female_only"])
    silent = ProfileFactory(gender="undisclosed")
    assert (found(asks), found(silent)) == ([silent], [asks])


def test_gender_preferences_of_both_count():
    women = ProfileFactory(gender="female", gender_preference="female")
    man = ProfileFactory(gender="male", gender_preference="any")
    woman = ProfileFactory(gender="female", gender_preference="")
    assert found(man) == [woman]
    assert found(women) == [woman]
    assert set(found(woman)) == {women, man}


# --- Empty ----------------------------------------------------------------------------------------
def test_nobody_is_here_yet(me):
    assert why_empty(me) == ("nobody_here", 0)


def test_filters_hide_so_many(me):
    ProfileFactory.create_batch(3, city="Huye")
    assert found(me, city="Kigali") == []
    assert why_empty(me) == ("filtered", 3)


def test_everybody_was_seen(me):
    for other in ProfileFactory.create_batch(2):
        pass_on(me.user, other.user)
    assert why_empty(me) == ("seen_everyone", 0)


def test_who_would_refuse_the_reader_is_not_hidden_by_filters(me):
    ProfileFactory(gender_preference="male")
    assert why_empty(me) == ("nobody_here", 0)


# --- Statements -----------------------------------------------------------------------------------
@pytest.mark.parametrize("people", [1, 3])
def test_a_page_of_the_deck_is_two_statements(me, people, django_assert_num_queries):
    ProfileFactory.create_batch(people)
    with django_assert_num_queries(2):
        rows = paginate(deck_of(me, {}).for_cards(), params={}, order=ORDER).rows
        assert len([profile.user.public_name for profile in rows]) == people
        assert [profile.shown_photos for profile in rows] == [[]] * people
