"""The test database as other processes find it."""

from urllib.parse import quote, urlencode

from django.db import connection


def database_url(*, login: str = "", name: str = "") -> str:
    """The address of the test database, or of another one on its server, for `login` or for the one
    that the tests use.
    """
    found = connection.settings_dict
    user = login or f"{found['USER']}:{found['PASSWORD']}".rstrip(":")
    host, port, name = found["HOST"], found["PORT"], name or found["NAME"]
    socket = host or found.get("OPTIONS", {}).get("host", "")
    if socket.startswith("/"):
        return f"postgres://{user}@/{quote(name)}?{urlencode({'host': socket})}"
    return f"postgres://{user}@{host}:{port}/{quote(name)}"
