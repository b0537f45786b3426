from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from housing_queue.backups import reading, restoring
from housing_queue.backups.filling import RestoreFailed
from housing_queue.backups.programs import ProgramMissing
from housing_queue.backups.sealed_stream import Unreadable


class Command(BaseCommand):
    """Bring a backup back into a new database and an empty store of documents: all of it, or nothing."""

    help = "Restores a backup into a new database and an empty store of documents (key: BACKUP_KEY)."
    # There are no tables yet that a check could look at.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only read it to its end, and write nothing")

    def handle(self, *_args: Any, file: Path, check: bool, **_options: Any) -> None:
        try:
            if check:
                manifest = reading.check(file)
                self.stdout.write(f"whole; made at {manifest['made_at']}, {len(manifest['media'])} documents")
            else:
                restoring.restore(file, tell=self.stdout.write)
        except (restoring.NotEmpty, RestoreFailed, Unreadable, ProgramMissing) as error:
            raise CommandError(f"refused, nothing was written: {error}") from error
        except (ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error
