import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, SpGistIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from ghar.lib.ids import uuid7
from ghar.lib.validators import LATITUDE, LONGITUDE, validate_timezone
from ghar.properties.models.media import PropertyMedia, PropertyMediaQuerySet, photo_url
from ghar.properties.states import (
    APPROVED,
    IN_REVIEW,
    SHARED_TYPES,
    Cost,
    Currency,
    Furnishing,
    GenderPreference,
    ListingStatus,
    PauseReason,
    PropertyType,
    Purpose,
    RentPeriod,
    SharingType,
    ViewingConfirmation,
)

PRICE = [MinValueValidator(1), MaxValueValidator(10**15)]
AREA = [MinValueValidator(1), MaxValueValidator(10_000_000)]
DEPOSIT = [MinValueValidator(0), MaxValueValidator(10**15)]
# The first places on earth in which a day begins.
EARLIEST_ZONE = dt.timedelta(hours=14)
IS_LIVE = Q(status="live")


def small_count(name: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        name, null=True, blank=True, validators=[MaxValueValidator(50)]
    )


# The public position of a listing, as the index of places knows it.
CELL_POINT = Func(
    F("cell_longitude"), F("cell_latitude"), function="point", output_field=models.FloatField()
)


def day_in(zone: str, moment: dt.datetime) -> dt.date:
    return moment.astimezone(ZoneInfo(zone or "UTC")).date()


def with_day_over(rows: Any, moment: dt.datetime, *, day: str, zone: str) -> Any:
    """The rows of which the date in column `day` has passed in the zone that column `zone` names."""
    dated = rows.filter(**{f"{day}__lt": (moment + EARLIEST_ZONE).date()})
    over = Q(pk=None)
    for name in dated.order_by().values_list(zone, flat=True).distinct():
        over |= Q(**{zone: name, f"{day}__lt": day_in(name, moment)})
    return dated.filter(over)


def _by_price(name: str, *order: str) -> models.Index:
    return models.Index(fields=["currency", *order], condition=IS_LIVE, name=name)


class PropertyQuerySet(models.QuerySet["Property"]):
    def live(self) -> "PropertyQuerySet":
        """What everybody sees; those of a closed or suspended account are hidden at once."""
        return self.filter(
            status=ListingStatus.LIVE, owner__is_active=True, owner__suspended_at=None
        )

    def owned_by(self, user: Any) -> "PropertyQuerySet":
        return self.filter(owner_id=user.pk)

    def newest(self) -> "PropertyQuerySet":
        return self.live().order_by("-rank_at", "-id")

    def drafts(self) -> "PropertyQuerySet":
        return self.filter(status=ListingStatus.DRAFT)

    def not_discarded(self) -> "PropertyQuerySet":
        """Without the drafts that their posters threw away."""
        return self.exclude(status=ListingStatus.WITHDRAWN, submitted_at=None)

    def to_ask_at(self, moment: dt.datetime) -> "PropertyQuerySet":
        """Live and untouched for so long that we ask whether it is still available."""
        return self.filter(status=ListingStatus.LIVE, asked_at=None, expires_at__lte=moment)

    def unanswered_since(self, moment: dt.datetime) -> "PropertyQuerySet":
        return self.filter(status=ListingStatus.LIVE, asked_at__lte=moment)

    def expired_by(self, moment: dt.datetime) -> "PropertyQuerySet":
        return self.filter(status=ListingStatus.PAUSED, expires_at__lte=moment)

    def past_move_in_at(self, moment: dt.datetime) -> "PropertyQuerySet":
        """Live rooms with people whose move-in date is over where they stand."""
        rooms = self.filter(status=ListingStatus.LIVE, property_type__in=SHARED_TYPES)
        return with_day_over(rooms, moment, day="available_from", zone="timezone")

    def manageable_by(self, user: Any) -> "PropertyQuerySet":
        """What this account may open in the host's pages: its own; staff all."""
        return self if user.is_admin else self.owned_by(user)

    def visible_to(self, user: Any) -> "PropertyQuerySet":
        """Live to everybody; in every status to its owner and to staff."""
        if user is None or user.actor_kind == "session":
            return self.live()
        return self if user.is_admin else self.live() | self.owned_by(user)

    def for_detail(self) -> "PropertyQuerySet":
        """For pages: with the poster, and the photos to show in `ready_media`."""
        return self._with_photos(PropertyMedia.objects.ready(), to="ready_media")

    def for_cards(self) -> "PropertyQuerySet":
        return self.defer("search", "description")

    def for_host(self) -> "PropertyQuerySet":
        """With every photo that the poster still has, whatever became of it."""
        return self._with_photos(PropertyMedia.objects.shown(), to="shown_media")

    def _with_photos(self, photos: "PropertyMediaQuerySet", *, to: str) -> "PropertyQuerySet":
        fetch = models.Prefetch("media", photos, to_attr=to)
        return self.select_related("owner").defer("search").prefetch_related(fetch)


class Property(models.Model):
    """A home, room or office that somebody offers. Foreign keys to it are named `listing`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="listings", verbose_name=_("poster")
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=ListingStatus.choices,
        default=ListingStatus.DRAFT,
        editable=False,
    )
    # --- what the poster says
    title = models.CharField(_("title"), max_length=120, blank=True)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    property_type = models.CharField(_("type"), max_length=20, choices=PropertyType.choices)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose.choices)
    price_amount = models.BigIntegerField(_("price"), null=True, blank=True, validators=PRICE)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, blank=True)
    rent_period = models.CharField(
        _("rent per"),
        max_length=6,
        choices=RentPeriod.choices,
        default=RentPeriod.MONTH,
        blank=True,
    )
    deposit_amount = models.BigIntegerField(_("deposit"), null=True, blank=True, validators=DEPOSIT)
    city = models.CharField(_("city"), max_length=80, blank=True)
    locality = models.CharField(_("locality"), max_length=80, blank=True)
    society = models.CharField(_("society or building"), max_length=120, blank=True)
    address = models.CharField(_("street address"), max_length=250, blank=True)
    unit = models.CharField(_("flat or house number"), max_length=40, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True, validators=LATITUDE)
    longitude = models.FloatField(_("longitude"), null=True, blank=True, validators=LONGITUDE)
    bedrooms = small_count(_("bedrooms"))
    bathrooms = small_count(_("bathrooms"))
    area_sqft = models.PositiveIntegerField(
        _("area in square feet"), null=True, blank=True, validators=AREA
    )
    furnishing = models.CharField(
        _("furnishing"), max_length=15, choices=Furnishing.choices, blank=True
    )
    amenities = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("amenities"),
        default=list,
        blank=True,
        size=40,
    )
    contact_phone = models.CharField(
        _("contact phone"), max_length=16, blank=True
    )  # E.164, private
    viewing_confirmation = models.CharField(
        _("viewings"),
        max_length=6,
        choices=ViewingConfirmation.choices,
        default=ViewingConfirmation.MANUAL,
    )
    timezone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[validate_timezone]
    )
    sharing_type = models.CharField(
        _("sharing"), max_length=15, choices=SharingType.choices, blank=True
    )
    gender_preference = models.CharField(
        _("open to"), max_length=6, choices=GenderPreference.choices, blank=True
    )
    available_from = models.DateField(_("available from"), null=True, blank=True)
    occupants = small_count(_("people living there"))
    flatmates_wanted = small_count(_("flatmates wanted"))
    lives_here = models.BooleanField(_("I live there myself"), default=False)
    has_own_bathroom = models.BooleanField(_("the room has its own bathroom"), default=False)
    extra_costs_amount = models.BigIntegerField(
        _("bills and maintenance a month"), null=True, blank=True, validators=DEPOSIT
    )
    costs_included = ArrayField(
        models.CharField(max_length=12, choices=Cost.choices),
        verbose_name=_("in the monthly cost"),
        default=list,
        blank=True,
        size=len(Cost),
    )
    # --- what the server derives
    cell_geohash = models.CharField(max_length=6, blank=True, editable=False)
    cell_latitude = models.FloatField(null=True, editable=False)
    cell_longitude = models.FloatField(null=True, editable=False)
    capacity = models.PositiveSmallIntegerField(_("visitors at a time"), default=1, editable=False)
    cover = models.ForeignKey(
        "PropertyMedia", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="simple")
        + SearchVector("locality", "society", "city", weight="B", config="simple")
        + SearchVector("description", weight="D", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    # --- review
    # Rises with each change of content; a check or a decision speaks of one version.
    content_version = models.PositiveIntegerField(default=1, editable=False)
    # What photos, address and phone were when a moderator last approved.
    approved_digest = models.CharField(max_length=64, blank=True, editable=False)
    # Where a content edit took the listing from, so that a clean check puts it back.
    resume_to = models.CharField(
        max_length=20, choices=ListingStatus.choices, blank=True, editable=False
    )
    # What moderation paused, only a moderator resumes.
    is_paused_by_moderation = models.BooleanField(default=False, editable=False)
    pause_reason = models.CharField(
        max_length=15, choices=PauseReason.choices, blank=True, editable=False
    )
    submitted_at = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    # Its place among the newest: a static instant, so that no page of a list shifts.
    rank_at = models.DateTimeField(null=True, editable=False)
    # The one clock of staleness, sixty days after the poster last touched it: see services.sweeps.
    expires_at = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PropertyQuerySet.as_manager()
    ready_media: list["PropertyMedia"]
    shown_media: list["PropertyMedia"]

    class Meta:
        db_table = "properties"
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = [
            GinIndex(fields=["search"], name="property_search"),
            models.Index(fields=["-rank_at", "-id"], condition=IS_LIVE, name="property_newest"),
            # One index for each sweep: to_ask_at, unanswered_since, expired_by, past_move_in_at.
            models.Index(
                fields=["expires_at"],
                condition=Q(status="live", asked_at=None),
                name="property_to_ask",
            ),
            models.Index(
                fields=["asked_at"],
                condition=Q(status="live", asked_at__isnull=False),
                name="property_unanswered",
            ),
            models.Index(
                fields=["expires_at"], condition=Q(status="paused"), name="property_paused_until"
            ),
            models.Index(
                fields=["available_from"],
                condition=Q(status="live", property_type__in=["flatmate", "pg"]),
                name="property_move_in",
            ),
            # Either order of prices, either currency first: see search.order_of.
            _by_price("property_cheapest", "price_amount", "id"),
            _by_price("property_dearest", "-price_amount", "-id"),
            SpGistIndex(CELL_POINT, condition=IS_LIVE, name="property_by_position"),
            models.Index(
                Upper("city"),
                Upper("locality"),
                condition=IS_LIVE,
                name="property_by_place",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_amount=None) | Q(price_amount__gt=0),
                name="property_price_positive",
            ),
            # Every other state lies behind `submit`, which asks for a price.
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"]) | Q(price_amount__isnull=False),
                name="property_submitted_has_price",
            ),
            models.CheckConstraint(
                condition=~Q(property_type__in=["pg", "flatmate"]) | Q(purpose="rent"),
                name="property_shared_is_for_rent",
            ),
            models.CheckConstraint(
                condition=Q(gender_preference__in=["", "any"])
                | Q(property_type__in=["flatmate", "pg"]) & ~Q(sharing_type="entire_flat")
                | Q(property_type="room", sharing_type="shared_room"),
                name="property_gender_only_where_shared",
                violation_error_message=_("Who may live in a whole home cannot be limited."),
            ),
            models.CheckConstraint(
                condition=Q(extra_costs_amount=None) | Q(extra_costs_amount__gte=0),
                name="property_extra_costs_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(_("Untitled listing"))

    def get_absolute_url(self) -> str:
        return reverse("properties:detail", kwargs={"slug": self.slug, "pk": self.pk})

    @property
    def slug(self) -> str:
        return slugify(f"{self.title} {self.locality}")[:60] or "home"

    @property
    def is_live(self) -> bool:
        return self.status == ListingStatus.LIVE

    @property
    def is_draft(self) -> bool:
        return self.status == ListingStatus.DRAFT

    @property
    def is_paused(self) -> bool:
        return self.status == ListingStatus.PAUSED

    @property
    def is_asked(self) -> bool:
        """Whether we wait to hear that it is still available."""
        return self.is_live and self.asked_at is not None

    @property
    def needs_new_move_in(self) -> bool:
        return self.is_paused and self.pause_reason == PauseReason.MOVE_IN_PASSED

    @property
    def is_approved(self) -> bool:
        """Live or paused: what the owner changes must be looked at before it is public again."""
        return self.status in APPROVED

    @property
    def is_in_review(self) -> bool:
        return self.status in IN_REVIEW

    @property
    def cover_url(self) -> str | None:
        return photo_url(self.cover_id, "medium") if self.cover_id else None

    @property
    def all_in_amount(self) -> int | None:
        """What a month costs with the bills, once the poster has said anything about them."""
        is_known = self.extra_costs_amount is not None or bool(self.costs_included)
        if self.price_amount is None or self.purpose == Purpose.BUY or not is_known:
            return None
        is_weekly = self.rent_period == RentPeriod.WEEK
        rent = (self.price_amount * 52 + 6) // 12 if is_weekly else self.price_amount
        return rent + (self.extra_costs_amount or 0)

    @property
    def home_size(self) -> int | None:
        """How many live there once the room is taken."""
        if self.occupants is None or not self.flatmates_wanted:
            return None
        return self.occupants + self.flatmates_wanted

    def is_move_in_over(self, moment: dt.datetime) -> bool:
        """Whether its move-in date has passed, for rooms that promise one. Today is not over."""
        if self.property_type not in SHARED_TYPES or self.available_from is None:
            return False
        return self.available_from < day_in(self.timezone, moment)

    @property
    def place(self) -> str:
        return ", ".join(part for part in (self.locality, self.city) if part)

    @property
    def exact_place(self) -> str:
        """For those alone who may know it."""
        return ", ".join(part for part in (self.unit, self.address, self.place) if part)
