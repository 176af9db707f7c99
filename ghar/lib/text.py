"""Text from strangers: one normal form to compare, and the contact details hidden in it.

`fold` keeps the words and makes their letters plain; `normalise` keeps only words and numbers,
for comparing; `unmask` also reads leetspeak and spaced-out words, for rules about wording.
Devanagari keeps its vowel signs everywhere.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
import re
from typing import Final
import unicodedata

import phonenumbers

from ghar.lib.phones import e164, valid_number

# Letters that look Latin, as cheats use them. After NFKC and casefold.
_CONFUSABLE: Final = str.maketrans(
    "абвгдезкмнорстухіјѕѵԁԛԝһӏёїαβγδεζηικνορτυχωϲϳ",
    "a6brde3kmhopctyxijsvdqwhleiabydeznikvoptuxwcj",
)
_LEET: Final = str.maketrans("01345789@$!", "oieastbgasi")
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK")
_ZERO_WIDTH: Final = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u2060-\u2064\ufeff]")
_ABBREVIATIONS: Final = {
    "apt": "apartment", "appt": "apartment", "apartments": "apartment", "av": "avenue",
    "ave": "avenue", "blk": "block", "bldg": "building", "blvd": "boulevard", "bd": "boulevard",
    "flr": "floor", "fl": "floor", "hse": "house", "hno": "house", "ln": "lane",
    "mkt": "market", "ngr": "nagar", "nr": "near", "opp": "opposite", "ph": "phase",
    "rd": "road", "sec": "sector", "sect": "sector", "soc": "society", "sq": "square",
    "st": "street", "str": "street", "twr": "tower", "bhk": "bedroom", "br": "bedroom",
    "bed": "bedroom", "bedrooms": "bedroom", "sqft": "square feet", "ft": "feet", "furn": "furnished",
}  # fmt: skip
_DIGIT_WORDS: Final = {
    word: str(digit)
    for digit, words in enumerate(
        (
            "zero oh shunya sunya शून्य zéro zeru",
            "one ek एक un une rimwe",
            "two do दो deux kabiri",
            "three teen tin तीन trois gatatu",
            "four char chaar चार quatre kane",
            "five paanch panch पांच पाँच cinq gatanu",
            "six chhe che छह छः gatandatu",
            "seven saat sat सात sept karindwi",
            "eight aath ath आठ huit umunani",
            "nine nau नौ neuf icyenda",
        )
    )
    for word in words.split()
}
_REPEATS: Final = {"double": 2, "triple": 3}
_LOOKS_LIKE_DIGIT: Final = str.maketrans("oil", "011")
# What may stand between the digits of one number. A comma may not: it groups amounts.
_NUMBER_GLUE: Final = re.compile(r"[\s().\-_*/|~]*")
_TOKEN: Final = re.compile(r"[^\W_]+")
_DIGIT: Final = re.compile(r"\d")
_TOKEN_OR_PLUS: Final = re.compile(r"\+?[\w\u0900-\u097f]+")
_SHORTEST_PHONE: Final = 9

_AT: Final = r"\s*(?:@|\(\s*at\s*\)|\[\s*at\s*\]|\{\s*at\s*\})\s*"
_DOT: Final = r"\s*(?:\.|\(\s*dot\s*\)|\[\s*dot\s*\]|\sdot\s)\s*"
_MAILERS: Final = "gmail|googlemail|yahoo|ymail|hotmail|outlook|live|rediffmail|rediff|icloud|proton|protonmail|zoho"
_EMAIL: Final = re.compile(
    rf"[a-z0-9._%+\-]+{_AT}[a-z0-9\-]+(?:{_DOT}[a-z]{{2,}})+"
    rf"|[a-z0-9._%+\-]+\s+at\s+(?:{_MAILERS})(?:(?:\.|\sdot\s)[a-z]{{2,}})?\b"
)
_UPI: Final = re.compile(
    r"[a-z0-9._\-]{2,}\s*@\s*(?:ok(?:axis|sbi|icici|hdfcbank)|ybl|ibl|axl|paytm|pt(?:yes|sbi|axis|hdfc)"
    r"|upi|apl|yapl|rapl|sbi|icici|hdfcbank|axisbank|fbl|freecharge|ikwik|jupiteraxis|kotak|yesbank"
    r"|airtel|postbank|naviaxis|superyes|slice|fam|waaxis|waicici|wahdfcbank|wasbi)\b(?!\.[a-z])"
)


def fold(text: str) -> str:
    """NFKC, case folded, look-alike letters made Latin, Latin accents off, digits 0 to 9."""
    text = _without_accents(_plain(text).translate(_CONFUSABLE))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def normalise(text: str, *, abbreviations: bool = False) -> str:
    """Words and numbers alone, parted by one space: no emoji, no punctuation, "2bhk" as "2 bhk".

    With `abbreviations`, "rd" is "road": for addresses and titles.
    """
    words = re.findall(r"\d+|[^\d ]+", _letters_and_digits(fold(text)))
    if abbreviations:
        words = [_ABBREVIATIONS.get(word, word) for word in words]
    return " ".join(words)


def unmask(text: str) -> str:
    """Folded words with leetspeak read and spaced-out letters joined: "c.a.s 1 n 0" is "casino".

    Numbers by themselves stay numbers.
    """
    tokens = re.sub(r"[^\w@$!\u0900-\u097f]|_", " ", fold(text)).split()
    words = [_letters_and_digits(_unleet(token)).strip() for token in tokens]
    return " ".join(_joined(word for word in " ".join(words).split()))


def mixed_script_words(text: str) -> list[str]:
    """Words that mix Latin with Cyrillic or Greek letters, as typed. Honest text has none."""
    words = _TOKEN.findall(_ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", text)))
    return [word for word in words if len(_scripts(word)) > 1]


def find_phones(text: str, regions: Iterable[str]) -> list[str]:
    """Valid phone numbers in E.164, also with digits spelled out, spaced or half disguised.

    What is not written as a number usually is must be a mobile: dates and amounts look like
    landlines.
    """
    folded, regions = fold(text), tuple(regions)
    found = [
        e164(match.number) for r in regions for match in phonenumbers.PhoneNumberMatcher(folded, r)
    ]
    for digits in _digit_runs(folded):
        parsed = (valid_number(digits, region) for region in regions)
        found += [e164(number) for number in parsed if number and _is_mobile(number)]
    return list(dict.fromkeys(found))


def count_digits(word: str) -> int:
    """How many digits a folded word adds to a number: "98" two, "nine" one, "double" one more."""
    if word in _REPEATS:
        return _REPEATS[word] - 1
    if word in _DIGIT_WORDS:
        return 1
    return len(_read_digits(word) or "") if _DIGIT.search(word) else 0


def find_emails(text: str) -> list[str]:
    """E-mail addresses as written, "name (at) gmail dot com" too."""
    return [match.group().strip() for match in _EMAIL.finditer(_plain(text))]


def find_upi_handles(text: str) -> list[str]:
    """Indian payment handles such as name@okaxis."""
    return [match.group().strip() for match in _UPI.finditer(_plain(text))]


def _is_mobile(number: phonenumbers.PhoneNumber) -> bool:
    kind = phonenumbers.PhoneNumberType
    return phonenumbers.number_type(number) in (kind.MOBILE, kind.FIXED_LINE_OR_MOBILE)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", text)).casefold()


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", re.sub("(?<=[a-z])[\u0300-\u036f]+", "", decomposed))


def _letters_and_digits(text: str) -> str:
    """Everything else becomes one space. Marks stay: a Hindi word is not one without them."""
    kept = (c if unicodedata.category(c)[0] in "LMN" and c != "\ufe0f" else " " for c in text)
    return " ".join("".join(kept).split())


def _unleet(token: str) -> str:
    """ "b3tt!ng" is read as letters; "25000" stays, and "2bhk" keeps the number in front."""
    if not re.search("[a-z]", token):
        return token
    word = token.lstrip("0123456789")
    number = token.removesuffix(word)
    return f"{number} {word.rstrip('!').translate(_LEET)}"


def _joined(words: Iterable[str]) -> Iterator[str]:
    """Runs of three and more single characters with a letter among them, as one word."""
    for is_single, run in groupby(words, lambda word: len(word) == 1):
        letters = list(run)
        if is_single and len(letters) >= 3 and not all(c.isdigit() for c in letters):
            yield "".join(letters).translate(_LEET)
        else:
            yield from letters


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha())
    return {name for name in names if name in _SCRIPTS}


def _digit_runs(text: str) -> Iterator[str]:
    """Neighbouring digits and digit words as strings of digits, long enough to be a phone."""
    digits, end, repeat = "", 0, 1
    for token in _TOKEN_OR_PLUS.finditer(text):
        word = token.group()
        if digits and not _NUMBER_GLUE.fullmatch(text, end, token.start()):
            yield from _long_enough(digits)
            digits = ""
        end = token.end()
        if word in _REPEATS:
            repeat = _REPEATS[word]
            continue
        read = _read_digits(word)
        if read is None or word.startswith("+"):
            yield from _long_enough(digits)
            digits = ""
        digits, repeat = digits + (read or "") * repeat, 1
    yield from _long_enough(digits)


def _read_digits(word: str) -> str | None:
    """The digits that a word stands for, if it is one: "98", "nine", "9o1", "+91"."""
    if word in _DIGIT_WORDS:
        return _DIGIT_WORDS[word]
    plain = word.translate(_LOOKS_LIKE_DIGIT)
    mostly_digits = sum(c.isdigit() for c in word) * 2 >= len(word)
    return plain if mostly_digits and plain.removeprefix("+").isdigit() else None


def _long_enough(digits: str) -> Iterator[str]:
    if len(digits) >= _SHORTEST_PHONE:
        yield digits
