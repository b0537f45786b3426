"""Remove files of the media store that no row names: `manage.py remove_stray_files --operator NAME`."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from housing_queue import stray_files


class Command(BaseCommand):
    """By night a task does the same; this is for the day on which it found too many."""

    help = "Removes files older than a day that no row of the database names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare who does it, and whether very many may go."""
        parser.add_argument("--operator", default="timer", metavar="NAME")
        parser.add_argument(
            "--however-many", action="store_true", help="remove more than the task would by itself"
        )

    def handle(self, *args: Any, operator: str, however_many: bool, **options: Any) -> None:
        """Remove them and say how many."""
        try:
            count = stray_files.remove(by=operator, at=datetime.now(UTC), however_many=however_many)
        except stray_files.TooMany as error:
            raise CommandError(
                f"{error} Look whether the database is the right one: --however-many"
            ) from error
        self.stdout.write(f"{count} files")
