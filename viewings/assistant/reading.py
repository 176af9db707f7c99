"""When could somebody come? Days and hours out of what they write.

The text is read from left to right. Hours belong to the days beside them, so that "Saturday or
Sunday morning, or Tuesday after 5 pm" is three wishes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
import datetime as dt
from functools import cache
from itertools import groupby, product
import re
from typing import Any, Final, NamedTuple

from ghar.calendar.services.alternatives import FIRST_HOUR, LAST_HOUR
from viewings.assistant.words import plain, words_of
from viewings.policies.booking import USUAL_LENGTH

# The hours at which people receive visitors; a time that is named exactly may lie outside.
PARTS_OF_DAY: Final = {
    "morning": (FIRST_HOUR, dt.time(11, 30)),
    "afternoon": (dt.time(12), dt.time(16, 30)),
    "evening": (dt.time(17), LAST_HOUR),
}
# "At 5" is in the afternoon, "at 9" in the morning.
FIRST_MORNING_HOUR: Final = 8
COMING_DAYS: Final = 7
MOST_WISHES: Final = 20


class Wish(NamedTuple):
    """A day, and between which wall clock times somebody would like to begin on it."""

    day: dt.date
    first: dt.time
    last: dt.time


class Days(NamedTuple):
    dates: list[dt.date]
    # Whose hours may be over: then the same day of the next week is meant.
    is_weekday: bool = False


class Hours(NamedTuple):
    first: dt.time
    last: dt.time
    # A part of the day also says of which half of it an hour is.
    is_part: bool = False
    is_of_either_half: bool = False


Found = Days | Hours


def read_wishes(text: str, *, language: str, now: dt.datetime) -> list[Wish]:
    """What somebody asks for, in their order. `now` is in the zone of the place."""
    found = _reader(language).scan(text, now.date())
    wishes = (wish for days, hours in _grouped(found) for wish in _wishes(days, hours, now))
    return list(dict.fromkeys(wish for wish in wishes if wish.day >= now.date()))[:MOST_WISHES]


def words_beside(text: str, *, language: str, now: dt.datetime) -> str:
    """What is left without the days and hours, folded."""
    parts = _reader(language).parse(text, now.date())
    return "".join(part if isinstance(part, str) else " ; " for part in parts)


# --- From left to right ---------------------------------------------------------------------------
class Reader:
    """The patterns of one language (and English), in the order in which they are tried."""

    # To `re` the vowel signs of Devanagari are no letters.
    TOKEN: Final = re.compile(r"[\w\u0900-\u097f]+|[^\w\u0900-\u097f]+")
    END: Final = r"(?![\w\u0900-\u097f])"

    def __init__(self, language: str) -> None:
        words = words_of(language)
        self._weekdays, self._months = words.weekdays, words.months
        self._tonight = re.compile(_any(words.of["tonight"]) + self.END)
        self._this_evening = f"{words.of['today'][0]} {words.of['evening'][0]}"
        of = {name: _any(found) for name, found in words.of.items()}
        named = "|".join(rf"(?P<{name}>{of[name]})" for name in _NAMED_DAYS)
        parts = "|".join(rf"(?P<{name}>{of[name]})" for name in PARTS_OF_DAY)
        coming, weekday, month = of["coming"], _any(words.weekdays), _any(words.months)
        one, other = _time("one", of), _time("other", of)
        tried: list[tuple[str, Callable[[re.Match[str], dt.date, bool], Found | None]]] = [
            (r"(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)", self._date),
            (r"(?P<d>\d\d?)[./](?P<m>\d\d?)(?:[./](?P<y>\d{4}|\d\d))?", self._date),
            (rf"(?P<d>\d\d?)(?:st|nd|rd|th|er)?\s+(?:of\s+|de\s+)?(?P<month>{month})", self._date),
            (rf"(?P<month>{month})\.?\s+(?P<d>\d\d?)(?:st|nd|rd|th)?(?!\s?[:h]\s?\d)", self._date),
            (r"(?P<d>\d\d?)(?:st|nd|rd|th|er)|le\s+(?P<le>\d\d?)", self._day_of_month),
            ("|".join(words.of["in_days"]), self._in_days),
            (named, self._named_days),
            (rf"(?P<next>{coming}\s+)?(?P<name>{weekday})s?(?P<behind>\s+{coming}e?)?", self._day),
            (parts, self._part),
            (
                rf"(?P<named>{of['between']}\s+)?{one}\s*(?:-|\u2013|{of['to']})\s*{other}",
                self._range,
            ),
            (rf"{one}\s+(?:(?P<since>{of['since_behind']})|{of['until_behind']})", self._open),
            (rf"(?:(?P<since>{of['since']})|{of['until']})\s+(?:{of['at']}\s+)?{one}", self._open),
            (rf"(?P<named>{of['at']}\s*)?{one}", self._clock),
        ]
        self._tried = [(re.compile(f"(?:{text}){self.END}"), read) for text, read in tried]

    def scan(self, written: str, today: dt.date) -> Iterator[Found]:
        return (part for part in self.parse(written, today) if not isinstance(part, str))

    def parse(self, written: str, today: dt.date) -> Iterator[Found | str]:
        """What was found, and each word between that is none of it."""
        # Out of an address comes no day: "sat@example.org".
        text = re.sub(r"\S+@\S+", " ", plain(written))
        text = self._tonight.sub(self._this_evening, text)
        at, end_of_last = 0, -1
        while at < len(text):
            # What follows a find directly needs no word before it: "Saturday 10-12".
            is_beside = end_of_last >= 0 and not text[end_of_last:at].strip(" ,")
            for pattern, read in self._tried:
                match = pattern.match(text, at)
                found = read(match, today, is_beside) if match else None
                if match and found:
                    yield found
                    at = end_of_last = match.end()
                    break
            else:
                token = self.TOKEN.match(text, at)
                end = token.end() if token else len(text)
                yield text[at:end]
                at = end

    # --- Days
    def _date(self, match: re.Match[str], today: dt.date, _is_beside: bool) -> Days | None:
        given = match.groupdict()
        month = self._months[given["month"]] if given.get("month") else int(given["m"])
        year, day = given.get("y"), int(given["d"])
        if year:
            return _on(int(year) + (2000 if len(year) == 2 else 0), month, day)
        this_year = _on(today.year, month, day)
        is_over = this_year is None or this_year.dates[0] < today
        return _on(today.year + 1, month, day) if is_over else this_year

    def _day_of_month(self, match: re.Match[str], today: dt.date, _is_beside: bool) -> Days | None:
        day = int(match["d"] or match["le"])
        months = ((today.year + n // 12, n % 12 + 1) for n in range(today.month - 1, 24))
        ahead = (found for year, month in months if (found := _on(year, month, day)))
        return next((found for found in ahead if found.dates[0] >= today), None)

    def _in_days(self, match: re.Match[str], today: dt.date, _is_beside: bool) -> Days | None:
        count = int(next(filter(None, match.groups())))
        return Days([today + dt.timedelta(days=count)]) if count <= 366 else None

    def _named_days(self, match: re.Match[str], today: dt.date, _is_beside: bool) -> Days:
        return Days([*_NAMED_DAYS[match.lastgroup or ""](today)])

    def _day(self, match: re.Match[str], today: dt.date, _is_beside: bool) -> Days:
        number = self._weekdays[match["name"]]
        if match["next"] or match["behind"]:
            return Days([_monday_after(today) + dt.timedelta(days=number)])
        ahead = (number - today.weekday()) % 7
        return Days([today + dt.timedelta(days=ahead)], is_weekday=True)

    # --- Hours
    def _part(self, match: re.Match[str], _today: dt.date, _is_beside: bool) -> Hours:
        return Hours(*PARTS_OF_DAY[match.lastgroup or ""], is_part=True)

    def _range(self, match: re.Match[str], _today: dt.date, is_beside: bool) -> Hours | None:
        one, other = _read_time(match, "one"), _read_time(match, "other")
        is_named = bool(match["named"]) or is_beside
        if one is None or other is None or not (is_named or one.is_marked or other.is_marked):
            return None
        last = other.usual
        # "5 to 7 pm": both are in the evening.
        later = one.second_half
        first = later if not one.is_sure and other.is_sure and later < last else one.usual
        return Hours(first, max(_latest_start(last), first)) if first < last else None

    def _open(self, match: re.Match[str], _today: dt.date, _is_beside: bool) -> Hours | None:
        clock = _read_time(match, "one")
        if clock is None:
            return None
        time = clock.usual
        if match["since"]:
            return Hours(time, max(time, LAST_HOUR))
        last = _latest_start(time)
        return Hours(min(FIRST_HOUR, last), last)

    def _clock(self, match: re.Match[str], _today: dt.date, is_beside: bool) -> Hours | None:
        clock = _read_time(match, "one")
        # "Saturday 10", but not "Saturday 2 people".
        ends = not re.match(r"\s*\w", match.string[match.end() :])
        if clock is None or not (match["named"] or clock.is_marked or (is_beside and ends)):
            return None
        return Hours(clock.usual, clock.usual, is_of_either_half=not clock.is_sure)


@cache
def _reader(language: str) -> Reader:
    return Reader(language)


def _any(words: Iterable[str]) -> str:
    """The longest first; of no words a pattern that nothing matches."""
    longest_first = sorted(words, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first))})" if longest_first else "(?!)"


# --- Dates ----------------------------------------------------------------------------------------
def _on(year: int, month: int, day: int) -> Days | None:
    try:
        return Days([dt.date(year, month, day)])
    except ValueError:
        return None


def _monday_after(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=7 - day.weekday())


def _from(first: dt.date, *, until: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=n) for n in range((until - first).days)]


def _weekend(today: dt.date) -> list[dt.date]:
    return _from(
        max(today, _monday_after(today) - dt.timedelta(days=2)), until=_monday_after(today)
    )


def _next_week(today: dt.date) -> list[dt.date]:
    monday = _monday_after(today)
    return _from(monday, until=_monday_after(monday))


# By the fields of Vocabulary; longer phrases before those that begin them.
_NAMED_DAYS: Final[dict[str, Callable[[dt.date], Sequence[dt.date]]]] = {
    "day_after": lambda today: [today + dt.timedelta(days=2)],
    "tomorrow": lambda today: [today + dt.timedelta(days=1)],
    "today": lambda today: [today],
    "weekend": _weekend,
    "this_week": lambda today: _from(today, until=_monday_after(today)),
    "next_week": _next_week,
    # As if they had named none.
    "any_day": lambda _today: [],
}


# --- Times of the clock ---------------------------------------------------------------------------
class Clock(NamedTuple):
    """As it was written: `half` is a, p or nothing."""

    hour: int
    minute: int
    half: str
    is_marked: bool  # it cannot be another number

    @property
    def is_sure(self) -> bool:
        return bool(self.half) or not 0 < self.hour <= 12

    @property
    def usual(self) -> dt.time:
        if self.half == "a":
            return dt.time(self.hour % 12, self.minute)
        is_late = self.half == "p" or (not self.is_sure and self.hour < FIRST_MORNING_HOUR)
        return self.second_half if is_late else dt.time(self.hour, self.minute)

    @property
    def second_half(self) -> dt.time:
        return dt.time(self.hour % 12 + 12, self.minute)


def _time(name: str, of: dict[str, str]) -> str:
    """A pattern for "10", "10:30", "5.30 pm", "17h30", "10 बजे" or "noon"."""
    hour = rf"(?P<{name}_hour>\d\d?)(?:\s?[:.h]\s?(?P<{name}_minute>\d\d))?(?!\d)"
    half = rf"(?P<{name}_half>[ap])\.?m\.?|(?P<{name}_mark>{of['o_clock']})"
    return rf"(?:(?P<{name}_noon>{of['noon']})|{hour}(?:\s?(?:{half}){Reader.END})?)"


def _read_time(match: re.Match[str], name: str) -> Clock | None:
    given = {part: match[f"{name}_{part}"] for part in ("noon", "hour", "minute", "half", "mark")}
    if given["noon"]:
        return Clock(12, 0, "p", is_marked=True)
    hour, minute = int(given["hour"]), int(given["minute"] or 0)
    if hour > (12 if given["half"] else 23) or minute > 59:
        return None
    is_marked = bool(given["minute"] or given["half"] or given["mark"])
    return Clock(hour, minute, given["half"] or "", is_marked)


def _latest_start(end: dt.time) -> dt.time:
    """What ends at 12 begins by half past eleven; never before midnight."""
    day = dt.date(2000, 1, 1)
    moment = dt.datetime.combine(day, end) - USUAL_LENGTH
    return moment.time() if moment.date() == day else dt.time()


# --- What belongs together ------------------------------------------------------------------------
def _grouped(found: Iterable[Found]) -> Iterator[tuple[list[Days], list[Hours]]]:
    """Each group of days with its hours, which stand all behind their days or all before them."""
    runs: list[list[Any]] = [list(run) for _kind, run in groupby(found, key=type)]
    days: list[Days] = []
    for number in range(0, len(runs), 2):
        pair = {type(run[0]): run for run in runs[number : number + 2]}
        days = pair.get(Days, days)
        yield days, pair.get(Hours, [])


def _wishes(days: list[Days], hours: list[Hours], now: dt.datetime) -> Iterator[Wish]:
    coming = _from(now.date(), until=now.date() + dt.timedelta(days=COMING_DAYS))
    days = [each for each in days if each.dates] or [Days(coming)]
    for each, time in product(days, _settled(hours) or [Hours(FIRST_HOUR, LAST_HOUR)]):
        for date in each.dates:
            is_over = each.is_weekday and date == now.date() and time.last <= now.time()
            day = date + dt.timedelta(days=7) if is_over else date
            yield Wish(day, time.first, time.last)


def _settled(hours: list[Hours]) -> list[Hours]:
    """ "8 in the evening" is one time: the part of the day says of which half the hour is."""
    parts = [each for each in hours if each.is_part]
    settled = []
    for each in hours:
        if not each.is_part:
            halves = ((half, part) for part in parts if (half := _half_in(each, part)))
            half, used = next(halves, (each, None))
            settled.append(half)
            parts = [part for part in parts if part != used]
    return settled + parts


def _half_in(hour: Hours, part: Hours) -> Hours | None:
    """The half of the hour that begins in this part of the day, if either can be meant and one does."""
    if not hour.is_of_either_half:
        return None
    begin = hour.first.replace(hour=hour.first.hour % 12)
    halves = (begin, begin.replace(hour=begin.hour + 12))
    ends = part.last.replace(hour=part.last.hour + 2)  # "8 in the evening" is one too
    found = next((half for half in halves if part.first <= half <= ends), None)
    return Hours(found, found) if found else None
