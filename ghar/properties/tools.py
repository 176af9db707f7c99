"""Tools about listings: find, read, change, send in."""

from typing import Any, Final
import uuid

from rest_framework import serializers

from ghar.api.tools import Call, PageInput, Toolbox, ToolInput, page_of
from ghar.properties.models import Property
from ghar.properties.policies import roles_of
from ghar.properties.search import check_price_has_one_meaning, order_of, search_listings
from ghar.properties.serializers import (
    ListingInput,
    OwnListingSerializer,
    PublicListingSerializer,
    SearchInput,
    own_answer,
    public_answers,
    public_rows,
)
from ghar.properties.services import listings

SEARCH: Final = "properties_search"
toolbox = Toolbox()


class PropertyInput(ToolInput):
    property_id = serializers.UUIDField(help_text="Of the listing.")


class SearchTool(PageInput, SearchInput):
    """The query of GET /properties; here unknown names are refused."""

    words = {
        "q": "Words of the title, the description or the place.",
        "city": "As in Kigali.",
        "locality": "Part of town.",
        "property_type": "One or more, parted by commas: house, apartment, builder_floor, room,"
        " villa, plot, condo, penthouse, studio, loft, pg, flatmate, office, shop, warehouse.",
        "purpose": "What the place is offered for.",
        "price_min": "In minor units, as price_amount is.",
        "price_max": "In minor units, as price_amount is.",
        "currency": "Needed with a price where several currencies match.",
        "bedrooms_min": "At least so many.",
        "bedrooms_max": "At most so many.",
        "sharing_type": "Of a shared home: a room of one's own, or a shared one.",
        "gender_preference": "Of a shared home: for whom it is.",
        "move_in": "A day on which it must be available.",
        "amenities": "Words parted by commas; all of them must be there.",
        "lat": "With lng: the middle of the search by distance.",
        "lng": "With lat: the middle of the search by distance.",
        "radius_km": "How far from lat and lng.",
        "sort": "newest unless said; distance needs lat and lng.",
    }


class ChangeTool(ToolInput, ListingInput):
    """The body of PATCH, where what is left out stays."""

    property_id = serializers.UUIDField(help_text="Of the user's own listing.")
    words = {
        "title": "Short and true; no contact details.",
        "description": "What the place is like; no contact details, no links.",
        "property_type": "What it is; pg and flatmate are rooms in a shared home.",
        "purpose": "What it is offered for; pg and flatmate for rent only.",
        "price_amount": "Minor units, as 25000000 for 250,000.00; whole francs in RWF.",
        "currency": "Of all amounts.",
        "rent_period": "What price_amount pays for, with purpose rent.",
        "deposit_amount": "Minor units.",
        "city": "As in Kigali.",
        "locality": "Part of town; public.",
        "society": "Name of the building or estate; public.",
        "address": "Street and number. Private until a visit is agreed.",
        "unit": "Flat number. Private until a visit is agreed.",
        "latitude": "Private; the public see a cell of about a kilometre.",
        "longitude": "Private; the public see a cell of about a kilometre.",
        "bedrooms": "How many.",
        "bathrooms": "How many.",
        "area_sqft": "Square feet.",
        "furnishing": "How it is furnished.",
        "amenities": "What there is, one word each.",
        "contact_phone": "Private. A number of the poster's own.",
        "viewing_confirmation": "auto: a seeker who takes an offered time has it at once.",
        "timezone": "IANA name; that of the market unless said.",
        "sharing_type": "Of a shared home: a room of one's own, or a shared one.",
        "gender_preference": "Of a shared home alone: for whom it is.",
        "available_from": "From which day on.",
        "occupants": "How many live there now.",
        "flatmates_wanted": "How many are looked for.",
        "lives_here": "Whether the poster lives there.",
        "has_own_bathroom": "Whether the room has a bathroom of its own.",
        "extra_costs_amount": "Bills a month beside the rent, minor units.",
        "costs_included": "Which bills the rent includes.",
    }

    class Meta(ListingInput.Meta):
        fields = ("property_id", *ListingInput.Meta.fields)  # type: ignore[assignment]

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name == "property_id"
        return fields


@toolbox.add(SEARCH, SearchTool, PublicListingSerializer, many=True, only_reads=True)
def search_properties(call: Call, **filters: Any) -> dict[str, Any]:
    """Find live listings, by place, price, rooms and words. Positions are of a public cell; the exact
    address stays private until a visit is agreed. Pass `next_cursor` as `cursor` for the next page.
    """
    found = search_listings(filters)
    check_price_has_one_meaning(found, filters)
    order = order_of(filters.get("sort", ""))
    return page_of(SEARCH, public_rows(found), public_answers, filters, order)


@toolbox.add(
    "properties_get",
    PropertyInput,
    PublicListingSerializer,
    OwnListingSerializer,
    only_reads=True,
)
def get_property(call: Call, *, property_id: uuid.UUID) -> dict[str, Any]:
    """One listing. A stranger reads what is public of a live one; its poster and staff read
    everything, in every status, with `status` and `allowed_actions`.
    """
    visible = public_rows(Property.objects.visible_to(call.caller))
    listing = call.get_one(visible, property_id)
    if roles_of(listing, call.caller):
        return _own(call, listing)
    return public_answers([listing])[0]


@toolbox.add(
    "properties_update", ChangeTool, OwnListingSerializer, destroys=True, is_repeatable=True
)
def update_property(call: Call, *, property_id: uuid.UUID, **changes: Any) -> dict[str, Any]:
    """Change your own listing; what is left out stays. Answers with the listing.

    Changed text, address, type, rooms or photos of a live listing are checked again first, and
    until then it is not public.
    """
    listing = _mine(call, property_id)
    return _own(call, listings.edit_listing(listing=listing, by=call.caller, **changes))


@toolbox.add("properties_submit", PropertyInput, OwnListingSerializer)
def submit_property(call: Call, *, property_id: uuid.UUID) -> dict[str, Any]:
    """Send your own listing in to be checked and published. Call risk.score_listing before, and
    settle what it lists; if it is held afterwards, its checklist says what to change.

    Refused without title, city, price, currency or photo, and while photos are still processed
    (MEDIA_PROCESSING). The check takes seconds: read `status` with properties_get afterwards.
    """
    listing = _mine(call, property_id)
    return _own(call, listings.submit_listing(listing=listing, by=call.caller))


def _mine(call: Call, pk: uuid.UUID) -> Property:
    return call.get_one(Property.objects.manageable_by(call.caller), pk)


def _own(call: Call, listing: Property) -> dict[str, Any]:
    fresh = Property.objects.for_host().get(pk=listing.pk)
    return own_answer(fresh, by=call.caller)
