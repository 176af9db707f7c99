"""What the API reads and answers. Strangers, and owners with staff, have answers of their own."""

from typing import Any, Final
import uuid

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ghar.api.serializers import StrictModelSerializer, StrictSerializer
from ghar.lib.actors import Actor
from ghar.properties.images import rejection_message
from ghar.properties.models import (
    NAME_LENGTH,
    NOTE_LENGTH,
    Property,
    PropertyMedia,
    PropertyQuerySet,
    SavedListing,
    SavedSearch,
    photo_url,
)
from ghar.properties.policies import allowed_actions
from ghar.properties.rules import PRIVATE_FACTS
from ghar.properties.search import ORDERS
from ghar.properties.states import (
    AlertFrequency,
    Currency,
    GenderPreference,
    MediaCategory,
    PauseReason,
    PropertyType,
    Purpose,
    SharingType,
    UploadPurpose,
)

PUBLIC_FACTS: Final = (
    *("title", "description", "property_type", "purpose", "price_amount", "currency"),
    *("rent_period", "deposit_amount", "city", "locality", "society", "bedrooms", "bathrooms"),
    *("area_sqft", "furnishing", "amenities", "viewing_confirmation", "timezone", "sharing_type"),
    *("gender_preference", "available_from", "occupants", "flatmates_wanted", "lives_here"),
    *("has_own_bathroom", "extra_costs_amount", "costs_included"),
)
# What only the poster and staff read, beside the private facts.
OWN_FACTS: Final = (
    *("pause_reason", "content_version", "submitted_at", "expires_at", "asked_at", "created_at"),
    "updated_at",
)
FIGURES_OF_HOST: Final = ("response_seconds", "visits_kept", "visits_planned")


class ListingInput(StrictModelSerializer):
    """Everything that a poster may say; the server's own columns are not among it."""

    class Meta:
        model = Property
        fields = (*PUBLIC_FACTS, *PRIVATE_FACTS)
        # Read as people write them; the service makes E.164 of it.
        extra_kwargs = {"contact_phone": {"max_length": 30}}


class ListingChange(ListingInput):
    """The same for PATCH: what is left out stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, partial=True)


class PhotoInput(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True)
    category = serializers.ChoiceField(MediaCategory.choices, required=False)
    alt = serializers.CharField(max_length=200, required=False, allow_blank=True)


class PhotoOrderInput(StrictSerializer):
    media_ids = serializers.ListField(
        child=serializers.UUIDField(), max_length=settings.MEDIA_MAX_PER_LISTING
    )


class UploadInput(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True)
    purpose = serializers.ChoiceField(UploadPurpose.choices)


class Words(serializers.CharField):
    """Several values parted by commas."""

    def __init__(self, *, choices: Any = None, **kwargs: Any) -> None:
        super().__init__(max_length=500, required=False, allow_blank=True, **kwargs)
        self.allowed = choices

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        self.run_validators(text)  # of the list, later, they would see no more than its length
        words = [word.strip() for word in text.split(",")]
        words = [word for word in words if word]
        if self.allowed and not set(words) <= set(self.allowed):
            raise serializers.ValidationError(_("This is not one of the choices."))
        return words


def _choice(choices: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices, required=False, allow_blank=True)


def _text(length: int) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=length)


def _number(most: int) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=0, max_value=most)


class Degrees(serializers.FloatField):
    def __init__(self, most: float) -> None:
        super().__init__(required=False, min_value=-most, max_value=most)


class SearchInput(serializers.Serializer):
    """The query of GET /properties."""

    q = _text(200)
    city = _text(80)
    locality = _text(80)
    property_type = Words(choices=PropertyType.values)
    purpose = _choice(Purpose.choices)
    price_min = _number(10**15)
    price_max = _number(10**15)
    currency = _choice(Currency.choices)
    bedrooms_min = _number(50)
    bedrooms_max = _number(50)
    sharing_type = _choice(SharingType.choices)
    gender_preference = _choice(GenderPreference.choices)
    move_in = serializers.DateField(required=False)
    amenities = Words()
    lat = Degrees(90)
    lng = Degrees(180)
    radius_km = serializers.FloatField(required=False, min_value=0.1, max_value=200)
    sort = _choice([(sort, sort) for sort in ORDERS])

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("lat" in attrs) != ("lng" in attrs):
            raise serializers.ValidationError({"lat": _("lat and lng belong together.")})
        if "lat" not in attrs and ("radius_km" in attrs or attrs.get("sort") == "distance"):
            raise serializers.ValidationError({"lat": _("A distance needs lat and lng.")})
        return attrs


class HostSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    full_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    member_since = serializers.DateTimeField()
    response_time = serializers.IntegerField(allow_null=True, help_text=_("seconds"))
    visits_kept = serializers.IntegerField(
        allow_null=True, help_text=_("Of `visits_planned`, in twelve months; null below five.")
    )
    visits_planned = serializers.IntegerField(allow_null=True)


class CellSerializer(serializers.Serializer):
    geohash = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()


class PublicPhotoSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()


class OwnPhotoSerializer(PublicPhotoSerializer):
    width = serializers.IntegerField(allow_null=True)  # until it is ready
    height = serializers.IntegerField(allow_null=True)
    category = serializers.ChoiceField(MediaCategory.choices)
    status = serializers.CharField()
    failure = serializers.CharField(allow_null=True)


ALL_IN: Final = serializers.IntegerField(
    allow_null=True, help_text=_("rent and bills a month, once the poster has said what they are")
)


class PublicListingSerializer(serializers.ModelSerializer):
    """What everybody may know, as the schema describes it; `public_answers` makes it."""

    slug = serializers.CharField()
    url = serializers.CharField()
    all_in_amount = ALL_IN
    cover_url = serializers.CharField(allow_null=True)
    media = PublicPhotoSerializer(many=True)
    cell = CellSerializer(allow_null=True)
    host = HostSerializer()

    class Meta:
        model = Property
        fields = (
            *("id", "slug", "url", "status", *PUBLIC_FACTS, "cover_url", "media", "cell", "host"),
            *("all_in_amount", "published_at"),
        )


def public_rows(listings: PropertyQuerySet) -> PropertyQuerySet:
    """Only the columns that a stranger's answer is made of; the private ones are not even read."""
    host = (*("full_name", "avatar_id", "created_at"), *FIGURES_OF_HOST)
    return listings.select_related("owner").only(
        *PUBLIC_FACTS,
        *("status", "published_at", "rank_at", "cover"),
        *("cell_geohash", "cell_latitude", "cell_longitude"),
        *(f"owner__{name}" for name in host),
    )


def public_answers(listings: list[Property]) -> list[dict[str, Any]]:
    """Plain dicts and one query for the photos: serializer fields and photo objects cost three
    times as much, and this is the hottest list of the site.
    """
    shown = PropertyMedia.objects.ready().filter(listing__in=listings)
    photos: dict[uuid.UUID, list[dict[str, Any]]] = {listing.pk: [] for listing in listings}
    rows = shown.values_list("listing_id", "id", "width", "height", "alt", "category")
    labels = {value: str(label) for value, label in MediaCategory.choices}
    for listing_id, pk, width, height, alt, category in rows:
        photos[listing_id].append(_photo(pk, width, height, alt or labels[category]))
    return [{**_public_facts(each), "media": photos[each.pk]} for each in listings]


class OwnListingSerializer(serializers.ModelSerializer):
    """What its poster and staff read: the private facts, each photo's fate, what may be done."""

    slug = serializers.CharField()
    url = serializers.CharField()
    all_in_amount = ALL_IN
    cover_url = serializers.CharField(allow_null=True)
    media = OwnPhotoSerializer(many=True)
    cell = CellSerializer(allow_null=True)
    host = HostSerializer()
    status_label = serializers.CharField()
    pause_reason = serializers.ChoiceField(PauseReason.choices, allow_blank=True)
    pause_message = serializers.CharField(allow_blank=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Property
        fields = (
            *("id", "slug", "url", "status", *PUBLIC_FACTS, "cover_url", "media", "cell", "host"),
            *("all_in_amount", "published_at", *PRIVATE_FACTS, "status_label", "allowed_actions"),
            *("pause_message", *OWN_FACTS),
        )

    def to_representation(self, instance: Property) -> dict[str, Any]:
        return own_answer(instance, by=self.context["view"].caller)


def own_answer(listing: Property, *, by: Actor) -> dict[str, Any]:
    return {
        **_public_facts(listing),
        **{name: getattr(listing, name) for name in (*PRIVATE_FACTS, *OWN_FACTS)},
        "media": [_own_photo(media) for media in listing.shown_media],
        "status_label": listing.get_status_display(),
        "pause_message": listing.get_pause_reason_display() if listing.is_paused else "",
        "allowed_actions": allowed_actions(listing, by),
    }


def _public_facts(listing: Property) -> dict[str, Any]:
    facts = {name: getattr(listing, name) for name in PUBLIC_FACTS}
    return {
        "id": listing.id,
        "slug": listing.slug,
        "url": listing.get_absolute_url(),
        "status": listing.status,
        **facts,
        "all_in_amount": listing.all_in_amount,
        "cover_url": listing.cover_url,
        "cell": _cell(listing),
        "host": _host(listing.owner),
        "published_at": listing.published_at,
    }


def _cell(listing: Property) -> dict[str, Any] | None:
    if not listing.cell_geohash:
        return None
    return {
        "geohash": listing.cell_geohash,
        "latitude": listing.cell_latitude,
        "longitude": listing.cell_longitude,
    }


def _host(owner: Any) -> dict[str, Any]:
    return {
        "id": owner.pk,
        "full_name": owner.public_name,
        "avatar_url": owner.avatar_url,
        "member_since": owner.created_at,
        "response_time": owner.response_seconds,
        "visits_kept": owner.visits_kept,
        "visits_planned": owner.visits_planned,
    }


def _photo(pk: uuid.UUID, width: int | None, height: int | None, alt: str) -> dict[str, Any]:
    return {"id": pk, "url": photo_url(pk, "large"), "width": width, "height": height, "alt": alt}


def _own_photo(media: PropertyMedia) -> dict[str, Any]:
    return {
        **_photo(media.pk, media.width, media.height, media.alt),
        "category": media.category,
        "status": media.status,
        "failure": rejection_message(media.failure) if media.failure else None,
    }


class PictureState(serializers.Serializer):
    """The answer to a picture that was taken in."""

    id = serializers.UUIDField()
    status = serializers.CharField()


class SavedFilters(StrictSerializer, SearchInput):
    """The filters of GET /properties, as it takes them; the order is no filter."""

    sort = None  # type: ignore[assignment]


class SavedSearchChange(StrictSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    frequency = serializers.ChoiceField(AlertFrequency.choices, required=False)


class SavedSearchInput(SavedSearchChange):
    filters = SavedFilters()


class SavedSearchSerializer(serializers.ModelSerializer):
    filters = serializers.SerializerMethodField()
    next_run_at = serializers.DateTimeField(allow_null=True)
    new_count = serializers.IntegerField()
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = SavedSearch
        fields = (
            *("id", "name", "filters", "frequency", "next_run_at", "last_run_at", "new_count"),
            *("url", "created_at"),
        )

    @extend_schema_field(SavedFilters)
    def get_filters(self, search: SavedSearch) -> dict[str, Any]:
        """As they go into the query of GET /properties."""
        return {
            name: ",".join(value) if isinstance(value, list) else value
            for name, value in search.filters.items()
        }


class ShortlistInput(StrictSerializer):
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)


class ShortlistSerializer(serializers.Serializer):
    """One place of a shortlist; `property` is null while it is not live."""

    property_id = serializers.UUIDField()
    title = serializers.CharField()
    note = serializers.CharField()
    is_available = serializers.BooleanField()
    property = PublicListingSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


def shortlist_answers(saved: list[SavedListing]) -> list[dict[str, Any]]:
    kept = Property.objects.live().filter(pk__in=[row.listing_id for row in saved])
    live = {answer["id"]: answer for answer in public_answers(list(public_rows(kept)))}
    return [
        {
            "property_id": row.listing_id,
            "title": row.title,
            "note": row.note,
            "is_available": row.listing_id in live,
            "property": live.get(row.listing_id),
            "created_at": row.created_at,
        }
        for row in saved
    ]
