"""Supervisors of `python -m ghar.boot`, each with a folder of its own."""

import os
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
import time

import pytest

from ghar.boot.home import PROJECT

PATIENCE = 20
START = 120


class Supervisor:
    """One run of `python -m ghar.boot servers`, or of another command, and what it says."""

    def __init__(
        self,
        var: Path,
        prefix: tuple[str, ...] = (),
        *,
        command: str = "servers",
        **popen: object,
    ) -> None:
        self.var = var
        # A file and no pipe, which would be full one day.
        with tempfile.NamedTemporaryFile(dir=var.parent, delete=False) as log:
            self._log = Path(log.name)
            self.process = subprocess.Popen(
                [*prefix, *popen.pop("python", [sys.executable]), "-m", "ghar.boot", command],
                cwd=PROJECT,
                env=environment(var) | popen.pop("env", {}),
                stdout=log,
                stderr=subprocess.STDOUT,
                **popen,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def wait_until_ready(self, *, words: str = "servers are ready") -> "Supervisor":
        wait_until(lambda: words in self.said or self.process.poll() is not None, seconds=START)
        if words not in self.said:
            pytest.fail(f"it did not start:\n{self.said}")
        return self

    def wait_for_end(self) -> int:
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def pids(self) -> set[int]:
        """Every process that works in this folder, the supervisor excepted."""
        return {pid for pid in _processes() if pid != self.process.pid and self._owns(pid)}

    def pid_of(self, program: str) -> int | None:
        """Our own child with this word in its command, not one of its workers."""
        for pid in _processes():
            if _parent(pid) == self.process.pid and program in _command(pid):
                return pid
        return None

    def _owns(self, pid: int) -> bool:
        var = str(self.var)
        return var in _command(pid) or _link(pid, "cwd").startswith(var)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _command(pid: int) -> str:
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).replace("\0", " ")
    except OSError:
        return ""


def _link(pid: int, name: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/{name}").readlink())
    except OSError:
        return ""


def environment(var: Path) -> dict[str, str]:
    """Ours, without the servers on which these tests themselves may run."""
    named = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
    return {k: v for k, v in os.environ.items() if k not in named} | {"GHAR_VAR": str(var)}


def wait_until(condition, *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
