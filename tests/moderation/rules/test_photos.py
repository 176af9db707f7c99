from dataclasses import replace
import uuid

from moderation.rules.facts import PhotoMatch
from moderation.rules.limits import DetectionSettings
from moderation.rules.photos import photo_reasons
from tests.moderation.rules.drawn import DAY, FLAT, MONDAY

LIMITS = DetectionSettings()
STRONG = PhotoMatch(
    media_id=uuid.UUID(int=1),
    other_media_id=uuid.UUID(int=2),
    other_listing_id=uuid.UUID(int=3),
    other_owner_id=uuid.UUID(int=4),
    verdict="strong",
    distance=12,
    shown_at=MONDAY + DAY,
    other_shown_at=MONDAY,
)
WEAK = replace(STRONG, verdict="weak", distance=74)
SECOND = {"media_id": uuid.UUID(int=5), "other_media_id": uuid.UUID(int=6)}


def weights(*matches: PhotoMatch) -> list[int]:
    return [reason.weight for reason in photo_reasons(FLAT, matches, LIMITS)]


def test_one_photo_of_an_earlier_poster_holds():
    [reason] = photo_reasons(FLAT, [STRONG], LIMITS)
    assert (reason.code, reason.weight) == ("PHOTO_REUSED", LIMITS.photo_strong_weight)
    [listing] = reason.evidence["listings"]
    assert listing["property_id"] == str(STRONG.other_listing_id)
    assert listing["matched_on"] == ["photo"]
    assert listing["distance"] == 12


def test_one_likely_photo_is_not_enough():
    assert weights(WEAK) == []


def test_two_likely_photos_of_one_listing_hold():
    assert weights(WEAK, replace(WEAK, **SECOND)) == [LIMITS.photo_weak_weight]


def test_two_likely_photos_of_two_listings_do_not():
    assert weights(WEAK, replace(WEAK, **SECOND, other_listing_id=uuid.UUID(int=9))) == []


def test_one_photo_that_is_twice_in_the_other_listing_is_one():
    assert weights(WEAK, replace(WEAK, other_media_id=uuid.UUID(int=6))) == []


def test_the_original_is_not_held_for_its_copy():
    assert weights(replace(STRONG, other_shown_at=MONDAY + 2 * DAY)) == []


def test_who_was_first_is_asked_of_the_photo():
    old_listing_new_photo = replace(STRONG, shown_at=MONDAY + 30 * DAY)
    assert weights(old_listing_new_photo) == [LIMITS.photo_strong_weight]


def test_of_two_at_the_same_instant_exactly_one_was_first():
    here = replace(STRONG, shown_at=MONDAY)
    there = replace(here, media_id=here.other_media_id, other_media_id=here.media_id)
    assert sorted([here.other_was_first, there.other_was_first]) == [False, True]


def test_a_draft_accuses_nobody_and_is_accused():
    assert weights(replace(STRONG, other_shown_at=None)) == []
    assert weights(replace(STRONG, shown_at=None)) == [LIMITS.photo_strong_weight]


def test_the_same_poster_gets_a_hint():
    [reason] = photo_reasons(FLAT, [replace(STRONG, other_owner_id=FLAT.owner_id)], LIMITS)
    assert (reason.weight, reason.evidence["same_poster"]) == (0, True)


def test_a_common_picture_is_evidence_against_nobody():
    assert weights(replace(STRONG, approved_posters=5)) == []
    assert weights(replace(STRONG, approved_posters=4)) == [LIMITS.photo_strong_weight]


def test_what_a_moderator_marked_as_common_is_said_and_weighs_nothing():
    [reason] = photo_reasons(FLAT, [replace(STRONG, is_marked_common=True)], LIMITS)
    assert (reason.weight, set(reason.evidence)) == (0, {"common"})
    assert [row["other_media_id"] for row in reason.evidence["common"]] == [
        str(STRONG.other_media_id)
    ]


def test_a_picture_that_is_marked_somewhere_is_common_wherever_it_is_shown():
    elsewhere = {"other_media_id": uuid.UUID(int=6), "other_listing_id": uuid.UUID(int=9)}
    marked = replace(STRONG, **elsewhere, is_marked_common=True)
    assert weights(STRONG, marked) == [0]
    other_photo = replace(STRONG, **SECOND)
    assert weights(other_photo, marked) == [LIMITS.photo_strong_weight, 0]


def test_what_is_only_like_a_common_picture_still_counts():
    elsewhere = {"other_media_id": uuid.UUID(int=6), "other_listing_id": uuid.UUID(int=9)}
    assert weights(STRONG, replace(WEAK, **elsewhere, is_marked_common=True)) == [
        LIMITS.photo_strong_weight,
        0,
    ]


def test_photos_within_the_listing_are_no_evidence():
    assert weights(replace(STRONG, other_listing_id=FLAT.id)) == []
