"""Whatever of the site dies while people write: what was acknowledged is there, and there once."""

from collections.abc import Callable
import json
import os
from pathlib import Path
import signal
import subprocess
import sys

import pytest

from ghar.boot.home import PROJECT
from tests.boot.supervisors import Supervisor, environment
from tests.faults.ledger import Seeker
from tests.faults.processes import wait_until
from tests.serving.servers import free_port

pytestmark = [pytest.mark.faults, pytest.mark.boot, pytest.mark.long]

SEEKERS = 3
DEATHS = [
    ("ghar.web", signal.SIGTERM),  # as when a new version is rolled out
    ("ghar.web", signal.SIGKILL),
    ("postgres", signal.SIGKILL),
    ("redis-server", signal.SIGKILL),
    ("celery -A ghar.celery worker", signal.SIGKILL),
]


def run(var: Path, *words: str) -> str:
    """A command on the site that runs in `var`."""
    command = [sys.executable, *words]
    return subprocess.check_output(command, env=environment(var), cwd=PROJECT, text=True)


@pytest.fixture
def site(start: Callable[..., Supervisor]) -> tuple[Supervisor, int]:
    """As on a server: without the demo."""
    port = free_port()
    production = {"DEBUG": "0", "STAFF_MFA_REQUIRED": "1", "CHANNELS": "", "PORT": str(port)}
    supervisor = start(command="run", env=production)
    return supervisor.wait_until_ready(words="ghar is ready"), port


def test_whatever_dies_under_writers_nothing_acknowledged_is_lost_or_doubled(site, var: Path):
    supervisor, port = site
    people = json.loads(run(var, "-m", "tests.faults.cast", str(SEEKERS)))
    seekers = [Seeker(port, token, home) for token, home in people]
    for program, number in DEATHS:
        written_by_all(seekers)
        os.kill(pid_of(supervisor, program), number)
    written_by_all(seekers)
    for seeker in seekers:
        seeker.finish()
    assert [seeker.unexpected for seeker in seekers] == [[]] * SEEKERS
    assert sum(seeker.interrupted for seeker in seekers) > 0
    for seeker in seekers:
        assert sorted(seeker.visits()) == sorted(seeker.acknowledged)
    assert "hold together" in run(var, "manage.py", "verify_audit")
    run(var, "manage.py", "fold_visits", "--check")


def pid_of(supervisor: Supervisor, program: str) -> int:
    """Once it is there: it may have died before."""
    found: list[int | None] = []
    wait_until(lambda: found.append(supervisor.pid_of(program)) or found[-1] is not None)
    return found[-1]


def written_by_all(seekers: list[Seeker], *, more: int = 3) -> None:
    """Each has been acknowledged this many visits since."""
    wanted = [(seeker, len(seeker.acknowledged) + more) for seeker in seekers]
    wait_until(
        lambda: all(
            seeker.unexpected or len(seeker.acknowledged) >= number for seeker, number in wanted
        )
    )
