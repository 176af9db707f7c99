"""Rows that belong to no domain: feature flags, the staging clock, and the shape of due work."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from ghar.lib.ids import uuid7


class Flag(models.Model):
    """A switch that admins turn. Read it through ghar.flags, which caches."""

    name = models.CharField(_("name"), max_length=60, primary_key=True)
    is_on = models.BooleanField(_("on"), default=True)
    note = models.CharField(_("what it does"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "flags"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ClockOffset(models.Model):
    """How far the staging clock runs ahead; no row means not at all."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    offset = models.DurationField(default=dt.timedelta)

    class Meta:
        db_table = "clock_offset"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="clock_offset_single_row")
        ]

    def __str__(self) -> str:
        return str(self.offset)

    @classmethod
    def current(cls) -> dt.timedelta:
        found = cls.objects.values_list("offset", flat=True).first()
        return found or dt.timedelta()


class DueState(models.TextChoices):
    DUE = "due", _("due")
    DONE = "done", _("done")
    SKIPPED = "skipped", _("not needed any more")
    DEAD = "dead", _("given up after five tries")


class DueRow(models.Model):
    """Work that must happen at `due_at`, once, whatever dies meanwhile.

    Written in the transaction of its cause; handed out by ghar.lib.claim.claim_due.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=DueState.choices, default=DueState.DUE
    )
    due_at = models.DateTimeField(_("due at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("held until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        abstract = True
