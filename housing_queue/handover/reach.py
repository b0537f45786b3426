"""
Whom an akimat's rows reach: people and staff, by every foreign key that leads to them, until nobody is new.

The keys stand in temporary tables of the transaction, so that a big queue costs no memory here.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet

from housing_queue.handover.tables import ANSWERS, EXPORTED, NAMED, PEOPLE, USERS, Table
from queue_registry.models import Akimat, ContactPoint, NoticeDelivery, Person, User

_KEYS: Final = {Person: PEOPLE, User: USERS}
_MADE: Final = f"""
DROP VIEW IF EXISTS {PEOPLE}_by_iin, {PEOPLE}_and_named;
DROP TABLE IF EXISTS {PEOPLE}, {NAMED}, {USERS}, {ANSWERS};
CREATE TEMPORARY TABLE {PEOPLE} (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE {NAMED} (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE {USERS} (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE {ANSWERS} (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY VIEW {PEOPLE}_by_iin AS
    SELECT iin AS id FROM queue_registry_person WHERE id IN (SELECT id FROM {PEOPLE});
CREATE TEMPORARY VIEW {PEOPLE}_and_named AS SELECT id FROM {PEOPLE} UNION SELECT id FROM {NAMED};
"""  # noqa: S608 - names of ours
_RELATIVES: Final = f"""
INSERT INTO {NAMED} (id) SELECT DISTINCT relative_id FROM queue_registry_fact
WHERE relative_id IS NOT NULL AND answer_id IN (SELECT id FROM {ANSWERS}) ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of ours


def begin(akimat: Akimat) -> None:
    """Make the temporary tables, with whom the akimat's own rows name: these are the same to the end."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE)
    _follow([table for table in EXPORTED if not table.keys], akimat)
    reached = NoticeDelivery.objects.filter(notice__application__akimat=akimat).values("contact_point")
    _add(Person, ContactPoint.objects.filter(pk__in=reached), "person_id")
    _analyze()


def follow(akimat: Akimat) -> None:
    """Add whom the rows of these people and of staff name, and whom theirs do."""
    of_people = [table for table in EXPORTED if table.keys]
    while _follow(of_people, akimat):
        pass
    with connection.cursor() as cursor:
        cursor.execute(_RELATIVES)
    _analyze()


def count(keys: str) -> int:
    """Return how many keys a temporary table has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {keys}")  # noqa: S608 - a name of ours
        (found,) = cursor.fetchone()
    return int(found)


def _follow(tables: Iterable[Table], akimat: Akimat) -> bool:
    """Whether somebody is new, whom the rows of these tables name."""
    grown = False
    for table in tables:
        for model, column in _leading_to(table):
            rows = table.rows(akimat).filter(**{f"{column}__isnull": False})
            grown = _add(model, rows, column) or grown
    return grown


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {PEOPLE}, {NAMED}, {USERS}")


def _leading_to(table: Table) -> Iterator[tuple[type[Model], str]]:
    """The columns that lead to a person or to somebody of staff; a fact's relative is only named."""
    for field in table.fields:
        if isinstance(field, ForeignKey) and field.related_model in _KEYS and field.name != "relative":
            yield field.related_model, field.attname


def _add(model: type[Model], rows: "QuerySet[Model]", column: str) -> bool:
    """Whether somebody is new."""
    statement, parameters = rows.order_by().values(column).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_KEYS[model]} (id) SELECT DISTINCT * FROM ({statement}) AS found"  # noqa: S608
            " ON CONFLICT DO NOTHING",
            parameters,
        )
        return bool(cursor.rowcount > 0)
