"""
Whom an akimat's rows reach: people and staff, by every foreign key that leads to them, until nobody is new.

The keys stand in temporary tables of the transaction, so that a big queue costs no memory here.
"""

from collections.abc import Iterator
from typing import Final

from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet

from housing_queue.handover.tables import ANSWERS, EXPORTED, NAMED, PEOPLE, USERS, Table
from queue_registry.models import Akimat, ContactPoint, NoticeDelivery, Person, User

_KEYS: Final = {Person: PEOPLE, User: USERS}
_MADE: Final = f"""
DROP VIEW IF EXISTS {PEOPLE}_by_iin;
DROP TABLE IF EXISTS {PEOPLE}, {NAMED}, {USERS}, {ANSWERS};
CREATE TEMPORARY TABLE {PEOPLE} (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE {NAMED} (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE {USERS} (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE {ANSWERS} (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY VIEW {PEOPLE}_by_iin AS
    SELECT iin AS id FROM queue_registry_person WHERE id IN (SELECT id FROM {PEOPLE});
"""  # noqa: S608 - names of ours
_RELATIVES: Final = f"""
INSERT INTO {NAMED} (id) SELECT DISTINCT relative_id FROM queue_registry_fact
WHERE relative_id IS NOT NULL AND answer_id IN (SELECT id FROM {ANSWERS}) ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of ours


def begin() -> None:
    """Make the temporary tables, empty."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE)


def follow(akimat: Akimat) -> None:
    """Fill the tables of people and of staff, from all rows that are handed over so far."""
    grown = True
    while grown:
        grown = False
        for table in EXPORTED:
            for model, column in _leading_to(table):
                rows = table.rows(akimat).filter(**{f"{column}__isnull": False})
                grown = _add(model, rows, column) or grown
        reached = NoticeDelivery.objects.filter(notice__application__akimat=akimat).values("contact_point")
        grown = _add(Person, ContactPoint.objects.filter(pk__in=reached), "person_id") or grown
    with connection.cursor() as cursor:
        cursor.execute(_RELATIVES)
        cursor.execute(f"ANALYZE {PEOPLE}, {USERS}")


def count(keys: str) -> int:
    """Return how many keys a temporary table has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {keys}")  # noqa: S608 - a name of ours
        (found,) = cursor.fetchone()
    return int(found)


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
