import pytest

from moderation.rules.checklist import CHECKLIST, FIELDS, MESSAGES, checklist_for
from moderation.rules.facts import Family, Reason
from moderation.rules.limits import DetectionSettings
from moderation.rules.scoring import assess
from moderation.states import ReasonCode, RiskLevel, RiskStatus

LIMITS = DetectionSettings()


def reason(weight: int, family=Family.PHOTO, code="PHOTO_REUSED", **evidence) -> Reason:
    return Reason(code=code, family=family, weight=weight, message="", evidence=evidence)


def test_nothing_found_is_no_risk():
    assert (assess([], LIMITS).score, assess([], LIMITS).level, assess([], LIMITS).status) == (
        0,
        "low",
        "ok",
    )


@pytest.mark.parametrize(
    ("score", "level", "status"),
    [
        (29, RiskLevel.LOW, RiskStatus.OK),
        (30, RiskLevel.MEDIUM, RiskStatus.REVIEW_REQUIRED),
        (69, RiskLevel.MEDIUM, RiskStatus.REVIEW_REQUIRED),
        (70, RiskLevel.HIGH, RiskStatus.HOLD),
        (100, RiskLevel.HIGH, RiskStatus.HOLD),
    ],
)
def test_levels_follow_the_score(score, level, status):
    made = assess([reason(score)], LIMITS)
    assert (made.score, made.level, made.status) == (score, level, status)
    assert made.needs_review == (status != RiskStatus.OK)


def test_independent_families_add_up_without_passing_a_hundred():
    assert assess([reason(50), reason(50, Family.PHONE)], LIMITS).score == 75
    assert assess([reason(90, family) for family in Family], LIMITS).score == 100


def test_one_family_counts_once_with_its_heaviest():
    assert assess([reason(50), reason(50), reason(20)], LIMITS).score == 50


def test_all_soft_signals_together_stay_low():
    soft = [
        reason(LIMITS.phone_reused_weight, Family.PHONE),
        reason(LIMITS.wording_warning_weight, Family.WORDING),
        reason(LIMITS.completeness_warning_weight, Family.COMPLETENESS),
    ]
    assert assess(soft, LIMITS).level == "low"


def test_reasons_come_heaviest_first():
    made = assess([reason(0), reason(80, Family.PLACE), reason(40, Family.PRICE)], LIMITS)
    assert [r.weight for r in made.reasons] == [80, 40, 0]


def test_similar_listings_are_named_once_with_all_they_match_on():
    photo = reason(90, listings=[{"property_id": "a", "matched_on": ["photo"], "distance": 4}])
    place = reason(
        80, Family.PLACE,
        listings=[{"property_id": "b", "matched_on": ["geo"]}, {"property_id": "a", "matched_on": ["title"]}],
    )  # fmt: skip
    assert assess([place, photo], LIMITS).similar_listings == [
        {"property_id": "a", "matched_on": ["photo", "title"], "distance": 4},
        {"property_id": "b", "matched_on": ["geo"]},
    ]


def test_every_admin_code_has_kind_words_for_the_poster():
    assert set(CHECKLIST) == set(ReasonCode.values)
    assert {code for codes in CHECKLIST.values() for code in codes} <= set(MESSAGES)
    assert set(MESSAGES) == set(FIELDS)


def test_the_checklist_names_no_listing_score_or_distance():
    found = reason(
        90, listings=[{"property_id": "SECRET", "matched_on": ["photo"], "distance": 41}]
    )
    items = [item.as_json() for item in checklist_for([found], LIMITS)]
    assert [item["code"] for item in items] == ["PHOTO_SEEN_ELSEWHERE", "OWNERSHIP_REQUESTED"]
    assert set().union(*items) == {"code", "message", "field"}
    assert not any(word in str(items) for word in ("SECRET", "41", "90"))


def test_the_checklist_is_ordered_by_weight_and_names_each_thing_once():
    found = [
        reason(8, Family.COMPLETENESS, "MISSING_PHOTOS"),
        reason(45, Family.COMPLETENESS, "THIN_LISTING"),
        reason(10, Family.WORDING, "CONTACT_IN_TEXT"),
    ]
    assert [item.code for item in checklist_for(found, LIMITS)] == [
        "ADDRESS_INCOMPLETE",
        "CONTACT_UNVERIFIED",
        "PHOTO_TOO_FEW",
        "TEXT_CONTACT_IN_DESCRIPTION",
    ]


def test_a_hint_asks_for_nothing():
    assert checklist_for([reason(0)], LIMITS) == []


@pytest.mark.parametrize(
    ("missing", "codes"),
    [
        (["address"], ["ADDRESS_INCOMPLETE"]),
        (["title"], ["DETAILS_INCONSISTENT"]),
        (["address", "title"], ["ADDRESS_INCOMPLETE", "DETAILS_INCONSISTENT"]),
    ],
)
def test_a_missing_address_has_its_own_words(missing, codes):
    found = reason(8, Family.COMPLETENESS, "MISSING_KEY_FIELD", missing=missing)
    assert [item.code for item in checklist_for([found], LIMITS)] == codes


def test_the_number_of_photos_is_said_in_words():
    [item] = checklist_for([reason(8, Family.COMPLETENESS, "MISSING_PHOTOS")], LIMITS)
    assert item.message == "Please add at least 2 clear photos of the room itself."
