"""Amounts between people, who think in rupees and francs, and rows, which hold minor units."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision


def to_minor(amount: Decimal, currency: str) -> int:
    """12500.50 INR is 1250050; 350000 RWF is 350000."""
    scaled = amount.scaleb(get_currency_precision(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(amount: int, currency: str) -> Decimal:
    """The other way, without decimals that say nothing: 1250000 INR is 12500."""
    value = Decimal(amount).scaleb(-get_currency_precision(currency))
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value
