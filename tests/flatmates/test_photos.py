"""The photos of a profile: up to six, the first ready one is the face, and who may see them."""

import datetime as dt

from django.core.files.base import ContentFile
from django.db.models.functions import Now
import pytest

from flatmates.models import Match, Profile, ProfilePhoto
from flatmates.services import photos
from flatmates.services.safety import report_person
from ghar.accounts.models import User
from ghar.errors import Conflict, Invalid, NotFound, UnsupportedMedia
from ghar.lib import clock
from ghar.lib.pairs import canonical
from ghar.properties.models import Upload
from ghar.properties.services.media import picture_path
from moderation.models import Block, Report
from moderation.services.reports import EVIDENCE_KEPT, forget_old_report_evidence
from tests.factories import (
    LiveListingFactory,
    ProfileFactory,
    ProfilePhotoFactory,
    UploadFactory,
    picture,
)
from tests.moderation.reported import grown_up

pytestmark = pytest.mark.django_db

BASE = "/api/v1/flatmates"


def order_of(user):
    return [photo.upload_id for photo in ProfilePhoto.objects.filter(profile__user=user)]


def add(user, on_commit, **how):
    with on_commit():
        return photos.add_photo(by=user, file=picture(**how))


# --- Adding, ordering, removing -------------------------------------------------------------------
def test_the_first_photo_becomes_the_face_once_it_is_ready(seeker, on_commit):
    waiting = photos.add_photo(by=seeker, file=picture())
    seeker.refresh_from_db()
    assert (waiting.is_ready, seeker.avatar_id) == (False, None)
    ready = add(seeker, on_commit, shade=1)
    seeker.refresh_from_db()
    assert seeker.avatar_id == waiting.upload_id != ready.upload_id


def test_a_picture_that_cannot_be_used_is_nobodys_face(seeker, on_commit):
    with on_commit():
        photos.add_photo(by=seeker, file=ContentFile(picture().read()[:200], name="cut.jpg"))
    seeker.refresh_from_db()
    assert (Upload.objects.get().status, seeker.avatar_id) == ("failed", None)


def test_what_is_no_picture_is_refused(seeker):
    with pytest.raises(UnsupportedMedia):
        photos.add_photo(by=seeker, file=ContentFile(b"hello", name="a.jpg"))
    assert not ProfilePhoto.objects.exists()


def test_there_are_six_at_most(seeker):
    for shade in range(6):
        photos.add_photo(by=seeker, file=picture(shade=shade))
    with pytest.raises(Conflict) as refused:
        photos.add_photo(by=seeker, file=picture(shade=7))
    assert refused.value.code == "TOO_MANY_PHOTOS"


@pytest.fixture
def three():
    profile = ProfileFactory()
    return [ProfilePhotoFactory(profile=profile, position=n) for n in range(3)]


def test_another_order_is_another_face(three):
    user = three[0].profile.user
    order = [three[2].upload_id, three[0].upload_id, three[1].upload_id]
    photos.order_photos(by=user, upload_ids=order)
    user.refresh_from_db()
    assert (order_of(user), user.avatar_id) == (order, three[2].upload_id)


def test_an_order_names_each_photo_once(three):
    ids = [photo.upload_id for photo in three]
    for wrong in (ids[:2], [*ids[:2], ids[0]], [*ids, UploadFactory().pk]):
        with pytest.raises(Invalid):
            photos.order_photos(by=three[0].profile.user, upload_ids=wrong)


def test_a_removed_photo_is_gone_with_its_files_and_the_next_is_the_face(three, on_commit):
    user = three[0].profile.user
    file = picture_path(three[0].upload, "large")
    with on_commit():
        photos.remove_photo(by=user, upload_id=three[0].upload_id)
    user.refresh_from_db()
    assert (file.exists(), user.avatar_id) == (False, three[1].upload_id)
    assert not Upload.objects.filter(pk=three[0].upload_id).exists()


def test_a_photo_that_a_report_speaks_of_stays_for_reviewers_until_the_evidence_is_forgotten(
    three, seeker, admin, client, on_commit
):
    user, photo = three[0].profile.user, three[0]
    for reporter in (seeker, grown_up()):
        report_person(by=reporter, reported=user, reason="fake_profile", notes="Not his face.")
    with on_commit():
        photos.remove_photo(by=user, upload_id=photo.upload_id)
    assert see(client, photo, admin).status_code == 404
    assert client.get(f"/media/uploads/{photo.upload_id}/small.jpg").status_code == 200
    assert order_of(user) == [three[1].upload_id, three[2].upload_id]
    with pytest.raises(Invalid):
        photos.use_as_avatar(by=user, upload_id=photo.upload_id)
    Report.objects.filter(reporter=seeker).update(created_at=clock.now() - 2 * EVIDENCE_KEPT)
    kept, file = Upload.objects.filter(pk=photo.upload_id), picture_path(photo.upload, "large")
    for later, is_kept in ((dt.timedelta(0), True), (2 * EVIDENCE_KEPT, False)):
        with on_commit():
            forget_old_report_evidence(now=clock.now() + later)
        assert (kept.exists(), file.exists()) == (is_kept, is_kept)


def version_of(user):
    return Profile.objects.get(user=user).content_version


def test_a_photo_is_another_version_once_it_can_be_seen(seeker, on_commit):
    waiting = photos.add_photo(by=seeker, file=picture())
    assert version_of(seeker) == 1
    add(seeker, on_commit, shade=1)
    assert version_of(seeker) == 3
    photos.use_as_avatar(by=seeker, upload_id=waiting.upload_id)
    assert version_of(seeker) == 3
    photos.use_as_avatar(by=seeker, upload_id=UploadFactory(owner=seeker).pk)
    assert version_of(seeker) == 4


def test_a_photo_that_goes_is_another_version_if_it_was_seen(three, on_commit):
    user = three[0].profile.user
    with on_commit():
        broken = photos.add_photo(by=user, file=ContentFile(picture().read()[:200], name="cut.jpg"))
    photos.remove_photo(by=user, upload_id=broken.upload_id)
    assert version_of(user) == 1
    photos.remove_photo(by=user, upload_id=three[1].upload_id)
    assert version_of(user) == 2


def test_nobody_removes_what_is_not_theirs_or_no_profile_photo(three, outsider):
    with pytest.raises(NotFound):
        photos.remove_photo(by=outsider, upload_id=three[0].upload_id)
    evidence = UploadFactory(owner=outsider, purpose="evidence")
    with pytest.raises(NotFound):
        photos.remove_photo(by=outsider, upload_id=evidence.pk)


def test_the_api_takes_an_upload_as_the_face(api, three):
    user = three[0].profile.user
    new = UploadFactory(owner=user)
    body = api(user).patch(f"{BASE}/profile", {"avatar_upload_id": str(new.pk)}).json()
    assert body["avatar_url"] == f"/people/photos/{new.pk}/small.jpg"
    assert body["photos"][0]["id"] == str(new.pk)
    api(user).patch(f"{BASE}/profile", {"avatar_upload_id": str(three[2].upload_id)})
    assert len(order_of(user)) == 4


def test_a_refused_change_leaves_the_face_as_it_was(api, three):
    user, new = three[0].profile.user, UploadFactory(owner=three[0].profile.user)
    body = {"avatar_upload_id": str(new.pk), "budget_min": 9, "budget_max": 1}
    assert api(user).patch(f"{BASE}/profile", body).status_code == 422
    assert len(order_of(user)) == 3


@pytest.mark.parametrize("purpose", ["evidence", "message"])
def test_only_a_profile_upload_of_ones_own_is_a_face(api, seeker, outsider, purpose):
    for upload in (UploadFactory(owner=outsider), UploadFactory(owner=seeker, purpose=purpose)):
        body = {"avatar_upload_id": str(upload.pk)}
        assert api(seeker).patch(f"{BASE}/profile", body).status_code == 422


# --- Who may see them -------------------------------------------------------------------------------
def see(client, photo, viewer=None):
    if viewer is not None:
        client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(photo.url("medium"))


def test_a_member_sees_whoever_is_visible_and_the_edge_sends_the_file(client, three, seeker):
    response = see(client, three[1], seeker)
    assert response.status_code == 200
    assert response.headers["X-Ghar-File"] == f"{three[1].upload.folder}/medium.jpg"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_stranger_sees_nobody(client, three):
    assert see(client, three[0]).status_code == 404


@pytest.mark.parametrize("status", ["draft", "paused", "pending_review", "rejected"])
def test_whoever_is_hidden_is_seen_by_himself_and_by_staff_alone(client, seeker, admin, status):
    photo = ProfilePhotoFactory(profile=ProfileFactory(status=status))
    found = {
        who: see(client, photo, who).status_code for who in (photo.profile.user, admin, seeker)
    }
    assert list(found.values()) == [200, 200, 404]


def test_a_block_hides_photos_too(client, three, seeker):
    Block.objects.create(blocker=three[0].profile.user, blocked=seeker)
    assert see(client, three[0], seeker).status_code == 404


@pytest.mark.parametrize(("status", "answer"), [("active", 200), ("unmatched", 404)])
def test_a_matched_peer_still_sees_who_has_paused(client, seeker, status, answer):
    photo = ProfilePhotoFactory(profile=ProfileFactory(status="paused"))
    first, second = canonical(seeker.pk, photo.profile.user_id)
    Match.objects.create(first_id=first, second_id=second, status=status)
    assert see(client, photo, seeker).status_code == answer


@pytest.mark.parametrize("gone", [{"suspended_at": Now()}, {"is_active": False}])
def test_a_matched_peer_sees_nothing_of_a_suspended_or_closed_account(client, seeker, gone):
    photo = ProfilePhotoFactory(profile=ProfileFactory())
    first, second = canonical(seeker.pk, photo.profile.user_id)
    Match.objects.create(first_id=first, second_id=second)
    assert see(client, photo, seeker).status_code == 200
    User.objects.filter(pk=photo.profile.user_id).update(**gone)
    assert see(client, photo, seeker).status_code == 404


def test_the_face_of_a_host_is_public_and_his_other_photos_are_not(client, three):
    host = three[0].profile.user
    photos.choose_avatar(three[0].profile)
    LiveListingFactory(owner=host)
    assert [see(client, photo).status_code for photo in three] == [200, 404, 404]


def test_a_photo_that_is_not_ready_is_not_there(client, seeker):
    photo = photos.add_photo(by=seeker, file=picture())
    assert see(client, photo, seeker).status_code == 404
