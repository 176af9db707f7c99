import datetime as dt

from visits.rules.route import Stop, legs_between, order_stops

NINE = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
HALF = dt.timedelta(minutes=30)
# About 1.1 km from each other, in a line to the north.
HERE, NEAR, FAR = (0.0, 30.0), (0.01, 30.0), (0.02, 30.0)


def stop(what, *, minutes=0, at=HERE):
    start = NINE + dt.timedelta(minutes=minutes)
    return Stop(start, start + HALF, at, what)


def names(stops):
    return [stop.what for stop in order_stops(stops)]


def test_time_comes_first_however_far_it_is():
    assert names([stop("b", minutes=60, at=NEAR), stop("a", at=FAR)]) == ["a", "b"]


def test_of_two_that_begin_together_the_nearer_comes_first():
    together = [stop("far", minutes=60, at=FAR), stop("near", minutes=60, at=NEAR)]
    assert names([*together, stop("first", at=HERE)]) == ["first", "near", "far"]


def test_an_unknown_place_breaks_nothing():
    assert names([stop("a"), stop("b", minutes=60, at=None)]) == ["a", "b"]
    [leg] = legs_between([stop("a"), stop("b", minutes=60, at=None)])
    assert (leg.free, leg.metres, leg.minutes, leg.is_tight) == (HALF, None, None, False)


def test_a_leg_knows_what_is_free_and_how_long_the_way_takes():
    [leg] = legs_between([stop("a"), stop("b", minutes=150, at=NEAR)])
    assert (leg.hours, leg.rest) == (2, 0)
    assert round(leg.metres) == 1112
    assert (leg.minutes, leg.is_tight) == (5, False)


def test_less_time_than_the_way_takes_is_tight():
    [leg] = legs_between([stop("a"), stop("b", minutes=35, at=FAR)])
    assert (leg.minutes, leg.rest, leg.is_tight) == (10, 5, True)


def test_what_overlaps_leaves_nothing_free():
    [leg] = legs_between([stop("a"), stop("b", minutes=10)])
    assert leg.free == dt.timedelta()


def test_an_empty_day_has_no_legs():
    assert legs_between(order_stops([])) == []
