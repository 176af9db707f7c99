"""Phone, price and completeness: the signals that never hold by themselves."""

from dataclasses import replace
from math import log

import pytest

from moderation.rules.completeness import completeness_reasons
from moderation.rules.limits import DetectionSettings
from moderation.rules.phone import phone_reasons
from moderation.rules.price import PriceCell, log_rate, price_reasons
from moderation.rules.scoring import assess
from tests.moderation.rules.drawn import FLAT, other

LIMITS = DetectionSettings()
TYPICAL = log(FLAT.price_amount / FLAT.area_sqft)


def cell(n: int, *, middle: float = TYPICAL, name: str = "Indiranagar, apartment") -> PriceCell:
    return PriceCell(name, [middle + 0.2 * (2 * i / max(n - 1, 1) - 1) for i in range(n)])


def codes(reasons) -> list[str]:
    return [reason.code for reason in reasons]


# --- phone
def test_a_phone_of_another_poster_is_reported():
    [reason] = phone_reasons(FLAT, [other(2, phone_hashes=FLAT.phone_hashes)], LIMITS)
    assert reason.code == "PHONE_REUSED"
    assert reason.evidence["listings"] == [
        {"property_id": str(other(2).id), "matched_on": ["phone"]}
    ]


def test_a_phone_found_in_the_text_counts():
    assert phone_reasons(FLAT, [other(2, phone_hashes=frozenset({"1:2", "1:a"}))], LIMITS)


@pytest.mark.parametrize(
    "change",
    [{"owner_id": FLAT.owner_id}, {"first_submitted_at": None}, {"phone_hashes": frozenset()}],
)
def test_the_own_phone_and_drafts_are_not(change):
    shared = {"phone_hashes": FLAT.phone_hashes} | change
    assert phone_reasons(FLAT, [other(2, **shared)], LIMITS) == []


def test_a_shared_phone_alone_never_holds():
    agency = [other(n, phone_hashes=FLAT.phone_hashes) for n in range(2, 50)]
    assert assess(phone_reasons(FLAT, agency, LIMITS), LIMITS).status == "ok"


# --- price
def test_a_usual_price_is_no_reason():
    assert price_reasons(FLAT, [cell(40)], LIMITS) == []


@pytest.mark.parametrize(("factor", "word"), [(0.1, "low"), (10, "high")])
def test_an_extreme_price_asks_for_review_and_names_its_cell(factor, word):
    listing = replace(FLAT, price_amount=round(FLAT.price_amount * factor))
    [reason] = price_reasons(listing, [cell(40)], LIMITS)
    assert reason.message == f"Unusually {word} for Indiranagar, apartment (n = 40)."
    assert (reason.evidence["cell"], reason.evidence["n"]) == ("Indiranagar, apartment", 40)
    assert assess([reason], LIMITS).status == "review_required"


def test_a_notable_price_is_a_note():
    listing = replace(FLAT, price_amount=FLAT.price_amount * 2)
    [reason] = price_reasons(listing, [cell(40)], LIMITS)
    assert assess([reason], LIMITS).status == "ok"


def test_too_few_comparables_say_nothing():
    listing = replace(FLAT, price_amount=FLAT.price_amount * 50)
    assert price_reasons(listing, [cell(19)], LIMITS) == []
    assert price_reasons(listing, [], LIMITS) == []


def test_a_wider_cell_serves_where_the_narrow_one_is_empty():
    listing = replace(FLAT, price_amount=FLAT.price_amount * 50)
    [reason] = price_reasons(listing, [cell(0), cell(30, name="Bengaluru, apartment")], LIMITS)
    assert reason.evidence["cell"] == "Bengaluru, apartment"


def test_a_dear_locality_is_not_judged_by_the_whole_city():
    dear = replace(FLAT, price_amount=FLAT.price_amount * 3)
    cells = [cell(60, middle=TYPICAL + log(3)), cell(500, name="Bengaluru")]
    assert price_reasons(dear, cells, LIMITS) == []


def test_like_prices_do_not_make_a_small_step_extreme():
    alike = PriceCell("one tower", [TYPICAL] * 50)
    assert (
        price_reasons(replace(FLAT, price_amount=FLAT.price_amount * 11 // 10), [alike], LIMITS)
        == []
    )


def test_a_listing_without_a_price_or_area_can_be_judged():
    assert price_reasons(replace(FLAT, price_amount=None), [cell(40)], LIMITS) == []
    whole = cell(40, middle=log_rate(FLAT.price_amount, None))
    assert price_reasons(replace(FLAT, area_sqft=None), [whole], LIMITS) == []


# --- completeness
def test_a_full_listing_lacks_nothing():
    assert completeness_reasons(FLAT, LIMITS) == []


def test_no_address_no_phone_and_one_photo_is_medium():
    thin = replace(FLAT, address="", phone_hash=None, photo_count=1)
    reasons = completeness_reasons(thin, LIMITS)
    assert codes(reasons) == ["THIN_LISTING"]
    assert assess(reasons, LIMITS).level == "medium"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"photo_count": 1}, ["MISSING_PHOTOS"]),
        ({"address": "", "photo_count": 1}, ["MISSING_PHOTOS", "MISSING_KEY_FIELD"]),
        ({"address": "", "phone_hash": None}, ["MISSING_KEY_FIELD"]),
        ({"description": ""}, ["MISSING_KEY_FIELD"]),
    ],
)
def test_a_gap_alone_is_a_note(change, expected):
    reasons = completeness_reasons(replace(FLAT, **change), LIMITS)
    assert codes(reasons) == expected
    assert assess(reasons, LIMITS).status == "ok"
