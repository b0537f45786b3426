"""Migrations: each can be taken back, or says why not; and all of them were taken back once, really."""

import re
from contextlib import contextmanager
from copy import deepcopy

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import DeleteModel, RemoveField, RunPython, RunSQL

OURS = ("queue_registry", "allocation", "integrations")
# What a migration says in its docstring that cannot be taken back.
REASON = "Cannot be taken back:"
# What one that removes a column or a table says, if what stood there stands elsewhere now.
KEPT = "Nothing is lost:"
SCHEMA = """
    SELECT
        'column', table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL
    SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND proname LIKE 'queue\\_registry\\_%'
"""


def migrations():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {key: made for key, made in loader.disk_migrations.items() if key[0] in OURS}


def test_each_can_be_taken_back_or_says_why_not():
    found = migrations()
    final = {
        key for key, made in found.items() if not all(operation.reversible for operation in made.operations)
    }

    assert len(found) > 40
    assert {key for key in final if REASON not in (found[key].__doc__ or "")} == set()


def test_one_that_removes_a_column_or_a_table_says_where_it_is_now_or_that_it_is_gone():
    """Django calls it reversible: the column comes back, and it is empty."""
    removing = {
        key: made
        for key, made in migrations().items()
        if any(isinstance(operation, RemoveField | DeleteModel) for operation in made.operations)
    }

    assert removing
    silent = {
        key
        for key, made in removing.items()
        if KEPT not in (made.__doc__ or "") and REASON not in (made.__doc__ or "")
    }
    assert silent == set()


def test_one_that_changes_rows_does_it_in_plain_sql_or_with_the_models_of_its_time():
    """Code of the applications moves on; a migration that calls it would do something else a year later."""
    wrong = {
        (key, operation.code.__name__)
        for key, made in migrations().items()
        for operation in made.operations
        if isinstance(operation, RunPython) and operation.code.__module__ != made.__module__
    }
    statements = [
        operation
        for made in migrations().values()
        for operation in made.operations
        if isinstance(operation, RunSQL)
    ]

    assert wrong == set()
    assert statements


@contextmanager
def database_of_its_own():
    """A migrated database that nobody else looks at."""
    admin = connections.create_connection("default")
    admin.settings_dict = deepcopy(admin.settings_dict) | {"NAME": "postgres"}
    made = connections.create_connection("default")
    name = f"{connection.settings_dict['NAME']}_taken_back"
    made.settings_dict = deepcopy(made.settings_dict) | {"NAME": name}
    template = settings.DATABASES["default"]["TEST"]["TEMPLATE"]
    with admin.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield made
    finally:
        made.close()
        with admin.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.close()


def schema_of(database):
    """Every column, constraint, index, trigger and function, without casts: dumps write them differently."""
    with database.cursor() as cursor:
        cursor.execute(SCHEMA)
        return {
            (kind, name): re.sub(r"::[a-z ]+(\[\])?|[()]", "", what) for kind, name, what in cursor.fetchall()
        }


@pytest.mark.django_db
def test_all_were_taken_back_and_put_in_again_and_the_schema_is_the_same():
    with database_of_its_own() as database:
        newest = MigrationExecutor(database).loader.graph.leaf_nodes()
        before = schema_of(database)

        MigrationExecutor(database).migrate([(app, None) for app in OURS])
        between = schema_of(database)
        MigrationExecutor(database).migrate(newest)

        after = schema_of(database)
        assert not [name for _, name in between if name.startswith(tuple(f"{app}_" for app in OURS))]
        assert len(before) > 1000
        assert {
            key: (before.get(key), after.get(key))
            for key in before.keys() | after.keys()
            if before.get(key) != after.get(key)
        } == {}
