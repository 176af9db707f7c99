"""The embedded servers: nothing is left behind, and whatever was left does not stop the next start."""

import os
from pathlib import Path
import signal
import subprocess
import sys
import sysconfig
import time

import psycopg
import pytest

from ghar.boot.children import Child
from ghar.boot.home import PROJECT, Home
from ghar.boot.postgres import NOBODY, database_url
from tests.boot.supervisors import environment, wait_until
from tests.faults.disks import small_disk

pytestmark = pytest.mark.boot

only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def answer_of_postgres(var: Path) -> int:
    with psycopg.connect(database_url(Home(var))) as connection:
        return connection.execute("SELECT 42").fetchone()[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_all_within_five_seconds(start, var, number):
    supervisor = start().wait_until_ready()
    with psycopg.connect(database_url(Home(var))):
        before = time.monotonic()
        supervisor.process.send_signal(number)
        assert supervisor.wait_for_end() == 0
    assert time.monotonic() - before < 5
    assert supervisor.pids() == set()


def test_kill_9_of_the_supervisor_leaves_no_children_and_the_next_start_works(start, var):
    first = start().wait_until_ready()
    first.kill()
    second = start().wait_until_ready()
    assert answer_of_postgres(var) == 42
    second.process.terminate()
    second.wait_for_end()
    assert first.pids() == set()


def test_a_pid_file_that_now_names_a_stranger_is_forgotten(start, var):
    first = start().wait_until_ready()
    first.process.terminate()
    first.wait_for_end()
    pid_file = Home(var).postgres_data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{var}\n")
    os.chown(pid_file, *_owner(Home(var).postgres_data))
    start().wait_until_ready()
    assert answer_of_postgres(var) == 42


def test_an_interrupted_initdb_is_made_anew(start, var):
    unfinished = Home(var).postgres_data.with_suffix(".new")
    unfinished.mkdir(parents=True)
    (unfinished / "half").write_text("of a cluster")
    start().wait_until_ready()
    assert answer_of_postgres(var) == 42


def test_a_second_supervisor_is_refused_and_says_why(start, var):
    start().wait_until_ready()
    second = start()
    assert second.wait_for_end() == 1
    assert second.said.strip() == f"Another ghar is running in {var}. Stop it first (Ctrl-C)."
    assert answer_of_postgres(var) == 42


@pytest.mark.parametrize("program", ["redis-server", "postgres"])
def test_a_server_that_dies_is_started_again(start, var, program):
    supervisor = start().wait_until_ready()
    killed = supervisor.pid_of(program)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: supervisor.pid_of(program) not in {killed, None})


def test_manage_py_finds_the_running_servers(start, var):
    supervisor = start().wait_until_ready()
    found = _database_url_of_a_command(var)
    assert found == f"True {database_url(Home(var))}"
    supervisor.kill()
    assert _database_url_of_a_command(var).startswith("False ")


def test_a_deep_folder_gets_sockets_with_a_short_path(tmp_path):
    home = Home(tmp_path / ("deep" * 30))
    assert home.sockets.parent == Path("/tmp")  # noqa: S108
    with home.lock():
        assert home.sockets.stat().st_mode & 0o777 == 0o700
    home.sockets.rmdir()


def test_one_url_without_the_other_is_refused(start):
    supervisor = start(env={"DATABASE_URL": "postgres://somewhere/ghar"})
    assert supervisor.wait_for_end() == 1
    assert "Set DATABASE_URL and REDIS_URL both, or neither." in supervisor.said


def test_a_full_disk_is_named_where_a_server_does_not_start(start, var):
    var.mkdir()
    supervisor = start(**small_disk(var, size=4096))
    assert supervisor.wait_for_end() == 1
    assert f"the disk of {var}/log is full, make room" in supervisor.said


@only_as_root
def test_as_root_postgres_runs_in_a_user_namespace(start):
    supervisor = start().wait_until_ready()
    mapped = Path(f"/proc/{supervisor.pid_of('postgres')}/uid_map").read_text().split()
    assert mapped == ["1000", "0", "1"]


@only_as_root
def test_an_unprivileged_user_needs_nothing_more(start, var):
    var.mkdir()
    os.chown(var, NOBODY, NOBODY)
    start(**_as_nobody()).wait_until_ready()
    assert Home(var).postgres_data.stat().st_uid == NOBODY


@only_as_root
def test_as_root_without_user_namespaces_postgres_runs_as_somebody_else(start, var, tmp_path):
    supervisor = start(prefix=_in_a_chroot(tmp_path)).wait_until_ready()
    status = Path(f"/proc/{supervisor.pid_of('postgres')}/status").read_text()
    uid = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))
    assert int(uid) == Home(var).postgres_data.stat().st_uid != 0


@only_as_root
def test_where_postgres_cannot_run_at_all_the_message_says_what_to_do(start):
    supervisor = start(prefix=_where_root_is_the_only_user())
    assert supervisor.wait_for_end() == 1
    assert "Start ghar as an ordinary user" in supervisor.said


def _owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def _database_url_of_a_command(var: Path) -> str:
    code = (
        "import os; from ghar.boot.discover import use_running_servers;"
        "print(use_running_servers(), os.environ['DATABASE_URL'])"
    )
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, env=environment(var), cwd=PROJECT, text=True).strip()


def _as_nobody() -> dict[str, object]:
    """Arguments of `start`; the test's own interpreter may lie in root's home, the system's does not."""
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    packages = {"PYTHONPATH": sysconfig.get_path("purelib")}
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            subprocess.run(
                [python, "-c", "import ghar.boot.site"],
                env=packages,
                cwd=PROJECT,
                check=True,
                capture_output=True,
                **nobody,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return {"python": [python], "env": packages, **nobody}
    pytest.skip("another user can reach neither this checkout nor a Python for it")


def _in_a_chroot(mount_point: Path) -> tuple[str, ...]:
    """The whole machine again: the kernel lets nobody in a chroot make a user namespace."""
    script = 'mount --rbind / "$1" && exec chroot "$1" sh -c \'cd "$1" && shift && exec "$@"\' sh "${@:2}"'
    return _usable(
        ("unshare", "--mount", "bash", "-c", script, "bash", str(mount_point), str(PROJECT))
    )


def _where_root_is_the_only_user() -> tuple[str, ...]:
    script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    return _usable(("unshare", "--map-root-user", "sh", "-c", script, "sh"))


def _usable(prefix: tuple[str, ...]) -> tuple[str, ...]:
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine allows no namespaces, not even for a test")
    return prefix


def test_a_child_is_seen_to_end_though_a_signal_came_while_somebody_looked(tmp_path):
    """An interrupt inside Popen.poll leaves its lock taken: poll says "alive" for ever after."""
    child = Child(name="sleeper", argv=["sleep", "60"], log=tmp_path / "sleeper")
    child.process._waitpid_lock.acquire()
    assert child.is_alive
    os.kill(child.process.pid, signal.SIGKILL)
    wait_until(lambda: not child.is_alive)
    child.process._waitpid_lock.release()
    child.kill()
    assert child.process.returncode == -signal.SIGKILL
