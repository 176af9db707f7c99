from dataclasses import replace

import pytest

from ghar.lib.geo import geohash
from moderation.rules.fingerprint import (
    UnitNumbers,
    cells_around,
    fingerprint,
    geo_cell,
    parse_unit,
    price_bucket,
    unit_numbers,
)
from tests.moderation.rules.drawn import FLAT


@pytest.mark.parametrize(
    ("written", "tower", "flat", "floor"),
    [
        ("Flat No. 402, Tower 5", "5", "402", None),
        ("B-1203, Palm Heights", "b", "1203", None),
        ("Apt 4B, 3rd floor", None, "4 b", "3"),
        ("Tower C 1904", "c", "1904", None),
        ("House 23, KG 11 Ave", None, "23", None),
        ("Plot no 45 Sector 56", None, "45", None),
        ("KG 11 Ave 23", None, None, None),
        ("Sector 56, Phase 2", None, None, None),
        ("Apartment 3 bedrooms", None, None, None),
        ("Room 2 minutes from the metro", None, None, None),
        ("à 20 minutes du centre", None, None, None),
        ("2BHK 1200 sqft", None, None, None),
    ],
)
def test_numbers_that_name_a_home_are_read(written, tower, flat, floor):
    assert parse_unit(written) == UnitNumbers(tower, flat, floor)


@pytest.mark.parametrize(
    ("written", "flat"),
    [("402", "402"), ("12 A", "12 a"), ("b-402", "402"), ("#7", "7"), ("", None)],
)
def test_the_field_for_it_may_hold_a_bare_number(written, flat):
    assert unit_numbers(replace(FLAT, unit=written)).flat == flat


def test_the_address_says_what_the_field_does_not():
    facts = replace(FLAT, unit="", address="Flat 12, 4 Hill Road")
    assert unit_numbers(facts).flat == "12"


def test_units_conflict_only_where_both_say():
    assert UnitNumbers("a", "402").conflicts_with(UnitNumbers("b", "402"))
    assert not UnitNumbers("a", "402").conflicts_with(UnitNumbers(None, "402"))
    assert UnitNumbers("a", "402").same_flat(UnitNumbers(None, "402"))
    assert not UnitNumbers().same_flat(UnitNumbers())


def test_case_and_punctuation_make_no_other_fingerprint():
    shouted = replace(FLAT, title=FLAT.title.upper() + "!", address="14 - 100 feet road")
    assert fingerprint(shouted).fingerprint_hash == fingerprint(FLAT).fingerprint_hash


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "B-403"},
        {"phone_hash": "1:z"},
        {"photo_hashes": ("aa",)},
        {"price_amount": 4_000_000},
        {"title": "Another title"},
        {"latitude": 12.99},
    ],
)
def test_each_part_makes_another_fingerprint(change):
    assert fingerprint(replace(FLAT, **change)) != fingerprint(FLAT)


def test_the_order_of_photos_does_not_matter():
    turned = replace(FLAT, photo_hashes=FLAT.photo_hashes[::-1])
    assert fingerprint(turned) == fingerprint(FLAT)


def test_an_empty_listing_has_a_fingerprint_of_nothing():
    empty = fingerprint(
        replace(FLAT, title="", address="", society="", price_amount=None, latitude=None)
    )
    assert empty.norm_fields == {
        "address_norm": None,
        "title_norm": None,
        "price_bucket": None,
        "geo_cell": None,
        "unit": {"tower": "b", "flat": "402", "floor": None},
    }


def test_a_weeks_rent_falls_into_the_bucket_of_its_month():
    weekly = replace(FLAT, rent_period="week", price_amount=FLAT.price_amount * 12 // 52)
    assert price_bucket(weekly) == price_bucket(replace(FLAT, price_amount=FLAT.price_amount - 5))


def test_a_copy_moved_forty_metres_lies_in_the_cells_around():
    moved = replace(FLAT, latitude=FLAT.latitude + 40 / 111_195)
    assert geo_cell(FLAT) == geohash(FLAT.latitude, FLAT.longitude, 7)
    assert geo_cell(moved) in cells_around(geo_cell(FLAT))
