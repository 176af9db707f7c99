import datetime as dt
from typing import Any, Self
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.properties.models import Property, Upload
from moderation.models.attendance import Dispute
from moderation.models.fields import listing_key, reason_list, staff_key
from moderation.models.people import Report
from moderation.states import (
    AppealStatus,
    CaseKind,
    CaseStatus,
    ReasonCode,
    ReportReason,
    Verdict,
)


def _same_target(*, person: str) -> Q:
    """Of the case of the outer query: its listing, or else its person, by that name here."""
    by_person = Q(listing=None, **{person: models.OuterRef("person")})
    return Q(listing=models.OuterRef("listing")) | by_person


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(status=CaseStatus.OPEN)

    def queue(self) -> Self:
        """Open cases, the most urgent first."""
        return (
            self.open().select_related("listing", "person", "claimed_by").order_by("due_at", "id")
        )

    def about_listings(self) -> Self:
        """Cases whose decision moves a listing; an appeal is about a decision."""
        return self.filter(kind__in=[CaseKind.HOLD, CaseKind.REVIEW])

    def about_content(self) -> Self:
        """Of these the poster knows: what a listing says and shows is judged. Reports are not."""
        return self.filter(kind__in=[CaseKind.HOLD, CaseKind.REVIEW, CaseKind.APPEAL])

    def free_for(self, user: User, now: dt.datetime) -> Self:
        """Claimed by nobody else at `now`, and for this user to decide."""
        free = Q(claimed_by=None) | Q(claimed_by=user) | Q(claimed_until__lte=now)
        return self.filter(free).exclude(self._barred_to(user))

    def _barred_to(self, user: User) -> Q:
        """What the policies would refuse them: their own, and what they are or were part of."""
        person = models.OuterRef("person")
        appeals = (
            Appeal.objects.open().barred_to(user).filter(_same_target(person="sanction__person"))
        )
        reports = Report.objects.undecided().barred_to(user).filter(_same_target(person="reported"))
        disputes = Dispute.objects.open().barred_to(user).filter(attendance__person=person)
        return (
            Q(person=user)
            | Q(listing__owner=user)
            | Q(escalated_by=user)
            | Q(models.Exists(appeals), kind=CaseKind.APPEAL)
            | Q(models.Exists(reports), kind=CaseKind.REPORT)
            | Q(models.Exists(disputes), kind=CaseKind.DISPUTE)
        )

    def overdue(self, now: dt.datetime) -> Self:
        return self.filter(due_at__lt=now)

    def keeping_down(self) -> Self:
        """Those by which reports keep their target out of sight."""
        return self.filter(target_paused_at__isnull=False, pause_lifted_at=None)

    def settled(self) -> Self:
        return self.exclude(status=CaseStatus.OPEN)

    def of(self, person: User) -> Self:
        """About this person, or what they have listed."""
        return self.filter(Q(person=person) | Q(listing__owner=person))

    def with_reporters(self) -> Self:
        """`reporters`: how many people's reports about the same target wait."""
        same = _same_target(person="reported")
        waiting = Report.objects.undecided().filter(same).annotate(one=models.Value(1))
        people = waiting.order_by().values("one").values(n=models.Count("reporter", distinct=True))
        return self.annotate(reporters=models.Subquery(people))

    def about(self, *, listing: Property | None = None, person: User | None = None) -> Self:
        return self.filter(listing=listing, person=person)


class Case(models.Model):
    """Something that a moderator must look at; one open case a target and kind."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=CaseKind.choices)
    status = models.CharField(
        _("status"), max_length=10, choices=CaseStatus.choices, default=CaseStatus.OPEN
    )
    # What it is about: a listing, or else a person.
    listing = listing_key("cases", null=True, blank=True)
    person = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="moderation_cases"
    )
    # Since when reports keep the target out of sight; until a decision, or a day has passed.
    target_paused_at = models.DateTimeField(null=True, blank=True)
    # Kept, so that one case never takes its target down a second time.
    pause_lifted_at = models.DateTimeField(null=True, blank=True)
    # Who handed it over: somebody else decides.
    escalated_by = staff_key()
    risk_score = models.PositiveSmallIntegerField(_("risk"), default=0)
    reasons = reason_list([*ReasonCode.choices, *ReportReason.choices])
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
            ),
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(status="open"), name="case_one_open_a_person"
            ),
            models.CheckConstraint(
                condition=Q(listing__isnull=False, person=None)
                | Q(listing=None, person__isnull=False),
                name="case_one_target",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(status="open"), name="case_queue")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.listing_id or self.person_id}"

    @property
    def target(self) -> Property | User:
        return self.listing or self.person  # type: ignore[return-value]  # case_one_target

    @property
    def person_behind(self) -> User:
        return self.person or self.listing.owner  # type: ignore[union-attr]  # case_one_target

    @property
    def is_target_paused(self) -> bool:
        return self.target_paused_at is not None and self.pause_lifted_at is None

    def is_claimed_at(self, moment: dt.datetime) -> bool:
        return self.claimed_until is not None and self.claimed_until > moment


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> Self:
        """Not undone; newest first."""
        return self.filter(undone_at=None).order_by("-decided_at", "-id")

    def of(self, listing_id: uuid.UUID) -> Self:
        return self.filter(listing_id=listing_id)

    def about_listings(self) -> Self:
        """An answer to what was posted; the ruling on an appeal is about such a decision."""
        return self.exclude(verdict__in=[Verdict.UPHOLD, Verdict.OVERTURN])


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

    def involving(self, user: Any) -> Self:
        """It is theirs, or they had a hand in it: made or confirmed the suspension; or decided
        about the content that is appealed for, be it on an earlier appeal. An id, or an OuterRef.
        """
        decided = Q(listing__decisions__decided_by=user, listing__decisions__undone_at=None)
        since = Q(decision=None) | Q(
            listing__decisions__content_version__gte=F("decision__content_version")
        )
        suspended = Q(sanction__made_by=user) | Q(sanction__confirmed_by=user)
        return self.filter(decided & since | suspended | Q(listing__owner=user))

    def barred_to(self, user: User) -> Self:
        """They made what is appealed against; or had another hand in it, and somebody had none."""
        same = models.OuterRef(models.OuterRef("pk"))
        hand = Appeal.objects.involving(models.OuterRef("pk")).filter(pk=same)
        others = User.objects.admins().filter(~models.Exists(hand))
        made = Q(decision__decided_by=user) | Q(sanction__made_by=user)
        involved = Q(pk__in=Appeal.objects.involving(user).values("pk"))
        return self.filter(made | involved & models.Exists(others))


class Appeal(models.Model):
    """The poster's own words against a decision, read by somebody who did not make it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision = models.ForeignKey(Decision, models.CASCADE, null=True, related_name="appeals")
    # Against what was decided about a listing, or else about its author.
    listing = listing_key("appeals", null=True)
    sanction = models.ForeignKey(
        "moderation.Sanction", models.CASCADE, null=True, related_name="appeals"
    )
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
            models.UniqueConstraint(
                fields=["sanction"], condition=Q(status="open"), name="appeal_one_open_a_sanction"
            ),
            models.CheckConstraint(
                condition=Q(listing__isnull=False, sanction=None)
                | Q(listing=None, sanction__isnull=False),
                name="appeal_one_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.listing_id or self.sanction_id}"


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
