# ruff: noqa: RUF001 -- look-alike letters are what is tested
from dataclasses import replace
from random import Random
import uuid

import pytest

from moderation.rules.duplicates import compare_listings, duplicate_reasons
from moderation.rules.limits import DetectionSettings
from tests.moderation.rules.drawn import DAY, FLAT, MONDAY, other

LIMITS = DetectionSettings()
HIGH, MEDIUM = LIMITS.duplicate_high_weight, LIMITS.duplicate_medium_weight
FORTY_METRES = 40 / 111_195


def weight(listing, *earlier) -> int:
    return max((r.weight for r in duplicate_reasons(listing, earlier, LIMITS)), default=0)


def copy_of(flat, number: int = 2, **changes):
    """Case and punctuation, price + 2 %, moved 40 m, another poster."""
    edits = {
        "title": flat.title.upper() + "!!",
        "description": flat.description.replace(",", " -").replace(".", " ").title(),
        "address": flat.address.lower().replace(",", " "),
        "price_amount": flat.price_amount * 102 // 100,
        "latitude": flat.latitude + FORTY_METRES,
    }
    return other(number, **(edits | changes))


def test_a_lightly_edited_copy_of_another_poster_is_held():
    [reason] = duplicate_reasons(copy_of(FLAT), [FLAT], LIMITS)
    assert (reason.code, reason.weight) == ("DUPLICATE_LISTING", HIGH)
    [listing] = reason.evidence["listings"]
    assert listing["property_id"] == str(FLAT.id)
    assert listing["matched_on"] == [
        "address",
        "description",
        "title",
        "geo",
        "price",
        "area",
        "unit",
    ]


def test_the_original_is_not_held_for_its_copy():
    assert weight(FLAT, copy_of(FLAT)) == 0


def test_a_draft_accuses_nobody():
    assert weight(copy_of(FLAT), replace(FLAT, first_submitted_at=None)) == 0


def test_a_copy_with_other_words_but_the_same_flat_is_held():
    described = (
        "Lovely home, recently painted, close to shops and schools, family building, no agents."
    )
    assert weight(copy_of(FLAT, description=described), FLAT) >= MEDIUM


def test_a_copy_without_position_is_held_by_its_address():
    nowhere = copy_of(FLAT, latitude=None, longitude=None)
    assert weight(nowhere, FLAT) == HIGH


def test_a_copy_in_lookalike_letters_is_held():
    masked = copy_of(FLAT, description=FLAT.description.replace("a", "а").replace("o", "ο"))
    assert weight(masked, FLAT) == HIGH


def test_a_copy_with_a_line_added_is_held():
    longer = copy_of(FLAT, description=FLAT.description + " Call us any time, best price.", unit="")
    assert weight(longer, FLAT) == HIGH


def test_a_bare_short_copy_is_held():
    bare = replace(FLAT, description="Bright room near the park", unit="", area_sqft=None)
    copied = copy_of(bare, unit="", area_sqft=None)
    assert weight(copied, bare) == HIGH


def test_another_flat_of_the_same_society_passes():
    neighbour = other(
        2, unit="B-703", description="Owner's own flat, top floor, needs a quiet family."
    )
    assert weight(neighbour, FLAT) == 0


def test_another_flat_with_the_societys_usual_words_passes():
    assert weight(other(2, unit="C-101"), FLAT) == 0


def test_the_house_next_door_passes():
    assert (
        weight(
            other(2, address="16, 100 Feet Rd", unit="", society=""),
            replace(FLAT, unit="", society=""),
        )
        == 0
    )


def test_a_title_alone_is_nothing():
    elsewhere = other(
        2, address="9 Hill Street", society="", unit="", latitude=12.99, longitude=77.70,
        description="Ground floor with a garden.", price_amount=2_500_000,
    )  # fmt: skip
    assert weight(elsewhere, FLAT) == 0


def test_the_same_words_in_another_part_of_town_pass():
    assert weight(other(2, latitude=FLAT.latitude + 0.05), FLAT) == 0


def test_the_same_home_for_sale_is_another_offer():
    assert weight(copy_of(FLAT, purpose="buy"), FLAT) == 0


def test_same_place_and_price_without_own_words_is_a_question():
    plain = replace(FLAT, description="", unit="")
    assert weight(other(2, description="", unit=""), plain) == MEDIUM


def test_the_posters_own_other_listing_is_a_hint():
    [reason] = duplicate_reasons(copy_of(FLAT, owner_id=FLAT.owner_id), [FLAT], LIMITS)
    assert (reason.weight, reason.evidence["same_poster"]) == (0, True)


def test_the_likest_of_several_comes_first():
    worse = replace(FLAT, id=uuid.UUID(int=7), price_amount=FLAT.price_amount * 110 // 100)
    [reason] = duplicate_reasons(copy_of(FLAT), [worse, FLAT], LIMITS)
    assert [row["property_id"] for row in reason.evidence["listings"]] == [
        str(FLAT.id),
        str(worse.id),
    ]


def test_what_neither_states_is_not_compared():
    bare = replace(FLAT, area_sqft=None, address="", society="", price_amount=None)
    assert set(compare_listings(bare, other(2), LIMITS).parts) == {"description", "title", "geo"}


# --- many made-up societies -----------------------------------------------------------------------
WORDS = [
    "sunny",
    "airy",
    "corner",
    "quiet",
    "spacious",
    "renovated",
    "furnished",
    "modular",
    "kitchen",
    "balcony",
    "garden",
    "terrace",
    "metro",
    "school",
    "market",
    "hospital",
    "lake",
    "park",
    "lift",
    "parking",
    "water",
    "backup",
    "security",
    "gym",
    "pool",
    "desk",
    "sofa",
    "wardrobe",
    "geyser",
    "stove",
    "fridge",
    "washing",
    "machine",
    "morning",
    "evening",
    "breeze",
    "view",
    "trees",
    "lane",
    "gate",
    "owner",
    "family",
    "students",
    "couple",
    "deposit",
    "painted",
    "tiled",
    "wooden",
    "marble",
    "floor",
    "ceiling",
    "fan",
    "light",
    "window",
]


def story(random: Random) -> str:
    """Some sentences; the words are the same for all homes, as they are."""
    return " ".join(
        " ".join(random.choices(WORDS, k=random.randint(5, 12))) + "."
        for _ in range(random.randint(2, 7))
    )


def flats_of_one_society(random: Random, number: int):
    """Two honest flats with the society's title, address, position, like price and area."""
    first = other(
        2 * number + 10,
        first_submitted_at=MONDAY,
        society=" ".join(random.sample(WORDS, 2)),
        address=f"{random.randint(1, 99)} {random.choice(WORDS)} road",
        title=f"{random.randint(1, 4)} BHK in a gated society",
        description=story(random),
        unit=f"{random.choice('ABCD')}-{random.randint(101, 1909)}"
        if random.random() < 0.6
        else "",
    )
    second = replace(
        first,
        id=uuid.UUID(int=2 * number + 11),
        owner_id=uuid.UUID(int=2 * number + 5_000),
        phone_hashes=frozenset(),
        photo_hashes=("ee", "ff"),
        first_submitted_at=MONDAY + DAY,
        description=story(random),
        price_amount=round(first.price_amount * random.uniform(0.95, 1.05)),
        unit=f"{random.choice('ABCD')}-{random.randint(101, 1909)}"
        if random.random() < 0.6
        else "",
    )
    return first, second


def heavily_edited(random: Random, flat):
    sentences = [sentence.split() for sentence in flat.description.split(".") if sentence]
    for sentence in sentences:
        for place in range(len(sentence)):
            if random.random() < 0.1:
                sentence[place] = random.choice(WORDS)
    random.shuffle(sentences)
    return replace(
        flat,
        id=uuid.uuid4(),
        owner_id=uuid.uuid4(),
        phone_hashes=frozenset(),
        photo_hashes=("ee", "ff"),
        first_submitted_at=MONDAY + DAY,
        title=flat.title.replace("BHK", "bedroom").replace("gated society", "gated complex"),
        description=". ".join(map(" ".join, sentences)),
        price_amount=round(flat.price_amount * random.uniform(0.95, 1.05)),
        latitude=flat.latitude + random.uniform(-1, 1) * FORTY_METRES * 3,
        unit=random.choice(("", flat.unit)),
    )


def test_heavily_edited_copies_are_found():
    random = Random(1)
    flats = [flats_of_one_society(random, number)[0] for number in range(300)]
    held = sum(weight(heavily_edited(random, flat), flat) > 0 for flat in flats)
    assert held / len(flats) >= 0.998


def test_honest_neighbours_pass():
    random = Random(2)
    pairs = [flats_of_one_society(random, number) for number in range(1000)]
    held = sum(weight(second, first) > 0 for first, second in pairs)
    assert held / len(pairs) <= 0.001


@pytest.mark.parametrize("seed", range(3))
def test_likeness_is_the_same_both_ways(seed):
    one, two = flats_of_one_society(Random(seed), seed)
    assert compare_listings(one, two, LIMITS) == compare_listings(two, one, LIMITS)
