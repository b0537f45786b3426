"""
Thousands of rows in one statement, one array a column.

`bulk_create` and `bulk_update` prepare every value of every row by itself: for 25,000 questions that takes
longer than asking them. Values go in as they are, so a field that translates its values (JSON) is not for
this module.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from django.db import connection, models
from psycopg import sql

BATCH_SIZE: Final = 5_000

_Field: TypeAlias = "models.Field[Any, Any]"


def insert_new(rows: Sequence[models.Model], *, conflict: str) -> int:
    """Insert rows of one model, but none whose column `conflict` is taken; return how many went in."""
    if not rows:
        return 0
    table, fields = _table(rows[0])
    chosen = [field for field in fields if not isinstance(field, models.AutoField)]
    statement = sql.SQL("INSERT INTO {} ({}) SELECT * FROM unnest({}) ON CONFLICT ({}) DO NOTHING").format(
        table, _listed(chosen), _arrays(chosen), sql.Identifier(conflict)
    )
    return sum(_execute(statement, batch, chosen) for batch in _batches(rows))


def update(rows: Sequence[models.Model], *, fields: Sequence[str]) -> int:
    """Write the named fields of rows of one model, known by primary key; return how many were there."""
    if not rows:
        return 0
    table, known = _table(rows[0])
    by_name = {field.name: field for field in known}
    changed, key = [by_name[name] for name in fields], next(field for field in known if field.primary_key)
    statement = sql.SQL("UPDATE {} AS old SET {} FROM unnest({}) AS new ({}) WHERE old.{} = new.{}").format(
        table,
        sql.SQL(", ").join(
            sql.SQL("{} = new.{}").format(_column(field), _column(field)) for field in changed
        ),
        _arrays([key, *changed]),
        _listed([key, *changed]),
        _column(key),
        _column(key),
    )
    return sum(_execute(statement, batch, [key, *changed]) for batch in _batches(rows))


def _table(row: models.Model) -> tuple[sql.Identifier, list[_Field]]:
    options = row._meta  # noqa: SLF001 - public by Django's own documentation
    return sql.Identifier(options.db_table), list(options.concrete_fields)


def _column(field: _Field) -> sql.Identifier:
    return sql.Identifier(str(field.column))


def _listed(fields: Sequence[_Field]) -> sql.Composed:
    return sql.SQL(", ").join([_column(field) for field in fields])


def _arrays(fields: Sequence[_Field]) -> sql.Composed:
    types = (
        field.rel_db_type(connection) if field.primary_key else field.db_type(connection) for field in fields
    )
    return sql.SQL(", ").join([sql.SQL("%s::{}[]").format(sql.SQL(str(name))) for name in types])


def _execute(statement: sql.Composed, rows: Sequence[models.Model], fields: Sequence[_Field]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_array(getattr(row, field.attname) for row in rows) for field in fields])
        return int(cursor.rowcount)


def _array(values: Iterable[Any]) -> str:
    """Return values as the text of an array, which its cast reads: the driver takes four times as long."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes | memoryview):
        return f'"\\\\x{value.hex()}"'
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _batches(rows: Sequence[models.Model]) -> Iterator[Sequence[models.Model]]:
    return (rows[start : start + BATCH_SIZE] for start in range(0, len(rows), BATCH_SIZE))
