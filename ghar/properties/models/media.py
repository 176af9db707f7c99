from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ghar.lib.ids import uuid7
from ghar.models import DueRow, DueState
from ghar.properties.states import (
    MediaCategory,
    MediaStatus,
    UploadPurpose,
)


def photo_url(media_id: Any, size: str) -> str:
    """Where properties.views serves a photo of a listing; built by hand, lists have hundreds."""
    return f"{settings.MEDIA_URL}photos/{media_id}/{size}.jpg"


class Picture(models.Model):
    """A photo on its way through the pipeline: `original` in, three clean sizes out."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    status = models.CharField(
        max_length=12, choices=MediaStatus.choices, default=MediaStatus.PROCESSING
    )
    failure = models.CharField(max_length=200, blank=True)
    # Below MEDIA_ROOT, with a random name; no address of the site contains it.
    folder = models.CharField(max_length=80, editable=False)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @property
    def is_processing(self) -> bool:
        return self.status == MediaStatus.PROCESSING

    @property
    def is_ready(self) -> bool:
        return self.status == MediaStatus.READY


class PropertyMediaQuerySet(models.QuerySet["PropertyMedia"]):
    def ready(self) -> "PropertyMediaQuerySet":
        return self.filter(status=MediaStatus.READY, removed_at=None)

    def processing(self) -> "PropertyMediaQuerySet":
        return self.filter(status=MediaStatus.PROCESSING, removed_at=None)

    def shown(self) -> "PropertyMediaQuerySet":
        return self.filter(removed_at=None)

    def counted(self) -> "PropertyMediaQuerySet":
        """What the listing shows or is about to show."""
        return self.shown().exclude(status=MediaStatus.FAILED)

    def shown_to(self, user: Any) -> "PropertyMediaQuerySet":
        """Files that this person may open: of live listings, of one's own, for staff of all."""
        if user is not None and user.is_admin:
            return self.filter(status=MediaStatus.READY)
        listings = apps.get_model("properties", "Property")  # that module imports this one
        return self.ready().filter(listing__in=listings.objects.visible_to(user))


class PropertyMedia(Picture):
    listing = models.ForeignKey(
        "properties.Property",
        models.CASCADE,
        db_column="property_id",
        db_index=False,
        related_name="media",
    )
    category = models.CharField(
        _("shows"), max_length=12, choices=MediaCategory.choices, default=MediaCategory.OTHER
    )
    alt = models.CharField(_("description"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    # A removed photo stays, unseen: its hash is how a repost of it is found.
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = PropertyMediaQuerySet.as_manager()

    class Meta:
        db_table = "property_media"
        ordering = ("position", "id")
        indexes = [models.Index(fields=["listing", "position"], name="media_by_listing")]

    def __str__(self) -> str:
        return self.alt or self.get_category_display()


class UploadQuerySet(models.QuerySet["Upload"]):
    def shown_to(self, user: Any) -> "UploadQuerySet":
        ready = self.filter(status=MediaStatus.READY)
        if user is None or user.actor_kind == "session":
            return self.none()
        return ready if user.is_admin else ready.filter(owner_id=user.pk)


class Upload(Picture):
    """A picture that is no listing photo: an attachment, an avatar, evidence for a reviewer."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=10, choices=UploadPurpose.choices)

    objects = UploadQuerySet.as_manager()

    class Meta:
        db_table = "uploads"

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class ImageJobQuerySet(models.QuerySet["ImageJob"]):
    def dead_with_processing_picture(self) -> "ImageJobQuerySet":
        waits = Q(media__status=MediaStatus.PROCESSING) | Q(upload__status=MediaStatus.PROCESSING)
        return self.filter(waits, state=DueState.DEAD)


class ImageJob(DueRow):
    """A picture that waits for the pipeline; written with the picture in one transaction."""

    media = models.OneToOneField(PropertyMedia, models.CASCADE, null=True, related_name="job")
    upload = models.OneToOneField(Upload, models.CASCADE, null=True, related_name="job")

    objects = ImageJobQuerySet.as_manager()

    class Meta:
        db_table = "image_jobs"
        constraints = [
            models.CheckConstraint(
                condition=Q(media__isnull=False, upload__isnull=True)
                | Q(media__isnull=True, upload__isnull=False),
                name="image_job_one_picture",
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="due"), name="image_job_due")]

    def __str__(self) -> str:
        return f"{self.state} {self.media_id or self.upload_id}"

    @property
    def picture(self) -> Picture:
        return cast(Picture, self.media or self.upload)
