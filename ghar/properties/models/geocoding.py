import datetime as dt
from typing import Any, Final

from django.db import models

from ghar.lib.ids import uuid7
from ghar.models import DueRow, DueState

# The word for our own subjects; the apps above have theirs.
LISTING: Final = "property"


class GeocodeJobQuerySet(models.QuerySet["GeocodeJob"]):
    def request(
        self, *, subject_type: str, subject_id: Any, city: str, locality: str, now: dt.datetime
    ) -> None:
        """One row for each subject: what is asked anew replaces what was asked before."""
        job = self.model(
            id=uuid7(),
            subject_type=subject_type,
            subject_id=subject_id,
            city=city,
            locality=locality,
            due_at=now,
        )
        anew = ("city", "locality", "state", "due_at", "attempts", "lease_until", "last_error")
        unique = ("subject_type", "subject_id")
        self.bulk_create([job], update_conflicts=True, update_fields=anew, unique_fields=unique)

    def about(self, subject_type: str, subject_ids: Any) -> "GeocodeJobQuerySet":
        return self.filter(subject_type=subject_type, subject_id__in=subject_ids)


class GeocodeJob(DueRow):
    """A place without coordinates that waits to be found; gone once it is answered.

    The subject is named by text, because the apps above have places of their own.
    """

    subject_type = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    city = models.CharField(max_length=80)
    locality = models.CharField(max_length=80, blank=True)

    objects = GeocodeJobQuerySet.as_manager()

    class Meta:
        db_table = "geocode_jobs"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], name="geocode_job_one_a_subject"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state=DueState.DUE), name="geocode_job_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.locality}, {self.city}"
