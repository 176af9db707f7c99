"""Child processes: started so that they cannot outlive us, restarted when they die, stopped."""

from collections.abc import Callable
import ctypes
from dataclasses import dataclass, field
import os
from pathlib import Path
import shutil
import signal
import subprocess
import time
from typing import Any

from ghar.boot.console import BootError, say
from ghar.boot.home import PROJECT

PR_SET_PDEATHSIG = 1
STEADY_SECONDS = 30.0  # a child that lived so long has recovered
LONGEST_PAUSE = 30.0
CRASHES_WORTH_A_WARNING = 3

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(kw_only=True)
class Child:
    """A program, running in a session of its own from its making on."""

    name: str
    argv: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    # What the kernel sends when we are killed; SIGKILL for those with nothing to put in order.
    orphan_signal: signal.Signals = signal.SIGKILL
    identity: dict[str, Any] = field(default_factory=dict)  # as whom: arguments of Popen
    crashes: int = 0
    restart_at: float | None = None

    def __post_init__(self) -> None:
        self.log.unlink(missing_ok=True)  # begins anew with the supervisor, not with a restart
        self.start()

    def start(self) -> None:
        self.started, self.restart_at = time.monotonic(), None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                cwd=PROJECT,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.identity | {"preexec_fn": self._before_exec(os.getpid())},
            )

    def _before_exec(self, parent: int) -> Callable[[], None]:
        def before_exec() -> None:
            self.identity.get("preexec_fn", lambda: None)()
            # Only now: the kernel forgets it when the credentials change.
            libc.prctl(PR_SET_PDEATHSIG, self.orphan_signal)
            if os.getppid() != parent:
                os._exit(1)  # we were gone before the kernel knew

        return before_exec

    @property
    def is_alive(self) -> bool:
        """Not by Popen.poll: a stop signal that comes while it looks would leave its lock taken, and
        everybody who waits for the child afterwards would wait for ever.
        """
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, self.process.pid, look) is None
        except ChildProcessError:
            return False

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.is_alive or time.monotonic() > deadline:
                raise BootError(f"{self.name} did not start. {self.last_words()}")
            time.sleep(0.02)

    def wait_for_success(self) -> None:
        try:
            if self.process.wait() != 0:
                raise BootError(f"{self.name} failed. {self.last_words()}")
        finally:
            self.kill()

    def restart_if_due(self) -> None:
        """After a death: a pause that grows with each crash, then another start."""
        now = time.monotonic()
        if self.restart_at is None and not self.is_alive:
            self.crashes = 1 if now - self.started > STEADY_SECONDS else self.crashes + 1
            pause = min(0.5 * 2 ** (self.crashes - 1), LONGEST_PAUSE)
            self.restart_at = now + pause
            again = "keeps ending at once" if self.crashes >= CRASHES_WORTH_A_WARNING else "ended"
            say(f"{self.name} {again}; next start in {pause:g} s. {self.last_words()}")
        elif self.restart_at is not None and now >= self.restart_at:
            self.start()

    def kill(self) -> None:
        """The child and whatever it has started, as far as that stayed in its session."""
        if self.is_alive:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self, lines: int = 12) -> str:
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        shown = "".join(f"\n    {line}" for line in text)
        ending = "It still runs" if self.is_alive else f"Exit code {self.process.wait()}"
        # Of a full disk it could not write down itself.
        is_full = shutil.disk_usage(self.log.parent).free == 0
        why = f"; the disk of {self.log.parent} is full, make room" if is_full else ""
        return f"{ending}{why}; the end of {self.log}:{shown}"


def stop(children: list[Child], *, seconds: float) -> None:
    """Ask the last started first; whoever is still there after `seconds` is killed."""
    for child in reversed(children):
        if child.is_alive:
            child.process.send_signal(child.stop_signal)
    deadline = time.monotonic() + seconds
    while any(child.is_alive for child in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    for child in children:
        if child.is_alive:
            say(f"  {child.name} did not stop in time and was killed.")
        child.kill()


def watch(children: list[Child], log: Path | str = os.devnull) -> None:
    """For ever: start again who has died, and show what comes into the log."""
    with Path(log).open(errors="replace") as lines:
        while True:
            for child in children:
                child.restart_if_due()
            for line in lines:
                say(f"web | {line.rstrip():.150}")
            time.sleep(0.2)
