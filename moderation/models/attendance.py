import datetime as dt
from typing import Any, Self
import uuid

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal, SeekerSession, User
from ghar.calendar.models import Subject
from ghar.lib import clock
from ghar.lib.ids import uuid7
from moderation.models.fields import staff_key
from moderation.states import DisputeKind, Presence

_BAD = (Presence.MISSED, Presence.CANCELLED_LATE)


def _stands(*presences: str) -> Q:
    """What a moderator has found, or else what was written down."""
    return Q(ruling__in=presences) | Q(ruling="", presence__in=presences)


_PRESENCES = {value: Count("pk", filter=_stands(value)) for value in Presence.values}


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def of(self, subject: Subject) -> Self:
        return self.filter(subject_type=subject.type, subject_id=subject.id)

    def held_against(self, person: User, since: dt.datetime) -> Self:
        """What counts against this person and was written down from `since` on."""
        return self.bad().filter(person=person, noted_at__gte=since)

    def bad(self) -> Self:
        return self.filter(_stands(*_BAD))

    def waiting(self, outdated: dt.datetime) -> Self:
        """Those by which somebody's figures are not what they should be."""
        return self.filter(Q(is_counted=False) | Q(happened_at__lt=outdated))

    def tally(self) -> dict[str, int]:
        """How many of each presence; what is disputed is none."""
        return self.filter(is_disputed=False).aggregate(**_PRESENCES)


class Attendance(models.Model):
    """What one person did about one agreed time, whichever app it was agreed in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="attendances")
    # Whether they were to show the place; a meeting of two has no host.
    as_host = models.BooleanField(default=False)
    subject_type = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    # Empty where nobody knows, or the last step was taken back.
    presence = models.CharField(max_length=15, choices=Presence.choices, blank=True)
    # What a moderator has found instead; whatever is written down later, it stands.
    ruling = models.CharField(max_length=15, choices=Presence.choices, blank=True, default="")
    happened_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    # From the dispute on; stays so if a moderator agrees.
    is_disputed = models.BooleanField(default=False)
    # Whether the person's figures know it.
    is_counted = models.BooleanField(default=False)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        db_table = "moderation_attendance"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "subject_type", "subject_id"], name="attendance_once"
            )
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="attendance_subject"),
            models.Index(fields=["happened_at"], name="attendance_age"),
            models.Index(
                fields=["person"], condition=Q(is_counted=False), name="attendance_uncounted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.presence}"

    @property
    def subject(self) -> Subject:
        return Subject(self.subject_type, self.subject_id)

    @property
    def standing_presence(self) -> Any:
        """In words; empty where nobody knows."""
        return self.get_ruling_display() or self.get_presence_display()


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def open(self) -> Self:
        return self.filter(decided_at=None).order_by("created_at", "id")

    def absences(self) -> Self:
        """Those in which somebody says that the other side did not come."""
        return self.filter(kind=DisputeKind.ABSENCE)

    def about(self, person_id: uuid.UUID | None) -> Self:
        return self.filter(attendance__person=person_id)

    def barred_to(self, user: User) -> Self:
        """They are one of the two, whoever of these has said something."""
        known = Attendance.objects.filter(
            subject_type=models.OuterRef("attendance__subject_type"),
            subject_id=models.OuterRef("attendance__subject_id"),
        )
        spoke = Dispute.objects.by(user).values("attendance")
        return self.filter(models.Exists(known.filter(Q(person=user) | Q(pk__in=spoke))))

    def by(self, principal: Principal) -> Self:
        """What this User or SeekerSession has said; a User also before the session was theirs."""
        if isinstance(principal, SeekerSession):
            return self.filter(author_session=principal)
        return self.filter(Q(author=principal) | Q(author_session__claimed_by=principal))


class Dispute(models.Model):
    """Somebody says that an attendance is wrong, their own or the other side's; a moderator decides."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    attendance = models.ForeignKey(
        Attendance, models.CASCADE, db_index=False, related_name="disputes"
    )
    kind = models.CharField(max_length=10, choices=DisputeKind.choices, default=DisputeKind.RECORD)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    author_session = models.ForeignKey(
        SeekerSession, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    message = models.TextField(_("message"), max_length=1000)
    # Whether the record stands.
    is_upheld = models.BooleanField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = staff_key()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        db_table = "moderation_disputes"
        constraints = [
            models.UniqueConstraint(fields=["attendance", "kind"], name="dispute_once"),
        ]

    def __str__(self) -> str:
        return f"dispute of {self.attendance_id}"

    @property
    def said_by(self) -> Principal | None:
        """Who hears what came of it; None once their account is gone."""
        session = self.author_session
        return self.author or (session and (session.claimed_by or session))
