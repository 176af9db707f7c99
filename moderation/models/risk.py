from collections.abc import Iterable
import datetime as dt
from typing import Any, Self
import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models import Q
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from ghar.lib.ids import uuid7
from ghar.models import DueRow, DueState
from ghar.properties.models import Property, PropertyMedia
from ghar.properties.states import ListingStatus
from moderation.models.fields import OwnedListing, listing_key
from moderation.states import (
    RiskLevel,
    RiskStatus,
)


class FingerprintQuerySet(models.QuerySet["Fingerprint"]):
    def latest_of(self, listing_ids: Any) -> Self:
        """The newest version of each listing."""
        ordered = self.filter(listing__in=listing_ids).order_by("listing_id", "-version")
        return ordered.distinct("listing_id")

    def with_phones(self, phone_hashes: Iterable[str]) -> Self:
        """Those with one of these numbers, be it their contact or written in their text."""
        return self.filter(norm_fields__phone_hashes__has_any_keys=list(phone_hashes))


class Fingerprint(OwnedListing):
    """What a listing looked like at one version, in the normalised form that is compared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField()
    # Not unique: a true duplicate must be stored and scored.
    fingerprint_hash = models.TextField()
    phone_hash = models.TextField(null=True)
    address_norm = models.TextField(null=True)
    title_norm = models.TextField(null=True)
    price_bucket = models.TextField(null=True)
    geo_cell = models.TextField(null=True)
    photo_hashes = ArrayField(models.TextField(), default=list)
    # The rest of what the rules compare (description, unit, area, bedrooms …), never shown to posters.
    norm_fields = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FingerprintQuerySet.as_manager()

    class Meta:
        db_table = "listing_fingerprints"
        constraints = [
            models.UniqueConstraint(fields=["listing", "version"], name="fingerprint_version")
        ]
        indexes = [
            models.Index(fields=["fingerprint_hash"], name="fingerprint_by_hash"),
            GinIndex(KeyTransform("phone_hashes", "norm_fields"), name="fingerprint_by_phones"),
            models.Index(fields=["geo_cell"], name="fingerprint_by_cell"),
            models.Index(fields=["address_norm"], name="fingerprint_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} v{self.version}"


class NamedPhotos(models.Func):
    """The ids of the photos that reasons compare with."""

    template = "jsonb_path_query_array(%(expressions)s, '$.**.other_media_id')"


class RiskScoreQuerySet(models.QuerySet["RiskScore"]):
    def for_poster(self) -> Self:
        """The columns that the database lets a poster read; asking for another one is refused."""
        return self.only(
            "id", "listing_id", "owner_id", "status", "summary", "content_version", "updated_at"
        )

    def speaking_of(self, media_ids: Iterable[uuid.UUID]) -> Self:
        """Those in whose reasons one of these photos is the other one."""
        named = NamedPhotos("reasons", output_field=models.JSONField())
        ids = [str(pk) for pk in media_ids]
        return self.annotate(named=named).filter(named__has_any_keys=ids)


class RiskScore(OwnedListing):
    """The latest score of a listing. Posters may read `status` and `summary` alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    risk_score = models.PositiveSmallIntegerField(_("risk"))
    risk_level = models.TextField(_("level"), choices=RiskLevel.choices)
    status = models.TextField(_("status"), choices=RiskStatus.choices)
    # [{code, family, weight, message, evidence}] for admins
    reasons = models.JSONField(_("reasons"), default=list)
    # [{property_id, url, matched_on[], distance?}] for admins
    similar_listings = models.JSONField(default=list)
    # [{code, satisfied}] for the poster, worded anew for each reader
    summary = models.JSONField(default=list)
    content_version = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RiskScoreQuerySet.as_manager()

    class Meta:
        db_table = "listing_risk_scores"
        constraints = [
            models.UniqueConstraint(fields=["listing"], name="risk_score_one_per_listing"),
            models.CheckConstraint(
                condition=Q(risk_score__gte=0, risk_score__lte=100), name="risk_score_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.risk_score}"

    @property
    def codes(self) -> list[str]:
        """The reasons that weigh, each once."""
        return list(dict.fromkeys(row["code"] for row in self.reasons if row["weight"]))


class PhotoHash(OwnedListing):
    """One photo in the index that finds reposts. Kept after its listing is gone from view."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    listing = listing_key("+")
    media = models.ForeignKey(PropertyMedia, models.CASCADE, db_index=False, related_name="+")
    phash = models.TextField()
    # The same 64 bits, permuted once and signed, as the search wants them.
    ph = models.BigIntegerField()
    ph256 = models.BinaryField(max_length=32)
    is_low_information = models.BooleanField(default=False)
    # A moderator's word that many honest homes show this picture: it is evidence against nobody.
    is_common = models.BooleanField(_("common photo"), default=False, db_default=False)
    algo_version = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "photo_hash_index"
        verbose_name_plural = "photo hashes"
        constraints = [
            models.UniqueConstraint(fields=["media", "algo_version"], name="photo_hash_once")
        ]
        indexes = [models.Index(fields=["phash"], name="photo_hash_by_phash")]

    def __str__(self) -> str:
        return self.phash


# DO UPDATE, not DO NOTHING: it locks the waiting row until this cause has committed, so that no
# worker takes the row and looks at the listing before the cause can be seen.
_REQUEST_CHECK = """
INSERT INTO listing_checks
    (id, property_id, content_version, due_at, created_at, state, attempts, last_error, risk_status, reason_codes)
VALUES (%s, %s, %s, %s, %s, 'due', 0, '', '', '{}')
ON CONFLICT (property_id) WHERE (lease_until IS NULL AND state = 'due')
DO UPDATE SET content_version = EXCLUDED.content_version
"""


class ListingCheckQuerySet(models.QuerySet["ListingCheck"]):
    def request(self, *, listing: Property, now: dt.datetime) -> None:
        """Let a worker check the listing; one waiting row serves any number of causes."""
        with connection.cursor() as cursor:
            cursor.execute(_REQUEST_CHECK, [uuid7(), listing.pk, listing.content_version, now, now])

    def finished(self) -> Self:
        """The history of scores, newest first."""
        return self.filter(state=DueState.DONE).exclude(risk_status="").order_by("-checked_at")

    def given_up(self) -> Self:
        """Dead ones of listings that wait for nothing but them."""
        due = self.filter(state=DueState.DUE).values("listing")
        return self.filter(
            state=DueState.DEAD,
            listing__status=ListingStatus.SUBMITTED,
            listing__content_version=models.F("content_version"),
        ).exclude(listing__in=due)

    def is_waiting_for(self, listing_id: uuid.UUID) -> bool:
        return self.filter(listing_id=listing_id, state=DueState.DUE).exists()


class ListingCheck(DueRow):
    """A listing that waits to be checked; done rows are its history of scores."""

    listing = listing_key("checks", db_index=False)
    content_version = models.PositiveIntegerField()
    risk_score = models.PositiveSmallIntegerField(null=True)
    risk_status = models.CharField(max_length=15, choices=RiskStatus.choices, blank=True)
    reason_codes = ArrayField(models.CharField(max_length=30), default=list)
    checked_at = models.DateTimeField(null=True)

    objects = ListingCheckQuerySet.as_manager()

    class Meta:
        db_table = "listing_checks"
        constraints = [
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(state="due", lease_until=None),
                name="listing_check_one_waiting",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="due"), name="listing_check_due"),
            models.Index(fields=["listing"], condition=Q(state="dead"), name="listing_check_dead"),
            models.Index(fields=["listing", "-created_at"], name="listing_check_history"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} v{self.content_version} {self.state}"
