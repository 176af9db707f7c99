"""Pictures that no row names do not stay."""

import os
from pathlib import Path
import time

from django.conf import settings
import pytest

from ghar.properties.services import media, stray_files
from ghar.properties.services.stray_files import YOUNG, forget_stray_files
from tests.factories import PhotoFactory, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def folder(name: str, *, age: float = YOUNG + 60) -> Path:
    made = Path(settings.MEDIA_ROOT, name)
    made.mkdir(parents=True, exist_ok=True)
    made.joinpath("original").write_bytes(b"x")
    then = time.time() - age
    os.utime(made, (then, then))
    return made


def test_what_a_row_names_stays_and_the_rest_goes_after_a_day(seeker, monkeypatch):
    monkeypatch.setattr(stray_files, "BATCH", 2)
    upload = media.add_upload(file=picture(), purpose="avatar", by=seeker)
    kept = [folder(upload.folder), folder(PhotoFactory().folder), folder("cd/new", age=60)]
    stray = [folder(f"ab/{number}") for number in range(3)]
    assert forget_stray_files() == 3
    assert [one.exists() for one in (*kept, *stray)] == [True] * 3 + [False] * 3
    assert forget_stray_files() == 0


def test_of_files_that_belong_to_another_database_none_is_deleted(monkeypatch):
    monkeypatch.setattr(stray_files, "SUSPICIOUS", 2)
    stray = [folder(f"ab/{number}") for number in range(3)]
    assert forget_stray_files() == 0
    assert all(one.exists() for one in stray)


def test_without_pictures_there_is_nothing_to_do():
    assert forget_stray_files() == 0
