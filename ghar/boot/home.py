"""The folder `var/`: where the servers keep their data, sockets, logs and secrets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import fcntl
import hashlib
import json
import os
from pathlib import Path
import secrets
import shutil

from ghar.boot.console import BootError

PROJECT = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 107  # bytes in sockaddr_un, less the closing zero


@dataclass(frozen=True)
class Home:
    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        return cls(Path(os.environ.get("GHAR_VAR", PROJECT / "var")).absolute())

    @property
    def postgres_data(self) -> Path:
        return self.root / "postgres18"

    @property
    def sockets(self) -> Path:
        """var/sockets, or a private folder with a short name where that path is too long."""
        folder = self.root / "sockets"
        longest = os.fsencode(folder / ".s.PGSQL.5432")
        # PostgreSQL reads a comma as the end of one folder's name.
        if len(longest) <= SOCKET_PATH_LIMIT and b"," not in longest:
            return folder
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path("/tmp", f"ghar-{os.geteuid()}-{name}")  # noqa: S108 (made anew, private)

    def log(self, name: str) -> Path:
        return self.root / "log" / f"{name}.log"

    def secret(self, name: str) -> str:
        """A random word kept in var/, made at the first call."""
        path = self.root / name
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one supervisor of this folder; the kernel lets go of it whatever happens."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "boot.lock").open("a") as file:
            if not _try_lock(file.fileno(), fcntl.LOCK_EX):
                raise BootError(f"Another ghar is running in {self.root}. Stop it first (Ctrl-C).")
            for name in ("log", "beat", "run"):
                (self.root / name).mkdir(exist_ok=True)
            # Dead sockets go; and in a shared /tmp somebody else may have made the folder.
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets.mkdir(mode=0o700)
            yield

    @contextmanager
    def published(self, environment: dict[str, str]) -> Iterator[None]:
        """Leave the environment where manage.py finds it, for as long as the servers run."""
        path = self.root / "run" / "environment.json"
        _write_private(path, json.dumps(environment, indent=1))
        try:
            yield
        finally:
            path.unlink()

    def published_environment(self) -> dict[str, str]:
        """What a running supervisor has published; empty when none of ours runs."""
        try:
            with (self.root / "boot.lock").open() as file:
                if _try_lock(file.fileno(), fcntl.LOCK_SH):
                    return {}
            return dict(json.loads((self.root / "run" / "environment.json").read_text()))
        except (FileNotFoundError, PermissionError):
            return {}


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)
