from collections.abc import Iterator
from pathlib import Path
import shutil
import tempfile

import pytest

from tests.boot.supervisors import Supervisor, wait_until


@pytest.fixture
def var() -> Iterator[Path]:
    """A folder that other users can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="ghar-boot-"))
    folder.chmod(0o755)
    yield folder / "var"
    shutil.rmtree(folder)


@pytest.fixture
def start(var) -> Iterator[object]:
    """`start()` is a supervisor on `var`; all that were started have ended with the test."""
    started: list[Supervisor] = []

    def start_one(**options: object) -> Supervisor:
        started.append(Supervisor(var, **options))
        return started[-1]

    yield start_one
    for supervisor in started:
        supervisor.process.terminate()
        supervisor.wait_for_end()
    wait_until(lambda: not any(supervisor.pids() for supervisor in started))
