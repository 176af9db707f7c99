"""The routes of saved searches and of the shortlist."""

import uuid

import pytest

from ghar.lib import clock
from ghar.properties.models import SavedListing, SavedMatch, SavedSearch
from ghar.properties.services import listings, saved
from tests.factories import LiveListingFactory, PropertyFactory, SavedSearchFactory

pytestmark = pytest.mark.django_db

SEARCHES, SHORTLIST = "/api/v1/saved/searches", "/api/v1/saved/listings"
FILTERS = {
    "city": "Kigali",
    "property_type": "room,studio",
    "price_max": 300_000,
    "currency": "RWF",
    "move_in": "2026-12-01",
    "amenities": "wifi",
}


def error_of(response):
    return response.status_code, response.json()["error"]["code"]


def fields_of(response):
    return response.status_code, sorted(response.json()["error"]["details"]["fields"])


# --- searches -------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["city", "amenities", "property_type"])
def test_a_null_character_in_a_filter_is_refused(api, seeker, name):
    body = {"filters": {"city": "Kigali", name: "a\x00b"}}
    assert api(seeker).post(SEARCHES, body, format="json").status_code == 422
    assert api().get("/api/v1/properties", {name: "a\x00b"}).status_code == 422


def test_a_search_is_answered_with_the_filters_as_they_were_sent(api, seeker):
    sent = {"name": "Near work", "frequency": "weekly", "filters": FILTERS}
    response = api(seeker).post(SEARCHES, sent, format="json")
    answer = response.json()
    assert response.status_code == 201
    assert {name: answer[name] for name in sent} == sent
    assert (answer["new_count"], answer["last_run_at"]) == (0, None)
    assert api(seeker).get(SEARCHES).json()["items"] == [answer]


def test_the_answered_filters_are_those_of_the_search_of_listings(api, seeker):
    LiveListingFactory(amenities=["wifi"])
    LiveListingFactory(city="Huye")
    search = api(seeker).post(SEARCHES, {"filters": FILTERS}, format="json").json()
    found = api().get("/api/v1/properties", search["filters"]).json()["items"]
    assert [item["city"] for item in found] == ["Kigali"]


def test_without_a_frequency_it_comes_every_morning(api, seeker):
    answer = api(seeker).post(SEARCHES, {"filters": {"city": "Kigali"}}, format="json").json()
    assert (answer["name"], answer["frequency"]) == ("Kigali", "daily")
    assert answer["next_run_at"] > clock.now().isoformat()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["filters"]),
        ({"filters": {}}, ["filters"]),
        ({"filters": {"sort": "price", "city": "Kigali"}}, ["filters"]),
        ({"filters": {"citty": "Kigali"}}, ["filters"]),
        ({"filters": {"property_type": "castle"}}, ["filters"]),
        ({"filters": {"price_max": 5}}, ["currency"]),
        ({"filters": {"city": "Kigali"}, "frequency": "hourly"}, ["frequency"]),
        ({"filters": {"city": "Kigali"}, "name": "n" * 81}, ["name"]),
        ({"filters": {"city": "Kigali"}, "user": "me"}, ["user"]),
        ({"filters": "Kigali"}, ["filters"]),
    ],
)
def test_what_is_no_search_is_refused(api, seeker, body, fields):
    assert fields_of(api(seeker).post(SEARCHES, body, format="json")) == (422, fields)


def test_the_twenty_first_search_is_a_conflict(api, seeker):
    SavedSearchFactory.create_batch(20, user=seeker)
    response = api(seeker).post(SEARCHES, {"filters": {"city": "Huye"}}, format="json")
    assert error_of(response) == (409, "TOO_MANY_SEARCHES")


def test_name_and_frequency_can_be_changed_and_the_filters_not(api, seeker):
    search = SavedSearchFactory(user=seeker)
    path = f"{SEARCHES}/{search.pk}"
    changed = api(seeker).patch(path, {"name": "Later", "frequency": "off"}, format="json").json()
    assert (changed["name"], changed["frequency"], changed["next_run_at"]) == ("Later", "off", None)
    refused = api(seeker).patch(path, {"filters": {"city": "Huye"}}, format="json")
    assert fields_of(refused) == (422, ["filters"])


def test_a_removed_search_is_gone(api, seeker):
    path = f"{SEARCHES}/{SavedSearchFactory(user=seeker).pk}"
    assert api(seeker).delete(path).status_code == 204
    assert error_of(api(seeker).delete(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_somebody_elses_search_is_like_one_that_does_not_exist(api, seeker, outsider, method):
    theirs = SavedSearchFactory(user=seeker)
    answers = [
        getattr(api(outsider), method)(f"{SEARCHES}/{pk}", {}, format="json")
        for pk in (theirs.pk, uuid.uuid4())
    ]
    assert [error_of(answer) for answer in answers] == [(404, "NOT_FOUND")] * 2
    assert answers[0].content == answers[1].content
    assert SavedSearch.objects.filter(pk=theirs.pk).exists()


def test_what_is_new_is_counted_while_it_is_live(api, seeker):
    search = SavedSearchFactory(user=seeker)
    shown, seen, gone = LiveListingFactory.create_batch(3)
    for listing in (shown, seen, gone):
        SavedMatch.objects.create(search=search, listing=listing, is_seen=listing == seen)
    listings.pause_listing(listing=gone, by=gone.owner)
    assert api(seeker).get(SEARCHES).json()["items"][0]["new_count"] == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_searches_cost_the_same_whatever_their_number(
    api, seeker, rows, django_assert_num_queries
):
    for search in SavedSearchFactory.create_batch(rows, user=seeker):
        SavedMatch.objects.create(search=search, listing=LiveListingFactory())
    client = api(seeker)
    with django_assert_num_queries(2):  # the caller, the searches
        client.get(SEARCHES)


# --- the shortlist --------------------------------------------------------------------------------
def test_a_place_is_put_on_the_shortlist_once(api, seeker):
    listing = LiveListingFactory(title="Room with a view")
    for _ in range(2):
        response = api(seeker).put(f"{SHORTLIST}/{listing.pk}", {"note": "Light"}, format="json")
        assert response.status_code == 200
    (item,) = api(seeker).get(SHORTLIST).json()["items"]
    assert (item["property_id"], item["title"], item["note"], item["is_available"]) == (
        *(str(listing.pk), "Room with a view", "Light", True),
    )
    assert item["property"]["price_amount"] == listing.price_amount


def test_a_place_that_is_no_longer_live_stays_without_what_it_says_now(api, seeker):
    listing = LiveListingFactory(title="Room with a view", address="KG 777 Canary Street")
    saved.save_listing(listing=listing, by=seeker, note="Mine")
    listings.edit_listing(listing=listing, by=listing.owner, title="Canary title")
    response = api(seeker).get(SHORTLIST)
    (item,) = response.json()["items"]
    assert (item["is_available"], item["property"], item["note"]) == (False, None, "Mine")
    assert item["title"] == "Room with a view"
    assert "Canary" not in response.content.decode()


def test_only_what_is_live_or_kept_already_can_be_put(api, seeker, outsider):
    hidden = PropertyFactory()
    for pk in (hidden.pk, uuid.uuid4()):
        response = api(seeker).put(f"{SHORTLIST}/{pk}", {}, format="json")
        assert error_of(response) == (404, "NOT_FOUND")
    kept = LiveListingFactory()
    saved.save_listing(listing=kept, by=seeker)
    listings.pause_listing(listing=kept, by=kept.owner)
    path = f"{SHORTLIST}/{kept.pk}"
    assert api(seeker).put(path, {"note": "x"}, format="json").status_code == 200
    assert api(outsider).put(path, {"note": "x"}, format="json").status_code == 404


def test_a_note_has_at_most_three_hundred_characters(api, seeker):
    path = f"{SHORTLIST}/{LiveListingFactory().pk}"
    answer = api(seeker).put(path, {"note": "n" * 301}, format="json")
    assert fields_of(answer) == (422, ["note"])
    assert api(seeker).put(path, {"note": "n" * 300}, format="json").status_code == 200


def test_a_place_is_taken_off_and_is_then_not_found(api, seeker):
    listing = LiveListingFactory()
    saved.save_listing(listing=listing, by=seeker)
    path = f"{SHORTLIST}/{listing.pk}"
    assert [api(seeker).delete(path).status_code for _ in range(2)] == [204, 404]
    assert not SavedListing.objects.exists()


def test_the_newest_comes_first_and_the_pages_go_on(api, seeker):
    kept = LiveListingFactory.create_batch(3)
    for listing in kept:
        saved.save_listing(listing=listing, by=seeker)
    first = api(seeker).get(SHORTLIST, {"limit": 2}).json()
    second = api(seeker).get(SHORTLIST, {"limit": 2, "cursor": first["next_cursor"]}).json()
    found = [item["property_id"] for item in first["items"] + second["items"]]
    assert found == [str(listing.pk) for listing in reversed(kept)]
    assert (first["has_more"], second["has_more"]) == (True, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_shortlist_costs_four_statements_whatever_its_length(
    api, seeker, rows, django_assert_num_queries
):
    for listing in LiveListingFactory.create_batch(rows):
        saved.save_listing(listing=listing, by=seeker)
    client = api(seeker)
    with django_assert_num_queries(4):  # the caller, the rows, what is live of them, its photos
        client.get(SHORTLIST)


@pytest.mark.parametrize("caller", [None, "seeker_session"])
def test_both_lists_need_an_account(api, caller, request):
    principal = caller and request.getfixturevalue(caller)
    for path in (SEARCHES, SHORTLIST):
        assert error_of(api(principal).get(path)) == (401, "NOT_AUTHENTICATED")
