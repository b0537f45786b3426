"""
Tables filled as quickly as PostgreSQL can: rows first, then indexes, constraints and counters, each at once.

Only for databases made for a measurement: nobody refuses here what the triggers would refuse.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Final

from django.db import connection, transaction

from queue_registry.models.counting import ACTIVE_SQL

_ROWS_A_BLOCK: Final = 10_000
# What is taken away and how it is made again, in the order of making: indexes, unique and foreign keys.
_HINDRANCES: Final = """
    SELECT format('DROP INDEX %%I', class.relname), pg_get_indexdef(class.oid)
    FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid
    WHERE index.indrelid = ANY(%(tables)s::regclass[]) AND NOT EXISTS (
        SELECT FROM pg_constraint WHERE conindid = index.indexrelid AND conrelid = index.indrelid
    )
    UNION ALL (
        SELECT
            format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
            format('ALTER TABLE %%s ADD CONSTRAINT %%I ', conrelid::regclass, conname)
                || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype IN ('u', 'f')
        ORDER BY contype DESC
    )
"""
_COUNT: Final = f"""
    INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries, months)
    SELECT
        waiting_list_id, year, sum(entries),
        ARRAY(
            SELECT coalesce(entries, 0) FROM generate_series(1, 12) AS month
            LEFT JOIN unnest(array_agg(number), array_agg(entries)) AS counted (number, entries)
                ON number = month
            ORDER BY month
        )
    FROM (
        SELECT
            waiting_list_id, date_trunc('year', moment)::date AS year, extract(month FROM moment) AS number,
            count(*) AS entries
        FROM (
            SELECT waiting_list_id, registered_at AT TIME ZONE 'UTC' AS moment
            FROM queue_registry_queueentry WHERE status IN ({ACTIVE_SQL})
        ) AS active
        GROUP BY 1, 2, 3
    ) AS counted
    GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - codes of ours


@contextmanager
def unhindered(*tables: str) -> Iterator[None]:
    """One transaction in which the tables have their primary keys alone; all else stands again at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HINDRANCES, {"tables": list(tables)})
        hindrances = cursor.fetchall()
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for drop, _ in hindrances:
            cursor.execute(drop)
        yield
        for table in tables:
            cursor.execute(f"ANALYZE {table}")
        for _, make in hindrances:
            cursor.execute(make)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def copy(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Copy rows in, each a line of the text format of COPY without its end."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copied,
    ):
        rest = iter(lines)
        while block := list(islice(rest, _ROWS_A_BLOCK)):
            copied.write("\n".join(block) + "\n")


def count_entries() -> None:
    """The counters of places of all entries, by one aggregate."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
