import pytest

from flatmates.models import Match, Swipe
from ghar.api import limits
from ghar.lib.ids import uuid7
from moderation.models import Block
from tests.factories import PropertyFactory, UserFactory
from tests.flatmates.people import hide, like, match_of, pass_on, person, room

pytestmark = pytest.mark.django_db
BASE = "/api/v1/flatmates"
TOKEN = 1  # the statement that finds the caller


def swipe(client, target, action="like", **more):
    body = {"target_type": "user", "action": action, "target_user_id": str(target.pk)}
    return client.post(f"{BASE}/swipes", body | more)


def like_room(client, place):
    body = {"target_type": "property", "action": "like", "property_id": str(place.pk)}
    return client.post(f"{BASE}/swipes", body)


# --- The deck -------------------------------------------------------------------------------------
def test_a_card_tells_no_more_than_a_peer_may_know(asha, mira, api):
    (card,) = api(asha).get(f"{BASE}/profiles").json()["items"]
    assert card["user_id"] == str(mira.pk)
    assert card["age_bucket"] == "25-30"
    assert card["overall_percentage"] == 100
    secret = {
        "age",
        "phone",
        "email",
        "native_place",
        "cell_latitude",
        "latitude",
        "flags",
        "status",
    }
    assert secret & set(card) == set()


@pytest.mark.parametrize(
    ("prepare", "query", "said"),
    [
        (lambda me: None, "", {"empty_reason": "nobody_here"}),
        (
            lambda me: person(city="Huye"),
            "?city=Kigali",
            {"empty_reason": "filtered", "hidden_by_filters": 1},
        ),
        (lambda me: pass_on(me, person()), "", {"empty_reason": "seen_everyone"}),
    ],
)
def test_an_empty_deck_says_why(asha, api, prepare, query, said):
    prepare(asha)
    body = api(asha).get(f"{BASE}/profiles{query}").json()
    envelope = {"items", "next_cursor", "has_more", "limit"}
    assert {key: body[key] for key in set(body) - envelope} == said


def test_a_full_deck_says_nothing_about_emptiness(asha, mira, api):
    assert "empty_reason" not in api(asha).get(f"{BASE}/profiles").json()


@pytest.mark.parametrize(
    "query",
    ["age_min=17", "lat=1", "radius_km=3", "lat=nan&lng=1", "move_in=soon", "non_negotiables=none"],
)
def test_a_wrong_filter_is_422(asha, api, query):
    assert api(asha).get(f"{BASE}/profiles?{query}").status_code == 422


def test_deal_breakers_come_parted_by_commas(asha, api):
    person(smoking="regularly")
    calm = person(smoking="never", pets="none")
    body = api(asha).get(f"{BASE}/profiles?non_negotiables=no_smoking,no_pets").json()
    assert [card["user_id"] for card in body["items"]] == [str(calm.pk)]


# --- Swipes ---------------------------------------------------------------------------------------
def test_the_answers_of_a_like_a_repeat_and_a_match(asha, mira, api):
    one, other = api(asha), api(mira)
    alone = {"did_match": False, "match_id": None, "conversation_id": None}
    assert swipe(one, mira).json() == {"stored": True, **alone}
    assert swipe(one, mira).json() == {"stored": False, **alone}
    answer = swipe(other, asha)
    found = Match.objects.get()
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "stored": True,
            "did_match": True,
            "match_id": str(found.pk),
            "conversation_id": str(found.conversation_id),
        },
    )


def test_a_draft_is_no_room_by_which_two_meet(asha, mira, api):
    draft = PropertyFactory(owner=asha)
    assert swipe(api(asha), mira, context_property_id=str(draft.pk)).status_code == 404
    assert not Swipe.objects.exists()


def test_interest_in_a_room_answers_its_conversation(asha, mira, api):
    place = room(mira)
    answer = like_room(api(asha), place).json()
    assert (answer["stored"], answer["did_match"], answer["match_id"]) == (True, False, None)
    assert answer["conversation_id"] is not None


def test_what_cannot_be_swiped(asha, mira, api):
    client, hidden, parted = api(asha), person(), person()
    hide(hidden)
    Block.objects.create(blocker=parted, blocked=asha)
    assert swipe(client, asha).status_code == 422
    for target in (hidden, parted, UserFactory.build(pk=uuid7())):
        assert swipe(client, target).status_code == 404
    assert like_room(client, room(asha)).status_code == 422
    assert like_room(client, PropertyFactory(owner=mira)).status_code == 404
    answer = swipe(api(UserFactory()), mira)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "PROFILE_NOT_ACTIVE")
    assert not Swipe.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"target_type": "user", "action": "like"},
        {"target_type": "property", "action": "like", "target_user_id": str(uuid7())},
        {"target_type": "user", "action": "love", "target_user_id": str(uuid7())},
        {"target_type": "user", "action": "like", "target_user_id": str(uuid7()), "spent_at": None},
    ],
)
def test_a_swipe_of_the_wrong_shape_is_422(asha, api, body):
    assert api(asha).post(f"{BASE}/swipes", body).status_code == 422


def test_the_cap_of_super_likes_is_429_with_a_time(asha, api):
    client = api(asha)
    for _ in range(5):
        assert swipe(client, person(), "super_like").status_code == 200
    answer = swipe(client, person(), "super_like")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert 0 < int(answer["Retry-After"]) <= 24 * 3600


def test_the_caps_stand_among_the_limits(api):
    names = {row["name"] for row in api().get("/api/v1/limits").json()["items"]}
    assert {"swipes", "super_likes"} <= names


def test_undo_says_what_it_took_back(asha, mira, api):
    client = api(asha)
    swipe(client, mira, "pass")
    assert client.post(f"{BASE}/swipes/undo").json() == {
        "target_type": "user",
        "action": "pass",
        "target_user_id": str(mira.pk),
        "property_id": None,
    }
    assert client.post(f"{BASE}/swipes/undo").status_code == 409


# --- Likes and matches ----------------------------------------------------------------------------
def test_likes_wait_until_they_are_answered(asha, mira, api):
    hidden, passed = person(), person()
    for other in (mira, hidden, passed):
        like(other, asha)
    hide(hidden)
    pass_on(asha, passed)
    like(person(), place := room(asha))
    body = api(asha).get(f"{BASE}/likes").json()
    assert [item["peer"]["user_id"] for item in body["items"]] == [str(mira.pk)]
    assert body["listings"] == [{"property_id": str(place.pk), "title": place.title, "likes": 1}]
    like(asha, mira)
    assert api(asha).get(f"{BASE}/likes").json()["items"] == []


def test_outgoing_likes_are_people_and_rooms_that_have_not_answered(asha, mira, api):
    like(asha, mira, "super_like")
    like(asha, place := room(person()))
    match_of(asha, person())
    pass_on(asha, person())
    items = api(asha).get(f"{BASE}/outgoing-likes").json()["items"]
    assert [(item["target_type"], item["action"]) for item in items] == [
        ("property", "like"),
        ("user", "super_like"),
    ]
    assert items[0]["property"]["id"] == str(place.pk)
    assert items[1]["peer"]["id"] == str(mira.pk)


def test_a_match_as_its_sides_read_it_and_its_end(asha, mira, api):
    match = match_of(asha, mira)
    (item,) = api(asha).get(f"{BASE}/matches").json()["items"]
    assert set(item) == {
        *("id", "status", "peer", "context_property", "conversation_id", "created_at"),
    }
    assert (item["status"], item["peer"]["full_name"]) == ("active", mira.public_name)
    url = f"{BASE}/matches/{match.pk}/unmatch"
    assert api(person()).put(url).status_code == 404
    assert api(mira).put(url).json()["status"] == "unmatched"
    assert api(asha).put(url).json()["status"] == "unmatched"
    assert api(asha).get(f"{BASE}/matches").json()["items"] == []


# --- Statements -----------------------------------------------------------------------------------
def deck(asha):
    person()


def likes(asha):
    like(person(), asha)


def outgoing(asha):
    like(asha, person())


def matches(asha):
    match_of(asha, person())


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("route", "add", "statements"),
    [
        ("profiles", deck, 3),
        ("likes", likes, 4),
        ("outgoing-likes", outgoing, 1),
        ("matches", matches, 1),
    ],
)
def test_a_list_costs_the_same_for_one_row_and_for_three(
    asha, api, rows, route, add, statements, django_assert_num_queries
):
    for _ in range(rows):
        add(asha)
    client = api(asha)
    with django_assert_num_queries(TOKEN + statements):
        assert len(client.get(f"{BASE}/{route}").json()["items"]) == rows


def test_undos_are_counted(asha, api, settings):
    settings.LIMITS = {**settings.LIMITS, "undos": (1, 60, "account")}
    client = api(asha)
    assert client.post(f"{BASE}/swipes/undo").status_code == 409
    assert client.post(f"{BASE}/swipes/undo").status_code == 429
    limits.clear("undos", str(asha.pk))


def test_a_stranger_must_sign_in(api):
    for route in ("profiles", "likes", "outgoing-likes", "matches"):
        assert api().get(f"{BASE}/{route}").status_code == 401
