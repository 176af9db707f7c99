"""Supervisors of `python -m ghar.boot servers`, each with a folder of its own."""

from collections.abc import Iterator
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest

from ghar.boot.home import PROJECT

PATIENCE = 20


class Supervisor:
    """One run of `python -m ghar.boot servers` and what it says."""

    def __init__(self, var: Path, prefix: tuple[str, ...] = (), **popen: object) -> None:
        self.var = var
        self.process = subprocess.Popen(
            [*prefix, *popen.pop("python", [sys.executable]), "-m", "ghar.boot", "servers"],
            cwd=PROJECT,
            env=environment(var) | popen.pop("env", {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **popen,
        )
        self.said = ""

    def wait_until_ready(self) -> "Supervisor":
        """Read what it says up to the line that all is ready."""
        for line in self.process.stdout:
            self.said += line
            if "servers are ready" in line:
                return self
        pytest.fail(f"the servers did not start:\n{self.said}")

    def wait_for_end(self) -> int:
        self.said += self.process.communicate(timeout=PATIENCE)[0]
        return self.process.returncode

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def pids(self) -> set[int]:
        """Every process that works in this folder, the supervisor excepted."""
        return {pid for pid in _processes() if pid != self.process.pid and self._owns(pid)}

    def pid_of(self, program: str) -> int | None:
        """Our own child that runs the program, not one of its workers."""
        for pid in _processes():
            if _parent(pid) == self.process.pid and _link(pid, "exe").endswith(f"/{program}"):
                return pid
        return None

    def _owns(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return os.fsencode(self.var) in command or _link(pid, "cwd").startswith(str(self.var))


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _link(pid: int, name: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/{name}").readlink())
    except OSError:
        return ""


def environment(var: Path) -> dict[str, str]:
    """Ours, without the servers on which these tests themselves may run."""
    named = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
    return {k: v for k, v in os.environ.items() if k not in named} | {"GHAR_VAR": str(var)}


def wait_until(condition) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


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
        supervisor.process.communicate(timeout=PATIENCE)
    wait_until(lambda: not any(supervisor.pids() for supervisor in started))
