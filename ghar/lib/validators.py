"""Validators that more than one model field needs."""

from collections.abc import Callable
import datetime as dt
import functools
from math import isfinite
from typing import Any, Final
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

Validator = Callable[[Any], None]


def validate_finite(value: float) -> None:
    """NaN passes every comparison, so bounds alone do not stop it."""
    if not isfinite(value):
        raise ValidationError(_("Please enter a number."), code="invalid")


@functools.cache
def timezones() -> frozenset[str]:
    """The names that the machine knows; Python reads the disk each time that it is asked."""
    return frozenset(available_timezones())


def validate_timezone(value: str) -> None:
    if value not in timezones():
        raise ValidationError(_("Please use a name such as Africa/Kigali."), code="invalid")


# A day beside these has hours that are no instant of UTC.
DAY: Final[list[Validator]] = [
    MinValueValidator(dt.date(1, 1, 3)),
    MaxValueValidator(dt.date(9999, 12, 29)),
]
LATITUDE: Final[list[Validator]] = [validate_finite, MinValueValidator(-90), MaxValueValidator(90)]
LONGITUDE: Final[list[Validator]] = [
    validate_finite,
    MinValueValidator(-180),
    MaxValueValidator(180),
]
