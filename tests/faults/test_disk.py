"""A disk that is full: who sends a photo is asked to come back, and nothing of it stays or is lost."""

from pathlib import Path

from django.test import Client
from django.urls import reverse
import pytest

from ghar.api.models import IdempotencyKey
from ghar.boot.children import Child
from ghar.lib.claim import MAX_ATTEMPTS
from ghar.properties.models import ImageJob, PropertyMedia
from tests.factories import PropertyFactory, picture
from tests.faults.disks import files_on, fill, make_room, seen_by, small_disk
from tests.faults.jobs import a_waiting_photo, much_later
from tests.faults.processes import Backstage, wait_until
from tests.faults.uploads import MULTIPART, Host, a_photo, folders, form_of, kept, named_folders
from tests.serving.servers import Reply

pytestmark = pytest.mark.faults

SIZE = 16_000_000
TASK = "properties.process_due_media"


@pytest.fixture
def listing(backstage: Backstage):
    return PropertyFactory()


@pytest.fixture
def web(backstage: Backstage) -> Child:
    return backstage.start_web(identity=small_disk(backstage.folder, size=SIZE))


@pytest.fixture
def disk(backstage: Backstage, web: Child, settings) -> Path:
    """What the web has of it, media and temporary files alike; the test finds the media there."""
    disk = seen_by(web, backstage.folder)
    settings.MEDIA_ROOT = disk / "media"
    return disk


# What is sent is a file of the edge's from 256 kB on and one of Django's from 2 MB on, before it is ours.
TOO_LITTLE = {
    "no room at all": (200_000, 0),
    "room for half of it": (200_000, 100_000),
    "no room at the edge": (900_000, 500_000),
    "no room in Django's folder": (3_000_000, 4_500_000),
    "no room in ours": (3_000_000, 7_500_000),
}


def test_an_upload_to_a_full_disk_is_asked_to_come_back_and_then_taken(backstage, disk, listing):
    host, sent = Host(backstage.port, listing), {}
    rows = (PropertyMedia.objects, ImageJob.objects, IdempotencyKey.objects)
    for case, (size, room) in TOO_LITTLE.items():
        photo = a_photo(size)
        fill(disk, room=room)
        refused = host.send(photo, key=case)
        assert (case, refused.status) == (case, 503)
        assert refused.json()["error"]["code"] == "UNAVAILABLE"
        assert int(refused.headers["Retry-After"]) > 0
        assert [each.count() for each in rows] == [len(sent)] * 3
        assert folders() == named_folders()
        make_room(disk)
        taken, again = host.send(photo, key=case), host.send(photo, key=case)
        assert (taken.status, again.headers["Idempotency-Replayed"]) == (202, "true")
        sent[taken.json()["id"]] = photo
        assert kept() == sent


@pytest.mark.parametrize(
    ("size", "room", "words"),
    [(200_000, 0, "We cannot do this right now."), (3_000_000, 4_500_000, "We have no room")],
)
def test_a_page_says_so_too(backstage, disk, listing, size, room, words):
    """The one with the form, or where not even the form could be read, one of its own."""
    client, token = Client(), "x" * 32
    client.force_login(listing.owner)
    cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": token}
    fill(disk, room=room)
    refused = Reply(
        backstage.port,
        "POST",
        reverse("properties:photos", args=[listing.pk]),
        body=form_of(a_photo(size), csrfmiddlewaretoken=token),
        headers={
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "Content-Type": MULTIPART,
        },
    )
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert words in refused.body.decode()
    assert (PropertyMedia.objects.count(), folders()) == (0, set())


def test_a_photo_that_cannot_be_prepared_for_want_of_room_waits_for_it(
    backstage, listing, settings
):
    worker = backstage.start_worker(identity=small_disk(backstage.folder, size=SIZE))
    backstage.wait_until_ready()
    disk = seen_by(worker, backstage.folder)
    settings.MEDIA_ROOT = disk / "media"
    job = a_waiting_photo(listing, picture(size=(2000, 1500)).read())
    fill(disk, room=20_000)
    # For as long as five tries would take, and longer.
    for _ in range(MAX_ATTEMPTS + 1):
        backstage.run_until(lambda: current(job).last_error != "", task=TASK)
        ImageJob.objects.update(last_error="")
        much_later()
    waiting = current(job)
    assert (waiting.state, waiting.attempts, waiting.media.status) == ("due", 0, "processing")
    assert files_on(disk) == {"original"}
    make_room(disk)
    backstage.run_until(lambda: current(job).state == "done", task=TASK)
    assert current(job).media.status == "ready"
    wait_until(lambda: files_on(disk) == {"large.jpg", "medium.jpg", "small.jpg"})


def current(job: ImageJob) -> ImageJob:
    return ImageJob.objects.select_related("media").get(pk=job.pk)
