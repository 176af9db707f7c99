"""Tools about listings: find, read, change, send in."""

from typing import Any, Final
import uuid

from rest_framework import serializers

from ghar.api.serializers import StrictSerializer
from ghar.api.tools import Call, PageInput, Toolbox, page_of
from ghar.errors import NotFound
from ghar.properties.models import Property
from ghar.properties.policies import roles_of
from ghar.properties.search import check_price_has_one_meaning, order_of, search_listings
from ghar.properties.serializers import (
    ListingChange,
    SearchInput,
    own_answer,
    public_answers,
    public_rows,
)
from ghar.properties.services import listings

SEARCH: Final = "properties_search"
toolbox = Toolbox()


class PropertyInput(StrictSerializer):
    property_id = serializers.UUIDField()


class SearchTool(PageInput, SearchInput):
    """The query of GET /properties; here unknown names are refused."""


class ChangeTool(ListingChange):
    property_id = serializers.UUIDField()

    class Meta(ListingChange.Meta):
        fields = ("property_id", *ListingChange.Meta.fields)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        # Everything of a PATCH may be left out, but for what it is about.
        fields["property_id"] = RequiredId()
        return fields


class RequiredId(serializers.UUIDField):
    pass


@toolbox.add(SEARCH, SearchTool, only_reads=True)
def search_properties(call: Call, **filters: Any) -> dict[str, Any]:
    """Find live listings: {items, next_cursor, has_more, limit}.

    Prices in minor units (with `currency`), `property_type` and `amenities` as words parted by
    commas, `radius_km` around `lat` and `lng`. Pass `next_cursor` as `cursor` for the next page.
    """
    found = search_listings(filters)
    check_price_has_one_meaning(found, filters)
    order = order_of(filters.get("sort", ""))
    return page_of(SEARCH, public_rows(found), public_answers, filters, order)


@toolbox.add("properties_get", PropertyInput, only_reads=True)
def get_property(call: Call, *, property_id: uuid.UUID) -> dict[str, Any]:
    """One listing. A stranger reads what is public of a live one; its poster and staff read
    everything, in every status, with `status` and `allowed_actions`.
    """
    visible = public_rows(Property.objects.visible_to(call.caller))
    listing = call.get_one(visible, property_id)
    if roles_of(listing, call.caller):
        return _own(call, listing)
    return public_answers([listing])[0]


@toolbox.add("properties_update", ChangeTool)
def update_property(call: Call, *, property_id: uuid.UUID, **changes: Any) -> dict[str, Any]:
    """Change your own listing; what is left out stays. Answers with the listing.

    Changed text, address, type, rooms or photos of a live listing are checked again first, and
    until then it is not public.
    """
    listing = _mine(call, property_id)
    return _own(call, listings.edit_listing(listing=listing, by=call.caller, **changes))


@toolbox.add("properties_submit", PropertyInput)
def submit_property(call: Call, *, property_id: uuid.UUID) -> dict[str, Any]:
    """Send your own listing in to be checked and published; look with risk.score_listing first.

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
