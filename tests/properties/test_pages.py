"""The pages of listings: what everybody sees, and the host's own."""

import datetime as dt
import re
import uuid

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.html import escape
import pytest

from ghar import flags
from ghar.lib import clock
from ghar.models import Flag
from ghar.properties.models import GeocodeJob, Property
from ghar.properties.services import media
from ghar.properties.states import Currency
from ghar.properties.views.public import ListingSitemap
from tests.factories import LiveListingFactory, PhotoFactory, PropertyFactory, picture

pytestmark = pytest.mark.django_db

HOST_PAGES = ("listing", "state", "preview", "photos", "photo-grid")


@pytest.fixture
def page(client):
    """`page(user)` is a browser of that user."""

    def of(user=None):
        if user is not None:
            client.force_login(user)
        return client

    return of


def host(name, listing, *more):
    return reverse(f"properties:{name}", args=[listing.pk, *more])


# --- the search -----------------------------------------------------------------------------------
def test_the_search_shows_live_places_and_keeps_its_filters(page):
    LiveListingFactory(title="Room with a balcony")
    LiveListingFactory(title="Room with a garden")
    PropertyFactory(title="Hidden room")
    text = page().get("/rooms/", {"q": "balcony"}).content.decode()
    assert ("with a balcony" in text, "with a garden" in text, "Hidden" in text) == (
        True,
        False,
        False,
    )
    assert 'value="balcony"' in text


def test_an_empty_search_says_why_and_what_to_do(page):
    text = page().get("/rooms/", {"q": "castle"}).content.decode()
    assert "No live place meets every filter" in text


@pytest.mark.parametrize(
    "query", [{"bedrooms_min": "many"}, {"currency": "USD"}, {"move_in": "soon"}, {"q": "\x00"}]
)
def test_a_filter_that_makes_no_sense_is_shown_again_with_its_error(page, query):
    assert page().get("/rooms/", query).status_code == 422


def test_a_price_is_asked_in_the_money_of_the_place(page):
    LiveListingFactory(city="Gurugram", currency="INR", price_amount=1_500_000, title="Cheap room")
    LiveListingFactory(city="Gurugram", currency="INR", price_amount=2_500_000, title="Dear room")
    text = page().get("/rooms/", {"city": "Gurgaon", "price_max": "15000"}).content.decode()
    assert ("Cheap room" in text, "Dear room" in text) == (True, False)


@pytest.mark.parametrize(
    ("languages", "currency"),
    [("rw", "RWF"), ("en-IN,en;q=0.9", "INR"), ("en-US,hi;q=0.8", "INR"), ("fr", "")],
)
def test_a_price_is_asked_in_the_money_of_the_reader(page, languages, currency):
    for path in ("/", "/rooms/", "/rooms/?q=balcony"):
        answer = page().get(path, headers={"Accept-Language": languages})
        assert (answer.context["form"]["currency"].value() or "") == currency


def test_a_price_is_asked_in_the_money_of_the_account(page, seeker):
    seeker.timezone = "Africa/Kigali"
    seeker.save()
    choices = page(seeker).get("/").context["form"].fields["currency"].choices
    assert (page(seeker).get("/").context["form"]["currency"].value(), choices) == (
        "RWF",
        Currency.choices,
    )


def test_a_price_that_may_mean_two_things_is_asked_about_beside_what_there_is(page):
    LiveListingFactory(currency="RWF", price_amount=250_000)
    answer = page().get("/rooms/", {"price_max": "100"}, headers={"Accept-Language": "fr"})
    assert (answer.status_code, len(answer.context["listings"])) == (200, 1)
    queries = [price["query"] for price in answer.context["prices_to_ask"]]
    assert queries == ["price_max=100&currency=INR", "price_max=100&currency=RWF"]
    assert all(f'href="?{escape(query)}"' in answer.content.decode() for query in queries)
    saved = page().get("/rooms/?price_max=100&currency=RWF")
    assert (saved.context["prices_to_ask"], len(saved.context["listings"])) == ([], 0)


def test_a_price_in_the_money_of_another_country_is_asked_about(page):
    asked = {"city": "Mumbai", "price_max": "100", "currency": "RWF"}
    prices = page().get("/rooms/", asked).context["prices_to_ask"]
    assert [price["label"] for price in prices] == ["₹100"]


def test_a_currency_without_a_price_hides_nothing(page):
    LiveListingFactory(currency="INR", city="Mumbai")
    LiveListingFactory(currency="RWF", city="Kigali")
    answer = page().get("/rooms/", {"currency": "RWF", "price_max": "", "sort": "price"})
    assert [row.currency for row in answer.context["listings"]] == ["RWF", "INR"]
    assert not answer.context["is_narrowed"]


def test_a_search_says_how_many_places_fit(page, monkeypatch):
    LiveListingFactory.create_batch(3, city="Kigali")
    LiveListingFactory(city="Mumbai")
    browser = page()

    def said(**query):
        text = " ".join(browser.get("/rooms/", query).content.decode().split())
        return re.search(r'id="results-title"[^>]*>([^<]+)<', text)[1]

    assert said(city="Kigali") == said(city="Kigali", limit=2) == "3 places"
    assert (said(city="Mumbai"), said(city="Pune")) == ("1 place", "Places")
    monkeypatch.setattr("ghar.properties.views.public.COUNTED", 2)
    assert said(city="Kigali", limit=2) == "More than 2 places"


def test_each_filter_in_use_is_shown_and_taken_away_with_one_tap(page):
    asked = {
        "city": "Kigali",
        "property_type": "room",
        "price_max": "300000",
        "move_in": "2026-12-01",
    }
    shown = page().get("/rooms/", asked).context["in_use"]
    assert [each["words"] for each in shown] == [
        *("Room", "Kigali", "up to RWF\xa0300,000", "move in by 1 December 2026"),
    ]
    left = page().get(f"/rooms/?{shown[1]['query']}").context["form"].cleaned_data
    assert (left["city"], left["property_type"]) == ("", "room")
    assert page().get("/rooms/").context["in_use"] == []


def test_a_forged_cursor_is_not_found(page):
    assert page().get("/rooms/", {"cursor": "x"}).status_code == 404


def test_more_results_come_as_cards_alone(page):
    LiveListingFactory.create_batch(3)
    first = page().get("/rooms/", {"limit": 2})
    more = page().get(f"/rooms/?{first.context['next_query']}", headers={"HX-Request": "true"})
    assert more.templates[0].name == "properties/_results.html"
    assert len(more.context["listings"]) == 1
    assert 'data-more="1 more place"' in more.content.decode()
    assert "data-more" not in first.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_search_costs_one_statement_whatever_its_length(page, rows, django_assert_num_queries):
    LiveListingFactory.create_batch(rows)
    with django_assert_num_queries(1):
        page().get("/rooms/")


# --- one listing ----------------------------------------------------------------------------------
def test_a_listing_shows_its_facts_and_not_its_address(page):
    listing = LiveListingFactory(unit="Secret 9")
    text = page().get(listing.get_absolute_url()).content.decode()
    assert listing.title in text
    for secret in (listing.address, listing.unit, listing.contact_phone, str(listing.latitude)):
        assert secret not in text


def test_a_wrong_slug_leads_to_the_right_one(page):
    listing = LiveListingFactory()
    moved = page().get(f"/rooms/something-else-{listing.pk}/")
    assert (moved.status_code, moved.url) == (301, listing.get_absolute_url())


def test_what_is_not_live_is_a_page_for_its_poster_alone(page, poster):
    listing = PropertyFactory(owner=poster)
    assert page().get(listing.get_absolute_url()).status_code == 404
    text = page(poster).get(listing.get_absolute_url()).content.decode()
    assert ("Only you see this page" in text, "noindex" in text) == (True, True)


def test_a_viewing_can_be_asked_for_while_viewings_are_on(page, poster):
    listing = LiveListingFactory(owner=poster)
    url = reverse("viewings:new", args=[listing.pk])
    assert url in page().get(listing.get_absolute_url()).content.decode()
    Flag.objects.update_or_create(name=flags.VIEWINGS, defaults={"is_on": False})
    flags.forget()
    assert url not in page().get(listing.get_absolute_url()).content.decode()


def test_the_sitemap_holds_live_listings_only(page):
    live, hidden = LiveListingFactory(), PropertyFactory()
    text = page().get("/sitemap.xml").content.decode()
    assert (str(live.pk) in text, str(hidden.pk) in text) == (True, False)


def test_each_file_of_the_sitemap_is_named(page, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(ListingSitemap, "limit", 2)
    LiveListingFactory.create_batch(5)
    text = page().get("/robots.txt").content.decode()
    assert re.findall(r"/sitemap.*", text) == [f"/sitemap.xml{p}" for p in ("", "?p=2", "?p=3")]
    with django_assert_num_queries(2):
        page().get("/sitemap.xml?p=3")


# --- the host -------------------------------------------------------------------------------------
def test_host_pages_are_for_those_who_signed_in(page):
    listing = PropertyFactory()
    paths = ["/host/", "/host/new/", "/host/new/place/", *(host(n, listing) for n in HOST_PAGES)]
    for path in paths:
        answer = page().get(path)
        assert (answer.status_code, answer.url) == (302, f"/login/?next={path}")


def test_somebody_elses_listing_is_not_found(page, outsider):
    listing = PhotoFactory(listing=LiveListingFactory()).listing
    browser = page(outsider)
    for name in HOST_PAGES:
        assert browser.get(host(name, listing)).status_code == 404
    photo = listing.media.first()
    posts = [
        (host("listing", listing), {"verb": "withdraw"}),
        (host("photos", listing), {"file": picture()}),
        (host("photo-order", listing), {"order": [str(photo.pk)]}),
        (host("photo-change", listing, photo.pk), {"remove": "1"}),
        (f"{reverse('properties:new', args=['text'])}?listing={listing.pk}", {"title": "Mine"}),
    ]
    assert [browser.post(path, body).status_code for path, body in posts] == [404] * 5


def test_host_pages_are_neither_indexed_nor_kept(page, poster):
    answer = page(poster).get("/host/")
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex", "private, no-store")


def test_a_draft_is_put_away_and_what_was_shown_is_let(page, poster):
    draft, shown = PropertyFactory(owner=poster), LiveListingFactory(owner=poster)
    browser = page(poster)
    assert "Put this draft away" in browser.get(host("listing", draft)).content.decode()
    text = browser.get(host("listing", shown)).content.decode()
    assert ("It is let" in text, "Put this draft away" in text) == (True, False)
    answer = browser.post(host("listing", draft), {"verb": "withdraw"}, follow=True)
    assert answer.redirect_chain == [("/host/", 302)]
    assert "The draft is put away." in answer.content.decode()
    browser.post(host("listing", shown), {"verb": "withdraw"})
    assert [row.pk for row in browser.get("/host/").context["listings"]] == [shown.pk]
    assert "You put this draft away." in browser.get(host("listing", draft)).content.decode()


def test_a_change_of_a_live_listing_is_confirmed_and_no_draft(page, poster):
    listing = LiveListingFactory(owner=poster, currency="RWF")
    path = f"/host/new/price/?listing={listing.pk}"
    assert "what you saved waits" not in page(poster).get(path).content.decode()
    price = {"price": "3000", "currency": "RWF", "rent_period": "month"}
    price |= {"viewing_confirmation": "manual", "contact_phone": listing.contact_phone}
    answer = page(poster).post(path, price, follow=True)
    assert "Your change is saved." in answer.content.decode()


def test_a_host_finds_the_requests_from_the_list_and_from_a_live_listing(page, poster):
    listing = LiveListingFactory(owner=poster)
    for path in ("/host/", host("listing", listing)):
        assert f'href="{reverse("viewings:host")}"' in page(poster).get(path).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_my_places_cost_the_same_whatever_their_number(
    page, poster, rows, django_assert_num_queries
):
    LiveListingFactory.create_batch(rows, owner=poster)
    browser = page(poster)
    browser.get("/host/")
    with django_assert_num_queries(4):
        assert browser.get("/host/").content.decode().count("card--row") == rows


def test_a_place_is_listed_in_steps_that_need_no_script(page, poster):
    browser = page(poster)
    place = {"property_type": "room", "purpose": "rent", "city": "Kigali", "locality": "Remera"}
    answer = browser.post("/host/new/place/", place)
    listing = Property.objects.get()
    assert answer.url == f"/host/new/details/?listing={listing.pk}"
    answer = browser.post(answer.url, {"bedrooms": "2", "amenities": ["wifi", "lift"]})
    assert answer.url == f"/host/new/price/?listing={listing.pk}"
    price = {
        "price": "250000",
        "currency": "RWF",
        "rent_period": "month",
        "viewing_confirmation": "manual",
    }
    answer = browser.post(answer.url, price | {"contact_phone": "+250 788 123 456"})
    assert answer.url == f"/host/new/text/?listing={listing.pk}"
    answer = browser.post(answer.url, {"title": "Sunny room", "description": "Quiet."})
    answer = browser.get(answer.url)
    assert answer.url == host("photos", listing)
    browser.post(answer.url, {"file": [picture(), picture(shade=1)], "category": "room"})
    media.process_due_media(now=clock.now())
    text = browser.get(host("listing", listing)).content.decode()
    assert 'value="submit"' in text
    browser.post(host("listing", listing), {"verb": "submit"})
    listing.refresh_from_db()
    assert (listing.status, listing.price_amount, listing.bedrooms, listing.media.count()) == (
        *("submitted", 250_000, 2, 2),
    )
    assert listing.contact_phone == "+250788123456"


def test_rupees_are_kept_in_paise_and_shown_in_rupees(page, poster):
    listing = PropertyFactory(owner=poster, currency="INR", price_amount=1_250_050)
    text = page(poster).get(f"/host/new/price/?listing={listing.pk}").content.decode()
    assert 'value="12500.50"' in text
    body = {
        "price": "12500.50",
        "currency": "INR",
        "rent_period": "month",
        "viewing_confirmation": "manual",
    }
    page().post(f"/host/new/price/?listing={listing.pk}", body)
    listing.refresh_from_db()
    assert (listing.price_amount, listing.deposit_amount) == (1_250_050, None)


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("place", {"property_type": "pg", "purpose": "buy", "city": "Kigali"}),
        ("place", {"property_type": "castle", "purpose": "rent", "city": "Kigali"}),
        ("details", {"bedrooms": "-1"}),
        ("price", {"price": "0", "currency": "RWF"}),
        ("price", {"price": "10", "currency": "RWF", "rent_period": "month", "viewing_confirmation": "manual", "contact_phone": "12"}),
        ("text", {"title": ""}),
    ],
)  # fmt: skip
def test_a_wrong_step_is_shown_again_with_what_was_typed(page, poster, step, body):
    listing = PropertyFactory(owner=poster)
    answer = page(poster).post(f"/host/new/{step}/?listing={listing.pk}", body)
    assert (answer.status_code, "error-summary" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(
    "query", ["?listing=nonsense", "?listing=7640f36a-8d81-44e4-aa9f-0f6d781bfdd7"]
)
def test_a_builder_of_nothing_is_not_found(page, poster, query):
    assert page(poster).get(f"/host/new/text/{query}").status_code == 404


def test_steps_without_a_draft_begin_at_the_first(page, poster):
    assert page(poster).get("/host/new/price/").url == "/host/new/place/"
    assert page(poster).get("/host/new/attic/").status_code == 404


def test_a_draft_that_was_begun_is_offered_again(page, poster):
    draft = PropertyFactory(owner=poster, title="Half a room")
    assert host("listing", draft) in page(poster).get("/host/new/place/").content.decode()


@pytest.mark.parametrize(
    "status",
    ["draft", "submitted", "hold_for_review", "pending_review", "live", "paused", "needs_edit", "rejected", "expired", "withdrawn"],
)  # fmt: skip
def test_the_page_of_a_listing_exists_in_every_status(page, poster, status):
    listing = PropertyFactory(owner=poster, status=status)
    browser = page(poster)
    assert {browser.get(host(name, listing)).status_code for name in HOST_PAGES} == {200}
    assert browser.get("/host/").status_code == 200


def test_an_impossible_step_answers_with_how_it_stands(page, poster):
    listing = PropertyFactory(owner=poster, status="withdrawn")
    answer = page(poster).post(host("listing", listing), {"verb": "pause"})
    assert (answer.status_code, "not possible now" in answer.content.decode()) == (409, True)
    assert page().post(host("listing", listing), {"verb": "approve"}).status_code == 404


def test_photos_are_moved_made_cover_described_and_removed_by_buttons(page, poster):
    one = PhotoFactory(listing=PropertyFactory(owner=poster), position=0)
    two = PhotoFactory(listing=one.listing, position=1)
    listing, browser = one.listing, page(poster)
    body = {"order": [str(one.pk), str(two.pk)]}
    browser.post(host("photo-order", listing), body | {"move": f"{two.pk}:earlier"})
    assert list(listing.media.shown()) == [two, one]
    browser.post(host("photo-order", listing), body | {"move": f"{one.pk}:first"})
    listing.refresh_from_db()
    assert listing.cover_id == one.pk
    words = {"category": "kitchen", "alt": "The stove"}
    browser.post(host("photo-change", listing, two.pk), words)
    two.refresh_from_db()
    assert (two.category, two.alt) == ("kitchen", "The stove")
    browser.post(host("photo-change", listing, two.pk), {"remove": "1"})
    assert list(listing.media.shown()) == [one]


@pytest.mark.parametrize(
    "body", [{"order": ["x"]}, {"order": [], "move": "x:earlier"}, {"move": f"{uuid.uuid4()}:up"}]
)
def test_an_order_that_makes_no_sense_is_not_found(page, poster, body):
    listing = PropertyFactory(owner=poster)
    assert page(poster).post(host("photo-order", listing), body).status_code == 404


@pytest.mark.parametrize(("content", "status"), [(b"no photo", 415), (None, 422)])
def test_what_is_no_photo_is_explained_on_the_page(page, poster, content, status):
    listing = PropertyFactory(owner=poster)
    body = {} if content is None else {"file": ContentFile(content, name="a.jpg")}
    answer = page(poster).post(host("photos", listing), body)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (status, True)


def test_photos_that_are_being_prepared_are_watched(page, poster):
    photo = PhotoFactory(listing=PropertyFactory(owner=poster), status="processing")
    grid = host("photo-grid", photo.listing)
    assert "every 2s" in page(poster).get(grid).content.decode()
    type(photo).objects.update(status="ready")
    assert "every 2s" not in page().get(grid).content.decode()


# --- rooms with people ----------------------------------------------------------------------------
def test_the_steps_of_a_room_ask_who_lives_there_and_what_a_month_costs(page, poster):
    listing = PropertyFactory(owner=poster, property_type="flatmate", currency="INR")
    browser = page(poster)
    details = {
        *("sharing_type=private_room", "gender_preference=female", "occupants=2"),
        *("flatmates_wanted=1", "lives_here=on", "has_own_bathroom=on"),
    }
    browser.post(
        f"/host/new/details/?listing={listing.pk}", dict(pair.split("=") for pair in details)
    )
    price = {"price": "15000", "currency": "INR", "rent_period": "month", "extra_costs": "3500"}
    price |= {"costs_included": ["water", "internet"], "viewing_confirmation": "manual"}
    browser.post(f"/host/new/price/?listing={listing.pk}", price)
    listing.refresh_from_db()
    assert (listing.gender_preference, listing.lives_here, listing.has_own_bathroom) == (
        *("female", True, True),
    )
    assert (listing.extra_costs_amount, listing.costs_included, listing.all_in_amount) == (
        *(350_000, ["internet", "water"], 1_850_000),
    )


@pytest.mark.parametrize(("step", "field"), [("details", "lives_here"), ("price", "extra_costs")])
@pytest.mark.parametrize(("kind", "is_asked"), [("pg", True), ("room", True), ("villa", False)])
def test_a_whole_home_is_not_asked_about_flatmates(page, poster, step, field, kind, is_asked):
    listing = PropertyFactory(owner=poster, property_type=kind)
    text = page(poster).get(f"/host/new/{step}/?listing={listing.pk}").content.decode()
    assert (f'name="{field}"' in text) == is_asked


def test_a_preference_for_a_private_room_is_explained_on_the_step(page, poster):
    listing = PropertyFactory(owner=poster, property_type="room")
    body = {"sharing_type": "private_room", "gender_preference": "male"}
    answer = page(poster).post(f"/host/new/details/?listing={listing.pk}", body)
    text = answer.content.decode()
    assert (answer.status_code, "Who may live in a whole home" in text) == (422, True)


def test_cards_and_the_page_say_what_a_month_costs_all_in_and_who_is_wanted(page):
    listing = LiveListingFactory(
        property_type="flatmate",
        city="Gurugram",
        currency="INR",
        price_amount=1_500_000,
        extra_costs_amount=350_000,
        costs_included=["internet", "water"],
        occupants=2,
        flatmates_wanted=1,
        lives_here=True,
    )
    line = "All in ₹18,500 a month · 1 of 3 flatmates wanted"
    assert line in page().get("/rooms/").content.decode()
    text = page().get(listing.get_absolute_url()).content.decode()
    assert (line in text, "With internet and water" in text, "Lives here too" in text) == (
        *(True, True, True),
    )


def test_the_picture_of_the_host_is_shown(page, poster):
    poster.avatar_id = uuid.uuid4()
    poster.save()
    text = page().get(LiveListingFactory(owner=poster).get_absolute_url()).content.decode()
    assert poster.avatar_url in text


# --- time ----------------------------------------------------------------------------------------
def test_a_host_answers_with_one_tap_that_it_is_still_available(page, poster):
    now = clock.now()
    listing = LiveListingFactory(owner=poster, asked_at=now, expires_at=now)
    browser = page(poster)
    text = browser.get(host("listing", listing)).content.decode()
    assert [text.count(f'value="{verb}"') for verb in ("renew", "withdraw")] == [1, 1]
    assert ("Is it still available?" in text, "Yes, still available" in text) == (True, True)
    assert "Is it still available?" in browser.get("/host/").content.decode()
    browser.post(host("listing", listing), {"verb": "renew"})
    listing.refresh_from_db()
    assert listing.asked_at is None


def test_a_passed_move_in_says_why_and_leads_to_a_new_date(page, poster):
    yesterday = clock.now().date() - dt.timedelta(days=2)
    listing = PropertyFactory(
        owner=poster,
        property_type="pg",
        status="paused",
        pause_reason="move_in_passed",
        available_from=yesterday,
    )
    browser = page(poster)
    text = browser.get(host("listing", listing)).content.decode()
    assert "The move-in date has passed. Choose a new one to bring it back." in text
    assert f"/host/new/details/?listing={listing.pk}#id_available_from" in text
    assert 'value="resume"' not in text
    answer = browser.post(host("listing", listing), {"verb": "resume"})
    assert (answer.status_code, "has passed" in answer.content.decode()) == (409, True)


# --- the admin ------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["property", "propertymedia", "imagejob", "geocodejob"])
def test_the_admin_lists_and_shows_rows(page, admin, name):
    media.add_photo(listing=(listing := PropertyFactory()), file=picture(), by=listing.owner)
    rows = {
        "property": listing,
        "propertymedia": listing.media.get(),
        "imagejob": listing.media.get().job,
        "geocodejob": GeocodeJob(
            subject_type="property", subject_id=listing.pk, city="Kigali", due_at=clock.now()
        ),
    }
    rows["geocodejob"].save()
    browser = page(admin)
    listed = browser.get(reverse(f"admin:properties_{name}_changelist"))
    shown = browser.get(reverse(f"admin:properties_{name}_change", args=[rows[name].pk]))
    assert (listed.status_code, shown.status_code) == (200, 200)
    assert listing.address not in shown.content.decode()


def test_staff_pause_and_resume_in_the_admin(page, admin):
    listing, browser = LiveListingFactory(), page(admin)
    url = reverse("admin:properties_property_changelist")
    for action, expected in (("pause", "paused"), ("resume", "live")):
        browser.post(url, {"action": action, "_selected_action": [str(listing.pk)]})
        listing.refresh_from_db()
        assert listing.status == expected


@pytest.mark.parametrize("query", [{"cursor": "made-up"}, {"limit": "0"}])
def test_a_made_up_place_in_my_listings_is_not_found(page, poster, query):
    assert page(poster).get("/host/", query).status_code == 404


def test_a_price_below_the_smallest_coin_is_none(page, poster):
    listing = PropertyFactory(owner=poster)
    form = {"price": "0.4", "currency": "RWF", "rent_period": "month"}
    form |= {"viewing_confirmation": "manual"}
    answer = page(poster).post(f"/host/new/price/?listing={listing.pk}", form)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("city", "currency", "said"),
    [
        ("Kigali", "", "46 m²"),
        ("Kigali", "INR", "46 m²"),
        ("Delhi", "", "500 sq ft"),
        ("", "RWF", "46 m²"),
    ],
)
def test_a_size_is_said_in_the_unit_in_which_it_was_asked_for(page, poster, city, currency, said):
    listing = PropertyFactory(owner=poster, city=city, currency=currency, area_sqft=500)
    assert said in page(poster).get(host("preview", listing)).content.decode()
    form = page(poster).get(f"/host/new/details/?listing={listing.pk}").context["form"]
    assert form["area_sqft"].value() == int(said.split()[0])


@pytest.mark.parametrize(("area", "limit"), [("9999999", "929031"), ("0", "1")])
def test_a_size_in_metres_is_refused_in_metres(page, poster, area, limit):
    listing = PropertyFactory(owner=poster, city="Kigali", currency="RWF")
    url = f"/host/new/details/?listing={listing.pk}"
    answer = page(poster).post(url, {"bedrooms": "2", "area_sqft": area})
    assert answer.status_code == 422
    [refusal] = answer.context["form"].errors["area_sqft"]
    assert f"equal to {limit}." in refusal


def test_a_size_is_asked_for_in_the_unit_of_the_market_and_kept_in_square_feet(page, poster):
    listing = PropertyFactory(owner=poster, city="Kigali", currency="RWF", area_sqft=500)
    url = f"/host/new/details/?listing={listing.pk}"
    form = page(poster).get(url).context["form"]
    assert (form["area_sqft"].label, form["area_sqft"].value()) == (
        "Size of the room in square metres",
        46,
    )
    as_shown = {"bedrooms": "2", "area_sqft": "46"}
    assert page(poster).post(url, as_shown).status_code == 302
    assert Property.objects.get(pk=listing.pk).area_sqft == 500
    page(poster).post(url, as_shown | {"area_sqft": "50"})
    assert Property.objects.get(pk=listing.pk).area_sqft == 538
