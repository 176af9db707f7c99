"""A small disk for the processes of a test, that can really be full: a tmpfs in a namespace of their own,
which nobody else sees and which is gone with the last of them. It takes no rights to make one.
"""

from collections.abc import Callable
import ctypes
import os
from pathlib import Path
import subprocess

import pytest

from ghar.boot.children import Child, libc
from ghar.boot.postgres import Identity, enter_user_namespace

CLONE_NEWNS = 0x00020000
FILLING = "filling"


def small_disk(place: Path, *, size: int) -> Identity:
    """For a Child whose `place` is to be on a disk of its own."""
    mount = _mounting(place, size)
    try:
        subprocess.run(["true"], preexec_fn=mount, check=True)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("this kernel lets nobody mount a disk of their own")
    return {"preexec_fn": mount}


def seen_by(child: Child, place: Path) -> Path:
    """The same folder from outside."""
    return Path(f"/proc/{child.process.pid}/root{place}")


def fill(disk: Path, *, room: int = 0) -> None:
    """Take all but `room` bytes."""
    found = os.statvfs(disk)
    free = found.f_bavail * found.f_frsize
    with (disk / FILLING).open("ab") as file:
        os.posix_fallocate(file.fileno(), file.tell(), free - room)


def make_room(disk: Path) -> None:
    (disk / FILLING).unlink()


def files_on(disk: Path) -> set[str]:
    """What our processes have left there."""
    return {path.name for path in disk.rglob("*") if path.is_file()} - {FILLING}


def _mounting(place: Path, size: int) -> Callable[[], None]:
    def mount() -> None:
        enter_user_namespace()
        _check(libc.unshare(CLONE_NEWNS))
        _check(libc.mount(b"ghar", os.fsencode(place), b"tmpfs", 0, f"size={size}".encode()))

    return mount


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
