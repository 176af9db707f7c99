"""A person as flatmates see them. What peers may read, the serializers choose; never these rows."""

import datetime as dt
from typing import Any, Self
import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from flatmates.models.swipes import Match
from flatmates.states import (
    Cleanliness,
    DealBreaker,
    FoodHabits,
    Frequency,
    Gender,
    GuestsPolicy,
    Mode,
    MoveIn,
    PauseReason,
    Pets,
    ProfileStatus,
    SleepSchedule,
    ViewSource,
    WorkStyle,
)
from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.properties.models import Property, Upload
from ghar.properties.models.listings import day_in, with_day_over
from ghar.properties.states import Currency, GenderPreference, MediaStatus
from moderation.models import Block

BUDGET = [MinValueValidator(0), MaxValueValidator(10**9)]


def choice(name: Any, choices: type[models.TextChoices]) -> models.CharField:
    """One answer of the quiz; empty while unanswered."""
    return models.CharField(name, max_length=20, choices=choices.choices, blank=True)


def deal_breakers(name: Any) -> ArrayField:
    code = models.CharField(max_length=20, choices=DealBreaker.choices)
    return ArrayField(code, verbose_name=name, default=list, blank=True, size=11)


class ProfileQuerySet(models.QuerySet["Profile"]):
    def active(self) -> Self:
        """Shown to others: reviewed, not paused, of an account in good standing."""
        return self.filter(
            status=ProfileStatus.ACTIVE, user__is_active=True, user__suspended_at=None
        )

    def active_for(self, viewer_id: uuid.UUID) -> Self:
        """Active ones with no block in either direction."""
        return self.active().filter(~Block.objects.hide(viewer_id, outer="user_id"))

    def visible_to(self, viewer: User) -> Self:
        """What others are shown, and oneself; staff see all."""
        return self if viewer.is_admin else self.active_for(viewer.pk) | self.filter(user=viewer)

    def waiting_for_review(self) -> Self:
        return self.filter(status=ProfileStatus.PENDING_REVIEW)

    def past_move_in_at(self, moment: dt.datetime) -> Self:
        """Visible ones whose move-in date is over where the person is; today is not over."""
        visible = self.filter(status=ProfileStatus.ACTIVE)
        return with_day_over(visible, moment, day="move_in_date", zone="user__timezone")

    def for_cards(self) -> Self:
        """With the name and the photos, in two statements for any number of people."""
        return self.select_related("user").prefetch_related(with_uploads())


class Profile(models.Model):
    """Who somebody is to live with. One a user; the server alone moves `status`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(User, models.CASCADE, related_name="profile")
    status = models.CharField(
        _("status"),
        max_length=15,
        choices=ProfileStatus.choices,
        default=ProfileStatus.DRAFT,
        editable=False,
    )
    # --- what the person says
    mode = choice(_("I am here because"), Mode)
    bio = models.TextField(_("about me"), max_length=1000, blank=True)
    age = models.PositiveSmallIntegerField(
        _("age"), null=True, blank=True, validators=[MinValueValidator(18), MaxValueValidator(100)]
    )
    gender = choice(_("gender"), Gender)
    profession = models.CharField(_("profession"), max_length=80, blank=True)
    native_place = models.CharField(_("home town"), max_length=120, blank=True)  # private
    linkedin_url = models.CharField(
        _("LinkedIn"), max_length=255, blank=True, validators=[URLValidator(["http", "https"])]
    )
    city = models.CharField(_("city"), max_length=80, blank=True)
    locality = models.CharField(_("locality"), max_length=80, blank=True)
    budget_min = models.PositiveIntegerField(
        _("budget from"), null=True, blank=True, validators=BUDGET
    )
    budget_max = models.PositiveIntegerField(
        _("budget to"), null=True, blank=True, validators=BUDGET
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, blank=True)
    move_in_timeline = choice(_("moving in"), MoveIn)
    move_in_date = models.DateField(_("moving in by"), null=True, blank=True)
    sleep_schedule = choice(_("sleep"), SleepSchedule)
    cleanliness = choice(_("cleanliness"), Cleanliness)
    food_habits = choice(_("food"), FoodHabits)
    smoking = choice(_("smoking"), Frequency)
    drinking = choice(_("drinking"), Frequency)
    guests_policy = choice(_("guests"), GuestsPolicy)
    work_style = choice(_("work"), WorkStyle)
    pets = choice(_("pets"), Pets)
    gender_preference = choice(_("I would share with"), GenderPreference)
    non_negotiables = deal_breakers(_("deal-breakers"))
    # Of the deal-breakers those that somebody who has not answered fails, too.
    strict_non_negotiables = deal_breakers(_("strict deal-breakers"))
    vibe_tags = ArrayField(
        models.CharField(max_length=30), verbose_name=_("vibe"), default=list, blank=True, size=8
    )
    onboarding_completed = models.BooleanField(_("finished the welcome"), default=False)
    # --- what the server derives
    cell_geohash = models.CharField(max_length=6, blank=True, editable=False)
    cell_latitude = models.FloatField(null=True, editable=False)
    cell_longitude = models.FloatField(null=True, editable=False)
    # To the hour, so that it moves rarely; the order of the deck.
    last_active_at = models.DateTimeField(default=clock.now, editable=False)
    # --- review
    content_version = models.PositiveIntegerField(default=1, editable=False)
    flags = ArrayField(models.CharField(max_length=30), default=list, editable=False)
    review_note = models.TextField(max_length=2000, blank=True, editable=False)
    pause_reason = models.CharField(
        max_length=15, choices=PauseReason.choices, blank=True, editable=False
    )
    # What moderation paused, only moderation resumes.
    is_paused_by_moderation = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        db_table = "flatmate_profiles"
        constraints = [
            models.CheckConstraint(
                condition=Q(age=None) | Q(age__gte=18, age__lte=100), name="profile_age"
            ),
            models.CheckConstraint(
                condition=Q(budget_min=None)
                | Q(budget_max=None)
                | Q(budget_max__gte=F("budget_min")),
                name="profile_budget",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-last_active_at", "-id"],
                condition=Q(status="active"),
                name="profile_deck",
            ),
            models.Index(
                Upper("city"),
                F("last_active_at").desc(),
                F("id").desc(),
                condition=Q(status="active"),
                name="profile_deck_of_city",
            ),
            models.Index(
                fields=["move_in_date"], condition=Q(status="active"), name="profile_move_in"
            ),
            models.Index(
                fields=["id"], condition=Q(status="pending_review"), name="profile_review_queue"
            ),
        ]

    def __str__(self) -> str:
        return self.user.public_name

    def get_absolute_url(self) -> str:
        return reverse("flatmates:person", kwargs={"user_id": self.user_id})

    @property
    def is_visible(self) -> bool:
        return self.status == ProfileStatus.ACTIVE

    @property
    def is_paused(self) -> bool:
        return self.status == ProfileStatus.PAUSED

    @property
    def is_draft(self) -> bool:
        return self.status == ProfileStatus.DRAFT

    @property
    def is_waiting(self) -> bool:
        return self.status == ProfileStatus.PENDING_REVIEW

    @property
    def is_rejected(self) -> bool:
        return self.status == ProfileStatus.REJECTED

    @property
    def place(self) -> str:
        return ", ".join(part for part in (self.locality, self.city) if part)

    @property
    def shown_photos(self) -> "list[ProfilePhoto]":
        return [photo for photo in self.photos.all() if photo.is_ready]

    def is_move_in_over(self, moment: dt.datetime) -> bool:
        """Whether the day has passed where the person is. Today is not over."""
        if self.move_in_date is None:
            return False
        return self.move_in_date < day_in(self.user.timezone, moment)


def with_uploads(photos: str = "photos") -> models.Prefetch:
    """The photos of profiles, found by way of `photos`, with their files in one statement."""
    return models.Prefetch(photos, ProfilePhoto.objects.select_related("upload"))


class ProfilePhotoQuerySet(models.QuerySet["ProfilePhoto"]):
    def ready(self) -> Self:
        return self.filter(upload__status=MediaStatus.READY)

    def shown_to(self, viewer: Any) -> Self:
        """Of people whom the viewer may see or is matched with; the face of a host is public.

        Of a closed or suspended account nothing is left to see.
        """
        hosts = Property.objects.live().filter(owner=models.OuterRef("profile__user"))
        face = Q(models.Exists(hosts), profile__user__avatar_id=F("upload_id"))
        if viewer is None or viewer.actor_kind == "session":
            return self.ready().filter(face)
        matched = Match.objects.of(viewer).active()
        peers = Q(profile__user__in=matched.values("first")) | Q(
            profile__user__in=matched.values("second")
        )
        seen = Q(profile__in=Profile.objects.visible_to(viewer))
        peers &= Q(profile__user__is_active=True, profile__user__suspended_at=None)
        return self.ready().filter(seen | face | peers)


class ProfilePhoto(models.Model):
    """A picture on a profile, through the pipeline of all pictures; the first is the avatar."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="photos")
    upload = models.OneToOneField(Upload, models.CASCADE, related_name="profile_photo")
    position = models.PositiveSmallIntegerField(default=0)

    objects = ProfilePhotoQuerySet.as_manager()

    class Meta:
        db_table = "flatmate_profile_photos"
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.profile_id} {self.position}"

    @property
    def is_ready(self) -> bool:
        return self.upload.status == MediaStatus.READY

    def url(self, size: str) -> str:
        """Where flatmates.views serves it; built by hand, a deck has many."""
        return f"/people/photos/{self.upload_id}/{size}.jpg"


class ProfileViewQuerySet(models.QuerySet["ProfileView"]):
    def older_than(self, moment: dt.datetime) -> Self:
        return self.filter(created_at__lt=moment)

    def of(self, viewed: User, *, since: dt.datetime) -> Self:
        return self.filter(viewed=viewed, created_at__gte=since)

    def count_viewers(self) -> int:
        """How many people, however often each of them came."""
        return self.aggregate(n=models.Count("viewer", distinct=True))["n"]


class ProfileView(models.Model):
    """That somebody read a profile, and for how long; kept 90 days, shown as counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    viewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    viewed = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="+")
    duration_seconds = models.PositiveSmallIntegerField(validators=[MaxValueValidator(3600)])
    scroll_percent = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    source = models.CharField(max_length=10, choices=ViewSource.choices)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ProfileViewQuerySet.as_manager()

    class Meta:
        db_table = "flatmate_profile_views"
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_seconds__lte=3600, scroll_percent__lte=100),
                name="profile_view_range",
            )
        ]
        indexes = [
            models.Index(fields=["viewed", "-created_at"], name="profile_view_of_person"),
            models.Index(fields=["created_at"], name="profile_view_age"),
        ]

    def __str__(self) -> str:
        return f"{self.viewer_id} saw {self.viewed_id}"


class Catalog(models.Model):
    """A list of choices that an admin has changed; the rest stand in flatmates.rules.catalogs."""

    key = models.CharField(max_length=40, primary_key=True)
    version = models.PositiveIntegerField(default=2)
    # [{value, label: {language: text}}]
    payload = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "flatmate_catalogs"

    def __str__(self) -> str:
        return self.key
