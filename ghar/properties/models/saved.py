"""What somebody keeps: places for later, searches to go on with, and what has come in for those."""

import datetime as dt
from typing import Any
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ghar.lib.ids import uuid7
from ghar.lib.places import find_city
from ghar.lib.text import normalise
from ghar.models import DueRow, DueState
from ghar.properties.models.listings import Property, PropertyQuerySet
from ghar.properties.states import AlertFrequency, Currency, PropertyType, Purpose

NAME_LENGTH = 80
NOTE_LENGTH = 300


def city_key(name: str) -> str:
    """One key for all the names of a city; empty for none."""
    city = find_city(name)
    return normalise(city.name if city else name)[:80]


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def of(self, user: Any) -> "SavedSearchQuerySet":
        return self.filter(user_id=user.pk)

    def due(self, moment: dt.datetime) -> "SavedSearchQuerySet":
        """Alerts of people who are here; those of a closed account wait for its return."""
        return self.filter(state=DueState.DUE, due_at__lte=moment, user__is_active=True)

    def told_at_once(self) -> "SavedSearchQuerySet":
        return self.filter(frequency=AlertFrequency.INSTANT)

    def that_may_want(self, listing: Property) -> "SavedSearchQuerySet":
        """By the copied columns alone: all that want the listing, and some that do not."""
        price = listing.price_amount
        return self.exclude(frequency=AlertFrequency.OFF).filter(
            ~Q(user_id=listing.owner_id),
            Q(price_min=None) | Q(price_min__lte=price),
            Q(price_max=None) | Q(price_max__gte=price),
            Q(property_types=[]) | Q(property_types__contains=[listing.property_type]),
            user__is_active=True,
            city__in=["", city_key(listing.city)],
            purpose__in=["", listing.purpose],
            currency__in=["", listing.currency],
        )

    def with_news(self) -> "SavedSearchQuerySet":
        """With `new_count`: places that came in since the reader last looked, and are still live."""
        fresh = Q(matches__is_seen=False, matches__listing__in=Property.objects.live())
        return self.annotate(new_count=models.Count("matches", filter=fresh))


class SavedSearch(DueRow):
    """Filters that somebody keeps, and when to tell what is new. `due_at` is the next alert.

    `filters` are those of ghar.properties.search; city to price_max are copies of them, by which
    one new listing finds the searches that may want it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="saved_searches"
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    filters = models.JSONField(encoder=DjangoJSONEncoder)
    frequency = models.CharField(
        _("tell me"), max_length=8, choices=AlertFrequency.choices, default=AlertFrequency.DAILY
    )
    last_run_at = models.DateTimeField(null=True, blank=True)
    city = models.CharField(max_length=80, blank=True)
    property_types = ArrayField(
        models.CharField(max_length=20, choices=PropertyType.choices), default=list, blank=True
    )
    purpose = models.CharField(max_length=12, choices=Purpose.choices, blank=True)
    currency = models.CharField(max_length=3, choices=Currency.choices, blank=True)
    price_min = models.BigIntegerField(null=True, blank=True)
    price_max = models.BigIntegerField(null=True, blank=True)

    objects = SavedSearchQuerySet.as_manager()
    new_count: int

    class Meta:
        db_table = "saved_searches"
        indexes = [
            models.Index(fields=["user", "-id"], name="saved_search_by_user"),
            models.Index(fields=["due_at"], condition=Q(state="due"), name="saved_search_due"),
            models.Index(
                fields=["city", "purpose", "currency", "price_max"],
                condition=~Q(frequency="off"),
                name="saved_search_by_filters",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("properties:saved-search", kwargs={"pk": self.pk})

    @property
    def next_run_at(self) -> dt.datetime | None:
        """When the next digest comes; None where none is planned."""
        is_digest = self.frequency in {AlertFrequency.DAILY, AlertFrequency.WEEKLY}
        return self.due_at if is_digest and self.state == DueState.DUE else None


class SavedMatchQuerySet(models.QuerySet["SavedMatch"]):
    def untold(self) -> "SavedMatchQuerySet":
        return self.filter(told_at=None)

    def unseen(self) -> "SavedMatchQuerySet":
        return self.filter(is_seen=False)


class SavedMatch(models.Model):
    """A listing that came in for a saved search. One row a pair: it is told once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    search = models.ForeignKey(SavedSearch, models.CASCADE, db_index=False, related_name="matches")
    listing = models.ForeignKey(
        Property, models.CASCADE, db_column="property_id", related_name="saved_matches"
    )
    told_at = models.DateTimeField(null=True, blank=True)
    is_seen = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedMatchQuerySet.as_manager()

    class Meta:
        db_table = "saved_matches"
        constraints = [
            models.UniqueConstraint(fields=["search", "listing"], name="saved_match_once")
        ]
        indexes = [
            models.Index(fields=["search"], condition=Q(told_at=None), name="saved_match_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.search_id}: {self.listing_id}"


class ListingArrival(DueRow):
    """A listing has become live, and the saved searches have not been asked yet."""

    listing = models.ForeignKey(Property, models.CASCADE, db_column="property_id", related_name="+")

    class Meta:
        db_table = "listing_arrivals"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="due"), name="listing_arrival_due")
        ]

    def __str__(self) -> str:
        return str(self.listing_id)


class SavedListingQuerySet(models.QuerySet["SavedListing"]):
    def of(self, user: Any) -> "SavedListingQuerySet":
        return self.filter(user_id=user.pk)

    def ids_of(self, user: Any) -> set[uuid.UUID]:
        return set(self.of(user).values_list("listing_id", flat=True))

    def listings_for(self, user: Any) -> PropertyQuerySet:
        """What this person may put on the shortlist: what is live, and what is on it already."""
        kept = Property.objects.filter(pk__in=self.of(user).values("listing_id"))
        return Property.objects.live() | kept


class SavedListing(models.Model):
    """A place on somebody's shortlist, with a note that nobody else reads.

    `title` is the one that was public when it was saved: what a listing says later, while it is
    not live, is not for strangers.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="saved_listings"
    )
    listing = models.ForeignKey(
        Property, models.CASCADE, db_column="property_id", related_name="saved_by"
    )
    title = models.CharField(max_length=120)
    note = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedListingQuerySet.as_manager()

    class Meta:
        db_table = "saved_listings"
        constraints = [
            models.UniqueConstraint(fields=["user", "listing"], name="saved_listing_once")
        ]
        indexes = [models.Index(fields=["user", "-id"], name="saved_listing_by_user")]

    def __str__(self) -> str:
        return self.title
