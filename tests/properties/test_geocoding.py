"""Places without coordinates: found by a worker, shown as a cell, never as a position."""

from http.server import BaseHTTPRequestHandler, HTTPServer
import json
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from ghar.accounts.personal import erase
from ghar.lib import clock
from ghar.lib.geo import Point, geohash
from ghar.lib.ids import uuid7
from ghar.properties.models import GeocodeJob, Property
from ghar.properties.search import search_listings
from ghar.properties.services import geocoding, listings
from ghar.properties.signals import place_found

pytestmark = pytest.mark.django_db

GISENYI_BEACH = Point(-1.7020, 29.2560)


class Places(BaseHTTPRequestHandler):
    """A Nominatim on loopback that knows one place."""

    asked: list[dict]
    answer = [{"lat": str(GISENYI_BEACH.latitude), "lon": str(GISENYI_BEACH.longitude)}]
    status = 200

    def do_GET(self):
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.asked.append(query)
        found = self.answer if "Beach" in query["q"] else []
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps([row | {"display_name": "x"} for row in found]).encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def nominatim(settings, monkeypatch):
    monkeypatch.setattr(Places, "asked", [], raising=False)
    monkeypatch.setattr(Places, "status", 200)
    server = HTTPServer(("127.0.0.1", 0), Places)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.GEOCODER = "nominatim"
    settings.GEOCODER_URL = f"http://127.0.0.1:{server.server_port}"
    yield Places
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def beach(poster):
    return listings.create_listing(
        by=poster, property_type="room", purpose="rent", city="Rubavu", locality="Beach Road"
    )


def run():
    return geocoding.run_due_geocoding(now=clock.now())


def cell_of(listing):
    return Property.objects.get(pk=listing.pk).cell_geohash


def test_a_listing_without_coordinates_is_found_by_radius_afterwards(beach, nominatim):
    near = {"lat": GISENYI_BEACH.latitude, "lng": GISENYI_BEACH.longitude, "radius_km": 1.5}
    for status in ("submitted", "live"):
        Property.objects.filter(pk=beach.pk).update(status=status, price_amount=250_000)
    assert list(search_listings(near)) == []
    assert run() == 1
    assert list(search_listings(near)) == [beach]
    assert nominatim.asked[0]["q"] == "Beach Road, Rubavu"


def test_a_worker_is_woken_after_the_commit(poster, nominatim, on_commit):
    with on_commit():
        made = listings.create_listing(
            by=poster, property_type="room", purpose="rent", city="Rubavu", locality="Beach Road"
        )
    assert (cell_of(made), GeocodeJob.objects.count()) == (geohash(*GISENYI_BEACH, 6), 0)


def test_what_is_found_fills_the_cell_and_never_the_coordinates(beach, nominatim):
    run()
    beach.refresh_from_db()
    assert beach.cell_geohash == geohash(*GISENYI_BEACH, 6)
    assert (beach.latitude, beach.longitude) == (None, None)
    assert (beach.cell_latitude, beach.cell_longitude) != GISENYI_BEACH


def test_the_posters_own_coordinates_win(beach, poster, nominatim):
    listings.edit_listing(listing=beach, by=poster, latitude=-1.95, longitude=30.06)
    own = cell_of(beach)
    run()
    assert cell_of(beach) == own == geohash(-1.95, 30.06, 6)


def test_the_answer_to_an_older_question_is_dropped(beach, poster, nominatim):
    asked_before = GeocodeJob.objects.get()
    listings.edit_listing(listing=beach, by=poster, city="Kigali", locality="Remera")
    kigali = cell_of(beach)
    geocoding._answer(asked_before, GISENYI_BEACH, now=clock.now())
    assert (cell_of(beach), GeocodeJob.objects.get().locality) == (kigali, "Remera")


def test_the_bundled_table_places_cities_and_localities(poster):
    made = listings.create_listing(
        by=poster, property_type="room", purpose="rent", city="Kigali", locality="Kimihurura"
    )
    Property.objects.update(cell_geohash="", cell_latitude=None, cell_longitude=None)
    assert (run(), cell_of(made), run()) == (1, "kxtkue", 0)


def test_a_place_that_nobody_knows_keeps_what_it_has_and_is_asked_once(poster, nominatim):
    made = listings.create_listing(by=poster, property_type="room", purpose="rent", city="Atlantis")
    assert (run(), run(), cell_of(made)) == (1, 0, "")


def test_a_provider_that_is_away_is_asked_again_later_and_at_last_given_up(
    beach, nominatim, monkeypatch
):
    monkeypatch.setattr(nominatim, "status", 503)
    now = clock.now()
    assert geocoding.run_due_geocoding(now=now) == 1
    job = GeocodeJob.objects.get()
    assert (job.state, job.attempts, job.due_at) == ("due", 1, now + 2 * geocoding.FIRST_RETRY)
    assert "503" in job.last_error
    for _ in range(5):
        job.refresh_from_db()
        geocoding.run_due_geocoding(now=job.due_at)
    job.refresh_from_db()
    assert (job.state, len(nominatim.asked)) == ("dead", 5)


def test_what_is_asked_anew_replaces_what_was_asked(beach, poster):
    GeocodeJob.objects.update(state="dead", attempts=5)
    listings.edit_listing(listing=beach, by=poster, locality="Market")
    job = GeocodeJob.objects.get()
    assert (job.locality, job.state, job.attempts) == ("Market", "due", 0)


def test_without_a_city_there_is_nothing_to_find(beach, poster):
    listings.edit_listing(listing=beach, by=poster, city="")
    assert not GeocodeJob.objects.exists()


def test_other_apps_hear_of_their_own_subjects():
    heard = []

    def listen(subject_type, subject_id, point, **_):
        heard.append((subject_type, subject_id, point))

    place_found.connect(listen)
    subject_id = uuid7()
    geocoding.request_geocoding(
        subject_type="profile",
        subject_id=subject_id,
        city="Kigali",
        locality="",
        now=clock.now(),
    )
    run()
    place_found.disconnect(listen)
    assert heard == [("profile", subject_id, Point(-1.95, 30.06))]


def test_places_go_with_their_account(beach, poster):
    erase(poster)
    assert not GeocodeJob.objects.exists()
