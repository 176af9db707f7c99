"""The web dies while photos are on their way: what was acknowledged is there, and there once."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
import os
from pathlib import Path
from random import Random
import signal
import time

from django.conf import settings
from django.db import connection, transaction
import pytest

from ghar.audit.models import AuditEvent
from ghar.properties.models import ImageJob, PropertyMedia
from ghar.properties.services.stray_files import YOUNG, forget_stray_files
from tests.factories import PropertyFactory
from tests.faults.processes import Backstage, kill, wait_until
from tests.faults.uploads import Host, Uploads, a_photo, folders, kept, named_folders
from tests.interleaving import beside, until_somebody_waits

pytestmark = pytest.mark.faults

HOSTS = 4
PHOTOS = 6
KILLS = 3
# Some stay in the memory of the edge and of Django, some go through files of either.
SIZES = (50_000, 600_000, 2_500_000)
CUT_OFF = (OSError, HTTPException)


@pytest.fixture
def web(backstage: Backstage):
    return backstage.start_web()


@contextmanager
def held_before_its_row() -> Iterator[None]:
    """Whoever takes a photo in has written the file, and waits with its rows until the end of this."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE image_jobs IN SHARE MODE")
        yield


def a_day_passes() -> None:
    then = time.time() - YOUNG - 60
    for folder in folders():
        os.utime(Path(settings.MEDIA_ROOT, folder), (then, then))


def test_a_web_killed_in_mid_upload_loses_no_photo_and_keeps_none_twice(backstage, web):
    random = Random(14)
    hosts = [Host(backstage.port, PropertyFactory()) for _ in range(HOSTS)]
    photos = [
        [a_photo(random.choice(SIZES), seed=HOSTS * number + n) for number in range(PHOTOS)]
        for n in range(HOSTS)
    ]
    uploads = [Uploads(host, those) for host, those in zip(hosts, photos, strict=True)]
    for number in range(1, KILLS + 1):
        wait_until(lambda n=number: PropertyMedia.objects.count() >= n * HOSTS)
        time.sleep(random.uniform(0, 0.3))  # what dies is this moment's, not another's
        kill(web.process.pid)
        web.process.wait()
        backstage.restart(web)
    for each in uploads:
        each.finish()
    assert [each.unexpected for each in uploads] == [[]] * HOSTS
    assert sum(each.interrupted for each in uploads) >= KILLS
    acknowledged = {key: photo for each in uploads for key, photo in each.acknowledged.items()}
    assert len(acknowledged) == HOSTS * PHOTOS
    assert kept() == acknowledged
    assert ImageJob.objects.filter(state="due").count() == HOSTS * PHOTOS
    assert AuditEvent.objects.filter(action="listing_photo_added").count() == HOSTS * PHOTOS
    a_day_passes()
    forget_stray_files()
    assert folders() == named_folders()


def test_killed_between_the_file_and_its_row_it_leaves_a_file_that_the_sweep_finds(backstage, web):
    host, photo = Host(backstage.port, PropertyFactory()), a_photo(600_000)
    with beside() as start:
        with held_before_its_row():
            sending = start(lambda: host.send(photo, key="once"))
            until_somebody_waits()
            (stray,) = folders()
            kill(web.process.pid)
            web.process.wait()
        assert isinstance(sending.exception(), CUT_OFF)
    backstage.restart(web)
    wait_until(lambda: host.send(photo, key="once").status == 202)
    assert list(kept().values()) == [photo]
    assert folders() == {stray} | named_folders()
    assert stray not in named_folders()
    a_day_passes()
    assert forget_stray_files() == 1
    assert folders() == named_folders()


def test_killed_between_the_commit_and_the_answer_it_gives_the_same_answer_again(backstage, web):
    """It waits for a Redis that hangs to wake a worker: by then all is committed."""
    host, photo = Host(backstage.port, PropertyFactory()), a_photo(600_000)
    with beside() as start:
        with held_before_its_row():
            sending = start(lambda: host.send(photo, key="once"))
            until_somebody_waits()
            backstage.redis.process.send_signal(signal.SIGSTOP)
        wait_until(PropertyMedia.objects.exists)
        kill(web.process.pid)
        web.process.wait()
        assert isinstance(sending.exception(), CUT_OFF)
    backstage.redis.process.send_signal(signal.SIGCONT)
    backstage.restart(web)
    again = host.send(photo, key="once")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert kept() == {again.json()["id"]: photo}
    assert folders() == named_folders()
