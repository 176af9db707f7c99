"""The registry of personal data: which columns hold any, what becomes of them, and who exports them.

Every app registers its own columns when it starts; a test fails on a column that is not here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ghar.accounts.models import User

Exporter = Callable[[User], Any]
Eraser = Callable[[User], None]


class Rule(StrEnum):
    """What becomes of a column when its person leaves."""

    DELETE = "delete"  # goes with the row
    PSEUDONYMISE = "pseudonymise"  # stays, and names nobody
    KEEP = "keep"  # stays as it is, for the reason given
    NOT_PERSONAL = "not personal"


@dataclass(frozen=True)
class Fate:
    rule: Rule
    days: int | None = None  # the longest life, where one is set apart from the account's
    reason: str = ""


DELETE: Final = Fate(Rule.DELETE)
NOT_PERSONAL: Final = Fate(Rule.NOT_PERSONAL)


def delete_after(days: int) -> Fate:
    return Fate(Rule.DELETE, days=days)


def pseudonymise(reason: str) -> Fate:
    return Fate(Rule.PSEUDONYMISE, reason=reason)


def keep(reason: str) -> Fate:
    return Fate(Rule.KEEP, reason=reason)


FIELDS: dict[str, dict[str, Fate]] = {}
EXPORTERS: dict[str, Exporter] = {}
ERASERS: list[Eraser] = []


def register(label: str, **fates: Fate) -> None:
    """The columns of one model, as `register("accounts.User", email=DELETE)`."""
    FIELDS.setdefault(label, {}).update(fates)


def register_exporter(section: str, exporter: Exporter) -> None:
    """`exporter(user)` returns all that the app holds about the user, ready for JSON."""
    EXPORTERS[section] = exporter


def register_eraser(eraser: Eraser) -> None:
    """`eraser(user)` runs before the account's row and its cascade go."""
    ERASERS.append(eraser)


def export(user: User) -> dict[str, Any]:
    return {section: exporter(user) for section, exporter in sorted(EXPORTERS.items())}


def erase(user: User) -> None:
    for eraser in ERASERS:
        eraser(user)
