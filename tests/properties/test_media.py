import datetime as dt

from django.conf import settings
from django.core.files.base import ContentFile
import pytest

from ghar.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge, UnsupportedMedia
from ghar.lib import clock
from ghar.models import DueState
from ghar.properties.models import ImageJob, PropertyMedia, Upload
from ghar.properties.services import listings, media, review
from ghar.properties.services.media import original_path, picture_path
from ghar.properties.signals import listing_submitted, media_ready
from tests.factories import LiveListingFactory, PhotoFactory, PropertyFactory, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing(poster):
    return PropertyFactory(owner=poster)


def add(listing, file=None, **kwargs):
    return media.add_photo(listing=listing, file=file or picture(), by=listing.owner, **kwargs)


def files():
    return sorted(p.name for p in settings.MEDIA_ROOT.rglob("*") if p.is_file())


def test_a_photo_waits_as_it_came_until_a_worker_has_cleaned_it(listing):
    photo = add(listing, category="kitchen")
    assert (photo.status, files()) == ("processing", ["original"])
    assert media.process_due_media(now=clock.now()) == 1
    photo.refresh_from_db()
    assert (photo.status, photo.width, photo.height) == ("ready", 640, 480)
    assert picture_path(photo, "small").is_file()


def test_the_original_goes_once_the_clean_pictures_are_there(listing, on_commit):
    with on_commit():
        photo = add(listing)
    assert not original_path(photo).exists()
    assert files() == ["large.jpg", "medium.jpg", "small.jpg"]


def test_a_second_run_changes_nothing(listing):
    photo = add(listing)
    media.process_due_media(now=clock.now())
    ImageJob.objects.update(state=DueState.DUE)
    media.process_due_media(now=clock.now())
    photo.refresh_from_db()
    assert (photo.status, ImageJob.objects.get().state) == ("ready", DueState.DONE)


def test_what_cannot_be_opened_fails_with_a_reason(listing):
    photo = add(listing, ContentFile(picture().read()[:2000], name="half.jpg"))
    media.process_due_media(now=clock.now())
    photo.refresh_from_db()
    assert (photo.status, photo.failure) == ("failed", "IMAGE_BROKEN")


def test_a_picture_that_kills_five_workers_is_given_up(listing):
    photo = add(listing)
    ImageJob.objects.update(attempts=5)
    later = clock.now() + dt.timedelta(minutes=10)
    media.process_due_media(now=later)
    media.process_due_media(now=later)
    photo.refresh_from_db()
    assert (photo.status, ImageJob.objects.get().state) == ("failed", DueState.DEAD)


def test_a_picture_that_cannot_be_written_waits_as_long_as_it_takes(listing):
    photo = add(listing)
    large = picture_path(photo, "large")
    for hours in range(6):
        large.symlink_to("no such folder/large.jpg")
        media.process_due_media(now=clock.now() + dt.timedelta(hours=hours))
    job = ImageJob.objects.get()
    assert (job.state, job.attempts, job.last_error[:10]) == ("due", 0, "NotWritten")
    media.process_due_media(now=clock.now() + dt.timedelta(hours=6))
    photo.refresh_from_db()
    assert photo.status == "ready"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\xff\xd8\xff" + bytes(20 * 1024 * 1024), TooLarge),
        (b"just some text", UnsupportedMedia),
        (b"", UnsupportedMedia),
        (b"GIF89a" + bytes(100), UnsupportedMedia),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedMedia),
    ],
)
def test_what_is_no_photo_is_refused_and_nothing_stored(listing, content, error):
    with pytest.raises(error):
        add(listing, ContentFile(content, name="photo.jpg"))
    assert (files(), PropertyMedia.objects.count(), ImageJob.objects.count()) == ([], 0, 0)


def test_a_listing_takes_so_many_photos(listing, settings):
    settings.MEDIA_MAX_PER_LISTING = 1
    add(listing)
    with pytest.raises(Conflict) as refused:
        add(listing)
    assert refused.value.code == "TOO_MANY_PHOTOS"


def test_nobody_else_adds_photos(listing, outsider):
    with pytest.raises(NotAllowed):
        media.add_photo(listing=listing, file=picture(), by=outsider)
    assert files() == []


def test_a_new_photo_takes_a_live_listing_down_and_is_checked_when_it_is_ready(poster):
    asked = []
    listing = LiveListingFactory(owner=poster)
    listing_submitted.connect(receiver := lambda listing, **_: asked.append(listing.status))
    add(listing)
    listing.refresh_from_db()
    assert (listing.status, asked) == ("submitted", [])
    media.process_due_media(now=clock.now())
    assert asked == ["submitted"]
    listing_submitted.disconnect(receiver)
    passed = review.pass_check(
        listing=listing, content_version=listing.content_version, now=clock.now()
    )
    assert passed.status == "pending_review"


def test_a_photo_that_fails_does_not_cost_the_approval(poster):
    listing = LiveListingFactory(owner=poster)
    add(listing, ContentFile(picture().read()[:2000], name="half.jpg"))
    media.process_due_media(now=clock.now())
    listing.refresh_from_db()
    passed = review.pass_check(
        listing=listing, content_version=listing.content_version, now=clock.now()
    )
    assert passed.status == "live"


def test_a_ready_photo_is_told_to_the_apps_above(listing):
    ready = []
    media_ready.connect(receiver := lambda media, **_: ready.append(media.pk))
    photo = add(listing)
    media.process_due_media(now=clock.now())
    media_ready.disconnect(receiver)
    assert ready == [photo.pk]


def test_the_first_ready_photo_is_the_cover(listing):
    first, second = add(listing), add(listing)
    media.process_due_media(now=clock.now())
    listing.refresh_from_db()
    assert listing.cover_id == first.pk
    media.order_photos(listing=listing, media_ids=[second.pk, first.pk], by=listing.owner)
    listing.refresh_from_db()
    assert listing.cover_id == second.pk


@pytest.mark.parametrize("ids", [lambda a, b: [a], lambda a, b: [a, a], lambda a, b: [a, b, b]])
def test_an_order_names_each_photo_once(listing, ids):
    one, two = PhotoFactory(listing=listing), PhotoFactory(listing=listing)
    with pytest.raises(Invalid):
        media.order_photos(listing=listing, media_ids=ids(one.pk, two.pk), by=listing.owner)


def test_a_removed_photo_is_gone_for_people_and_kept_for_the_index(poster):
    listing = LiveListingFactory(owner=poster)
    photo = listing.media.get()
    moved = media.remove_photo(listing=listing, media_id=photo.pk, by=poster)
    assert (moved.status, moved.cover_id) == ("submitted", None)
    assert not PropertyMedia.objects.shown_to(poster).exists()
    assert PropertyMedia.objects.get().removed_at is not None
    with pytest.raises(NotFound):
        media.remove_photo(listing=listing, media_id=photo.pk, by=poster)


def test_the_words_of_a_photo_are_content(poster):
    listing = LiveListingFactory(owner=poster)
    photo = listing.media.get()
    words = {"category": "kitchen", "alt": "Stove and sink"}
    media.describe_photo(listing=listing, media_id=photo.pk, by=poster, **words)
    listing.refresh_from_db()
    assert listing.status == "submitted"


def test_an_upload_goes_the_same_way(seeker):
    upload = media.add_upload(file=picture(), purpose="evidence", by=seeker)
    media.process_due_media(now=clock.now())
    assert Upload.objects.shown_to(seeker).get() == upload
    assert not Upload.objects.shown_to(None).exists()


def test_submit_after_processing_works(listing):
    add(listing)
    media.process_due_media(now=clock.now())
    assert listings.submit_listing(listing=listing, by=listing.owner).status == "submitted"
