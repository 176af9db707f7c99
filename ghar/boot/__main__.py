"""python -m ghar.boot run | servers | test [arguments of pytest]"""

import os
import subprocess
import sys

import environ

from ghar.boot.children import watch
from ghar.boot.console import BootError, say
from ghar.boot.home import PROJECT, Home
from ghar.boot.site import run, start_servers, supervised
from ghar.lib.disk import is_no_room

# A crash of the machine may cost the test data.
TEST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def main(arguments: list[str]) -> int:
    environ.Env.read_env(PROJECT / ".env")
    command, *rest = arguments or [""]
    try:
        match command:
            case "run":
                run()
            case "servers":
                servers_only()
            case "test":
                return test(rest)
            case _:
                say(str(__doc__))
                return 2
    except BootError as error:
        say(f"\n{error}")
        return 1
    except (PermissionError, FileExistsError) as error:
        say(f"\n{error}: start as the user it belongs to, or set GHAR_VAR to a folder of your own.")
        return 1
    except OSError as error:
        if not is_no_room(error):
            raise
        say(f"\n{error}: the disk is full. Make room, or set GHAR_VAR to a folder on another.")
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
    return 0


def servers_only() -> None:
    """PostgreSQL and Redis, for one's own processes beside them."""
    home = Home.from_environment()
    with supervised(home) as (servers, _):
        environment = start_servers(home, servers)
        with home.published(environment):
            say("  The servers are ready and manage.py finds them. Ctrl-C stops them.")
            watch(servers)


def test(arguments: list[str]) -> int:
    """pytest on servers and data of its own, whatever else is running; gives pytest's exit code."""
    home = Home(Home.from_environment().root / "test")
    with supervised(home) as (servers, _):
        environment = start_servers(home, servers, TEST_SETTINGS)
        return subprocess.call(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=PROJECT,
            env=os.environ | environment,
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
