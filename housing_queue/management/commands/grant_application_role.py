from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from housing_queue import privileges


class Command(BaseCommand):
    """
    Give the application's role its rights on every table; run by the owner after each migration.

    The role must exist and own nothing. tools.prepare calls this when MIGRATIONS_DATABASE_URL is set.
    """

    help = "Gives a database role what the application needs, and nothing that it never does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="the role that DATABASE_URL names")

    def handle(self, *_args: Any, role: str, **_options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                raise CommandError(f"There is no database role {role}.")
            if privileges.is_owner(role):
                raise CommandError(f"{role} owns the tables: the application needs a role of its own.")
            for statement in privileges.statements(role):
                cursor.execute(statement)
        kept = len(privileges.withheld())
        self.stdout.write(f"{role} may work with rows; {kept} tables are append-only or undeletable for it")
