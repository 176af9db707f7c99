"""How manage.py finds the servers that a supervisor runs."""

import os
import warnings

import environ

from ghar.boot.home import PROJECT, Home

NO_SERVERS = {
    "DATABASE_URL": "postgres://ghar@/ghar?host=%2Fnonexistent",
    "REDIS_URL": "unix:///nonexistent/redis.sock?db=0",
    "SECRET_KEY": "for commands that need no server",
    "PHONE_PEPPER": "for commands that need no server",
    "DEBUG": "1",
}
WITHOUT_DATABASE = (
    "This command needs the database, and no server runs here. Start `make run` in another"
    " terminal, or set DATABASE_URL and REDIS_URL."
)


def use_running_servers() -> bool:
    """Complete the environment for one command; False when it has to do without a database.

    A DATABASE_URL that is already set, in .env too, decides and nothing is added.
    """
    environ.Env.read_env(PROJECT / ".env")
    if "DATABASE_URL" in os.environ:
        return True
    running = Home.from_environment().published_environment()
    for name, value in (running or NO_SERVERS).items():
        os.environ.setdefault(name, value)
    if not running:
        # makemigrations looks at the database only to warn of a history that is out of step.
        warnings.filterwarnings("ignore", message="Got an error checking a consistent migration")
    return bool(running)
