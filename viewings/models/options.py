"""The times of a request, and what all its rows have in common."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ghar.lib import clock
from ghar.lib.ids import uuid7
from viewings.states import (
    OPEN_OPTIONS,
    OptionStatus,
    Source,
)

MAX_OPEN_OPTIONS = 5


class Owned(models.Model):
    """A row of a request. The parties are copied so that a policy needs no join."""

    seeker_id = models.UUIDField(null=True, editable=False)
    seeker_session_id = models.UUIDField(null=True, editable=False)
    poster_id = models.UUIDField(editable=False)

    class Meta:
        abstract = True


class TimeOptionQuerySet(models.QuerySet["ViewingTimeOption"]):
    def still_open(self) -> "TimeOptionQuerySet":
        return self.filter(status__in=OPEN_OPTIONS)

    def offered(self) -> "TimeOptionQuerySet":
        return self.filter(status=OptionStatus.OFFERED)

    def meeting(self, start_at: dt.datetime, end_at: dt.datetime) -> "TimeOptionQuerySet":
        return self.filter(start_at__lt=end_at, end_at__gt=start_at)


class ViewingTimeOption(Owned):
    viewing = models.ForeignKey(
        "viewings.ViewingRequest",
        models.CASCADE,
        db_column="viewing_request_id",
        db_index=False,
        related_name="options",
    )
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    start_at = models.DateTimeField(_("from"))
    end_at = models.DateTimeField(_("to"))
    timezone = models.TextField(default="Africa/Kigali")
    source = models.TextField(choices=Source.choices)
    status = models.TextField(choices=OptionStatus.choices, default=OptionStatus.OFFERED)
    round = models.PositiveSmallIntegerField(default=1)
    # 1..5 while it is open, so that "at most five" is a fact of the database; null once rejected.
    slot = models.PositiveSmallIntegerField(
        null=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_OPEN_OPTIONS)]
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = TimeOptionQuerySet.as_manager()

    class Meta:
        db_table = "viewing_time_options"
        ordering = ("round", "start_at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="option_ends_later"),
            models.CheckConstraint(
                condition=Q(slot=None) | Q(slot__gte=1, slot__lte=MAX_OPEN_OPTIONS),
                name="option_slot_range",
            ),
            models.CheckConstraint(
                condition=Q(status="rejected", slot=None)
                | (~Q(status="rejected") & Q(slot__isnull=False)),
                name="option_open_has_slot",
            ),
            models.UniqueConstraint(fields=["viewing", "slot"], name="option_slot_once"),
            models.UniqueConstraint(
                fields=["viewing"], condition=Q(status="selected"), name="option_one_selected"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d %H:%M} {self.status}"

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        return self.start_at, self.end_at

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_OPTIONS

    @property
    def is_selected(self) -> bool:
        return self.status == OptionStatus.SELECTED
