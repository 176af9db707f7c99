"""Working hours are the wall clock of a zone, whatever its clocks do."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
import pytest

from visits.models.agents import WEEKDAYS, usual_hours
from visits.rules.hours import MINUTE, is_at_work, problems_of

BERLIN = "Europe/Berlin"
ALL_DAY = {day: [["00:00", "23:59"]] for day in WEEKDAYS}


def local(text: str, zone: str = "Asia/Kolkata", *, minutes: int = 30, fold: int = 0):
    start = dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    start = start.astimezone(dt.UTC)
    return start, start + dt.timedelta(minutes=minutes)


def works(span, *, hours=None, days_off=(), zone="Asia/Kolkata") -> bool:
    hours = usual_hours() if hours is None else hours
    return is_at_work(span, hours=hours, days_off=days_off, zone=zone)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2027-05-03T09:00", True),  # Monday
        ("2027-05-03T08:59", False),
        ("2027-05-03T17:30", True),
        ("2027-05-03T17:31", False),
        ("2027-05-08T10:00", True),  # Saturday
        ("2027-05-09T10:00", False),  # Sunday
        ("2027-05-03T23:45", False),
    ],
)
def test_usual_hours(at, expected):
    assert works(local(at)) is expected


def test_the_same_instant_is_at_work_in_one_zone_alone():
    span = local("2027-05-03T09:00", "Asia/Kolkata")
    assert works(span, zone="Asia/Kolkata")
    assert not works(span, zone="Africa/Kigali")


def test_a_day_off_and_no_hours():
    span = local("2027-05-03T10:00")
    assert not works(span, days_off=[dt.date(2027, 5, 3)])
    assert works(span, days_off=[dt.date(2027, 5, 4)])
    assert not works(span, hours={})


def test_the_whole_visit_lies_within_the_hours():
    hours = {"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}
    assert not works(local("2027-05-03T11:45"), hours=hours)
    assert not works(local("2027-05-03T11:30", minutes=120), hours=hours)
    joined = {"mon": [["09:00", "12:00"], ["12:00", "18:00"]]}
    assert works(local("2027-05-03T11:45"), hours=joined)


def test_over_midnight_both_days_count():
    late = {"mon": [["22:00", "23:59"]], "tue": [["00:00", "02:00"]]}
    assert not works(local("2027-05-03T23:45"), hours=late)  # the last minute is nobody's
    assert works(local("2027-05-04T00:00"), hours=late)


def test_hours_that_the_clocks_skip_never_come_up():
    """On 28 March 2027 Berlin goes from 02:00 to 03:00."""
    night = {"sun": [["02:00", "03:00"]]}
    midnight = dt.datetime(2027, 3, 28, tzinfo=ZoneInfo(BERLIN)).astimezone(dt.UTC)
    spans = [
        (start, start + dt.timedelta(minutes=10))
        for start in (midnight + dt.timedelta(minutes=10 * n) for n in range(23 * 6))
    ]
    assert [span for span in spans if works(span, hours=night, zone=BERLIN)] == []
    assert works(
        local("2027-03-28T01:45", BERLIN), hours={"sun": [["01:00", "04:00"]]}, zone=BERLIN
    )


def test_hours_that_the_clocks_repeat_count_twice():
    """On 31 October 2027 Berlin goes from 03:00 back to 02:00."""
    night = {"sun": [["02:00", "03:00"]]}
    assert works(local("2027-10-31T02:15", BERLIN, fold=0), hours=night, zone=BERLIN)
    assert works(local("2027-10-31T02:15", BERLIN, fold=1), hours=night, zone=BERLIN)
    assert works(local("2027-10-31T02:30", BERLIN, minutes=60), hours=night, zone=BERLIN)
    assert not works(local("2027-10-31T02:45", BERLIN, fold=1), hours=night, zone=BERLIN)


TIMES = st.integers(0, 23 * 60 + 59).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
# Neighbours among them touch: one ends where the next one starts.
PAIRS = st.lists(TIMES, max_size=5, unique=True).map(lambda times: list(pairwise(sorted(times))))
AROUND = [
    (BERLIN, "2027-03-28T01:00+00:00"),
    (BERLIN, "2027-10-31T01:00+00:00"),
    ("Australia/Lord_Howe", "2027-10-02T15:30+00:00"),
    ("Asia/Kolkata", "2027-05-03T18:30+00:00"),  # midnight
]


def is_at_work_minute_by_minute(span, *, hours, days_off, zone) -> bool:
    moments = (span[0] + dt.timedelta(minutes=n) for n in range((span[1] - span[0]) // MINUTE))
    walls = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    return all(
        wall.date() not in days_off
        and any(
            opening <= f"{wall:%H:%M}" < closing
            for opening, closing in hours.get(WEEKDAYS[wall.weekday()], ())
        )
        for wall in walls
    )


@given(
    around=st.sampled_from(AROUND),
    offset=st.integers(-40 * 60, 40 * 60),
    seconds=st.sampled_from([0, 30]),
    minutes=st.integers(0, 3 * 60) | st.integers(0, 2 * 24 * 60),
    hours=st.dictionaries(st.sampled_from(WEEKDAYS), PAIRS | st.just([("00:00", "24:00")])),
    off=st.sets(st.sampled_from([-1, 0, 1]), max_size=1),
)
def test_at_work_is_at_work_in_every_minute(around, offset, seconds, minutes, hours, off):
    zone, middle = around[0], dt.datetime.fromisoformat(around[1])
    start = middle + dt.timedelta(minutes=offset, seconds=seconds)
    span = (start, start + minutes * MINUTE)
    facts = {
        "hours": hours,
        "days_off": {middle.date() + dt.timedelta(days=days) for days in off},
        "zone": zone,
    }
    assert is_at_work(span, **facts) is is_at_work_minute_by_minute(span, **facts)


@pytest.mark.parametrize(
    "week",
    [
        [],
        "mon",
        {"monday": []},
        {"mon": [["9:00", "18:00"]]},
        {"mon": [["09:00", "24:01"]]},
        {"mon": [["24:00", "24:00"]]},
        {"mon": [["09:00"]]},
        {"mon": [[9, 18]]},
        {"mon": "09:00-18:00"},
        {"mon": [["18:00", "09:00"]]},
        {"mon": [["09:00", "09:00"]]},
        {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]},
        {"mon": [["00:00", "00:01"]] * 7},
        {"mon": [["09:00\n", "18:00"]]},
        {"mon": [["0\N{ARABIC-INDIC DIGIT NINE}:00", "18:00"]]},
    ],
)
def test_hours_that_make_no_sense_are_refused(week):
    assert problems_of(week) != []


@pytest.mark.parametrize("week", [{}, usual_hours(), ALL_DAY, {"sun": []}])
def test_hours_that_make_sense(week):
    assert problems_of(week) == []
