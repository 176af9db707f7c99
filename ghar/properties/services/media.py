"""Pictures from strangers: stored privately, cleaned by a worker, shown with their listing."""

from collections.abc import Sequence
import datetime as dt
from functools import partial
from pathlib import Path
import secrets
import shutil
from typing import Any, Final
import uuid

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
import structlog

from ghar.audit import services as audit
from ghar.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable, UnsupportedMedia
from ghar.lib import clock
from ghar.lib.actors import Actor
from ghar.lib.claim import claim_due, failing_alone, give_back
from ghar.lib.disk import is_no_room
from ghar.lib.wake import wake
from ghar.models import DueState
from ghar.properties.images import (
    CleanFiles,
    ImageRejected,
    NotWritten,
    clean_in_subprocess,
    sniff,
)
from ghar.properties.models import ImageJob, Picture, Property, PropertyMedia, Upload
from ghar.properties.policies import check_can_edit
from ghar.properties.services.listings import record_photo_change
from ghar.properties.services.moves import lock_listing
from ghar.properties.services.review import ask_for_check
from ghar.properties.signals import media_ready, upload_finished
from ghar.properties.states import MEDIA_TRANSITIONS, MediaCategory

SNIFFED_BYTES: Final = 12
JOBS_A_RUN: Final = 20

log = structlog.get_logger(__name__)


def picture_path(picture: Picture, size: str) -> Path:
    """The file of one size (images.SIZES) of a ready picture."""
    return Path(settings.MEDIA_ROOT) / picture.folder / f"{size}.jpg"


def original_path(picture: Picture) -> Path:
    """What was sent, until the pipeline has made clean pictures of it."""
    return Path(settings.MEDIA_ROOT) / picture.folder / "original"


@transaction.atomic
def add_photo(
    *,
    listing: Property,
    file: File,
    by: Actor,
    category: str = MediaCategory.OTHER,
    alt: str = "",
) -> PropertyMedia:
    """Take a photo at the end of the listing's; a worker prepares it.

    Raises TooLarge, UnsupportedMedia or Conflict (TOO_MANY_PHOTOS) before anything is stored.
    """
    now = clock.now()
    _check_file(file)
    listing = lock_listing(listing)
    check_can_edit(listing, by)
    shown = listing.media.shown()
    if shown.count() >= settings.MEDIA_MAX_PER_LISTING:
        raise Conflict(
            _("A listing can have %(n)s photos. Please remove one first.")
            % {"n": settings.MEDIA_MAX_PER_LISTING},
            code="TOO_MANY_PHOTOS",
        )
    last = shown.aggregate(last=Max("position"))["last"]
    media = PropertyMedia(
        listing=listing, category=category, alt=alt, position=0 if last is None else last + 1
    )
    _take_in(media, file, job=ImageJob(media=media, due_at=now))
    record_photo_change(listing=listing, by=by, now=now, action="listing_photo_added")
    return media


@transaction.atomic
def add_upload(*, file: File, purpose: str, by: Any) -> Upload:
    """A picture that belongs to a person: an attachment, an avatar, evidence."""
    _check_file(file)
    upload = Upload(owner=by, purpose=purpose)
    _take_in(upload, file, job=ImageJob(upload=upload, due_at=clock.now()))
    return upload


def delete_upload(upload: Upload) -> None:
    """The row, and its files once that is certain. In the transaction of the cause."""
    folder = original_path(upload).parent
    upload.delete()
    transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True), robust=True)


@transaction.atomic
def remove_photo(*, listing: Property, media_id: uuid.UUID, by: Actor) -> Property:
    """Nobody sees it any more; it stays in the index that finds reposts."""
    now = clock.now()
    listing = lock_listing(listing)
    check_can_edit(listing, by)
    media = _shown_photo(listing, media_id)
    media.removed_at = now
    media.save(update_fields=["removed_at"])
    _choose_cover(listing)
    return record_photo_change(listing=listing, by=by, now=now, action="listing_photo_removed")


@transaction.atomic
def describe_photo(
    *, listing: Property, media_id: uuid.UUID, category: str, alt: str, by: Actor
) -> PropertyMedia:
    """Change the words beside a photo. They are public, so they are content too."""
    now = clock.now()
    listing = lock_listing(listing)
    check_can_edit(listing, by)
    media = _shown_photo(listing, media_id)
    if (media.category, media.alt) != (category, alt):
        media.category, media.alt = category, alt
        media.save(update_fields=["category", "alt"])
        record_photo_change(listing=listing, by=by, now=now, action="listing_photo_described")
    return media


@transaction.atomic
def order_photos(*, listing: Property, media_ids: Sequence[uuid.UUID], by: Actor) -> Property:
    """Show the photos in this order; the first one that is ready is the cover."""
    listing = lock_listing(listing)
    check_can_edit(listing, by)
    shown = {media.pk: media for media in listing.media.shown()}
    if sorted(media_ids) != sorted(shown):
        raise Invalid.field("media_ids", _("Please name each photo of the listing once."))
    for position, media_id in enumerate(media_ids):
        shown[media_id].position = position
    PropertyMedia.objects.bulk_update(shown.values(), ["position"])
    _choose_cover(listing)
    audit.record(by=by, action="listing_photos_ordered", target=listing, now=clock.now())
    return listing


def process_due_media(*, now: dt.datetime) -> int:
    """Prepare the pictures that wait, one claim at a time. Returns how many were tried."""
    _give_up_on_dead_jobs(now=now)
    for count in range(JOBS_A_RUN):
        claimed = claim_due(ImageJob.objects.select_related("media", "upload"), now=now, limit=1)
        if not claimed:
            return count
        with failing_alone(claimed[0]):
            _process(claimed[0], now=now)
    wake("properties.process_due_media")
    return JOBS_A_RUN


def _process(job: ImageJob, *, now: dt.datetime) -> None:
    """Outside any transaction: a picture may take seconds. A crash here makes the job due again."""
    picture = job.picture
    if picture.is_processing:
        source = original_path(picture)
        try:
            clean = clean_in_subprocess(source, source.parent)
        except NotWritten:
            with transaction.atomic():
                give_back(job)  # a disk that is full for hours must not cost anybody a picture
            raise
        except ImageRejected as rejected:
            _finish(job, now=now, failure=rejected.code)
        else:
            _finish(job, now=now, clean=clean)
    else:
        _close(job)


def _give_up_on_dead_jobs(*, now: dt.datetime) -> None:
    """A picture that has killed five workers is told to its owner as one that cannot be opened."""
    for job in ImageJob.objects.dead_with_processing_picture().select_related("media", "upload"):
        with failing_alone(job):
            _finish(job, now=now, failure="IMAGE_BROKEN", state=DueState.DEAD)


@transaction.atomic
def _finish(
    job: ImageJob,
    *,
    now: dt.datetime,
    clean: CleanFiles | None = None,
    failure: str = "",
    state: DueState = DueState.DONE,
) -> None:
    """Write the result down once, whichever worker comes first."""
    # The root row before its photo, as every verb locks them.
    listing = lock_listing(job.media.listing) if job.media else None
    picture = type(job.picture)._default_manager.select_for_update().get(pk=job.picture.pk)
    _close(job, state=state)
    if not picture.is_processing:
        return
    step = MEDIA_TRANSITIONS.find("finish" if clean else "fail", picture.status)
    assert step is not None  # noqa: S101 -- processing has both steps
    picture.status, picture.failure = step.target, failure
    if clean:
        picture.width, picture.height = clean.width, clean.height
    picture.save(update_fields=["status", "failure", "width", "height"])
    original = original_path(picture)
    transaction.on_commit(lambda: original.unlink(missing_ok=True), robust=True)
    if listing is None:
        upload_finished.send(sender=Upload, upload=picture, now=now)
        return
    if clean:
        _choose_cover(listing)
        media_ready.send(sender=PropertyMedia, media=picture, now=now)
    ask_for_check(listing, now=now)


def _close(job: ImageJob, *, state: DueState = DueState.DONE) -> None:
    job.state, job.lease_until = state, None
    job.save(update_fields=["state", "lease_until"])


def _choose_cover(listing: Property) -> None:
    cover = listing.media.ready().first()
    if listing.cover_id != (cover and cover.pk):
        listing.cover = cover
        listing.save(update_fields=["cover"])


def _shown_photo(listing: Property, media_id: uuid.UUID) -> PropertyMedia:
    media = listing.media.shown().filter(pk=media_id).first()
    if media is None:
        raise NotFound
    return media


def _check_file(file: File) -> None:
    if file.size > settings.MEDIA_MAX_BYTES:
        raise TooLarge
    first_bytes = file.read(SNIFFED_BYTES)
    file.seek(0)
    if sniff(first_bytes) is None:
        raise UnsupportedMedia


def _take_in(picture: Picture, file: File, *, job: ImageJob) -> None:
    """The file, the row and the work to do, all or nothing. Unavailable while the disk is full."""
    name = secrets.token_hex(16)
    picture.folder = f"{name[:2]}/{name}"
    target = original_path(picture)
    try:
        target.parent.mkdir(parents=True)
        with target.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
        picture.save()
        job.save()
    except BaseException as error:
        shutil.rmtree(target.parent, ignore_errors=True)
        if is_no_room(error):
            log.exception("picture_not_taken_in")
            raise Unavailable from error
        raise
    wake("properties.process_due_media")
