from typing import Self

from django.db import models
from django.db.models import Q

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.ids import uuid7
from visits.models.visits import Visit


class VisitShareQuerySet(models.QuerySet["VisitShare"]):
    def standing(self) -> Self:
        return self.filter(revoked_at=None)


class VisitShare(models.Model):
    """A link by which somebody's friend sees where and when they meet; nothing more."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="shares")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    # The token is shown once and stored hashed.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = VisitShareQuerySet.as_manager()

    class Meta:
        db_table = "visit_shares"
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "user"], condition=Q(revoked_at=None), name="visit_share_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"share of {self.visit_id}"


class VisitCheckIn(models.Model):
    """Whether somebody was asked, and said, that they are well. Nothing else is kept: who needs
    help reads where to find it, and we write nothing down.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey(Visit, models.CASCADE, db_index=False, related_name="check_ins")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    well_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "visit_check_ins"
        constraints = [
            models.UniqueConstraint(fields=["visit", "user"], name="visit_check_in_once")
        ]

    def __str__(self) -> str:
        return f"check-in of {self.visit_id}"
