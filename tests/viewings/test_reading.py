"""What the assistant reads out of somebody's words. It is Sunday 22 November, six in the evening."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
import pytest

from viewings.assistant.reading import MOST_WISHES, read_wishes
from viewings.assistant.words import words_of

NOW = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)
DAY = "09:00-19:00"


def read(text: str, language: str = "en", now: dt.datetime = NOW) -> list[str]:
    """The wishes as "Sat 28 10:00-11:30"; one time alone if nothing else will do."""

    def hours(wish):
        named = sorted({f"{wish.first:%H:%M}", f"{wish.last:%H:%M}"})
        return "-".join(named)

    wishes = read_wishes(text, language=language, now=now)
    return [f"{wish.day:%a %-d %b} {hours(wish)}" for wish in wishes]


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("I would like to come on Saturday", [f"Sat 28 Nov {DAY}"]),
        ("tomorrow or sunday", [f"Mon 23 Nov {DAY}", f"Sun 22 Nov {DAY}"]),
        ("the day after tomorrow", [f"Tue 24 Nov {DAY}"]),
        ("in 3 days", [f"Wed 25 Nov {DAY}"]),
        ("this weekend", [f"Sun 22 Nov {DAY}"]),
        ("next saturday", [f"Sat 28 Nov {DAY}"]),
        ("12 december", [f"Sat 12 Dec {DAY}"]),
        ("Dec 5 at 5pm", ["Sat 5 Dec 17:00"]),
        ("12/12", [f"Sat 12 Dec {DAY}"]),
        ("3/1", [f"Sun 3 Jan {DAY}"]),
        ("2026-12-24 before 11", ["Thu 24 Dec 09:00-10:30"]),
        ("on the 3rd", [f"Thu 3 Dec {DAY}"]),
        ("sat at 10am", ["Sat 28 Nov 10:00"]),
        ("5.30 pm on monday", ["Mon 23 Nov 17:30"]),
        ("Monday at 5", ["Mon 23 Nov 17:00"]),
        ("Monday 9:00", ["Mon 23 Nov 09:00"]),
        ("at noon on 31 December", ["Thu 31 Dec 12:00"]),
        ("8 in the evening tomorrow", ["Mon 23 Nov 20:00"]),
        ("tonight", ["Sun 22 Nov 17:00-19:00"]),
        ("between 2 and 4 tomorrow", ["Mon 23 Nov 14:00-15:30"]),
        ("5 to 7 pm monday", ["Mon 23 Nov 17:00-18:30"]),
        ("Saturday 10-12", ["Sat 28 Nov 10:00-11:30"]),
        ("Saturday after 4", ["Sat 28 Nov 16:00-19:00"]),
        (
            "Saturday or Sunday morning, or Tuesday after 5 pm",
            ["Sat 28 Nov 09:00-11:30", "Sun 29 Nov 09:00-11:30", "Tue 24 Nov 17:00-19:00"],
        ),
        ("10am saturday or 5pm sunday", ["Sat 28 Nov 10:00", "Sun 29 Nov 17:00"]),
        # A Sunday afternoon is over by now; that of the next week is not.
        ("sunday afternoon", ["Sun 29 Nov 12:00-16:30"]),
    ],
)
def test_days_and_hours_in_english(text, wishes):
    assert read(text) == wishes


@pytest.mark.parametrize(
    ("language", "text", "wishes"),
    [
        ("fr", "je voudrais venir samedi à 10h", ["Sat 28 Nov 10:00"]),
        (
            *("fr", "après-demain ou dimanche après-midi"),
            ["Tue 24 Nov 12:00-16:30", "Sun 29 Nov 12:00-16:30"],
        ),
        ("fr", "mon amie vient mardi", [f"Tue 24 Nov {DAY}"]),
        ("fr", "aujourd\u2019hui", [f"Sun 22 Nov {DAY}"]),
        ("fr", "le 12 décembre à 17h30", ["Sat 12 Dec 17:30"]),
        ("fr", "entre 14h et 16h mardi", ["Tue 24 Nov 14:00-15:30"]),
        ("fr", "lundi prochain, le matin", ["Mon 23 Nov 09:00-11:30"]),
        ("fr", "ce soir", ["Sun 22 Nov 17:00-19:00"]),
        ("hi", "कल सुबह 10 बजे", ["Mon 23 Nov 10:00"]),
        ("hi", "रविवार शाम 8 बजे", ["Sun 22 Nov 20:00"]),
        ("hi", "१२ दिसंबर", [f"Sat 12 Dec {DAY}"]),
        ("hi", "परसों", [f"Tue 24 Nov {DAY}"]),
        ("hi", "shanivar ko sham 6 baje", ["Sat 28 Nov 18:00"]),
        ("hi", "सोमवार 5 बजे के बाद", ["Mon 23 Nov 17:00-19:00"]),
        ("hi", "सोमवार 5 से 7 बजे", ["Mon 23 Nov 17:00-18:30"]),
        ("rw", "ejo mu gitondo", ["Mon 23 Nov 09:00-11:30"]),
        ("rw", "kuwa gatanu nimugoroba", ["Fri 27 Nov 17:00-19:00"]),
        ("rw", "ku cyumweru saa 10", ["Sun 29 Nov 10:00"]),
        ("rw", "tariki 12 ukuboza", [f"Sat 12 Dec {DAY}"]),
    ],
)
def test_other_languages(language, text, wishes):
    assert read(text, language) == wishes


@pytest.mark.parametrize(
    "text",
    [
        "hello", "my number is 0788123456", "we are 3 people", "99/99 at 45", "30/2", "i may come",
        "sat@example.org", "I am 25 years old", "je viens bientôt", "in 99999 days", "",
    ],
)  # fmt: skip
def test_what_names_no_time(text):
    assert read(text) == []


def test_who_names_no_day_means_the_coming_ones():
    days = [wish.split()[0] for wish in read("after 5")]
    assert days == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]


def test_what_is_over_is_not_meant():
    assert read("22/11/2025") == []
    assert read("today", now=NOW.replace(hour=23)) == [f"Sun 22 Nov {DAY}"]


@pytest.mark.parametrize("language", ["en", "fr", "hi", "rw", "xx"])
def test_every_day_and_month_has_its_name(language):
    words = words_of(language)
    assert set(words.weekdays.values()) == set(range(7))
    assert set(words.months.values()) == set(range(1, 13))


WORDS = (
    *("saturday", "or", "10", "-", "12", "pm", "31", "/", ":", "30", "at", "december", "next", "h"),
    *("before", "after", "से", "बजे", "le", "3rd", "0", "24", "99", "in", "days", "noon", "."),
)


@given(
    st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=40),
    st.sampled_from(["en", "fr", "hi", "rw"]),
)
def test_no_text_is_too_strange(tokens, language):
    wishes = read_wishes(" ".join(tokens), language=language, now=NOW)
    assert len(wishes) <= MOST_WISHES
    assert all(wish.first <= wish.last and wish.day >= NOW.date() for wish in wishes)
