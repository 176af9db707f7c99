import datetime as dt
from typing import Any, Self
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.models import DueRow, DueState
from ghar.properties.models import Property, PropertyMedia, Upload
from moderation.states import (
    AppealStatus,
    CaseKind,
    CaseStatus,
    ReasonCode,
    RiskLevel,
    RiskStatus,
    Verdict,
)


def listing_key(name: str, **options: Any) -> models.ForeignKey:
    options |= {"db_column": "property_id", "related_name": name}
    return models.ForeignKey(Property, models.CASCADE, **options)


def staff_key() -> models.ForeignKey:
    return models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")


def reason_list() -> ArrayField:
    code = models.CharField(max_length=30, choices=ReasonCode.choices)
    return ArrayField(code, verbose_name=_("reasons"), default=list, blank=True)


class OwnedListing(models.Model):
    """A row about a listing. `owner_id` is copied so that a policy needs no join."""

    listing = listing_key("+", db_index=False)
    owner_id = models.UUIDField(editable=False)

    class Meta:
        abstract = True


class FingerprintQuerySet(models.QuerySet["Fingerprint"]):
    def latest_of(self, listing_ids: Any) -> Self:
        """The newest version of each listing."""
        ordered = self.filter(listing__in=listing_ids).order_by("listing_id", "-version")
        return ordered.distinct("listing_id")


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
            models.Index(fields=["phone_hash"], name="fingerprint_by_phone"),
            models.Index(fields=["geo_cell"], name="fingerprint_by_cell"),
            models.Index(fields=["address_norm"], name="fingerprint_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} v{self.version}"


class RiskScoreQuerySet(models.QuerySet["RiskScore"]):
    def for_poster(self) -> Self:
        """The columns that the database lets a poster read; asking for another one is refused."""
        return self.only(
            "id", "listing_id", "owner_id", "status", "summary", "content_version", "updated_at"
        )


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
            models.Index(fields=["listing", "-created_at"], name="listing_check_history"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} v{self.content_version} {self.state}"


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(status=CaseStatus.OPEN)

    def queue(self) -> Self:
        """Open cases, the most urgent first."""
        return self.open().select_related("listing", "claimed_by").order_by("due_at", "id")

    def about_listings(self) -> Self:
        """Cases whose decision moves a listing; an appeal is about a decision."""
        return self.filter(kind__in=[CaseKind.HOLD, CaseKind.REVIEW])

    def free_for(self, user: Any, now: dt.datetime) -> Self:
        """Claimed by nobody else at `now`."""
        return self.filter(Q(claimed_by=None) | Q(claimed_by=user.pk) | Q(claimed_until__lte=now))

    def overdue(self, now: dt.datetime) -> Self:
        return self.filter(due_at__lt=now)


class Case(models.Model):
    """Something that a moderator must look at; one open case a target and kind."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=CaseKind.choices)
    status = models.CharField(
        _("status"), max_length=10, choices=CaseStatus.choices, default=CaseStatus.OPEN
    )
    listing = listing_key("cases")
    risk_score = models.PositiveSmallIntegerField(_("risk"), default=0)
    reasons = reason_list()
    # Rises with each change and from one case of a listing to the next; a decision names the
    # version it was made on.
    version = models.PositiveIntegerField(default=1)
    claimed_by = staff_key()
    claimed_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(_("opened"), default=clock.now, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        db_table = "moderation_cases"
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "kind"], condition=Q(status="open"), name="case_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(status="open"), name="case_queue")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.listing_id}"

    def is_claimed_at(self, moment: dt.datetime) -> bool:
        return self.claimed_until is not None and self.claimed_until > moment


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> Self:
        """Not undone; newest first."""
        return self.filter(undone_at=None).order_by("-decided_at", "-id")

    def of(self, listing_id: uuid.UUID) -> Self:
        return self.filter(listing_id=listing_id)


class Decision(models.Model):
    """What a moderator decided about a listing, and on which version of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    listing = listing_key("decisions", db_index=False)
    case = models.ForeignKey(Case, models.SET_NULL, null=True, blank=True, related_name="decisions")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    reason_codes = reason_list()
    note = models.TextField(_("notes"), max_length=2000, blank=True)  # for staff alone
    message = models.TextField(_("what the poster reads"), max_length=2000, blank=True)
    previous_status = models.CharField(max_length=20)
    content_version = models.PositiveIntegerField()
    decided_by = staff_key()
    decided_at = models.DateTimeField()
    # Until then a decision of the console can be undone and its notice waits.
    undoable_until = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        db_table = "moderation_decisions"
        ordering = ("-decided_at",)
        indexes = [models.Index(fields=["listing", "-decided_at"], name="decision_by_listing")]

    def __str__(self) -> str:
        return f"{self.verdict} {self.listing_id}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def unneeded_since(self, moment: dt.datetime) -> Self:
        """Older than `moment`, and nobody decides or has decided about its listing since."""
        listings = Property.objects.filter(
            Q(cases__status=CaseStatus.OPEN) | Q(decisions__decided_at__gte=moment)
        )
        return self.filter(created_at__lt=moment).exclude(listing__in=listings)


class Evidence(models.Model):
    """A picture by which a poster shows that the home is his; for reviewers' eyes alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    listing = listing_key("evidence")
    upload = models.OneToOneField(Upload, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        db_table = "moderation_evidence"
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"evidence {self.listing_id}"


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> Self:
        return self.filter(status=AppealStatus.OPEN)


class Appeal(models.Model):
    """The poster's own words against a decision, read by somebody who did not make it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision = models.ForeignKey(Decision, models.CASCADE, null=True, related_name="appeals")
    listing = listing_key("appeals")
    message = models.TextField(_("message"), max_length=2000)
    status = models.CharField(
        max_length=12, choices=AppealStatus.choices, default=AppealStatus.OPEN
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = staff_key()

    objects = AppealQuerySet.as_manager()

    class Meta:
        db_table = "moderation_appeals"
        constraints = [
            models.UniqueConstraint(
                fields=["listing"], condition=Q(status="open"), name="appeal_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.listing_id}"


class AllowPairQuerySet(models.QuerySet["AllowPair"]):
    def partners_of(self, listing_id: uuid.UUID) -> set[uuid.UUID]:
        """The listings that are no evidence against this one."""
        pairs = self.filter(Q(first=listing_id) | Q(second=listing_id))
        rows = pairs.values_list("first_id", "second_id")
        return {one for pair in rows for one in pair} - {listing_id}


class AllowPair(models.Model):
    """Two listings, small id first, whose likeness a moderator judged innocent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = models.ForeignKey(Property, models.CASCADE, db_index=False, related_name="+")
    second = models.ForeignKey(Property, models.CASCADE, related_name="+")
    made_by = staff_key()
    # The decision that made it: undone together.
    decision = models.ForeignKey(Decision, models.SET_NULL, null=True, related_name="allow_pairs")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = AllowPairQuerySet.as_manager()

    class Meta:
        db_table = "moderation_allow_pairs"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="allow_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="allow_pair_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"
