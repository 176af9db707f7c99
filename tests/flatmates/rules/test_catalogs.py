from django.utils import translation
import pytest

from flatmates import states
from flatmates.models import Catalog
from flatmates.rules.catalogs import CATALOGS, catalogs, payload_problems
from ghar.properties.states import Amenity, Furnishing, SharingType
from moderation.states import ReportReason

KEYS = [
    *("modes", "move_in_timelines", "lifestyle_quiz", "onboarding_quiz", "popular_cities"),
    *("room_types", "society_types", "flat_configs", "listing_amenities", "non_negotiables"),
    *("report_reasons", "icebreakers", "work_styles", "gender_options", "food_habits"),
    *("pets_options", "smoking_options", "drinking_options", "furnishing", "kitchen_types"),
    *("ventilation_options", "vibe_tags"),
]


def by_key(*rows):
    return {each["key"]: each for each in catalogs(rows)}


def values(key):
    return [entry["value"] for entry in by_key()[key]["payload"]]


def test_there_are_the_twenty_two_lists_of_the_contract():
    assert sorted(by_key()) == sorted(KEYS)
    assert {each["version"] for each in catalogs([])} == {1}
    assert all(each["payload"] for each in catalogs([]))


@pytest.mark.parametrize(
    ("key", "vocabulary"),
    [
        ("modes", states.Mode), ("move_in_timelines", states.MoveIn), ("room_types", SharingType),
        ("listing_amenities", Amenity), ("non_negotiables", states.DealBreaker),
        ("report_reasons", ReportReason), ("work_styles", states.WorkStyle),
        ("gender_options", states.Gender), ("food_habits", states.FoodHabits),
        ("pets_options", states.Pets), ("smoking_options", states.Frequency),
        ("drinking_options", states.Frequency), ("furnishing", Furnishing),
    ],
)  # fmt: skip
def test_what_is_offered_is_what_can_be_saved(key, vocabulary):
    assert values(key) == vocabulary.values


def test_the_quiz_asks_the_seven_questions_with_their_answers():
    quiz = by_key()["lifestyle_quiz"]["payload"]
    assert [question["value"] for question in quiz] == [
        *("sleep_schedule", "cleanliness", "food_habits", "guests_policy"),
        *("smoking", "drinking", "work_style"),
    ]
    assert [o["value"] for o in quiz[0]["options"]] == states.SleepSchedule.values


def test_there_are_twelve_icebreakers():
    assert len(set(values("icebreakers"))) == 12


def test_a_row_of_an_admin_stands_in_the_place_of_ours_in_the_readers_language():
    label = {"en": "Bookworm", "fr": "Rat de bibliothèque"}
    row = Catalog(key="vibe_tags", version=3, payload=[{"value": "bookworm", "label": label}])
    with translation.override("fr"):
        french = by_key(row)["vibe_tags"]
    assert french == {
        "key": "vibe_tags",
        "version": 3,
        "payload": [{"value": "bookworm", "label": "Rat de bibliothèque"}],
    }
    with translation.override("rw"):
        assert by_key(row)["vibe_tags"]["payload"][0]["label"] == "Bookworm"


@pytest.mark.parametrize("key", KEYS)
def test_our_own_lists_would_pass_the_check_of_the_admin(key):
    assert payload_problems(key, CATALOGS[key]()) == []


@pytest.mark.parametrize(
    "payload",
    [
        *({}, [], "text", ["text"], [{"value": "now"}], [{"value": "", "label": "Now"}]),
        [{"value": "now", "label": ""}],
        [{"value": "now", "label": {"fr": "Maintenant"}}],
        [{"value": "now", "label": "Now", "colour": "red"}],
        [{"value": "now", "label": "Now"}, {"value": "now", "label": "Again"}],
        [{"value": "next_year", "label": "A value that nothing can store"}],
        [{"value": "now", "label": "Now", "options": "none"}],
    ],
)
def test_a_list_that_nobody_can_use_is_refused(payload):
    assert payload_problems("move_in_timelines", payload)
