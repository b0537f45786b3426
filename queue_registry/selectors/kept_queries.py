"""
Queries whose SQL is built once a process, and then only filled in.

Django builds the SQL of a queryset anew with every call. For the few wide queries of the place page that
costs several times what the database needs to answer them.
"""

import copy
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


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

    def __call__(self, **values: object) -> list[Row]:
        queryset, compiler, converters, sql, params = self._built
        filled = tuple(values[one.name] if isinstance(one, Given) else one for one in params)
        # The compiler knows already which column is what; it only has to find its SQL filled in.
        own: Any = copy.copy(compiler)
        own.connection = connection
        own.as_sql = lambda *_args, **_kwargs: (sql, filled)
        own.get_converters = lambda _columns: converters
        asked = queryset.all()
        vars(asked.query)["get_compiler"] = lambda *_args, **_kwargs: own
        return list(asked)

    @cached_property
    def _built(self) -> tuple[QuerySet[Any, Row], Any, Any, str, tuple[Any, ...]]:
        queryset = self._build()
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters(column[0] for column in compiler.select[: compiler.col_count])
        return queryset, compiler, converters, sql, tuple(params)
