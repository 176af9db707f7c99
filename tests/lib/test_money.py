from decimal import Decimal

import pytest

from ghar.lib.money import to_major, to_minor


@pytest.mark.parametrize(
    ("major", "currency", "minor"),
    [("12500", "INR", 1_250_000), ("12500.50", "INR", 1_250_050), ("350000", "RWF", 350_000)],
)
def test_amounts_go_both_ways(major, currency, minor):
    assert to_minor(Decimal(major), currency) == minor
    assert to_major(minor, currency) == Decimal(major)


def test_what_is_less_than_the_smallest_coin_is_rounded():
    assert to_minor(Decimal("0.5"), "RWF") == 1
