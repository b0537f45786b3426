from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from housing_queue.backups import making
from housing_queue.backups.programs import ProgramMissing
from queue_registry.selectors import clock


class Command(BaseCommand):
    """Write the whole installation, database and documents, into one encrypted file."""

    help = "Writes database and documents into one encrypted file in a folder (key: BACKUP_KEY)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        try:
            path = making.make(folder, at=clock.now(), tell=self.stdout.write)
        except (making.BackupFailed, ProgramMissing, ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(path))
