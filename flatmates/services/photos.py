"""The photos of a profile, through the pipeline of all pictures. The first that is ready is the face.

Whoever needs the upload's row and the profile's takes the upload's first, as the pipeline does.
"""

from collections.abc import Sequence
from typing import Any, Final
import uuid

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from flatmates.models import Profile, ProfilePhoto
from flatmates.policies import people as policies
from flatmates.services.profiles import lock_own, lock_profile, update_profile
from ghar.accounts.models import User
from ghar.accounts.services.profiles import set_avatar
from ghar.errors import Conflict, Invalid, NotFound
from ghar.properties.models import Upload
from ghar.properties.services.media import add_upload
from ghar.properties.states import UploadPurpose
from moderation.services.reports import let_go_of_picture

MOST: Final = 6


@transaction.atomic
def add_photo(*, by: User, file: File) -> ProfilePhoto:
    """Take a photo at the end; a worker prepares it. Raises Conflict (TOO_MANY_PHOTOS)."""
    profile = _own(by)
    photos = list(profile.photos.all())
    _check_room(photos)
    upload = add_upload(file=file, purpose=UploadPurpose.PROFILE, by=by)
    return _append(profile, upload, photos)


@transaction.atomic
def use_as_avatar(*, by: User, upload_id: uuid.UUID) -> ProfilePhoto:
    """Put an upload of one's own first; one that is among the photos moves there."""
    uploads = Upload.objects.select_for_update(no_key=True)
    upload = uploads.filter(pk=upload_id, owner=by, purpose=UploadPurpose.PROFILE).first()
    if upload is None:
        raise Invalid.field("avatar_upload_id", _("This is no profile photo of yours."))
    profile = _own(by)
    photos = list(profile.photos.all())
    photo = next((each for each in photos if each.upload_id == upload_id), None)
    if photo is None:
        _check_room(photos)
        photo = _append(profile, upload, photos)
        _count_change(profile, upload)
    rest = [each for each in photos if each.pk != photo.pk]
    _put_in_order([photo, *rest])
    choose_avatar(profile)
    return photo


@transaction.atomic
def update_with_avatar(*, by: User, upload_id: uuid.UUID, changes: dict[str, Any]) -> Profile:
    """Both or nothing."""
    use_as_avatar(by=by, upload_id=upload_id)
    return update_profile(by=by, changes=changes)


@transaction.atomic
def remove_photo(*, by: User, upload_id: uuid.UUID) -> None:
    """For good, with its files; a picture that a report speaks of stays with its evidence."""
    mine = Upload.objects.select_for_update(of=("self",)).filter(owner=by, pk=upload_id)
    upload = mine.filter(profile_photo__isnull=False).first()
    if upload is None:
        raise NotFound
    if upload.is_processing:
        raise Conflict(
            _("This photo is still being prepared. Please try again in a moment."),
            code="MEDIA_PROCESSING",
        )
    profile = _own(by)
    _count_change(profile, upload)
    ProfilePhoto.objects.filter(upload=upload).delete()
    let_go_of_picture(upload)
    choose_avatar(profile)


@transaction.atomic
def order_photos(*, by: User, upload_ids: Sequence[uuid.UUID]) -> None:
    """Show the photos in this order. Raises Invalid unless each is named once."""
    profile = _own(by)
    photos = {photo.upload_id: photo for photo in profile.photos.all()}
    if sorted(upload_ids) != sorted(photos):
        raise Invalid.field("order", _("Please name each of your photos once."))
    _put_in_order([photos[upload_id] for upload_id in upload_ids])
    choose_avatar(profile)


@transaction.atomic
def follow_upload(*, upload: Upload) -> None:
    """The pipeline is done with a picture, whose row the caller holds."""
    profile = Profile.objects.filter(photos__upload=upload).first()
    if profile is not None:
        profile = lock_profile(profile)
        _count_change(profile, upload)
        choose_avatar(profile)


def choose_avatar(profile: Profile) -> None:
    """Make the first photo that is ready the face of the account; the profile is locked."""
    first = ProfilePhoto.objects.filter(profile=profile).ready().first()
    set_avatar(user=profile.user, upload_id=first.upload_id if first else None)


def _own(by: User) -> Profile:
    profile = lock_own(by)
    policies.check_can_edit(profile, by)
    return profile


def _count_change(profile: Profile, upload: Upload) -> None:
    """Others see a photo come or go: what was judged before is judged no more. One that is still
    being prepared counts once it can be seen.
    """
    if upload.is_ready:
        profile.content_version += 1
        profile.save(update_fields=["content_version", "updated_at"])


def _check_room(photos: list[ProfilePhoto]) -> None:
    if len(photos) >= MOST:
        raise Conflict(
            _("A profile can have %(n)s photos. Please remove one first.") % {"n": MOST},
            code="TOO_MANY_PHOTOS",
        )


def _append(profile: Profile, upload: Upload, photos: list[ProfilePhoto]) -> ProfilePhoto:
    position = photos[-1].position + 1 if photos else 0
    return ProfilePhoto.objects.create(profile=profile, upload=upload, position=position)


def _put_in_order(photos: list[ProfilePhoto]) -> None:
    for position, photo in enumerate(photos):
        photo.position = position
    ProfilePhoto.objects.bulk_update(photos, ["position"])
