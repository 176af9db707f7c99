import datetime as dt

import pytest

from ghar.api.pages import paginate
from ghar.errors import Invalid
from ghar.lib.geo import haversine_m
from ghar.properties.search import check_price_has_one_meaning, order_of, search_listings
from tests.factories import PropertyFactory

pytestmark = pytest.mark.django_db
PG = {"property_type": "pg"}


def live(**facts):
    return PropertyFactory(
        status="live", published_at=dt.datetime(2026, 5, 1, tzinfo=dt.UTC), **facts
    )


def found(**filters):
    return set(search_listings(filters))


@pytest.mark.parametrize(
    "status", ["draft", "submitted", "hold_for_review", "pending_review", "paused", "expired"]
)
def test_only_live_listings_are_found(status):
    PropertyFactory(status=status)
    assert found() == set()


@pytest.mark.parametrize(
    ("filters", "facts", "others"),
    [
        ({"city": "bangalore"}, {"city": "Bengaluru"}, {"city": "Kigali"}),
        ({"locality": "REMERA"}, {"locality": "Remera"}, {"locality": "Gisozi"}),
        ({"property_type": ["studio", "loft"]}, {"property_type": "loft"}, {"property_type": "room"}),
        ({"purpose": "buy"}, {"purpose": "buy"}, {"purpose": "rent"}),
        ({"currency": "INR"}, {"currency": "INR"}, {"currency": "RWF"}),
        ({"price_min": 500}, {"price_amount": 500}, {"price_amount": 499}),
        ({"price_max": 500}, {"price_amount": 500}, {"price_amount": 501}),
        ({"bedrooms_min": 2}, {"bedrooms": 2}, {"bedrooms": 1}),
        ({"bedrooms_max": 2}, {"bedrooms": 2}, {"bedrooms": 3}),
        ({"sharing_type": "private_room"}, {"sharing_type": "private_room"}, {"sharing_type": "shared_room"}),
        ({"gender_preference": "female"}, PG | {"gender_preference": "female"}, PG | {"gender_preference": "male"}),
        ({"gender_preference": "female"}, PG | {"gender_preference": "any"}, PG | {"gender_preference": "male"}),
        ({"move_in": dt.date(2026, 6, 1)}, {"available_from": dt.date(2026, 6, 1)}, {"available_from": dt.date(2026, 6, 2)}),
        ({"move_in": dt.date(2026, 6, 1)}, {"available_from": None}, {"available_from": dt.date(2027, 1, 1)}),
        ({"amenities": ["wifi", "lift"]}, {"amenities": ["lift", "gym", "wifi"]}, {"amenities": ["wifi"]}),
        ({"q": "balcony"}, {"title": "Room with balcony"}, {"title": "Room with garden"}),
        ({"q": "hills"}, {"description": "It looks over the hill."}, {"description": "By the lake."}),
        ({"q": "room -garden"}, {"title": "Room with balcony"}, {"title": "Room with garden"}),
    ],
)  # fmt: skip
def test_each_filter_keeps_what_fits_and_drops_what_does_not(filters, facts, others):
    fits = live(**facts)
    live(**others)
    assert found(**filters) == {fits}


@pytest.mark.parametrize("words", ["'", '"', "a & b |", "\\", "!!!", "()", ":*", "🏠", "x" * 200])
def test_any_words_may_be_searched_for(words):
    assert found(q=words) == set()


def test_distance_is_to_the_centre_of_the_public_cell():
    near, far = live(latitude=-1.9536, longitude=30.0927), live(latitude=-1.90, longitude=30.20)
    here = {"lat": -1.9500, "lng": 30.0600}
    rows = search_listings({**here, "radius_km": 30.0}).order_by(*order_of("distance"))
    assert list(rows) == [near, far]
    centre = (near.cell_latitude, near.cell_longitude)
    assert rows[0].distance == pytest.approx(haversine_m((here["lat"], here["lng"]), centre))
    assert found(**here, radius_km=6.0) == {near}


def test_a_circle_may_cross_the_date_line():
    west, east = live(latitude=0.0, longitude=179.99), live(latitude=0.0, longitude=-179.99)
    assert found(lat=0.0, lng=180.0, radius_km=5.0) == {west, east}


@pytest.mark.parametrize(
    ("sort", "first", "wanted"),
    [
        ("price", "", ["INR 9", "INR 20", "RWF 7", "RWF 30"]),
        ("price", "RWF", ["RWF 7", "RWF 30", "INR 9", "INR 20"]),
        ("-price", "INR", ["INR 20", "INR 9", "RWF 30", "RWF 7"]),
        ("-price", "RWF", ["RWF 30", "RWF 7", "INR 20", "INR 9"]),
    ],
)
def test_rupees_are_not_compared_with_francs(sort, first, wanted):
    for price in wanted:
        currency, amount = price.split()
        live(currency=currency, price_amount=int(amount), title=price)
    pages, cursor = [], None
    while cursor or not pages:
        page = paginate(
            search_listings({}),
            params={"limit": "3", "cursor": cursor},
            order=order_of(sort, currency=first),
        )
        cursor = page.next_cursor
        pages.append([row.title for row in page.rows])
    assert pages == [wanted[:3], wanted[3:]]


def test_a_price_without_a_currency_is_refused_where_both_markets_match():
    live(currency="RWF")
    live(currency="INR", city="Gurugram")
    with pytest.raises(Invalid):
        check_price_has_one_meaning(search_listings({"price_max": 10**9}), {"price_max": 10**9})
    narrowed = {"price_max": 10**9, "city": "Kigali"}
    check_price_has_one_meaning(search_listings(narrowed), narrowed)
