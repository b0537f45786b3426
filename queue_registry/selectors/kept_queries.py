"""
Queries whose SQL is built once a process and planned once a connection, and then only filled in.

Django builds the SQL of a queryset anew with every call, and PostgreSQL plans it anew. For the few wide
queries of the place page that costs several times what the database needs to answer them. So they are sent
with their values apart, as prepared statements (`prepare_threshold` in the settings).
"""

import copy
import functools
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from psycopg import RawCursor
from psycopg.sql import Literal

Row = TypeVar("Row")
_PLACE: Final = re.compile(r"%%|%\((\w+)\)s")


class Given(Expression):
    """A place in a kept query where a value comes with each call, by its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: SQLCompiler, _connection: Any) -> tuple[str, Any]:
        """One parameter: this mark, until a value takes its place."""
        return "%s", [self]


class KeptQuery(Generic[Row]):
    """
    A query that `build` makes with `Given` values; calling it with these values gives the rows.

    The values go to the database as they are: keys, texts, days and moments, no objects.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build: Final = build

    def __call__(self, **values: Any) -> list[Row]:
        queryset, compiler, converters, sql, names = self._built
        rows = rows_of(sql, {name: values[name] for name in names})
        if not rows:
            return []
        # The compiler knows already which column is what; it only has to find them.
        own: Any = copy.copy(compiler)
        own.connection = connection
        own.execute_sql = lambda *_args, **_kwargs: [rows]
        own.get_converters = lambda _columns: converters
        asked = queryset.all()
        vars(asked.query)["get_compiler"] = lambda *_args, **_kwargs: own
        return list(asked)

    @cached_property
    def _built(self) -> tuple[QuerySet[Any, Row], Any, Any, str, frozenset[str]]:
        queryset = self._build()
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters(column[0] for column in compiler.select[: compiler.col_count])
        names = frozenset(one.name for one in params if isinstance(one, Given))
        return queryset, compiler, converters, _with_names(sql, params), names


def rows_of(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """
    Return the rows of a statement that the connection plans once, however often it is asked; where statements
    are written down it is sent whole, as Django's own are.
    """
    own: Any = connection
    rows: list[tuple[Any, ...]]
    if own.queries_logged:
        with own.cursor() as cursor:
            cursor.execute(statement, values)
            rows = cursor.fetchall()
            return rows
    own.close_if_health_check_failed()
    own.ensure_connection()
    sql, names = _numbered(statement)
    bare: Any = CursorWrapper(RawCursor(own.connection), connection)
    with bare as cursor:
        cursor.execute(sql, [values[name] for name in names])
        rows = cursor.fetchall()
    return rows


@functools.cache
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """
    A statement as the database takes it, with $1, $2, and the names of their values: the driver would look
    for the places anew with every call of one that is as long as these.
    """
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return _PLACE.sub(place, statement).encode(), tuple(names)


def _with_names(sql: str, params: tuple[Any, ...]) -> str:
    """
    Name what is given with each call, and write out what never changes: a plan that is made once can use an
    index of some rows only if it knows them.
    """
    connection.ensure_connection()
    parts = sql.split("%s")
    written = [
        f"%({one.name})s" if isinstance(one, Given) else Literal(one).as_string(connection.connection)
        for one in params
    ]
    return parts[0] + "".join(
        (place if place.startswith("%(") else place.replace("%", "%%")) + part
        for place, part in zip(written, parts[1:], strict=True)
    )
