"""
Files into their tables: the lines as they are into a temporary table, and from there every row under its own
key.

What the database does not take is named by its file and line, and never repeated: it may be anybody's data.
"""

import re
from pathlib import Path
from typing import Any, Final

import psycopg
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import JSONField

from housing_queue.handover.tables import Table

_BLOCK: Final = 1 << 20
_LINES: Final = "CREATE TEMPORARY TABLE handover_lines (line json) ON COMMIT DROP"
_AT_LINE: Final = re.compile(r"COPY handover_lines, line (\d+)")


class RowRefused(Exception):
    """The database does not take a row."""


def fill(table: Table, folder: Path, *, rows: int) -> None:
    """
    Put the rows of a file into their table.

    :raises RowRefused: naming the first line that the database does not take.
    """
    load(folder / table.file)
    try:
        with transaction.atomic():
            came = _put_in(table)
    except (IntegrityError, DataError) as error:
        line = _first_refused(table, rows)
        raise RowRefused(f"{table.file}, line {line}: the database refuses it: {said(error)}") from error
    if came != rows:
        raise RowRefused(f"{table.file}: {came} rows came in of {rows}")


def load(path: Path) -> None:
    """
    Copy the lines of a file into the temporary table, as they are.

    :raises RowRefused: naming the first that is no JSON.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS handover_lines")
        cursor.execute(_LINES)
        try:
            with cursor.copy("COPY handover_lines FROM STDIN") as copy, path.open("rb") as lines:
                while block := lines.read(_BLOCK):
                    copy.write(block.replace(b"\\", b"\\\\"))
        except psycopg.DataError as error:
            at = _AT_LINE.search(error.diag.context or "")
            raise RowRefused(f"{path.name}, line {at[1] if at else '?'}: no row of JSON") from error


def said(error: Exception) -> str:
    """What the database says of a refusal, without the values of the row."""
    text = str(error).splitlines()[0].split(': "', maxsplit=1)[0]
    cause = error.__cause__
    # Foreign keys are numbers of ours: which of them leads nowhere may be told.
    if isinstance(cause, psycopg.errors.ForeignKeyViolation) and cause.diag.message_detail:
        return f"{text}: {cause.diag.message_detail}"
    return text


def _put_in(table: Table, *, first: int | None = None) -> int:
    """Put in the first rows of the temporary table, or all of them; return how many came."""
    quoted = connection.ops.quote_name
    chosen = ", ".join(_chosen(field) for field in table.fields if field.column in table.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, table.columns))})"  # noqa: S608
            f" SELECT {chosen} FROM (SELECT line FROM handover_lines LIMIT %s) AS lines,"
            f" LATERAL json_populate_record(NULL::{quoted(table.name)}, line) AS given",
            [first],
        )
        return int(cursor.rowcount)


def _chosen(field: Any) -> str:
    """A column of a row; where JSON's own null is a value, it is told from none."""
    column = f"given.{connection.ops.quote_name(field.column)}"
    return f"coalesce({column}, 'null')" if isinstance(field, JSONField) and not field.null else column


def _first_refused(table: Table, rows: int) -> int:
    """By halving: the lines before it go in, with it they do not."""
    taken, refused = 0, rows
    while refused - taken > 1:
        middle = (taken + refused) // 2
        if _goes_in(table, middle):
            taken = middle
        else:
            refused = middle
    return refused


def _goes_in(table: Table, first: int) -> bool:
    """Whether the database takes so many lines from the beginning; none of them stays."""
    try:
        with transaction.atomic():
            _put_in(table, first=first)
            transaction.set_rollback(True)
    except (IntegrityError, DataError):
        return False
    return True
