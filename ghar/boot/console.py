"""What the supervisor tells the person at the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
import sys
import time


class BootError(Exception):
    """Something the person at the terminal can understand and mend."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def step(done: str, *, doing: str = "") -> Iterator[None]:
    """Say `doing` first, when the wait may be long, and `done` with the seconds it took."""
    if doing:
        say(f"  {doing} …")
    started = time.monotonic()
    yield
    say(f"  {done} ({time.monotonic() - started:.1f} s)")
