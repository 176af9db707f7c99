"""The map of everything, which no filter narrows, among 300,000 live places."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest

from bench.bench_deck import explain
from bench.timing import compare
from ghar.lib.geo import cell_centre, geohash, neighbours
from ghar.lib.places import CITIES
from ghar.properties.areas import areas_of, areas_of_everything, forget
from ghar.properties.models import Property
from ghar.properties.rules import CELL_PRECISION
from ghar.properties.search import in_area
from tests.factories import LiveListingFactory, UserFactory

LIVE, POSTERS = 300_000, 60_000
NUMBERED = """
CREATE TEMP TABLE poster AS SELECT row_number() OVER () AS number, id FROM users;
CREATE TEMP TABLE place (
    number serial, city text, locality text, cell text, latitude float8, longitude float8
)
"""


def multiplied(row, number, source="", **varied):
    """`number` rows like `row`, with SQL for the columns in which each (the `n`th) is different."""
    table = row._meta.db_table
    names = [field.column for field in row._meta.concrete_fields if not field.generated]
    values = [varied.get(name, f"model.{name}") for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608
            f" FROM {table} model, generate_series(1, {number}) n {source} WHERE model.id = %s",
            [row.pk],
        )


def parts_of_town():
    """(city, locality, cell, its centre): nine cells of each locality that we know, and of each other town."""
    for city in CITIES:
        for locality, centre in dict(city.localities.values()).items() or [("", city.centre)]:
            middle = geohash(*centre, CELL_PRECISION)
            for cell in (middle, *neighbours(middle)):
                yield city.name, locality, cell, *cell_centre(cell)


def fill():
    listing, places = LiveListingFactory(), list(parts_of_town())
    multiplied(
        UserFactory(), POSTERS, id="gen_random_uuid()", email="'poster' || n || '@example.org'"
    )
    with connection.cursor() as cursor:
        cursor.execute(NUMBERED)
        cursor.executemany(
            "INSERT INTO place VALUES (DEFAULT, %s, %s, %s, %s, %s)",
            places,
        )
    multiplied(
        listing,
        LIVE,
        f"JOIN place ON place.number = 1 + n %% {len(places)}"
        f" JOIN poster ON poster.number = 1 + n %% {POSTERS}",
        id="gen_random_uuid()",
        owner_id="poster.id",
        city="place.city",
        locality="place.locality",
        cell_geohash="place.cell",
        cell_latitude="place.latitude",
        cell_longitude="place.longitude",
        price_amount="100000 + n",
        description="repeat('A quiet room with its own door and a view over the hills. ', 6)",
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE properties, users")


@pytest.mark.django_db(transaction=True)
def bench_map_of_everything(client):
    fill()

    def page():
        assert client.get("/rooms/map/").status_code == 200

    def page_counted_anew():
        forget()
        page()

    with CaptureQueriesContext(connection) as asked:
        page_counted_anew()
    print(f"\nthe map of everything: {len(asked)} statement(s) when counted anew, else none")
    explain("areas of everything", asked[0]["sql"])
    compare(f"the map of {LIVE:,} places, kept against counted anew", page, page_counted_anew)
    area = areas_of_everything()[0].cell
    compare(
        "an area of it, kept against counted anew",
        lambda: areas_of_everything(within=area),
        lambda: areas_of(Property.objects.live().filter(in_area(area)), within=area),
    )
