"""Counting what a verb asks of the database, without savepoints and changes of role."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

_BESIDE = (
    "SAVEPOINT",
    "RELEASE SAVEPOINT",
    "ROLLBACK TO SAVEPOINT",
    "SELECT set_config('role'",
    "SET LOCAL role",
)


def statements_of(work: Callable[[], object]) -> int:
    """How many statements `work` takes; a failing test shows them."""
    with CaptureQueriesContext(connection) as captured:
        work()
    asked = [query["sql"].strip() for query in captured]
    counted = [sql for sql in asked if not sql.startswith(_BESIDE)]
    for number, sql in enumerate(counted, 1):
        print(number, sql[:110])  # noqa: T201 -- shown with a failure alone
    return len(counted)
