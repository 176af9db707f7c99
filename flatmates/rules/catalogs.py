"""The lists of choices that apps and pages offer, by key; version 1 of each stands here.

An entry is {value, label}; a quiz adds `options` to each of its questions. The values are those of
the vocabularies, so that whatever is chosen can be saved. Admins override a list by a row of
`Catalog`, whose labels may come in several languages; apps read those, our pages keep their words.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from flatmates import states
from flatmates.models import Catalog
from flatmates.rules.compatibility import QUESTIONS
from flatmates.rules.qna import ICEBREAKERS
from ghar.lib.places import city_names
from ghar.properties.states import Amenity, Furnishing, SharingType
from moderation.states import ReportReason

Entry = dict[str, Any]
FIRST_VERSION: Final = 1
ANY_LANGUAGE: Final = "en"

QUIZ: Final = {
    "sleep_schedule": _("When are you awake?"),
    "cleanliness": _("How tidy should the home be?"),
    "food_habits": _("What do you eat?"),
    "smoking": _("Do you smoke?"),
    "drinking": _("Do you drink alcohol?"),
    "guests_policy": _("How do you like guests?"),
    "work_style": _("Where do you work or study?"),
}
_ONBOARDING: Final = {
    "mode": (_("What brings you here?"), states.Mode),
    "move_in_timeline": (_("When would you like to move?"), states.MoveIn),
    "pets": (_("Pets?"), states.Pets),
}
_SOCIETIES: Final = {
    "gated_society": _("Gated society"),
    "standalone_building": _("Single building"),
    "independent_house": _("House of its own"),
    "compound": _("Compound with several homes"),
    "hostel": _("Hostel or PG"),
}
_FLATS: Final = {
    "studio": _("Studio"),
    "1bhk": _("1 bedroom"),
    "2bhk": _("2 bedrooms"),
    "3bhk": _("3 bedrooms"),
    "4bhk_plus": _("4 bedrooms and more"),
}
_KITCHENS: Final = {
    "shared": _("Shared kitchen"),
    "own": _("Kitchen of one's own"),
    "kitchenette": _("Kitchenette"),
    "outdoor": _("Kitchen outside"),
    "none": _("No kitchen"),
}
_VENTILATION: Final = {
    "cross": _("Windows on two sides"),
    "window": _("A window to the outside"),
    "balcony": _("Balcony door"),
    "shaft": _("Window to a shaft"),
    "none": _("No window"),
}
_VIBES: Final = {
    "quiet": _("Quiet"),
    "social": _("Social"),
    "cook": _("Loves to cook"),
    "reader": _("Reader"),
    "musician": _("Musician"),
    "gamer": _("Gamer"),
    "runner": _("Runner"),
    "gardener": _("Gardener"),
    "film_lover": _("Film lover"),
    "early_walks": _("Early walks"),
    "student": _("Student"),
    "working": _("Working"),
}


def _entries(choices: Iterable[tuple[str, Any]]) -> list[Entry]:
    return [{"value": value, "label": str(label)} for value, label in choices]


def _of(choices: type[TextChoices]) -> Callable[[], list[Entry]]:
    return lambda: _entries(choices.choices)


def _words(words: dict[str, Any]) -> Callable[[], list[Entry]]:
    return lambda: _entries(words.items())


def _lifestyle_quiz() -> list[Entry]:
    return [
        {"value": q.field, "label": str(QUIZ[q.field]), "options": _entries(q.choices.choices)}
        for q in QUESTIONS
    ]


def _onboarding_quiz() -> list[Entry]:
    return [
        {"value": field, "label": str(label), "options": _entries(choices.choices)}
        for field, (label, choices) in _ONBOARDING.items()
    ]


def _cities() -> list[Entry]:
    return _entries((name, name) for name in city_names())


CATALOGS: Final[dict[str, Callable[[], list[Entry]]]] = {
    "modes": _of(states.Mode),
    "move_in_timelines": _of(states.MoveIn),
    "lifestyle_quiz": _lifestyle_quiz,
    "onboarding_quiz": _onboarding_quiz,
    "popular_cities": _cities,
    "room_types": _of(SharingType),
    "society_types": _words(_SOCIETIES),
    "flat_configs": _words(_FLATS),
    "listing_amenities": _of(Amenity),
    "non_negotiables": _of(states.DealBreaker),
    "report_reasons": _of(ReportReason),
    "icebreakers": _words(ICEBREAKERS),
    "work_styles": _of(states.WorkStyle),
    "gender_options": _of(states.Gender),
    "food_habits": _of(states.FoodHabits),
    "pets_options": _of(states.Pets),
    "smoking_options": _of(states.Frequency),
    "drinking_options": _of(states.Frequency),
    "furnishing": _of(Furnishing),
    "kitchen_types": _words(_KITCHENS),
    "ventilation_options": _words(_VENTILATION),
    "vibe_tags": _words(_VIBES),
}


def catalogs(rows: Iterable[Catalog]) -> list[dict[str, Any]]:
    """All lists in the active language; `rows` are what admins have changed."""
    changed = {row.key: row for row in rows}
    return [_catalog(key, changed.get(key)) for key in CATALOGS]


def _catalog(key: str, row: Catalog | None) -> dict[str, Any]:
    if row is None:
        return {"key": key, "version": FIRST_VERSION, "payload": CATALOGS[key]()}
    return {"key": key, "version": row.version, "payload": [_translated(e) for e in row.payload]}


def _translated(entry: Entry) -> Entry:
    said = {**entry, "label": _in_language(entry["label"])}
    return (
        said | {"options": [_translated(e) for e in entry["options"]]}
        if "options" in said
        else said
    )


def _in_language(label: str | dict[str, str]) -> str:
    """A label is one text, or one for each language with English among them."""
    if isinstance(label, str):
        return label
    language = (get_language() or ANY_LANGUAGE).split("-")[0]
    return label.get(language) or label[ANY_LANGUAGE]


def payload_problems(key: str, payload: Any) -> list[str]:
    """Why admins cannot save this list; a value that nothing can store is one of the reasons."""
    if not isinstance(payload, list) or not payload:
        return [str(_("A list of entries is needed: [{“value”: …, “label”: …}]."))]
    if problems := [text for entry in payload for text in _entry_problems(entry)]:
        return problems
    return _value_problems(payload, CATALOGS[key](), is_open=key in OPEN_CATALOGS)


def _value_problems(entries: list[Entry], ours: list[Entry], *, is_open: bool) -> list[str]:
    """Of entries in order, and of the options of each question against those of ours."""
    values = [entry["value"] for entry in entries]
    if len(set(values)) < len(values):
        return [str(_("Each value can stand there once."))]
    options = {entry["value"]: entry.get("options", []) for entry in ours}
    unknown = sorted(set(values) - set(options))
    if unknown and not is_open:
        return [str(_("Unknown values: %(values)s.") % {"values": ", ".join(unknown)})]
    return [
        text
        for entry in entries
        for text in _value_problems(
            entry.get("options", []), options.get(entry["value"], []), is_open=is_open
        )
    ]


# Lists whose values nothing checks when they are chosen: an admin may add to them.
OPEN_CATALOGS: Final = frozenset({"popular_cities", "vibe_tags", "listing_amenities"})


def _entry_problems(entry: Any) -> list[str]:
    if not isinstance(entry, dict) or not {"value", "label"} <= set(entry) <= _ENTRY_KEYS:
        return [
            str(_("An entry has a value and a label, a quiz options as well: %(entry)s."))
            % {"entry": entry}
        ]
    label = entry["label"]
    texts = label.values() if isinstance(label, dict) else [label]
    is_told = all(isinstance(text, str) and text for text in texts)
    if not isinstance(entry["value"], str) or not entry["value"] or not is_told:
        return [
            str(_("Values and labels are texts that are not empty: %(entry)s.")) % {"entry": entry}
        ]
    if isinstance(label, dict) and ANY_LANGUAGE not in label:
        return [
            str(_("A label in several languages has an English one: %(entry)s.")) % {"entry": entry}
        ]
    options = entry.get("options", [])
    if not isinstance(options, list):
        return [str(_("Options are a list of entries: %(entry)s.")) % {"entry": entry}]
    return [text for option in options for text in _entry_problems(option)]


_ENTRY_KEYS: Final = frozenset({"value", "label", "options"})
