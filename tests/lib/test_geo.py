from hypothesis import given
from hypothesis import strategies as st
import pytest

from ghar.lib import geo

KIGALI = (-1.9441, 30.0619)

latitudes = st.floats(-89.9, 89.9)
longitudes = st.floats(-180, 179.99)


@pytest.mark.parametrize(
    ("place", "cell"),
    [((42.605, -5.603), "ezs42"), ((57.64911, 10.40744), "u4pruydqqvj"), ((0, 0), "s0000")],
)
def test_a_known_place_has_its_known_cell(place, cell):
    assert geo.geohash(*place, len(cell)) == cell


@given(latitudes, longitudes, st.integers(1, 9))
def test_a_cell_holds_its_point_and_its_centre(latitude, longitude, precision):
    cell = geo.geohash(latitude, longitude, precision)
    box = geo.cell_box(cell)
    assert box.south <= latitude <= box.north
    assert box.west <= longitude <= box.east
    assert geo.geohash(*geo.cell_centre(cell), precision) == cell


@given(latitudes, longitudes)
def test_neighbours_know_each_other(latitude, longitude):
    cell = geo.geohash(latitude, longitude, 6)
    for other in geo.neighbours(cell):
        assert cell in geo.neighbours(other)


def test_a_cell_has_eight_neighbours_across_the_date_line_too():
    cell = geo.geohash(10, 179.9999, 7)
    assert len(geo.neighbours(cell)) == 8
    assert geo.geohash(10, -179.9999, 7) in geo.neighbours(cell)


def test_beside_a_pole_there_are_five_neighbours():
    assert len(geo.neighbours(geo.geohash(89.9999, 20, 6))) == 5


@pytest.mark.parametrize("text", ["", "a", "kxtil"])
def test_what_is_no_geohash_is_refused(text):
    with pytest.raises(ValueError, match="not a geohash"):
        geo.cell_box(text)


def test_distance_of_two_cities():
    assert geo.haversine_m(KIGALI, KIGALI) == 0
    assert geo.haversine_m((52.5200, 13.4050), (48.8566, 2.3522)) == pytest.approx(
        877_500, rel=1e-3
    )


@given(st.floats(-80, 80), longitudes, st.floats(10, 100_000))
def test_the_box_touches_the_circle_from_outside(latitude, longitude, radius_m):
    box = geo.bounding_box(latitude, longitude, radius_m)
    north = geo.haversine_m((latitude, longitude), (box.north, longitude))
    east = geo.haversine_m((latitude, longitude), (latitude, box.east))
    assert north == pytest.approx(radius_m, rel=1e-3)
    assert east >= radius_m * 0.999


def test_a_box_around_a_pole_takes_in_every_meridian():
    assert geo.bounding_box(89.99, 5, 20_000)[1:] == (-180, 90, 180)
