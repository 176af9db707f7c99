import datetime as dt
import json
import uuid

from django.core.files.base import ContentFile
import pytest

from ghar.lib import clock
from ghar.properties.models import Property, PropertyMedia, Upload
from ghar.properties.serializers import (
    OwnListingSerializer,
    PublicListingSerializer,
)
from ghar.properties.services import listings
from ghar.properties.services import media as pictures
from tests.factories import LiveListingFactory, PhotoFactory, PropertyFactory, UserFactory, picture

pytestmark = pytest.mark.django_db

BASE = "/api/v1/properties"
DRAFT = {"property_type": "room", "purpose": "rent"}
# What must never reach a stranger, planted in every private column.
CANARIES = {
    "address": "KG 777 Canary Street",
    "unit": "Canary-42",
    "latitude": -1.954321,
    "longitude": 30.091234,
    "contact_phone": "+250788999111",
}


def error_of(response):
    return response.status_code, response.json()["error"]["code"]


# --- reading --------------------------------------------------------------------------------------
def test_the_list_is_public_and_holds_live_listings_only(api):
    shown = LiveListingFactory()
    PropertyFactory()
    body = api().get(BASE).json()
    assert [item["id"] for item in body["items"]] == [str(shown.pk)]
    assert (body["has_more"], body["next_cursor"], body["limit"]) == (False, None, 20)


def test_both_spellings_of_a_path_answer(api):
    assert api().get(f"{BASE}/").status_code == api().get(BASE).status_code == 200


def test_a_stranger_reads_no_private_fact_anywhere(api, outsider, seeker_session):
    listing = LiveListingFactory(**CANARIES)
    url = listing.get_absolute_url()
    for caller in (None, outsider, seeker_session):
        for path in (BASE, f"{BASE}/{listing.pk}", url, "/rooms/", "/sitemap.xml"):
            text = api(caller).get(path).content.decode()
            for secret in (*CANARIES.values(), listing.owner.email):
                assert str(secret) not in text, (path, secret)


def test_the_public_answer_is_the_one_of_the_contract(api):
    listing = LiveListingFactory(deposit_amount=1000, amenities=["wifi"])
    answer = api().get(f"{BASE}/{listing.pk}").json()
    assert set(answer) == set(PublicListingSerializer().fields)
    assert set(answer["media"][0]) == {"id", "url", "width", "height", "alt"}
    assert set(answer["cell"]) == {"geohash", "latitude", "longitude"}
    assert set(answer["host"]) == {
        *("id", "full_name", "avatar_url", "member_since", "response_time"),
        *("visits_kept", "visits_planned"),
    }
    assert answer["host"]["full_name"] == listing.owner.public_name


def test_the_owner_reads_the_private_facts_and_what_may_be_done(api, poster):
    listing = LiveListingFactory(owner=poster, **CANARIES)
    answer = api(poster).get(f"{BASE}/{listing.pk}").json()
    assert set(answer) == set(OwnListingSerializer().fields)
    assert {name: answer[name] for name in CANARIES} == CANARIES
    assert (answer["status_label"], answer["media"][0]["status"]) == ("Live", "ready")
    assert answer["allowed_actions"] == ["edit", "pause", "renew", "withdraw"]


def test_a_room_says_what_a_month_costs_all_in(api, poster):
    body = DRAFT | {"property_type": "flatmate", "price_amount": 1_500_000, "currency": "INR"}
    body |= {"extra_costs_amount": 350_000, "costs_included": ["water", "gas"], "lives_here": True}
    answer = api(poster).post(BASE, body).json()
    assert (answer["all_in_amount"], answer["costs_included"], answer["lives_here"]) == (
        *(1_850_000, ["gas", "water"], True),
    )


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"costs_included": ["champagne"]}, "costs_included"),
        ({"extra_costs_amount": -1}, "extra_costs_amount"),
        ({"all_in_amount": 1}, "all_in_amount"),
        ({"pause_reason": "owner"}, "pause_reason"),
        ({"property_type": "apartment", "gender_preference": "male"}, "gender_preference"),
    ],
)
def test_facts_of_a_room_that_cannot_be_are_refused(api, poster, facts, field):
    answer = api(poster).post(BASE, DRAFT | facts)
    assert (error_of(answer), list(answer.json()["error"]["details"]["fields"])) == (
        *((422, "VALIDATION_ERROR"), [field]),
    )


def test_a_passed_move_in_is_a_conflict_with_its_reason(api, poster):
    listing = PropertyFactory(
        owner=poster,
        property_type="pg",
        status="paused",
        pause_reason="move_in_passed",
        available_from=dt.date(2026, 1, 1),
    )
    client = api(poster)
    answer = client.post(f"{BASE}/{listing.pk}/resume")
    assert error_of(answer) == (409, "MOVE_IN_PASSED")
    assert answer.json()["error"]["details"] == {
        "available_from": "2026-01-01",
        "allowed": ["edit", "withdraw"],
    }
    shown = client.get(f"{BASE}/{listing.pk}").json()
    assert (shown["pause_reason"], shown["pause_message"]) == (
        "move_in_passed",
        "The move-in date has passed. Choose a new one to bring it back.",
    )
    client.patch(f"{BASE}/{listing.pk}", {"available_from": None})
    assert client.post(f"{BASE}/{listing.pk}/resume").json()["status"] == "live"


def test_staff_read_every_listing(api, admin):
    assert api(admin).get(f"{BASE}/{PropertyFactory().pk}").status_code == 200


@pytest.mark.parametrize("caller", [None, "outsider", "seeker_session"])
def test_what_is_not_live_is_not_found_by_others(api, caller, request):
    principal = caller and request.getfixturevalue(caller)
    hidden, missing = PropertyFactory().pk, uuid.uuid4()
    answers = [api(principal).get(f"{BASE}/{pk}") for pk in (hidden, missing)]
    assert [error_of(a) for a in answers] == [(404, "NOT_FOUND")] * 2
    assert answers[0].content == answers[1].content


def test_mine_holds_my_listings_in_every_status(api, poster):
    mine = [PropertyFactory(owner=poster), LiveListingFactory(owner=poster)]
    LiveListingFactory()
    items = api(poster).get(f"{BASE}/mine").json()["items"]
    assert [item["id"] for item in items] == [str(row.pk) for row in reversed(mine)]
    assert error_of(api().get(f"{BASE}/mine")) == (401, "NOT_AUTHENTICATED")


def test_mine_keeps_what_is_let_and_leaves_out_a_draft_that_was_put_away(api, poster):
    draft, shown = PropertyFactory(owner=poster), LiveListingFactory(owner=poster)
    client = api(poster)
    for listing in (draft, shown):
        assert client.post(f"{BASE}/{listing.pk}/withdraw").json()["status"] == "withdrawn"
    items = client.get(f"{BASE}/mine").json()["items"]
    assert [item["id"] for item in items] == [str(shown.pk)]
    assert client.get(f"{BASE}/{draft.pk}").json()["status"] == "withdrawn"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_two_statements_whatever_its_length(api, rows, django_assert_num_queries):
    LiveListingFactory.create_batch(rows)
    with django_assert_num_queries(2):
        api().get(BASE)


@pytest.mark.parametrize("rows", [1, 3])
def test_mine_costs_the_same_whatever_its_length(api, poster, rows, django_assert_num_queries):
    LiveListingFactory.create_batch(rows, owner=poster)
    client = api(poster)
    with django_assert_num_queries(3):
        client.get(f"{BASE}/mine")


@pytest.mark.parametrize("sort", ["newest", "price", "-price", "distance"])
def test_no_row_is_skipped_or_repeated_while_others_come_and_go(api, sort):
    rows = [LiveListingFactory(price_amount=1000 + n % 2) for n in range(7)]
    query = {"limit": 2, "sort": sort}
    if sort == "distance":
        query |= {"lat": -1.95, "lng": 30.09, "radius_km": 20}
    client, seen, cursor = api(), [], None
    while True:
        body = client.get(BASE, query | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
        LiveListingFactory(price_amount=10)  # in front of "price", behind "-price"
        Property.objects.filter(pk=seen[0], status="live").update(status="paused")
    assert len(seen) == len(set(seen))
    assert set(seen) >= {str(row.pk) for row in rows}


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"cursor": "forged"}, (400, "INVALID_CURSOR")),
        ({"limit": 0}, (422, "VALIDATION_ERROR")),
        ({"limit": 101}, (422, "VALIDATION_ERROR")),
        ({"lat": 1}, (422, "VALIDATION_ERROR")),
        ({"sort": "distance"}, (422, "VALIDATION_ERROR")),
        ({"lat": "nan", "lng": 1}, (422, "VALIDATION_ERROR")),
        ({"lat": "inf", "lng": 1}, (422, "VALIDATION_ERROR")),
        ({"lat": 91, "lng": 1}, (422, "VALIDATION_ERROR")),
        ({"lat": 1, "lng": 1, "radius_km": "nan"}, (422, "VALIDATION_ERROR")),
        ({"property_type": "castle"}, (422, "VALIDATION_ERROR")),
        ({"price_min": "cheap"}, (422, "VALIDATION_ERROR")),
        ({"price_min": "9" * 40}, (422, "VALIDATION_ERROR")),
        ({"q": "\x00"}, (422, "VALIDATION_ERROR")),
        ({"move_in": "soon"}, (422, "VALIDATION_ERROR")),
    ],
)
def test_a_query_that_makes_no_sense_is_told_so(api, query, answer):
    assert error_of(api().get(BASE, query)) == answer


# --- writing --------------------------------------------------------------------------------------
def test_a_draft_needs_its_kind_alone(api, poster):
    response = api(poster).post(BASE, DRAFT)
    assert (response.status_code, response.json()["status"]) == (201, "draft")


def test_a_draft_keeps_what_it_was_given(api, poster):
    body = DRAFT | {
        "title": "Sunny room",
        "price_amount": 250000,
        "currency": "RWF",
        "city": "Kigali",
        "amenities": ["wifi", " wifi "],
        "available_from": "2027-01-01",
        "bedrooms": 2,
        **CANARIES,
    }
    answer = api(poster).post(BASE, body).json()
    assert {k: answer[k] for k in body} == body | {"amenities": ["wifi"]}


@pytest.mark.parametrize(
    "change",
    [
        *(
            {"status": "live"},
            {"id": str(uuid.uuid4())},
            {"owner": "x"},
            {"cell": {}},
            {"nonsense": 1},
        ),
        *({"published_at": "2026-01-01T00:00:00Z"}, {"slug": "x"}, {"content_version": 9}),
        *(
            {"price_amount": 0},
            {"price_amount": -5},
            {"price_amount": 10**16},
            {"price_amount": 1.5},
        ),
        *({"currency": "USD"}, {"title": "x" * 121}, {"title": "\x00"}, {"title": None}),
        *({"latitude": 91, "longitude": 0}, {"latitude": "NaN", "longitude": 0}, {"latitude": 1.0}),
        *({"bedrooms": -1}, {"bedrooms": 51}, {"amenities": "wifi"}, {"amenities": ["x" * 41]}),
        *({"amenities": ["a"] * 41}, {"timezone": "Mars/Base"}, {"contact_phone": "call me"}),
        *({"property_type": "castle"}, {"purpose": "buy", "property_type": "pg"}),
        *({"available_from": "tomorrow"}, {"rent_period": "day"}),
    ],
)
def test_bad_and_forged_fields_are_refused_on_create_and_change(api, poster, change):
    client, listing = api(poster), PropertyFactory(owner=poster, latitude=None, longitude=None)
    assert error_of(client.post(BASE, DRAFT | change)) == (422, "VALIDATION_ERROR")
    assert error_of(client.patch(f"{BASE}/{listing.pk}", change)) == (422, "VALIDATION_ERROR")
    unchanged = Property.objects.get()
    assert (unchanged.title, unchanged.status) == (listing.title, "draft")


@pytest.mark.parametrize("caller", ["outsider", "seeker_session", None])
def test_somebody_elses_listing_cannot_be_touched(api, caller, request):
    listing = LiveListingFactory()
    client = api(caller and request.getfixturevalue(caller))
    expected = (404, "NOT_FOUND") if caller == "outsider" else (401, "NOT_AUTHENTICATED")
    one = f"{BASE}/{listing.pk}"
    photo = listing.media.get().pk
    answers = [
        client.patch(one, {"title": "Mine now"}),
        client.delete(f"{one}/media/{photo}"),
        client.put(f"{one}/media/order", {"media_ids": [str(photo)]}),
        client.post(f"{one}/media", {"file": picture()}, format="multipart"),
        *(
            client.post(f"{one}/{verb}")
            for verb in ("submit", "pause", "resume", "renew", "withdraw")
        ),
    ]
    assert [error_of(answer) for answer in answers] == [expected] * 9
    listing.refresh_from_db()
    assert (listing.status, listing.media.shown().count()) == ("live", 1)


def test_the_way_of_a_listing_over_the_api(api, poster):
    client = api(poster)
    one = f"{BASE}/{client.post(BASE, DRAFT | {'title': 'Sunny room'}).json()['id']}"
    status, code = error_of(client.post(f"{one}/submit"))
    assert (status, code) == (422, "VALIDATION_ERROR")
    client.patch(one, {"city": "Kigali", "price_amount": 1000, "currency": "RWF"})
    photo = client.post(f"{one}/media", {"file": picture(), "category": "room"}, format="multipart")
    assert (photo.status_code, photo.json()["status"]) == (202, "processing")
    assert error_of(client.post(f"{one}/submit")) == (409, "MEDIA_PROCESSING")
    pictures.process_due_media(now=clock.now())
    submitted = client.post(f"{one}/submit")
    assert (submitted.status_code, submitted.json()["status"]) == (202, "submitted")
    again = client.post(f"{one}/submit")
    assert error_of(again) == (409, "INVALID_TRANSITION")
    assert again.json()["error"]["details"] == {"allowed": ["edit", "withdraw"]}


def test_the_owners_verbs(api, poster):
    one = f"{BASE}/{LiveListingFactory(owner=poster).pk}"
    client = api(poster)
    verbs = ("pause", "pause", "resume", "renew", "withdraw")
    answers = [client.post(f"{one}/{verb}") for verb in verbs]
    assert [(a.status_code, a.json()["status"]) for a in answers] == [
        *((200, "paused"), (200, "paused"), (200, "live"), (200, "live"), (200, "withdrawn"))
    ]


def test_an_edit_of_a_live_listing_answers_submitted(api, poster):
    one = f"{BASE}/{LiveListingFactory(owner=poster).pk}"
    client = api(poster)
    assert client.patch(one, {"price_amount": 9}).json()["status"] == "live"
    assert client.patch(one, {"title": "Another"}).json()["status"] == "submitted"
    assert api().get(one).status_code == 404


# --- photos ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "name", "answer"),
    [
        (b"\xff\xd8\xff" + bytes(20 * 1024 * 1024), "big.jpg", (413, "TOO_LARGE")),
        (b"not a photo at all", "text.jpg", (415, "UNSUPPORTED_MEDIA")),
        (b"", "empty.jpg", (415, "UNSUPPORTED_MEDIA")),
        (b"%PDF-1.7", "plan.pdf", (415, "UNSUPPORTED_MEDIA")),
    ],
)
def test_a_file_that_is_no_photo_is_refused_at_once(api, poster, content, name, answer, settings):
    listing = PropertyFactory(owner=poster)
    file = ContentFile(content, name=name)
    sent = api(poster).post(f"{BASE}/{listing.pk}/media", {"file": file}, format="multipart")
    assert error_of(sent) == answer
    assert not PropertyMedia.objects.exists()
    assert not settings.MEDIA_ROOT.exists()


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (422, "VALIDATION_ERROR")),
        ({"file": "text"}, (422, "VALIDATION_ERROR")),
        ({"file": picture(), "category": "cellar"}, (422, "VALIDATION_ERROR")),
        ({"file": picture(), "status": "ready"}, (422, "VALIDATION_ERROR")),
    ],
)
def test_a_photo_is_sent_as_the_contract_says(api, poster, body, answer):
    listing = PropertyFactory(owner=poster)
    sent = api(poster).post(f"{BASE}/{listing.pk}/media", body, format="multipart")
    assert error_of(sent) == answer


def test_a_photo_as_json_is_unsupported(api, poster):
    listing = PropertyFactory(owner=poster)
    sent = api(poster).post(f"{BASE}/{listing.pk}/media", {"file": "x"})
    assert error_of(sent) == (415, "UNSUPPORTED_MEDIA")


def test_the_same_photo_under_one_key_is_taken_once(api, poster):
    listing = PropertyFactory(owner=poster)
    client, key = api(poster), {"HTTP_IDEMPOTENCY_KEY": "k1"}
    # Larger than what Django reads into memory without being asked.
    big = ContentFile(picture().read() + bytes(2 * 1024 * 1024), name="photo.jpg")
    url = f"{BASE}/{listing.pk}/media"
    first = client.post(url, {"file": big}, format="multipart", **key)
    big.seek(0)
    second = client.post(url, {"file": big}, format="multipart", **key)
    assert (first.status_code, first.content) == (202, second.content)
    assert PropertyMedia.objects.count() == 1


def test_photos_are_ordered_and_removed(api, poster):
    one, two = (PhotoFactory(listing=PropertyFactory(owner=poster)) for _ in range(2))
    two = PhotoFactory(listing=one.listing)
    url = f"{BASE}/{one.listing.pk}/media"
    client = api(poster)
    ordered = client.put(f"{url}/order", {"media_ids": [str(two.pk), str(one.pk)]})
    assert [m["id"] for m in ordered.json()["media"]] == [str(two.pk), str(one.pk)]
    assert client.delete(f"{url}/{two.pk}").status_code == 204
    assert error_of(client.delete(f"{url}/{two.pk}")) == (404, "NOT_FOUND")


def test_uploads_are_limited_a_day(api, poster, settings):
    settings.LIMITS = settings.LIMITS | {"uploads": (1, 60, "account")}
    client = api(poster)
    body = {"purpose": "evidence"}
    first = client.post("/api/v1/uploads", body | {"file": picture()}, format="multipart")
    assert (first.status_code, Upload.objects.get().purpose) == (202, "evidence")
    second = client.post("/api/v1/uploads", body | {"file": picture()}, format="multipart")
    assert error_of(second) == (429, "RATE_LIMITED")


# --- files ----------------------------------------------------------------------------------------
def test_a_photo_is_served_to_those_who_may_see_its_listing(api, client, poster):
    photo = LiveListingFactory(owner=poster).media.get()
    url = f"/media/photos/{photo.pk}/medium.jpg"
    public = client.get(url)
    assert public.headers["X-Ghar-File"] == f"{photo.folder}/medium.jpg"
    assert public.headers["Cache-Control"] == "public, max-age=600"
    assert public.headers["X-Content-Type-Options"] == "nosniff"
    listings.pause_listing(listing=photo.listing, by=poster)
    assert client.get(url).status_code == 404
    client.force_login(poster)
    assert client.get(url).headers["Cache-Control"] == "private, no-store"
    client.force_login(UserFactory())
    assert client.get(url).status_code == 404


def test_a_public_photo_asks_nothing_about_its_reader(client, poster, django_assert_num_queries):
    photo = LiveListingFactory(owner=poster).media.get()
    client.force_login(UserFactory())
    with django_assert_num_queries(1):
        answer = client.get(f"/media/photos/{photo.pk}/medium.jpg")
    assert "Cookie" not in answer["Vary"]


def test_a_private_photo_is_neither_indexed_nor_kept_nor_shown_to_who_is_suspended(client, poster):
    photo = LiveListingFactory(owner=poster).media.get()
    listings.pause_listing(listing=photo.listing, by=poster)
    client.force_login(poster)
    url = f"/media/photos/{photo.pk}/medium.jpg"
    assert client.get(url).headers["X-Robots-Tag"] == "noindex"
    poster.suspended_at = clock.now()
    poster.save()
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("size", ["original", "huge", "../original"])
def test_no_other_file_is_served(client, poster, size):
    photo = LiveListingFactory(owner=poster).media.get()
    assert client.get(f"/media/photos/{photo.pk}/{size}.jpg").status_code == 404


def test_evidence_is_for_its_owner_and_staff(client, poster, admin, outsider):
    upload = pictures.add_upload(file=picture(), purpose="evidence", by=poster)
    pictures.process_due_media(now=clock.now())
    url = f"/media/uploads/{upload.pk}/large.jpg"
    assert client.get(url).status_code == 404
    answers = []
    for user in (poster, admin, outsider):
        client.force_login(user)
        answers.append(client.get(url).status_code)
    assert answers == [200, 200, 404]


def test_answers_are_plain_json(api, poster):
    PhotoFactory(listing=PropertyFactory(owner=poster))
    assert len(json.loads(api(poster).get(f"{BASE}/mine").content)["items"]) == 1


@pytest.mark.parametrize("field", ["title", "city", "currency", "price_amount"])
@pytest.mark.parametrize("status", ["live", "paused", "pending_review", "hold_for_review"])
def test_what_was_submitted_is_not_emptied_again(api, poster, field, status):
    listing = LiveListingFactory(owner=poster, status=status)
    empty = {field: None if field == "price_amount" else ""}
    answer = api(poster).patch(f"{BASE}/{listing.pk}", empty)
    assert error_of(answer) == (422, "VALIDATION_ERROR")
    assert list(answer.json()["error"]["details"]["fields"]) == [field]
    listing.refresh_from_db()
    assert listing.status == status


def test_a_draft_may_be_emptied_again(api, poster):
    listing = PropertyFactory(owner=poster)
    answer = api(poster).patch(f"{BASE}/{listing.pk}", {"title": "", "price_amount": None})
    assert (answer.status_code, answer.json()["title"]) == (200, "")
