"""Listings by an assistant: find, read, change, send in, fix."""

import json

import pytest

from ghar.audit.models import AuditEvent
from ghar.lib.ids import uuid7
from ghar.properties.models import Property
from tests.factories import LiveListingFactory, PhotoFactory, PropertyFactory
from tests.mcp.assistants import Assistant, staff
from tests.moderation.listings import FACTS, add_ready_photo, make_listing
from tests.moderation.pictures import draw

pytestmark = pytest.mark.django_db
V1 = "/api/v1/properties"
# What no stranger may read of the factory's listing: address, flat, phone, position, e-mail.
PRIVATE = ("KG 28 Avenue 14", "B2", "788123456", "-1.9536", "30.0927", "@example.org")


def test_search_finds_what_the_api_finds(api, seeker):
    LiveListingFactory(title="A room", price_amount=100_000)
    LiveListingFactory(title="A dear room", price_amount=900_000)
    PropertyFactory(title="A draft")
    found = Assistant(seeker).ask("properties_search", city="Kigali", price_max=500_000)
    assert [item["title"] for item in found["items"]] == ["A room"]
    query = {"city": "Kigali", "price_max": 500_000}
    assert api(seeker).get(V1, query).json()["items"] == found["items"]


def test_search_goes_on_where_it_ended(seeker):
    for price in (3, 1, 2):
        LiveListingFactory(price_amount=price * 100_000)
    mine = Assistant(seeker)
    first = mine.ask("properties_search", sort="price", limit=2)
    rest = mine.ask("properties_search", sort="price", limit=2, cursor=first["next_cursor"])
    prices = [item["price_amount"] for page in (first, rest) for item in page["items"]]
    assert prices == [100_000, 200_000, 300_000]


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"lat": -1.95}, "lat"),
        ({"lat": 91, "lng": 30}, "lat"),
        ({"property_type": "castle"}, "property_type"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"town": "Kigali"}, "town"),
    ],
)
def test_a_filter_that_is_wrong_is_named(seeker, filters, field):
    error = Assistant(seeker).refused("properties_search", **filters)
    assert list(error["details"]["fields"]) == [field]


def test_a_stranger_reads_nothing_private(seeker):
    listing = LiveListingFactory()
    mine = Assistant(seeker)
    read = json.dumps(mine.ask("properties_get", property_id=listing.pk))
    found = json.dumps(mine.ask("properties_search"))
    assert [word for word in PRIVATE if word in read + found] == []


def test_its_poster_and_staff_read_everything(api, poster, admin):
    listing = PropertyFactory(owner=poster)
    PhotoFactory(listing=listing, status="processing", width=None, height=None)
    for reader in (Assistant(poster), staff(admin)):
        read = reader.ask("properties_get", property_id=listing.pk)
        assert (read["address"], read["status"]) == ("KG 28 Avenue 14", "draft")
    assert api(admin).get(f"{V1}/{listing.pk}").json() == read


@pytest.mark.parametrize(
    ("tool", "more"),
    [
        ("properties_update", {"title": "Mine now"}),
        ("properties_submit", {}),
        ("properties_appeal", {"message": "It is mine"}),
        ("risk.score_listing", {}),
        ("risk.compute_listing_fingerprint", {}),
    ],
)
def test_a_listing_of_somebody_else_does_not_exist(seeker, tool, more):
    listing = LiveListingFactory()
    mine = Assistant(seeker)
    refused = mine.refused(tool, property_id=listing.pk, **more)
    assert refused == mine.refused(tool, property_id=uuid7(), **more)
    assert refused["code"] == "NOT_FOUND"


def test_a_draft_is_read_by_its_poster_alone(outsider):
    draft = PropertyFactory()
    assert Assistant(outsider).code("properties_get", property_id=draft.pk) == "NOT_FOUND"


def test_an_update_changes_what_it_names_and_nothing_else(poster):
    listing = PropertyFactory(owner=poster, bedrooms=2)
    changed = Assistant(poster).ask(
        "properties_update", property_id=listing.pk, price_amount=90_000
    )
    assert (changed["price_amount"], changed["bedrooms"]) == (90_000, 2)
    assert changed["title"] == listing.title


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "live"}, "status"),
        ({"price_amount": -1}, "price_amount"),
        ({"price_amount": "cheap"}, "price_amount"),
        ({"latitude": 91.0}, "latitude"),
        ({"currency": "XYZ"}, "currency"),
        ({"amenities": "wifi"}, "amenities"),
        ({"title": "long" * 100}, "title"),
    ],
)
def test_an_update_that_is_wrong_is_named(poster, change, field):
    listing = PropertyFactory(owner=poster)
    error = Assistant(poster).refused("properties_update", property_id=listing.pk, **change)
    assert (error["code"], list(error["details"]["fields"])) == ("VALIDATION_ERROR", [field])


def test_an_update_says_which_listing(poster):
    error = Assistant(poster).refused("properties_update", title="Which one?")
    assert list(error["details"]["fields"]) == ["property_id"]


def test_what_cannot_be_sent_in_is_refused(poster):
    bare = PropertyFactory(owner=poster, city="", price_amount=None)
    mine = Assistant(poster)
    error = mine.refused("properties_submit", property_id=bare.pk)
    assert {"city", "price_amount"} <= set(error["details"]["fields"])
    waiting = PropertyFactory(owner=poster)
    PhotoFactory(listing=waiting, status="processing")
    assert mine.code("properties_submit", property_id=waiting.pk) == "MEDIA_PROCESSING"


def test_a_posters_assistant_previews_fixes_and_sends_in(poster, on_commit):
    """Update, look, mend what the check names, look again, send in: on to the review."""
    listing = make_listing(poster, pictures=[draw(80), draw(81)])
    mine, it = Assistant(poster), {"property_id": listing.pk}
    told = "Call me on +250 788 555 444 or write to owner@example.com before you come."
    mine.ask("properties_update", description=told, **it)
    before = mine.ask("risk.score_listing", **it)
    open_points = {point["code"] for point in before["checklist"] if not point["satisfied"]}
    assert open_points == {"TEXT_CONTACT_IN_DESCRIPTION"}
    assert set(before) == {"status", "headline", "checklist", "can_appeal", "next_step"}
    mine.ask("properties_update", description=FACTS["description"], **it)
    after = mine.ask("risk.score_listing", **it)
    assert [point for point in after["checklist"] if not point["satisfied"]] == []
    with on_commit():
        assert mine.ask("properties_submit", **it)["status"] == "submitted"
    assert mine.ask("properties_get", **it)["status"] == "pending_review"
    written = AuditEvent.objects.filter(actor_id=str(poster.pk)).exclude(action="listing_created")
    assert set(written.values_list("channel", flat=True)) == {"mcp"}


def test_a_held_poster_reads_why_mends_it_and_passes(held, outsider, original, on_commit):
    """The photos are somebody else's: others are added, and the check looks again by itself."""
    mine, it = Assistant(outsider), {"property_id": held.pk}
    why = mine.ask("risk.compute_listing_fingerprint", **it)
    assert "PHOTO_SEEN_ELSEWHERE" in {point["code"] for point in why["checklist"]}
    assert why["next_step"]
    assert str(original.pk) not in json.dumps(why)
    held.media.all().delete()
    for number in (90, 91):
        add_ready_photo(held, draw(number))
    with on_commit():
        mine.ask("properties_submit", **it)
    assert Property.objects.get(pk=held.pk).status == "pending_review"


def test_one_appeal_at_a_time(held, outsider):
    mine, it = Assistant(outsider), {"property_id": held.pk, "message": "I took them myself."}
    made = mine.ask("properties_appeal", **it)
    assert (made["property_id"], made["status"]) == (str(held.pk), "open")
    again = mine.refused("properties_appeal", **it)
    assert again["code"] == "APPEAL_OPEN"
    written = AuditEvent.objects.filter(action="appeal_submitted")
    assert list(written.values_list("channel", flat=True)) == ["mcp"]
