"""The test database: as other processes find it, and emptied."""

from urllib.parse import quote, urlencode

from django.core.management.color import no_style
from django.db import connection

# Written by the migrations' end. Django's own flush writes them anew, in most of its time.
KEPT = {"django_content_type", "auth_permission"}


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


def empty_database() -> None:
    """After a test that has committed."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    ours = [table for table in tables if table not in KEPT]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), ours))
