"""What people say about each other, and what follows from it."""

import datetime as dt
from typing import Any, Self
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.properties.models import Upload
from moderation.models.fields import listing_key, person_key, staff_key
from moderation.states import (
    UNDECIDED_REPORTS,
    ReportAction,
    ReportReason,
    ReportStatus,
    SanctionKind,
)


class BlockQuerySet(models.QuerySet["Block"]):
    def between(self, one: Any, other: Any) -> Self:
        """Whoever of the two made it. Ids, or OuterRefs to them."""
        return self.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one))

    def made_by(self, user: User) -> Self:
        return self.filter(blocker=user)

    def hide(self, viewer_id: uuid.UUID, *, outer: str) -> Q:
        """Whether the user in the column `outer` of the outer query and the viewer are parted."""
        who = models.OuterRef(outer)
        return models.Exists(self.filter(blocker=viewer_id, blocked=who)) | models.Exists(
            self.filter(blocker=who, blocked=viewer_id)
        )


class Block(models.Model):
    """Two people who no longer see each other; made by one, felt by both."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    blocker = person_key("blocks_made", db_index=False)
    blocked = person_key("blocks_received")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = BlockQuerySet.as_manager()

    class Meta:
        db_table = "blocks"
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} | {self.blocked_id}"


class ReportQuerySet(models.QuerySet["Report"]):
    def about(self, *, person_id: uuid.UUID, listing_id: uuid.UUID | None) -> Self:
        """Of one target: the listing where one is named, else the person."""
        return self.filter(reported=person_id, listing=listing_id)

    def about_target_of(self, case: Any) -> Self:
        if case.listing_id is None:
            return self.filter(reported=case.person_id, listing=None)
        return self.filter(listing=case.listing_id)

    def showing(self, upload: Upload) -> Self:
        """Those whose frozen evidence has this picture among the photos of a profile."""
        return self.filter(
            reported=upload.owner_id, evidence__profile__photos__contains=str(upload.pk)
        )

    def undecided(self) -> Self:
        """Open, or handed over to another moderator."""
        return self.filter(status__in=UNDECIDED_REPORTS)

    def decided(self) -> Self:
        """Newest decision first."""
        return self.exclude(status__in=UNDECIDED_REPORTS).order_by("-decided_at", "-id")

    def barred_to(self, user: User) -> Self:
        """They are part of it, or have handed it over."""
        handed_over = Q(status=ReportStatus.REVIEWED, decided_by=user)
        return self.filter(Q(reporter=user) | Q(reported=user) | handed_over)

    def judged_fine(self) -> Self:
        return self.filter(status=ReportStatus.DISMISSED)

    def with_dismissals(self, since: dt.datetime) -> Self:
        """`dismissed`: how many reports of the same reporter were found groundless since then."""
        theirs = Report.objects.judged_fine().filter(
            reporter=models.OuterRef("reporter"), decided_at__gte=since
        )
        counted = theirs.order_by().values("reporter").values(n=models.Count("pk"))
        return self.annotate(
            dismissed=models.functions.Coalesce(models.Subquery(counted), models.Value(0))
        )


class Report(models.Model):
    """One person's words about another, with the evidence as it was at that moment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reporter = person_key("reports_made", on_delete=models.SET_NULL, null=True, db_index=False)
    reported = person_key("reports_received", db_index=False)
    listing = listing_key("reports", null=True, blank=True)
    conversation_id = models.UUIDField(null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=14, choices=ReportReason.choices)
    notes = models.TextField(_("in the reporter's words"), max_length=2000, blank=True)
    # A snapshot made when it was filed: {profile, listing, messages}; emptied after 180 days.
    evidence = models.JSONField(default=dict)
    # Which content it speaks of: what a moderator judged fine is shielded until this changes.
    content_mark = models.CharField(max_length=64, blank=True)
    # Hashes of the phones and push devices that the reporter had then, until it is decided: a
    # device belongs to whoever signed in on it last, so what two accounts shared must be kept here.
    links = ArrayField(models.CharField(max_length=80), default=list, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=ReportStatus.choices, default=ReportStatus.OPEN
    )
    action = models.CharField(_("outcome"), max_length=12, choices=ReportAction.choices, blank=True)
    staff_note = models.TextField(_("notes of the team"), max_length=2000, blank=True)
    decided_by = staff_key()
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("reported"), default=clock.now, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        db_table = "reports"
        constraints = [
            # Reporters who have left are nobody, and any number of them.
            models.UniqueConstraint(
                fields=["reporter", "reported", "listing"],
                condition=Q(status="open"),
                name="report_one_open",
            ),
            models.UniqueConstraint(
                fields=["reporter", "reported"],
                condition=Q(status="open", listing=None),
                name="report_one_open_a_person",
            ),
            models.CheckConstraint(condition=~Q(reporter=F("reported")), name="report_not_oneself"),
            models.CheckConstraint(
                condition=Q(action="", decided_at=None)
                | (~Q(action="") & Q(decided_at__isnull=False)),
                name="report_decided_together",
            ),
        ]
        indexes = [
            models.Index(fields=["reported", "listing", "status"], name="report_by_target"),
            models.Index(fields=["reporter", "-created_at"], name="report_by_reporter"),
            models.Index(
                fields=["created_at", "id"], condition=Q(status="open"), name="report_queue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.reported_id}"


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def suspensions(self) -> Self:
        return self.filter(kind=SanctionKind.SUSPENSION)

    def standing(self) -> Self:
        return self.filter(lifted_at=None)

    def unconfirmed(self) -> Self:
        """Suspensions that wait for a second moderator, the most urgent first."""
        waiting = self.suspensions().standing().filter(confirmed_at=None)
        return waiting.filter(confirm_by__isnull=False).order_by("confirm_by")

    def lapsed_at(self, moment: dt.datetime) -> Self:
        """Those that nobody has confirmed in time."""
        return self.unconfirmed().filter(confirm_by__lte=moment)


class Sanction(models.Model):
    """A warning, or a suspension: at once by one moderator, for good only with a second."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = person_key("sanctions")
    kind = models.CharField(max_length=10, choices=SanctionKind.choices)
    report = models.ForeignKey(
        Report, models.SET_NULL, null=True, blank=True, related_name="sanctions"
    )
    message = models.TextField(_("what the person reads"), max_length=2000, blank=True)
    note = models.TextField(_("notes of the team"), max_length=2000, blank=True)
    made_by = staff_key()
    made_at = models.DateTimeField(default=clock.now, editable=False)
    # A suspension lapses unless somebody else confirms it by then.
    confirm_by = models.DateTimeField(null=True, blank=True)
    confirmed_by = staff_key()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    lifted_by = staff_key()
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        db_table = "sanctions"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(kind="suspension", lifted_at=None),
                name="sanction_one_suspension",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("made_by")),
                name="sanction_second_pair_of_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"
