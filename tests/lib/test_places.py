import pytest

from ghar.lib.geo import Point, haversine_m
from ghar.lib.places import CITIES, city_names, find_city, find_position


@pytest.mark.parametrize(
    ("written", "city"),
    [
        ("Bangalore", "Bengaluru"),
        (" GURGAON ", "Gurugram"),
        ("kigali", "Kigali"),
        ("Atlantis", None),
    ],
)
def test_a_city_is_known_however_it_is_written(written, city):
    found = find_city(written)
    assert (found and found.name) == city


def test_a_locality_is_nearer_than_its_city():
    assert find_position("Kigali", "kimihurura") == Point(-1.9560, 30.0830)
    assert find_position("Kigali", "Nowhere") == find_city("Kigali").centre
    assert find_position("Atlantis", "Kimihurura") is None


@pytest.mark.parametrize("city", [city for city in CITIES if city.localities], ids=lambda c: c.name)
def test_localities_lie_in_their_city(city):
    far = [name for name, at in city.localities.values() if haversine_m(city.centre, at) > 25_000]
    assert far == []


def test_cities_with_known_localities_are_offered_first():
    assert city_names()[:3] == ["Kigali", "Gurugram", "Bengaluru"]
    assert "Mumbai" not in city_names("RW")
