"""
What the application's role may do in the database: work with rows, and nothing that triggers forbid.

The role owns nothing, so that it can neither switch a trigger off nor drop, alter or empty a table. For what
a trigger protects as a whole (the trail, looks, votes, rows of old lists) it has no privilege either. Of our
own tables it removes rows of those few that hold work, or something that is made again; a key once given it
cannot make to be given again.
"""

from collections import defaultdict
from collections.abc import Iterator

import pgtrigger
from django.apps import apps
from django.db import connection
from psycopg import sql

_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Written by the owner alone, with the schema.
_OF_THE_OWNER = ("django_migrations",)
_OURS = frozenset({"queue_registry", "allocation", "integrations"})
# Work that is done, sums that are made again, a telephone that is untied. Nothing else is ever removed.
REMOVED = frozenset(
    {
        "queue_registry_assessmentrequest",
        "queue_registry_importsettlement",
        "queue_registry_listpastsum",
        "queue_registry_missingconsent",
        "queue_registry_telephone",
    }
)


def protected_tables() -> dict[str, list[str]]:
    """Return by table which of UPDATE and DELETE a trigger refuses for every row."""
    found: dict[str, set[str]] = defaultdict(set)
    for model, trigger in pgtrigger.registered():
        # Its children, which keep some fields as they are, leave the others free.
        if type(trigger) is pgtrigger.Protect and not trigger.condition:
            words = str(trigger.operation).split(" OR ")
            found[model._meta.db_table] |= {word for word in words if word in {"UPDATE", "DELETE"}}  # noqa: SLF001
    return {table: sorted(found[table]) for table in sorted(found) if found[table]}


def withheld() -> dict[str, list[str]]:
    """Return by table which of UPDATE and DELETE the application is not given."""
    taken = {table: set(words) for table, words in protected_tables().items()}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table  # noqa: SLF001 - Django's documented name
        if model._meta.app_label in _OURS and table not in REMOVED:  # noqa: SLF001
            taken.setdefault(table, set()).add("DELETE")
    return {table: sorted(taken[table]) for table in sorted(taken)}


def statements(role: str) -> Iterator[sql.Composed]:
    """Return what the owner says to give the role its rights, and to take what it must not have."""
    name = sql.Identifier(role)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name)
    yield sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}").format(name)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(name)
    rows = sql.SQL(", ").join(sql.SQL(word) for word in _ROWS)
    yield sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA public TO {}").format(rows, name)
    yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name)
    for table, words in withheld().items():
        yield _revoke(words, table, name)
    for table in _OF_THE_OWNER:
        yield _revoke(["INSERT", "UPDATE", "DELETE"], table, name)


def _revoke(words: list[str], table: str, name: sql.Identifier) -> sql.Composed:
    taken = sql.SQL(", ").join(sql.SQL(word) for word in words)
    return sql.SQL("REVOKE {} ON {} FROM {}").format(taken, sql.Identifier("public", table), name)


def is_owner(role: str) -> bool:
    """Say whether the role owns the trail, and could therefore switch its triggers off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(%s, tableowner, 'MEMBER') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename = 'queue_registry_auditevent'",
            [role],
        )
        found = cursor.fetchone()
    return bool(found and found[0])
