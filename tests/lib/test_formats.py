import datetime as dt

from django.utils import translation
import pytest

from ghar.lib import formats

NOON = dt.datetime(2025, 11, 22, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (12345600, "INR", "₹1,23,456"),
        (1234567800, "INR", "₹1,23,45,678"),
        (1250050, "INR", "₹12,500.50"),
        (350000, "RWF", "RWF\xa0350,000"),
        (0, "RWF", "RWF\xa00"),
    ],
)
def test_money_is_grouped_as_its_market_does(amount, currency, shown):
    assert formats.format_money(amount, currency) == shown


def test_separators_of_money_follow_the_language():
    with translation.override("fr"):
        assert formats.format_money(1250050, "INR") == "₹12\u202f500,50"


def test_an_instant_is_shown_in_the_zone_of_the_place():
    assert formats.format_instant(NOON, "Asia/Kolkata") == "Sat 22 Nov, 17:30"


def test_an_instant_of_another_year_can_say_its_year():
    shown = formats.format_instant(NOON, "Africa/Kigali", with_year=True)

    assert shown == "Sat 22 Nov 2025, 14:00"


def test_a_time_of_day_is_shown_in_the_zone_of_the_place():
    assert formats.format_clock(NOON, "Africa/Kigali") == "14:00"


@pytest.mark.parametrize(
    ("zone", "name"),
    [("Asia/Kolkata", "India Time"), ("Africa/Kigali", "Rwanda Time"), ("UTC", "UTC")],
)
def test_zones_have_names(zone, name):
    assert formats.zone_name(zone) == name


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "3 minutes ago"), ("fr", "il y a 3 minutes")],
)
def test_a_distance_in_time_is_one_rounded_unit(language, shown):
    with translation.override(language):
        assert formats.format_distance_in_time(NOON, NOON + dt.timedelta(seconds=185)) == shown


def test_a_duration_is_one_rounded_unit():
    assert formats.format_duration(dt.timedelta(seconds=185)) == "3 minutes"


def test_a_distance_in_time_looks_ahead_too():
    assert formats.format_distance_in_time(NOON, NOON - dt.timedelta(days=2)) == "in 2 days"


@pytest.mark.parametrize(
    ("unit", "said"), [("sqft", "129 sq ft"), ("sqm", "12 m²"), ("", "129 sq ft")]
)
def test_an_area_is_said_in_the_unit_of_the_market(unit, said):
    assert formats.format_area(129, unit) == said


@pytest.mark.parametrize("metres", [1, 12, 46, 100_000])
def test_square_metres_come_back_as_they_were_typed(metres):
    assert formats.to_square_metres(formats.to_square_feet(metres)) == metres


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 90, 1200, 5400, 86_400, 700_000, 4_000_000, 4e7])
@pytest.mark.parametrize("way", [1, -1])
def test_our_own_words_for_distances_round_as_those_of_cldr(seconds, way):
    """Their translations are the catalog's; without one they read as English does."""
    moment = NOON + dt.timedelta(seconds=way * seconds)
    with translation.override("en"):
        english = formats.format_distance_in_time(moment, NOON)
        number = str(formats._in_own_words(moment - NOON))
    assert number in english
