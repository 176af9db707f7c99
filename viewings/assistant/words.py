"""The words for days, times of day and answers in each of our languages.

Names of days and months come from CLDR (Babel), the rest stands here. English is understood beside
every language.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from babel.dates import get_day_names, get_month_names
from django.utils.translation import get_language

from ghar.lib.text import fold


class Vocabulary(NamedTuple):
    """One language. `|` parts words that mean the same."""

    today: str
    tomorrow: str
    day_after: str
    weekend: str
    this_week: str
    next_week: str
    any_day: str
    coming: str  # beside the name of a day: the one of the next week
    in_days: str  # a pattern with one number

    morning: str
    afternoon: str
    evening: str
    tonight: str  # today and evening in one
    noon: str
    at: str  # before a number that is a time
    o_clock: str  # after one
    since: str
    until: str
    since_behind: str  # where the language says it after the time
    until_behind: str
    between: str
    to: str

    yes: str
    no: str
    cancel: str


_VOCABULARIES: Final = {
    "en": Vocabulary(
        today="today",
        tomorrow="tomorrow|tmrw|tomorow",
        day_after="the day after tomorrow|day after tomorrow",
        weekend="weekend|week-end",
        this_week="this week",
        next_week="next week",
        any_day="any day|every day|whenever",
        coming="next",
        in_days=r"in (\d+) days",
        morning="morning",
        afternoon="afternoon",
        evening="evening",
        tonight="tonight|this evening",
        noon="noon|midday",
        at="at|around|about",
        o_clock="o'clock|oclock|in the",
        since="after|from|since",
        until="before|until|till|by",
        since_behind="",
        until_behind="",
        between="between|from",
        to="to|and|until|till",
        yes="yes|yes please|yep|yeah|ok|okay|sure|send|send it|please do|go ahead|fine",
        no="no|nope|not yet|no thanks|keep it",
        cancel="cancel|call it off|call off",
    ),
    "fr": Vocabulary(
        today="aujourd'hui|aujourdhui",
        tomorrow="demain",
        day_after="après-demain|après demain",
        weekend="week-end|weekend|fin de semaine",
        this_week="cette semaine",
        next_week="la semaine prochaine|semaine prochaine",
        any_day="n'importe quel jour|tous les jours",
        coming="prochain",
        in_days=r"dans (\d+) jours",
        morning="matin|matinée",
        afternoon="après-midi|après midi",
        evening="soir|soirée",
        tonight="ce soir",
        noon="midi",
        at="à|vers",
        o_clock="h|heures|heure",
        since="après|à partir de|dès",
        until="avant|jusqu'à",
        since_behind="",
        until_behind="",
        between="entre|de",
        to="et|à",
        yes="oui|d'accord|envoyer|envoie|envoyez|vas-y|allez-y",
        no="non|pas encore|non merci",
        cancel="annuler|annule|annulez",
    ),
    "hi": Vocabulary(
        today="आज|aaj",
        tomorrow="कल|kal",
        day_after="परसों|parson|parso",
        weekend="सप्ताहांत|वीकेंड",
        this_week="इस हफ़्ते|इस हफ्ते|इस सप्ताह|is hafte",
        next_week="अगले हफ़्ते|अगले हफ्ते|अगले सप्ताह|agle hafte",
        any_day="किसी भी दिन|kisi bhi din|kabhi bhi",
        coming="अगले|agle",
        in_days=r"(\d+) दिन बाद|(\d+) दिन में|(\d+) din baad|(\d+) din mein",
        morning="सुबह|सवेरे|subah|savere",
        afternoon="दोपहर|dopahar",
        evening="शाम|shaam|sham",
        tonight="",
        noon="",
        at="",
        o_clock="बजे|baje",
        since="",
        until="",
        since_behind="के बाद|ke baad",
        until_behind="से पहले|के पहले|तक|se pehle|tak",
        between="",
        to="से|और|se|aur",
        yes="हाँ|हां|जी|जी हाँ|ठीक है|भेजें|भेज दो|haan|han|ha|ji|theek hai|thik hai|bhej do",
        no="नहीं|मत|nahi|nahin|mat",
        cancel="रद्द|रद्द करें|radd",
    ),
    "rw": Vocabulary(
        today="uyu munsi",
        tomorrow="ejo",
        day_after="ejobundi|ejo bundi",
        weekend="mpera z'icyumweru|wikendi",
        this_week="iki cyumweru",
        next_week="icyumweru gitaha|cyumweru gitaha",
        any_day="umunsi uwo ari wo wose|igihe icyo ari cyo cyose",
        coming="utaha|gitaha",
        in_days=r"mu minsi (\d+)",
        morning="mu gitondo|igitondo",
        afternoon="ku manywa|nyuma ya saa sita",
        evening="nimugoroba|ku mugoroba|umugoroba",
        tonight="iri joro|uyu mugoroba",
        noon="saa sita",
        at="saa",
        o_clock="",
        since="nyuma ya|guhera|kuva",
        until="mbere ya|kugeza",
        since_behind="",
        until_behind="",
        between="hagati ya|kuva",
        to="na|kugeza|kugera",
        yes="yego|ni byo|ohereza|sawa",
        no="oya",
        cancel="hagarika|guhagarika",
    ),
}
_SHORT_DAYS: Final = {"tues": 1, "thurs": 3, "thur": 3}
# How Hindi is typed in Latin letters, from Monday on; CLDR has Devanagari alone.
_LATIN_DAYS: Final = (
    *("somvar|somwar", "mangalvar|mangalwar", "budhvar|budhwar", "guruvar|guruwar"),
    *("shukravar|shukrawar", "shanivar|shaniwar", "ravivar|raviwar|itvar"),
)


class Words(NamedTuple):
    """What is understood of one reader, folded. `of` goes by the fields of Vocabulary."""

    of: Mapping[str, tuple[str, ...]]
    weekdays: Mapping[str, int]  # Monday is 0
    months: Mapping[str, int]


def language() -> str:
    """The reader's."""
    return (get_language() or "en").split("-")[0]


def plain(text: str) -> str:
    """As the words below are compared."""
    return fold(text.replace("\u2019", "'"))


@cache
def words_of(language: str) -> Words:
    known = [each for each in dict.fromkeys([language, "en"]) if each in _VOCABULARIES]
    tables = [_VOCABULARIES[each]._asdict() for each in known]
    return Words(
        of={name: _folded(table[name] for table in tables) for name in Vocabulary._fields},
        weekdays={
            name: day for each in known for name, day in _weekdays(each, reader_language=language)
        },
        months={name: month for each in known for name, month in _months(each)},
    )


def _folded(alternatives: Iterable[str]) -> tuple[str, ...]:
    words = (plain(word) for each in alternatives for word in each.split("|") if word)
    return tuple(dict.fromkeys(words))


def _weekdays(language: str, *, reader_language: str) -> Iterable[tuple[str, int]]:
    yield from _names(get_day_names("wide", locale=language))
    if language == reader_language == "en":
        # To others the short ones are words of other meanings too.
        yield from _names(get_day_names("abbreviated", locale=language))
        yield from _SHORT_DAYS.items()
    if language == "hi":
        yield from ((name, n) for n, names in enumerate(_LATIN_DAYS) for name in names.split("|"))


def _months(language: str) -> Iterable[tuple[str, int]]:
    for width in ("wide", "abbreviated"):
        yield from _names(get_month_names(width, locale=language))


def _names(names: Mapping[int, str]) -> Iterable[tuple[str, int]]:
    return ((plain(name).rstrip("."), number) for number, name in names.items())
