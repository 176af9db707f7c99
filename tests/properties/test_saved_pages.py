"""The pages of what one keeps, and the heart wherever a place is shown."""

from django.urls import reverse
import pytest

from ghar.properties.models import SavedListing, SavedMatch, SavedSearch
from ghar.properties.services import listings, saved
from tests.factories import LiveListingFactory, PropertyFactory, SavedSearchFactory

pytestmark = pytest.mark.django_db

NEW = "/saved/searches/new/"


@pytest.fixture
def browser(client, seeker):
    client.force_login(seeker)
    return client


def heart(listing):
    return reverse("properties:save-listing", args=[listing.pk])


def shown(response):
    return response.content.decode()


# --- the heart ------------------------------------------------------------------------------------
@pytest.mark.parametrize("where", ["card", "page"])
def test_the_heart_says_what_it_does(browser, seeker, where):
    listing = LiveListingFactory(title="Room with a view")
    address = "/rooms/" if where == "card" else listing.get_absolute_url()
    assert "Save Room with a view to your shortlist" in shown(browser.get(address))
    saved.save_listing(listing=listing, by=seeker)
    assert "Remove Room with a view from your shortlist" in shown(browser.get(address))


def test_a_visitor_is_led_to_sign_in_and_back(client):
    LiveListingFactory()
    text = shown(client.get("/rooms/", {"q": "room"}))
    assert 'href="/login/?next=/rooms/%3Fq%3Droom"' in text


def test_the_heart_brings_one_back_to_where_it_was_pressed(browser, seeker):
    listing = LiveListingFactory()
    answer = browser.post(heart(listing), {"save": "1", "next": "/rooms/?q=room"})
    assert (answer.status_code, answer["Location"]) == (302, "/rooms/?q=room")
    assert SavedListing.objects.of(seeker).count() == 1
    browser.post(heart(listing), {"save": "0"})
    assert SavedListing.objects.of(seeker).count() == 0


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "javascript:x", "", "rooms", "?q=x"]
)
def test_the_heart_never_leads_away(browser, next_):
    answer = browser.post(heart(LiveListingFactory()), {"save": "1", "next": next_})
    assert answer["Location"] == "/saved/"


def test_a_script_gets_the_other_heart_alone(browser):
    listing = LiveListingFactory()
    answer = browser.post(heart(listing), {"save": "1"}, headers={"HX-Request": "true"})
    assert answer.templates[0].name == "properties/_heart.html"
    assert 'value="0"' in shown(answer)


def test_who_signs_in_after_pressing_finds_the_shortlist(browser, client):
    assert browser.get(heart(LiveListingFactory()))["Location"] == "/saved/"


def test_what_is_not_live_has_no_heart(browser):
    assert browser.post(heart(PropertyFactory()), {"save": "1"}).status_code == 404


@pytest.mark.parametrize("cards", [1, 3])
def test_the_hearts_of_a_page_are_asked_for_once(browser, cards, django_assert_num_queries):
    LiveListingFactory.create_batch(cards)
    # Session, account, cards, hearts, unread news.
    with django_assert_num_queries(5):
        browser.get("/rooms/")


# --- the shortlist --------------------------------------------------------------------------------
def test_an_empty_page_says_why_and_what_to_do(browser):
    text = shown(browser.get("/saved/"))
    assert "Nothing on your shortlist yet" in text
    assert "No saved searches yet" in text


def test_the_shortlist_shows_the_place_with_its_note(browser, seeker):
    listing = LiveListingFactory(title="Room with a view")
    saved.save_listing(listing=listing, by=seeker, note="Ask about <stairs>")
    text = shown(browser.get("/saved/"))
    assert f'href="{listing.get_absolute_url()}"' in text
    assert "Ask about &lt;stairs&gt;</textarea>" in text
    assert listing.cover_url in text


def test_a_place_that_is_gone_says_so_and_nothing_that_it_says_now(browser, seeker):
    listing = LiveListingFactory(title="Room with a view")
    saved.save_listing(listing=listing, by=seeker)
    listings.edit_listing(listing=listing, by=listing.owner, title="Canary title")
    text = shown(browser.get("/saved/"))
    assert ("No longer available" in text, "Room with a view" in text) == (True, True)
    assert ("Canary" in text, listing.cover_url in text) == (False, False)


def test_a_note_is_written_on_the_page(browser, seeker):
    listing = LiveListingFactory()
    saved.save_listing(listing=listing, by=seeker)
    browser.post(heart(listing), {"note": "Too dark"})
    assert SavedListing.objects.get().note == "Too dark"
    browser.post(heart(listing), {"note": "n" * 301})
    assert SavedListing.objects.get().note == "Too dark"


# --- searches -------------------------------------------------------------------------------------
def test_a_narrowed_search_can_be_saved_from_its_page(browser, seeker):
    LiveListingFactory()
    assert "Save this search" not in shown(browser.get("/rooms/"))
    assert f'action="{NEW}?city=Kigali"' in shown(browser.get("/rooms/", {"city": "Kigali"}))
    answer = browser.post(
        f"{NEW}?city=Kigali&price_max=3000&property_type=room", {"frequency": "weekly"}
    )
    assert answer["Location"] == "/saved/"
    search = SavedSearch.objects.of(seeker).get()
    assert (search.frequency, search.filters) == (
        "weekly",
        {"city": "Kigali", "property_type": ["room"], "price_max": 3000, "currency": "RWF"},
    )


def test_a_visitor_signs_in_and_comes_to_the_same_search(client):
    LiveListingFactory()
    assert f'href="{NEW}?city=Kigali"' in shown(client.get("/rooms/", {"city": "Kigali"}))
    answer = client.get(NEW, {"city": "Kigali"})
    assert answer["Location"] == f"/login/?next={NEW}%3Fcity%3DKigali"


@pytest.mark.parametrize("query", [{}, {"bedrooms_min": "many"}, {"sort": "price"}])
def test_without_a_filter_there_is_nothing_to_save(browser, query):
    assert browser.get(NEW, query)["Location"] == "/rooms/"


def test_the_twenty_first_search_is_refused_with_the_form_kept(browser, seeker):
    SavedSearchFactory.create_batch(20, user=seeker)
    answer = browser.post(f"{NEW}?city=Huye", {"name": "One more", "frequency": "daily"})
    assert answer.status_code == 409
    assert "Please remove one" in shown(answer)
    assert 'value="One more"' in shown(answer)


def test_a_rhythm_that_is_none_is_shown_again_with_its_error(browser):
    assert browser.post(f"{NEW}?city=Huye", {"frequency": "hourly"}).status_code == 422


def test_a_saved_search_shows_what_it_finds_now(browser, seeker):
    LiveListingFactory(title="Here")
    LiveListingFactory(title="Elsewhere", city="Huye")
    search = SavedSearchFactory(user=seeker)
    text = shown(browser.get(search.get_absolute_url()))
    assert ("Here" in text, "Elsewhere" in text) == (True, False)


def test_what_is_new_is_counted_until_one_has_looked(browser, seeker):
    search = SavedSearchFactory(user=seeker)
    SavedMatch.objects.create(search=search, listing=LiveListingFactory())
    assert "See 1 new" in shown(browser.get("/saved/"))
    answer = browser.post(search.get_absolute_url(), {"seen": "1"})
    assert answer["Location"] == search.get_absolute_url()
    assert "See 1 new" not in shown(browser.get("/saved/"))


def test_a_search_is_renamed_slowed_down_and_removed(browser, seeker):
    search = SavedSearchFactory(user=seeker)
    address = search.get_absolute_url()
    browser.post(address, {"change": "1", "name": "Later", "frequency": "weekly"})
    search.refresh_from_db()
    assert (search.name, search.frequency) == ("Later", "weekly")
    assert browser.post(address, {"change": "1", "frequency": "hourly"}).status_code == 422
    browser.post(address, {"remove": "1"})
    assert not SavedSearch.objects.exists()


def test_somebody_elses_search_is_not_found(browser, outsider):
    address = SavedSearchFactory(user=outsider).get_absolute_url()
    assert browser.get(address).status_code == browser.post(address).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_one_keeps(
    browser, seeker, rows, django_assert_num_queries
):
    SavedSearchFactory.create_batch(rows, user=seeker)
    for listing in LiveListingFactory.create_batch(rows):
        saved.save_listing(listing=listing, by=seeker)
    # Session, account, shortlist, its live places, searches, unread news.
    with django_assert_num_queries(6):
        browser.get("/saved/")


def test_the_way_to_what_one_keeps_is_in_the_header(browser):
    assert 'href="/saved/"' in shown(browser.get("/rooms/"))
