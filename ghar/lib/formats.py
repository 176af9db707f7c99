"""Money and times as a person reads them, in the active language. Data comes from CLDR (Babel)."""

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import (
    TIMEDELTA_UNITS,
    format_date,
    format_datetime,
    format_timedelta,
    get_timezone_name,
)
from babel.numbers import format_currency, get_currency_precision
from django.conf import settings
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_noop, ngettext_lazy

_LOCALES: Final = {"en": "en_GB", "hi": "hi", "fr": "fr", "rw": "rw"}
# CLDR has no names of zones in Kinyarwanda: ours of the markets, else the English ones.
_LOCALES_FOR_NAMES: Final = _LOCALES | {"rw": "en_GB"}
_OWN_NAMES: Final = {
    "Africa/Kigali": gettext_noop("Rwanda Time"),
    "Asia/Kolkata": gettext_noop("India Time"),
}
# Nor has it relative times.
_UNITS: Final = {
    "year": ngettext_lazy("%(n)d year", "%(n)d years", "n"),
    "month": ngettext_lazy("%(n)d month", "%(n)d months", "n"),
    "week": ngettext_lazy("%(n)d week", "%(n)d weeks", "n"),
    "day": ngettext_lazy("%(n)d day", "%(n)d days", "n"),
    "hour": ngettext_lazy("%(n)d hour", "%(n)d hours", "n"),
    "minute": ngettext_lazy("%(n)d minute", "%(n)d minutes", "n"),
    "second": ngettext_lazy("%(n)d second", "%(n)d seconds", "n"),
}
_FALLBACK: Final = "en_GB"
SQUARE_METRES: Final = "sqm"
SQUARE_FEET_IN_A_METRE: Final = 10.7639


def format_money(amount: int, currency: str) -> str:
    """`amount` is in minor units: 12345600 INR is ₹1,23,456 and 350000 RWF is RWF 350,000.

    Digits are grouped as the currency's market does it; separators follow the language.
    """
    precision = get_currency_precision(currency)
    value = Decimal(amount).scaleb(-precision)
    pattern = _money_pattern(currency)
    if value != value.to_integral_value():
        pattern = f"{pattern}.{'0' * precision}"
    return format_currency(
        value, currency, format=pattern, locale=_locale(_LOCALES), currency_digits=False
    )


def format_area(square_feet: int, unit: str) -> str:
    """In the unit of a market, see settings.MARKETS: "400 sq ft", "37 m²"."""
    if unit == SQUARE_METRES:
        return gettext("%(area)s m²") % {"area": to_square_metres(square_feet)}
    return gettext("%(area)s sq ft") % {"area": square_feet}


def to_square_metres(square_feet: int) -> int:
    return max(1, round(square_feet / SQUARE_FEET_IN_A_METRE))


def to_square_feet(square_metres: int) -> int:
    """What comes back from to_square_metres as it was."""
    return round(square_metres * SQUARE_FEET_IN_A_METRE)


def format_instant(moment: dt.datetime, zone: str, *, with_year: bool = False) -> str:
    """Day and time in `zone`: "Sat 22 Nov, 13:00"."""
    pattern = "EEE d MMM y, HH:mm" if with_year else "EEE d MMM, HH:mm"
    return format_datetime(moment.astimezone(ZoneInfo(zone)), pattern, locale=_locale(_LOCALES))


def _say_time(moment: dt.datetime, zone: str) -> str:
    return f"{format_instant(moment, zone)} ({zone_name(zone)})"


# Said in the language of whoever reads it: "Sat 22 Nov, 13:00 (Rwanda Time)".
say_time = lazy(_say_time, str)


def format_clock(moment: dt.datetime, zone: str) -> str:
    """The time of day in `zone`: "13:00"."""
    return format_datetime(moment.astimezone(ZoneInfo(zone)), "HH:mm", locale=_locale(_LOCALES))


def format_day(day: dt.date, pattern: str = "d MMMM y") -> str:
    """ "22 November 2026", or as a pattern of CLDR says: "EEEE d MMMM" is Sunday 22 November."""
    return format_date(day, pattern, locale=_locale(_LOCALES))


def zone_name(zone: str) -> str:
    """The zone as people call it: "Rwanda Time", "India Time"."""
    if zone == "UTC":
        return zone
    if _lacks_names() and zone in _OWN_NAMES:
        return gettext(_OWN_NAMES[zone])
    # By the place: CLDR's names of standard times miss Asia/Kolkata in most languages.
    return get_timezone_name(ZoneInfo(zone), locale=_locale(_LOCALES_FOR_NAMES))


def format_distance_in_time(moment: dt.datetime, now: dt.datetime) -> str:
    """Rounded to one unit: "3 minutes ago", "in 2 days"."""
    if _lacks_names():
        time = _in_own_words(moment - now)
        return (gettext("in %(time)s") if moment >= now else gettext("%(time)s ago")) % {
            "time": time
        }
    return format_timedelta(
        moment - now, add_direction=True, threshold=1, locale=_locale(_LOCALES_FOR_NAMES)
    )


def format_duration(length: dt.timedelta) -> str:
    """Rounded to one unit: "3 minutes"."""
    if _lacks_names():
        return _in_own_words(length)
    return format_timedelta(length, threshold=1, locale=_locale(_LOCALES_FOR_NAMES))


def _lacks_names() -> bool:
    """Whether CLDR has no words of its own for the language."""
    return _locale(_LOCALES) != _locale(_LOCALES_FOR_NAMES)


def _in_own_words(length: dt.timedelta) -> str:
    """Rounded as Babel does it."""
    seconds = abs(length.total_seconds())
    unit, size = next((u for u in TIMEDELTA_UNITS if seconds >= u[1]), TIMEDELTA_UNITS[-1])
    return str(_UNITS[unit] % {"n": round(seconds / size)})


def _locale(locales: dict[str, str]) -> str:
    language = (translation.get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return locales.get(language, _FALLBACK)


@cache
def _money_pattern(currency: str) -> str:
    for market in settings.MARKETS.values():
        if market["currency"] == currency:
            return str(market["money_pattern"])
    return "¤\u00a0#,##0"
