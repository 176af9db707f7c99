from collections.abc import Iterable
import datetime as dt
from functools import reduce
import operator
from typing import NamedTuple, Self
import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, NumericRange
from django.db.models import F, Func, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from ghar.lib.columns import ChangedAtField
from ghar.lib.ids import uuid7
from ghar.models import DueRow, DueState

# The one that nobody can switch off.
LEADING_CHANNEL = "in_app"


class Subject(NamedTuple):
    """What a claim or an entry is about: a row of an app above, by its kind and id."""

    type: str
    id: uuid.UUID


class ResourceKind(models.TextChoices):
    PERSON = "person", _("person")
    SESSION = "session", _("seeker session")
    SEAT = "seat", _("seat of a property")
    AGENT = "agent", _("agent")


class Resource(models.Model):
    """Whatever can be busy. This row is what verbs lock, in the order of ids."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=ResourceKind.choices)
    owner_id = models.UUIDField()
    seat = models.PositiveSmallIntegerField(default=1)

    class Meta:
        db_table = "calendar_resources"
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner_id", "seat"], name="resource_unique")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.owner_id}/{self.seat}"


def resource_range(resource: F = F("resource")) -> Func:  # noqa: B008 -- never changed
    """The one-number range of a resource id, which gist compares without btree_gist."""
    return Func(
        *(resource, resource, Value("[]")),
        function="int8range",
        output_field=BigIntegerRangeField(),
    )


class ClaimQuerySet(models.QuerySet["Claim"]):
    def active(self) -> Self:
        return self.filter(active=True)

    def of(self, subject: Subject) -> Self:
        return self.filter(subject_type=subject.type, subject_id=subject.id)

    def of_others(self, subject: Subject) -> Self:
        return self.exclude(subject_type=subject.type, subject_id=subject.id)

    def overlapping(self, resources: Iterable[Resource], busy: DateTimeTZRange) -> Self:
        """Active claims of any of `resources` that meet `busy`.

        The predicate is the one of the exclusion constraint, so that it uses the same index.
        """
        one_of = [Q(place__overlap=NumericRange(row.pk, row.pk, "[]")) for row in resources]
        if not one_of:
            return self.none()
        place = reduce(operator.or_, one_of)
        return self.active().alias(place=resource_range()).filter(place, busy__overlap=busy)

    def of_outer_resource(self, busy: DateTimeTZRange) -> Self:
        """The same of the resource of an outer query, for a subquery."""
        place = resource_range(OuterRef("pk"))
        inner = self.active().alias(place=resource_range())
        return inner.filter(place__overlap=place, busy__overlap=busy)

    def expired_holds(self, moment: dt.datetime) -> Self:
        return self.active().filter(hold_until__lte=moment)


class Claim(models.Model):
    """A stretch of time that a resource has given away to a subject."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="claims")
    busy = DateTimeRangeField()
    active = models.BooleanField(default=True)
    # A hold ends by itself; a confirmed time has no end.
    hold_until = models.DateTimeField(null=True, blank=True)
    subject_type = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        db_table = "calendar_claims"
        constraints = [
            ExclusionConstraint(
                name="claim_no_overlap",
                index_type="gist",
                expressions=[
                    (resource_range(), RangeOperators.OVERLAPS),
                    ("busy", RangeOperators.OVERLAPS),
                ],
                condition=Q(active=True),
                violation_error_code="slot_taken",
            ),
            models.CheckConstraint(condition=Q(busy__isempty=False), name="claim_busy_not_empty"),
        ]
        indexes = [
            models.Index(
                fields=["subject_type", "subject_id"],
                condition=Q(active=True),
                name="claim_subject",
            ),
            models.Index(
                fields=["hold_until"],
                condition=Q(active=True, hold_until__isnull=False),
                name="claim_hold_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.busy}"

    @property
    def subject(self) -> Subject:
        return Subject(self.subject_type, self.subject_id)


class CalendarEntryQuerySet(models.QuerySet["CalendarEntry"]):
    def of(self, subject: Subject) -> Self:
        return self.filter(subject_type=subject.type, subject_id=subject.id)

    def standing(self, subject_type: str, since: dt.datetime) -> Self:
        return self.filter(subject_type=subject_type, is_active=True, end_at__gte=since)


class CalendarEntry(models.Model):
    """One agreed time for one subject: its calendar file keeps one UID for life.

    `sequence` rises with each change and is the `schedule_seq` of its reminders.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_type = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    sequence = models.PositiveIntegerField(default=0)
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    timezone = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    # A listing on hold freezes what was agreed about it: reminders wait.
    is_frozen = models.BooleanField(default=False)
    updated_at = ChangedAtField()

    objects = CalendarEntryQuerySet.as_manager()

    class Meta:
        db_table = "calendar_entries"
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id"], name="entry_subject"),
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="entry_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} #{self.sequence}"

    @property
    def subject(self) -> Subject:
        return Subject(self.subject_type, self.subject_id)

    @property
    def uid(self) -> str:
        """The UID of the calendar file."""
        return f"{self.id}@ghar"


class CalendarFeed(models.Model):
    """The address by which somebody's calendar program reads what they have agreed.

    Its key is shown once and stored hashed; a new one makes the old one void.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="calendar_feed"
    )
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "calendar_feeds"

    def __str__(self) -> str:
        return f"feed of {self.user_id}"


class ReminderKind(models.TextChoices):
    H24 = "h24", _("a day before")
    H2 = "h2", _("two hours before")


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def due(self) -> Self:
        return self.filter(state=DueState.DUE)

    def leading(self, subject_type: str) -> Self:
        """The rows to claim: one for each recipient and kind, while nothing holds them up."""
        return self.filter(
            channel=LEADING_CHANNEL, entry__subject_type=subject_type, entry__is_frozen=False
        )

    def beside(self, leaders: Iterable["Reminder"]) -> Self:
        """The same reminders on every channel."""
        same = (
            Q(
                entry=leader.entry_id,
                schedule_seq=leader.schedule_seq,
                kind=leader.kind,
                recipient=leader.recipient,
            )
            for leader in leaders
        )
        return self.filter(reduce(operator.or_, same, Q(pk__in=[])))


class Reminder(DueRow):
    """One message to one recipient on one channel ahead of an entry's start.

    `recipient` is the principal's event channel ("user-<id>" or "session-<id>"). Everybody has a
    row on LEADING_CHANNEL; claiming it claims the same reminder on the other channels.
    """

    entry = models.ForeignKey(
        CalendarEntry, models.CASCADE, db_index=False, related_name="reminders"
    )
    schedule_seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=3, choices=ReminderKind.choices)
    channel = models.CharField(max_length=10)
    recipient = models.CharField(max_length=50)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        db_table = "calendar_reminders"
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "schedule_seq", "kind", "channel", "recipient"],
                name="reminder_once",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="due"), name="reminder_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.recipient} {self.channel}"
