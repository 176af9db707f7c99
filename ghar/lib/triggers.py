"""Migration operations for what only a trigger can forbid."""

from collections.abc import Iterable

from django.db import migrations

_TRANSITION_SQL = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.{column}, NEW.{column}) NOT IN ({pairs}) THEN
        RAISE EXCEPTION 'illegal step of {table}.{column}: % to %', OLD.{column}, NEW.{column}
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS {name} ON {table};
CREATE TRIGGER {name} BEFORE UPDATE OF {column} ON {table} FOR EACH ROW
    WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION {name}();
"""

_DROP_SQL = "DROP TRIGGER IF EXISTS {name} ON {table}; DROP FUNCTION IF EXISTS {name}();"


def freeze_transitions(
    table: str, column: str, pairs: Iterable[tuple[str, str]]
) -> migrations.RunSQL:
    """Refuse any change of `column` that is not one of the (old, new) `pairs`."""
    name = f"{table}_{column}_step"
    values = ", ".join(f"('{old}', '{new}')" for old, new in sorted(pairs))
    return migrations.RunSQL(
        _TRANSITION_SQL.format(name=name, table=table, column=column, pairs=values),
        _DROP_SQL.format(name=name, table=table),
    )
