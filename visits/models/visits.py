"""Tours of a home and meetings of two who matched, in one table."""

import datetime as dt
from typing import Any, Final, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from flatmates.models import Conversation, Match
from ghar.accounts.models import User
from ghar.calendar.states import say_reason
from ghar.lib import clock
from ghar.lib.columns import ChangedAtField
from ghar.lib.ids import uuid7
from ghar.properties.models import Property
from ghar.properties.states import FREEZES_APPOINTMENTS
from visits.models.agents import Agent
from visits.models.events import VisitEvent
from visits.states import (
    ACTIVE,
    ADMIN,
    AGENT,
    COUNTERPARTY,
    HOST,
    STEPS,
    VISITOR,
    Outcome,
    VisitContext,
    VisitStatus,
)

# Lists in the order of an index.
NEWEST_FIRST: Final = ("-scheduled_date", "-id")
NEXT_FIRST: Final = ("scheduled_date", "id")


# As visits.policies.steps.is_frozen says of one row.
FROZEN: Final = (
    Q(listing__status__in=FREEZES_APPOINTMENTS)
    | Q(user__suspended_at__isnull=False)
    | Q(counterparty__suspended_at__isnull=False)
    | Q(host__suspended_at__isnull=False, visit_context=VisitContext.PROPERTY_TOUR)
)


def _without_agent(user: User) -> Q:
    is_host = Q(host=user, visit_context=VisitContext.PROPERTY_TOUR)
    return Q(user=user) | Q(counterparty=user) | is_host


class VisitQuerySet(models.QuerySet["Visit"]):
    def of(self, user: User) -> Self:
        """As any party: visitor, counterparty, host of a tour, its agent."""
        # One value, not a join: each of the four conditions then has an index to go by.
        agent = Agent.objects.of_user(user).values("pk")[:1]
        return self.filter(_without_agent(user) | Q(agent=models.Subquery(agent)))

    def visible_to(self, user: User) -> Self:
        return self if user.is_admin else self.of(user)

    def shown_by(self, user: User) -> Self:
        return self.filter(agent__user=user)

    def active(self) -> Self:
        return self.filter(status__in=ACTIVE)

    def closed(self) -> Self:
        return self.exclude(status__in=ACTIVE)

    def not_cancelled(self) -> Self:
        return self.exclude(status=VisitStatus.CANCELLED)

    def within(self, start: dt.datetime, end: dt.datetime) -> Self:
        """Not cancelled, at a time from `start` on and before `end`; of two times either counts."""
        proposed = Q(scheduled_date__gte=start, scheduled_date__lt=end)
        standing = Q(rescheduled_from__gte=start, rescheduled_from__lt=end)
        has_two = Q(status=VisitStatus.RESCHEDULED)
        return self.not_cancelled().filter(proposed | standing & has_two)

    def to_follow_up(self, day: dt.date) -> Self:
        """Over, and somebody promised to be in touch again by that day."""
        over = self.filter(status=VisitStatus.COMPLETED, follow_up_required=True)
        return over.filter(follow_up_date__lte=day)

    def upcoming(self, now: dt.datetime) -> Self:
        return self.active().filter(scheduled_date__gte=now)

    def ahead(self, now: dt.datetime) -> Self:
        """Active, and of two times at least one has not come yet."""
        stands = Q(status=VisitStatus.RESCHEDULED, rescheduled_from__gte=now)
        return self.active().filter(Q(scheduled_date__gte=now) | stands)

    def past(self, now: dt.datetime) -> Self:
        return self.filter(~Q(status__in=ACTIVE) | Q(scheduled_date__lt=now))

    def unassigned(self) -> Self:
        return self.active().filter(agent=None, visit_context=VisitContext.PROPERTY_TOUR)

    def frozen(self) -> Self:
        return self.filter(FROZEN)

    def not_frozen(self) -> Self:
        return self.exclude(FROZEN)

    def never_agreed_by(self, moment: dt.datetime) -> Self:
        """Without those on hold whose earlier time still stands: they wait."""
        waiting = (VisitStatus.SCHEDULED, VisitStatus.RESCHEDULED)
        stands = Q(status=VisitStatus.RESCHEDULED, rescheduled_from__gt=moment)
        passed = self.filter(status__in=waiting, scheduled_date__lte=moment)
        return passed.exclude(FROZEN & stands)

    def confirmed(self) -> Self:
        return self.filter(status=VisitStatus.CONFIRMED)

    def meets_begun(self, after: dt.datetime, until: dt.datetime) -> Self:
        """Meetings with a time later than `after` and no later than `until`; of two either counts."""
        meets = self.filter(visit_context=VisitContext.FLATMATE_MEET)
        proposed = Q(scheduled_date__gt=after, scheduled_date__lte=until)
        standing = Q(rescheduled_from__gt=after, rescheduled_from__lte=until)
        return meets.filter(proposed | standing & Q(status=VisitStatus.RESCHEDULED))

    def meets_of(self, match: Match) -> Self:
        """The meetings that two people who matched have planned."""
        pair = (match.first_id, match.second_id)
        meets = self.filter(visit_context=VisitContext.FLATMATE_MEET)
        return meets.filter(user__in=pair, counterparty__in=pair)

    def tours_between(self, one: User, other: User) -> Self:
        """Which bring the two together: as visitor and host, or one of them with the other's agent."""
        tours = self.filter(visit_context=VisitContext.PROPERTY_TOUR)
        as_sides = Q(user=one, host=other) | Q(user=other, host=one)
        led_by_one = Q(agent__user=one) & (Q(user=other) | Q(host=other))
        led_by_other = Q(agent__user=other) & (Q(user=one) | Q(host=one))
        return tours.filter(as_sides | led_by_one | led_by_other)

    def with_person(self, person: User) -> Self:
        """As one of the two without whom nothing takes place."""
        return self.filter(_without_agent(person))

    def over_by(self, moment: dt.datetime) -> Self:
        """Agreed ones whose end was before `moment`."""
        minutes = F("duration_minutes") * dt.timedelta(minutes=1)
        begun = self.confirmed().filter(scheduled_date__lte=moment)  # as far as the index goes
        return begun.filter(scheduled_date__lte=moment - minutes)

    def for_list(self, since: dt.datetime) -> Self:
        """With all that an answer says, in two statements for any number of rows.

        `since` is from when on a step can still be taken back.
        """
        steps = VisitEvent.objects.filter(event_type__in=STEPS, created_at__gte=since)
        return self.for_detail().prefetch_related(
            models.Prefetch("events", steps.order_by("number"), to_attr="recent_steps")
        )

    def for_detail(self) -> Self:
        # The text of the listing and its search vector are the bulk of a row and never shown here.
        joined = ("listing", "agent__user", "counterparty", "user", "host", "match")
        return self.select_related(*joined).defer("listing__description", "listing__search")


class Visit(models.Model):
    """A tour has a visitor, the host and an agent; a meeting two people alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, db_index=False, related_name="visits", verbose_name=_("visitor")
    )
    listing = models.ForeignKey(
        Property, models.CASCADE, db_column="property_id", related_name="visits"
    )
    # The owner of the listing when it was booked, for lists without a join.
    host = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="+")
    agent = models.ForeignKey(
        Agent, models.RESTRICT, null=True, blank=True, db_index=False, related_name="visits"
    )
    counterparty = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        db_column="counterparty_user_id",
        related_name="+",
    )
    conversation = models.ForeignKey(
        Conversation, models.SET_NULL, null=True, blank=True, related_name="visits"
    )
    match = models.ForeignKey(Match, models.SET_NULL, null=True, blank=True, related_name="visits")
    visit_context = models.CharField(
        max_length=20, choices=VisitContext.choices, default=VisitContext.PROPERTY_TOUR
    )
    status = models.CharField(
        _("status"), max_length=12, choices=VisitStatus.choices, default=VisitStatus.SCHEDULED
    )
    # Where a withdrawn proposal takes the visit back to.
    status_before = models.CharField(max_length=12, choices=VisitStatus.choices, blank=True)
    scheduled_date = models.DateTimeField(_("at"))
    duration_minutes = models.PositiveSmallIntegerField(default=30)
    timezone = models.CharField(max_length=64)
    # The time that stands until the new one is agreed.
    rescheduled_from = models.DateTimeField(null=True, blank=True)
    reschedule_count = models.PositiveSmallIntegerField(default=0)
    # Which side proposed the time that waits, so that another side confirms it.
    proposed_by = models.CharField(max_length=12)
    actual_date = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    cancellation_reason = models.CharField(max_length=500, blank=True)
    cancelled_by = models.CharField(max_length=12, blank=True)
    special_requirements = models.TextField(max_length=1000, blank=True)
    visit_notes = models.TextField(max_length=2000, blank=True)
    visitor_feedback = models.TextField(max_length=2000, blank=True)
    interest_level = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    follow_up_required = models.BooleanField(default=False)
    follow_up_date = models.DateField(null=True, blank=True)
    # Since when it waits for an agent.
    unassigned_since = models.DateTimeField(null=True, blank=True)
    visitor_arrived_at = models.DateTimeField(null=True, blank=True)
    other_arrived_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = ChangedAtField()

    objects = VisitQuerySet.as_manager()

    class Meta:
        db_table = "visits"
        constraints = [
            models.CheckConstraint(
                condition=~Q(visit_context="flatmate_meet") | Q(agent=None),
                name="visit_meets_have_no_agent",
            ),
            models.CheckConstraint(
                condition=~Q(visit_context="property_tour") | Q(counterparty=None),
                name="visit_tours_have_no_counterparty",
            ),
            models.CheckConstraint(
                condition=~Q(user=F("counterparty")), name="visit_with_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(status="completed"), name="visit_outcome_when_over"
            ),
            models.CheckConstraint(
                condition=Q(interest_level=None) | Q(interest_level__gte=1, interest_level__lte=5),
                name="visit_interest",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-scheduled_date", "-id"], name="visit_of_visitor"),
            models.Index(fields=["host", "-scheduled_date", "-id"], name="visit_of_host"),
            models.Index(fields=["agent", "-scheduled_date", "-id"], name="visit_of_agent"),
            models.Index(
                fields=["counterparty", "-scheduled_date", "-id"],
                condition=Q(counterparty__isnull=False),
                name="visit_of_counterparty",
            ),
            models.Index(
                fields=["scheduled_date", "id"],
                condition=Q(
                    status__in=["scheduled", "confirmed", "rescheduled"],
                    agent=None,
                    visit_context="property_tour",
                ),
                name="visit_unassigned",
            ),
            models.Index(
                fields=["scheduled_date"],
                condition=Q(status__in=["scheduled", "confirmed", "rescheduled"]),
                name="visit_sweep",
            ),
            # The list of the console, and meetings that have just begun, as the next one.
            models.Index(fields=["-scheduled_date", "-id"], name="visit_by_date"),
            models.Index(
                fields=["rescheduled_from"],
                condition=Q(status="rescheduled"),
                name="visit_kept_time",
            ),
            models.Index(
                fields=["follow_up_date"],
                condition=Q(status="completed", follow_up_required=True),
                name="visit_follow_ups",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_visit_context_display()} {self.listing_id}"

    def get_absolute_url(self) -> str:
        return f"/visits/{self.pk}/"

    @property
    def length(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.duration_minutes)

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        return self.scheduled_date, self.scheduled_date + self.length

    @property
    def standing_date(self) -> dt.datetime:
        """The time that counts until a new one is agreed."""
        kept = self.rescheduled_from if self.has_proposal else None
        return kept or self.scheduled_date

    @property
    def standing_span(self) -> tuple[dt.datetime, dt.datetime]:
        return self.standing_date, self.standing_date + self.length

    @property
    def has_proposal(self) -> bool:
        """Whether a new time waits beside the one that stands."""
        return self.status == VisitStatus.RESCHEDULED

    @property
    def shown_reason(self) -> Any:
        """Why it was cancelled, for whoever reads it now."""
        return say_reason(self.cancellation_reason)

    @property
    def parties(self) -> list[User]:
        """Everybody concerned who has an account."""
        people = [self.user, self.counterparty]
        if self.is_tour:
            people += [self.host, self.agent.user if self.agent else None]
        return [person for person in dict.fromkeys(people) if person is not None]

    @property
    def last_step(self) -> VisitEvent | None:
        """Of all steps; in a list of those alone that can still be taken back, see for_list."""
        if not hasattr(self, "recent_steps"):
            self.recent_steps = [e for e in self.events.all() if e.event_type in STEPS]
        return self.recent_steps[-1] if self.recent_steps else None

    @property
    def is_tour(self) -> bool:
        return self.visit_context == VisitContext.PROPERTY_TOUR

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_confirmed(self) -> bool:
        return self.status == VisitStatus.CONFIRMED

    @property
    def is_agreed(self) -> bool:
        """Whether the time that stands was agreed, also while another one is proposed."""
        return self.is_confirmed or (
            self.has_proposal and self.status_before == VisitStatus.CONFIRMED
        )

    def side_of(self, by: Any) -> str | None:
        """What this User is here; None for somebody who has nothing to do with it."""
        sides: dict[Any, str] = {self.user_id: VISITOR}
        if self.is_tour:
            sides.setdefault(self.host_id, HOST)
            if self.agent and self.agent.user_id:
                sides.setdefault(self.agent.user_id, AGENT)
        elif self.counterparty_id:
            sides.setdefault(self.counterparty_id, COUNTERPARTY)
        own = sides.get(getattr(by, "pk", None))
        return own or (ADMIN if by.is_admin else None)
