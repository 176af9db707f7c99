"""The map of areas: what stands where, and what it does not say."""

import time

import pytest

from ghar.lib.geo import cell_box, haversine_m
from ghar.properties.areas import areas_of, is_area
from ghar.properties.models import Property
from ghar.properties.search import in_area
from tests.factories import LiveListingFactory, PropertyFactory

pytestmark = pytest.mark.django_db
MAP = "/rooms/map/"


def live(city="Kigali", locality="Remera", **facts):
    return LiveListingFactory(city=city, locality=locality, latitude=None, longitude=None, **facts)


def areas(**query):
    return areas_of(Property.objects.live(), **query)


def named():
    return [(area.name, area.town, area.number) for area in areas()]


def test_places_of_one_town_are_counted_by_part_of_town():
    live(), live(), live(locality="Gisozi")
    assert named() == [("Remera", "Kigali", 2), ("Gisozi", "Kigali", 1)]


def test_far_apart_towns_are_one_area_each_and_open_into_their_parts():
    live(), live(locality="Gisozi"), live("Gurugram", "Sector 45")
    assert sorted(named()) == [("Kigali", "", 2), ("Sector 45", "Gurugram", 1)]
    [kigali] = [area for area in areas() if area.name == "Kigali"]
    inside = areas_of(Property.objects.live().filter(in_area(kigali.cell)), within=kigali.cell)
    assert {area.name for area in inside} == {"Remera", "Gisozi"}
    assert all(area.cell.startswith(kigali.cell) for area in inside)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (["Remera"], "Remera"),
        (["Gisozi", "Remera", "Remera"], "Remera and Gisozi"),
        (["", "", "Remera"], "Remera and others"),
        (["Kanombe", "Gisozi", "Gisozi", "", "Remera"], "Gisozi, Kanombe and others"),
    ],
)
def test_an_area_of_several_parts_of_town_is_named_after_the_largest(parts, name):
    for part in parts:
        LiveListingFactory(locality=part)
    assert named() == [(name, "Kigali", len(parts))]


def test_areas_of_one_part_of_town_are_told_apart_by_their_side():
    for latitude in (-1.92, -1.94):
        LiveListingFactory(locality="Gisozi", latitude=latitude)
    LiveListingFactory(locality="Remera", latitude=-1.93)
    names = {name for name, _town, _number in named()}
    assert names == {"Gisozi (north)", "Gisozi (south)", "Remera"}


def test_areas_on_the_same_side_are_told_apart_by_number_the_fullest_first():
    for column in (0, 1, 2, 2, 3):
        LiveListingFactory(locality="Gisozi", longitude=30.06 + column * 0.011)
    assert [name for name, _town, _number in named()] == [
        "Gisozi (middle), part 1",
        "Gisozi (west)",
        "Gisozi (middle), part 2",
        "Gisozi (east)",
    ]


def test_two_towns_in_one_area_are_named_after_the_larger():
    live("Gurugram", "Sector 45"), live("Gurugram", "Sector 43"), live("Delhi", ""), live()
    assert ("Gurugram and around", "", 3) in named()


def test_a_lowest_price_is_said_only_where_all_prices_mean_the_same():
    live(price_amount=200_000, currency="RWF"), live(price_amount=150_000, currency="RWF")
    assert [(area.price_amount, area.currency) for area in areas()] == [(150_000, "RWF")]
    live(price_amount=90_000_000, currency="RWF", purpose="buy", rent_period="")
    assert [(area.price_amount, area.currency) for area in areas()] == [(None, "")]


def test_the_mark_is_where_most_of_the_places_are():
    many = [live() for _ in range(4)]
    live(locality="Gisozi"), live("Gurugram", "Sector 45")
    kigali = areas()[0]
    remera = (many[0].cell_latitude, many[0].cell_longitude)
    assert haversine_m(kigali.centre, remera) < 2_000


def test_only_what_everybody_may_see_is_counted_and_only_by_its_public_cell(client):
    PropertyFactory(city="Kigali", locality="Gisozi")
    listing = LiveListingFactory(city="Kigali", latitude=-1.953217, longitude=30.091234)
    text = client.get(MAP).text
    assert "Gisozi" not in text
    assert "-1.9532" not in text
    assert "30.0912" not in text
    assert areas()[0].box == cell_box(listing.cell_geohash)


def test_the_filters_of_the_list_hold_on_the_map_and_are_kept_on_the_way(client):
    live(bedrooms=3), live(locality="Gisozi", bedrooms=1)
    answer = client.get(MAP, {"bedrooms_min": "2"})
    assert "Remera" in answer.text
    assert "Gisozi, Kigali" not in answer.text
    assert "/rooms/?bedrooms_min=2" in answer.text
    assert "?bedrooms_min=2&amp;area=" in answer.text


def test_an_area_shows_its_places(client):
    here, there = live(title="Room here"), live(locality="Gisozi", title="Room there")
    text = client.get(MAP, {"area": here.cell_geohash}).text
    assert ("Room here" in text, "Room there" in text) == (True, False)
    assert there.cell_geohash not in text


def test_show_more_goes_on_with_the_cards_alone(client):
    for _ in range(21):
        listing = live()
    page = client.get(MAP, {"area": listing.cell_geohash})
    assert page.text.count('class="card__link"') == 20
    query = page.context["next_query"]
    rest = client.get(f"{MAP}?{query}", headers={"HX-Request": "true"})
    assert rest.text.count('class="card__link"') == 1
    assert "<html" not in rest.text


@pytest.mark.parametrize("area", ["a", "tdr1vzz", "né", "\x00", "%"])
def test_what_is_no_area_is_not_found(client, area):
    assert not is_area(area)
    assert client.get(MAP, {"area": area}).status_code == 404


def test_a_filter_that_makes_no_sense_is_shown_again(client):
    answer = client.get(MAP, {"bedrooms_min": "many"})
    assert answer.status_code == 422
    assert "Please correct the filters above" in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [({}, "Nothing to show on the map"), ({"area": "tdr"}, "Nothing is free in this area now")],
)
def test_an_empty_map_says_why_and_what_to_do(client, query, words):
    answer = client.get(MAP, query)
    assert words in answer.text
    assert "Show all areas" in answer.text


@pytest.mark.parametrize("number", [1, 3])
def test_a_map_costs_the_same_for_one_area_and_for_many(
    client, django_assert_max_num_queries, number
):
    for locality in ("Remera", "Gisozi", "Kanombe")[:number]:
        listing = live(locality=locality)
    with django_assert_max_num_queries(4):
        client.get(MAP, {"area": listing.cell_geohash[:4]})


def test_the_map_of_everything_is_counted_once_a_minute(client, monkeypatch):
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    listing = live()
    client.get(MAP)
    live(locality="Gisozi")
    assert "Gisozi, Kigali" not in client.get(MAP).text
    assert "Gisozi, Kigali" in client.get(MAP, {"city": "Kigali"}).text
    now += 61
    assert "Gisozi, Kigali" in client.get(MAP).text
    listing.status = "paused"
    listing.save()
    answer = client.get(MAP, {"area": listing.cell_geohash})
    assert "Nothing is free in this area now" in answer.text


def test_what_comes_to_an_empty_area_is_there_at_once(client):
    live()
    client.get(MAP)
    first = live(city="Huye", locality="Ngoma")
    assert first.title in client.get(MAP, {"area": first.cell_geohash}).text


def test_tiles_are_let_in_where_they_are_configured(client, settings):
    settings.MAP_TILES_URL = "https://{s}.tiles.example/{z}/{x}/{y}.png"
    live()
    assert "https://{s}.tiles.example/{z}/{x}/{y}.png" in client.get(MAP).text
