#!/usr/bin/env python
"""Django's commands, on the servers that `make run` has started or that DATABASE_URL names."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from ghar.boot.discover import WITHOUT_DATABASE, use_running_servers


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ghar.settings")
    has_database = use_running_servers()
    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        if has_database:
            raise
        sys.exit(WITHOUT_DATABASE)


if __name__ == "__main__":
    main()
