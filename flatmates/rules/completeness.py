"""How much of a profile is said, why the rest helps, and where to say it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from flatmates.models import Profile
from flatmates.policies.people import missing_facts
from flatmates.rules.catalogs import QUIZ

# The welcome, in its order: the question and the short name of each step.
STEPS: Final = {
    "why": (_("What brings you here?"), _("Why")),
    "place": (_("Where, and for how much?"), _("Place")),
    "move-in": (_("When would you like to move?"), _("When")),
    "life": (_("Your days at home"), _("Days")),
    "about": (_("About you"), _("You")),
    "wishes": (_("What matters to you"), _("Wishes")),
}
# What nobody is shown without (policies.people), with the step of the welcome that asks for it.
REQUIRED: Final = {
    "mode": ("why", _("Say what brings you here.")),
    "city": ("place", _("Say in which city you look.")),
    "age": ("about", _("Say how old you are. Others see a range only.")),
    "onboarding_completed": ("wishes", _("Finish the welcome to be shown to others.")),
}


@dataclass(frozen=True)
class Missing:
    """Something that is not said yet: why it helps, and the step that asks for it."""

    field: str
    step: str
    reason: Any
    is_required: bool = False


@dataclass(frozen=True)
class Part:
    """A share of the whole; it is there when `is_said`."""

    weight: int
    missing: Missing
    is_said: Callable[[Profile], bool]


def _said(*fields: str) -> Callable[[Profile], bool]:
    return lambda profile: any(getattr(profile, field) not in ("", None, []) for field in fields)


COUNTS: Final = _("{question} It counts for how well you fit.")
PARTS: Final = (
    *(
        Part(15, Missing(name, *REQUIRED[name], is_required=True), _said(name))
        for name in ("mode", "city", "age")
    ),
    *(
        Part(5, Missing(field, "life", format_lazy(COUNTS, question=question)), _said(field))
        for field, question in QUIZ.items()
    ),
    Part(
        5,
        Missing("budget_max", "place", _("A budget spares both sides a wrong lead.")),
        _said("budget_min", "budget_max"),
    ),
    Part(
        5,
        Missing("move_in_timeline", "move-in", _("People plan around a date.")),
        _said("move_in_timeline", "move_in_date"),
    ),
    Part(5, Missing("bio", "about", _("A few words tell more than any list.")), _said("bio")),
)
PHOTO: Final = Missing("photos", "about", _("People with a photo are answered far more often."))
WEIGHT_OF_PHOTO: Final = 5


def missing_to_publish(profile: Profile) -> list[Missing]:
    return [Missing(name, *REQUIRED[name], is_required=True) for name in missing_facts(profile)]


@dataclass(frozen=True)
class Completeness:
    percent: int
    missing: list[Missing]


def completeness(profile: Profile, *, has_photo: bool) -> Completeness:
    open_parts = [part for part in PARTS if not part.is_said(profile)]
    left = sum(part.weight for part in open_parts) + (0 if has_photo else WEIGHT_OF_PHOTO)
    wishes = [part.missing for part in open_parts if not part.missing.is_required]
    missing = [*missing_to_publish(profile), *([] if has_photo else [PHOTO]), *wishes]
    return Completeness(100 - left, missing)
