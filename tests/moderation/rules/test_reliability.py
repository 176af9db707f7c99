import datetime as dt

import pytest

from moderation.rules.limits import DetectionSettings
from moderation.rules.reliability import Ending, Record, presences, published, reliability_reasons
from moderation.rules.scoring import assess

LIMITS = DetectionSettings()
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        ("attended", {"visitor": "kept", "other": "kept"}),
        ("visitor_no_show", {"visitor": "missed", "other": "kept"}),
        ("host_no_show", {"visitor": "kept", "other": "missed"}),
        ("not_accessible", {"visitor": "kept"}),
        ("", {}),
    ],
)
def test_an_outcome_says_something_of_each_side(outcome, found):
    assert presences(Ending(outcome=outcome)) == found


@pytest.mark.parametrize(
    ("notice", "presence"),
    [
        (12 * HOUR, "cancelled"),
        (12 * HOUR - dt.timedelta(seconds=1), "cancelled_late"),
        (-HOUR, "cancelled_late"),
    ],
)
def test_who_cancels_with_less_than_half_a_day_is_late(notice, presence):
    assert presences(Ending(cancelled_by="other", notice=notice)) == {"other": presence}


def test_what_the_system_or_the_team_cancels_is_nobodys_fault():
    assert presences(Ending(cancelled_by="", notice=HOUR)) == {}


def test_a_proved_arrival_outweighs_what_was_said():
    proved = Ending(outcome="visitor_no_show", arrived=frozenset({"visitor"}))
    assert presences(proved) == {"visitor": "kept", "other": "kept"}
    assert presences(Ending(arrived=frozenset({"other"}))) == {"other": "kept"}


@pytest.mark.parametrize(
    ("record", "figure"),
    [
        (Record(kept=4), None),
        (Record(kept=4, cancelled=20), None),
        (Record(kept=5), (5, 5)),
        (Record(kept=3, missed=1, cancelled_late=1, cancelled=9), (3, 5)),
    ],
)
def test_a_figure_is_published_from_five_on_and_forgives_who_cancels_in_time(record, figure):
    assert published(record) == figure


@pytest.mark.parametrize(
    ("record", "weights"),
    [
        (Record(cancelled=4), []),
        (Record(cancelled=5), [40]),
        (Record(missed=5), [40]),
        (Record(kept=1, cancelled=4), [40]),
        (Record(kept=2, cancelled=3), [12]),
        (Record(kept=3, missed=2), []),
        (Record(kept=40, missed=5), []),
    ],
)
def test_a_host_who_cancels_nearly_everything_is_a_risk(record, weights):
    assert [reason.weight for reason in reliability_reasons(record, LIMITS)] == weights


def test_it_asks_for_a_look_and_never_holds_alone():
    made = assess(reliability_reasons(Record(cancelled=50), LIMITS), LIMITS)
    assert (made.level, [reason.code for reason in made.reasons]) == ("medium", ["VISITS_MISSED"])
