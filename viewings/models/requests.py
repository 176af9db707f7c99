"""What a seeker and a poster agree on."""

import datetime as dt
from typing import Any
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal, SeekerSession
from ghar.calendar.states import say_reason
from ghar.lib import clock
from ghar.lib.columns import ChangedAtField
from ghar.lib.ids import uuid7
from ghar.properties.models import Property
from ghar.properties.states import FREEZES_APPOINTMENTS
from viewings.models.options import ViewingTimeOption
from viewings.states import (
    ACTIVE,
    ASKED,
    OPEN,
    SYSTEM,
    Outcome,
    Source,
    ViewingStatus,
)

# The columns of which a calendar file is made, and of which it follows who may know what.
TOLD_IN_CALENDAR = (
    *("status", "seeker", "seeker_session", "poster", "selected_option", "meeting_point"),
    "link_nonce",
    *("seeker__email_verified", "seeker__phone_verified", "seeker_session__contact_verified_at"),
    "agreed_option__end_at",
    *(f"listing__{name}" for name in ("title", "unit", "address", "locality", "city")),
)


# As viewings.policies.steps.is_frozen says of one row.
FROZEN = (
    Q(listing__status__in=FREEZES_APPOINTMENTS)
    | Q(poster__suspended_at__isnull=False)
    | Q(seeker__suspended_at__isnull=False)
)


class ViewingRequestQuerySet(models.QuerySet["ViewingRequest"]):
    def visible_to(self, principal: Principal | None) -> "ViewingRequestQuerySet":
        """Its seeker (account or session) and its poster; admins see all, nobody else anything."""
        if principal is None:
            return self.none()
        if principal.is_admin:
            return self
        if isinstance(principal, SeekerSession):
            return self.filter(seeker_session_id=principal.pk, seeker=None)
        return self.filter(Q(seeker_id=principal.pk) | Q(poster_id=principal.pk))

    def sought_by(self, principal: Principal) -> "ViewingRequestQuerySet":
        if isinstance(principal, SeekerSession):
            return self.filter(seeker_session_id=principal.pk, seeker=None)
        return self.filter(seeker_id=principal.pk)

    def hosted_by(self, principal: Principal) -> "ViewingRequestQuerySet":
        if isinstance(principal, SeekerSession):
            return self.none()
        return self.filter(poster_id=principal.pk)

    def active(self) -> "ViewingRequestQuerySet":
        return self.filter(status__in=ACTIVE)

    def open(self) -> "ViewingRequestQuerySet":
        return self.filter(status__in=OPEN)

    def closed(self) -> "ViewingRequestQuerySet":
        return self.exclude(status__in=ACTIVE)

    def confirmed(self) -> "ViewingRequestQuerySet":
        return self.filter(status=ViewingStatus.CONFIRMED)

    def agreed(self) -> "ViewingRequestQuerySet":
        """Confirmed, or with the time that was until a new one is."""
        return self.active().filter(Q(status=ViewingStatus.CONFIRMED) | ~Q(agreed_option=None))

    def taken_place_before(self, moment: dt.datetime) -> "ViewingRequestQuerySet":
        """Confirmed ones whose end was before `moment`."""
        return self.confirmed().filter(selected_option__end_at__lte=moment)

    def frozen(self) -> "ViewingRequestQuerySet":
        return self.filter(FROZEN)

    def not_frozen(self) -> "ViewingRequestQuerySet":
        return self.exclude(FROZEN)

    def not_waiting_since(self, moment: dt.datetime) -> "ViewingRequestQuerySet":
        """Without those on hold whose agreed time ended later than `moment`, or is ahead."""
        return self.exclude(FROZEN & Q(agreed_option__end_at__gt=moment))

    def run_out_at(self, moment: dt.datetime) -> "ViewingRequestQuerySet":
        """Open ones with proposed times of which none is ahead."""
        options = ViewingTimeOption.objects.filter(viewing=OuterRef("pk")).still_open()
        return self.open().filter(Exists(options), ~Exists(options.filter(start_at__gt=moment)))

    def without_times_since(self, moment: dt.datetime) -> "ViewingRequestQuerySet":
        """For which nobody has proposed any."""
        options = ViewingTimeOption.objects.filter(viewing=OuterRef("pk"))
        return self.open().filter(~Exists(options), created_at__lte=moment)

    def for_calendar(self) -> "ViewingRequestQuerySet":
        """What an entry in its reader's calendar tells. Every e-mail about an agreed time reads it:
        the whole rows cost more than twice as much.
        """
        joined = ("listing", "seeker", "seeker_session", "agreed_option")
        return self.select_related(*joined).only(*TOLD_IN_CALENDAR)

    def for_detail(self) -> "ViewingRequestQuerySet":
        """With the people, the listing and the options, in two statements."""
        # The text of the listing and its search vector are the bulk of a row and never shown here.
        joined = ("listing", "poster", "seeker", "seeker_session", "agreed_option")
        return (
            self.select_related(*joined)
            .defer("listing__description", "listing__search")
            .prefetch_related("options")
        )


class ViewingRequest(models.Model):
    """A seeker and a poster agree on a time to see a listing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    listing = models.ForeignKey(
        Property, models.CASCADE, db_column="property_id", related_name="viewing_requests"
    )
    seeker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,
        null=True,
        blank=True,
        related_name="viewings_sought",
    )
    seeker_session = models.ForeignKey(
        SeekerSession,
        models.SET_NULL,
        db_index=False,
        null=True,
        blank=True,
        related_name="viewing_requests",
    )
    poster = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="viewings_hosted"
    )
    status = models.TextField(
        _("status"), choices=ViewingStatus.choices, default=ViewingStatus.PROPOSED
    )
    notes = models.TextField(_("note"), max_length=1000, null=True, blank=True)
    selected_option = models.ForeignKey(
        "ViewingTimeOption", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What was agreed before a reschedule; kept until something new is agreed.
    agreed_option = models.ForeignKey(
        "ViewingTimeOption", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Rises with each reschedule.
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    is_flagged = models.BooleanField(_("flagged"), default=False, db_column="flagged")
    # A poster may give a meeting point instead of the address.
    meeting_point = models.CharField(_("meeting point"), max_length=250, blank=True)
    # The unguessable link /v/<token>/ is derived from this, so it can be made void.
    link_nonce = models.UUIDField(default=uuid7, editable=False)
    cancellation_reason = models.CharField(_("reason"), max_length=500, blank=True)
    outcome = models.CharField(_("outcome"), max_length=30, choices=Outcome.choices, blank=True)
    created_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)
    updated_at = ChangedAtField()

    objects = ViewingRequestQuerySet.as_manager()

    class Meta:
        db_table = "viewing_requests"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(seeker__isnull=False) | Q(seeker_session__isnull=False),
                name="viewing_has_seeker",
            ),
            models.UniqueConstraint(
                # Requests that came with a claimed session may stand beside one's own.
                fields=["listing", "seeker"],
                condition=Q(
                    status__in=["proposed", "confirmed", "rescheduled"], seeker_session=None
                ),
                name="viewing_one_open_per_user",
            ),
            models.UniqueConstraint(
                fields=["listing", "seeker_session"],
                condition=Q(status__in=["proposed", "confirmed", "rescheduled"], seeker=None),
                name="viewing_one_open_per_session",
            ),
        ]
        indexes = [
            models.Index(fields=["seeker", "-id"], name="viewing_by_seeker"),
            models.Index(fields=["seeker_session", "-id"], name="viewing_by_session"),
            models.Index(fields=["poster", "-id"], name="viewing_by_poster"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.status}"

    def get_absolute_url(self) -> str:
        return reverse("viewings:detail", kwargs={"pk": self.pk})

    @property
    def seeking_principal(self) -> Principal:
        """Who asked: the account, or the session while nobody has claimed it."""
        principal = self.seeker or self.seeker_session
        assert principal is not None  # noqa: S101 -- the constraint viewing_has_seeker
        return principal

    @property
    def shown_status(self) -> str:
        """What came of it, once that is said; a state that speaks of times only if there are any."""
        if self.is_open and not self.has_times:
            return str(ASKED)
        return self.get_outcome_display() if self.outcome else self.get_status_display()

    @property
    def has_times(self) -> bool:
        """Whether anybody has proposed one so far."""
        return bool(self.options.all())

    @property
    def shown_reason(self) -> Any:
        """Why it was cancelled, for whoever reads it now."""
        return say_reason(self.cancellation_reason)

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_confirmed(self) -> bool:
        return self.status == ViewingStatus.CONFIRMED

    @property
    def agreed_time(self) -> "ViewingTimeOption | None":
        """What two sides agreed on, also while another time is asked for; for those that
        ViewingRequestQuerySet.agreed finds.
        """
        if self.is_confirmed:
            return self.chosen
        return self.agreed_option if self.is_active else None

    @property
    def is_cancelled(self) -> bool:
        return self.status == ViewingStatus.CANCELLED

    @property
    def open_options(self) -> list["ViewingTimeOption"]:
        return [option for option in self.options.all() if option.is_open]

    @property
    def chosen(self) -> "ViewingTimeOption | None":
        """The selected option, out of the options that are loaded anyway."""
        return self.option(self.selected_option_id)

    def option(self, pk: uuid.UUID | None) -> "ViewingTimeOption | None":
        return next((option for option in self.options.all() if option.pk == pk), None)

    def side_of(self, principal: Any) -> str | None:
        """seeker, poster, admin or system: the role of this caller here; None for a stranger."""
        if principal.actor_kind == "system":
            return SYSTEM
        if isinstance(principal, SeekerSession):
            mine = self.seeker_id is None and self.seeker_session_id == principal.pk
            return Source.SEEKER.value if mine else None
        if self.seeker_id == principal.pk:
            return Source.SEEKER.value
        if self.poster_id == principal.pk:
            return Source.POSTER.value
        return Source.ADMIN.value if principal.is_admin else None
