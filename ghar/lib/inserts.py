"""Rows of several tables, inserted by one statement.

For what nearly every verb appends: whoever waits for the answer waits for each trip to the database.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery


class Insert(NamedTuple):
    sql: str
    params: Sequence[Any]


def insert_of(
    rows: Sequence[models.Model], *, unique: Sequence[str] = (), update: Sequence[str] = ()
) -> Insert:
    """The INSERT of rows of one table, their keys included.

    Where a row with the same `unique` fields stands, its `update` fields are set instead.
    """
    meta = type(rows[0])._meta
    query = InsertQuery(
        meta.model,
        on_conflict=OnConflict.UPDATE if unique else None,
        unique_fields=[meta.get_field(name) for name in unique],
        update_fields=[meta.get_field(name) for name in update],
    )
    query.insert_values(meta.concrete_fields, list(rows))
    [(sql, params)] = query.get_compiler(connection=connection).as_sql()
    return Insert(sql, params)


def execute_together(*inserts: Insert) -> None:
    """All of them or none; none sees what another one inserts."""
    *others, last = inserts
    names = ", ".join(f"insert_{number} AS ({other.sql})" for number, other in enumerate(others))
    sql = f"WITH {names} {last.sql}" if others else last.sql
    with connection.cursor() as cursor:
        cursor.execute(sql, [param for insert in inserts for param in insert.params])
