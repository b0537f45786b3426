from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from housing_queue.handover import exporting
from queue_registry.management.staff import member_of_staff
from queue_registry.permissions import Permission
from queue_registry.selectors import clock


class Command(BaseCommand):
    """Write the whole queue of an akimat into an empty folder, for its next keeper."""

    help = (
        "Writes the queue of an akimat into an empty folder: rows, documents, a signed manifest, a verifier."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--akimat", required=True, help="nine-digit KATO")
        parser.add_argument("--by", required=True, help="user name of the administrator who hands over")

    def handle(self, *_args: Any, folder: Path, akimat: str, by: str, **_options: Any) -> None:
        at = clock.now()
        place, person = member_of_staff(
            akimat=akimat, username=by, permission=Permission.REGISTER_EXPORT, at=at
        )
        try:
            manifest = exporting.export(akimat=place, folder=folder, by=person, at=at, tell=self.stdout.write)
        except (exporting.FolderTaken, OSError) as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            # One moment is seen, and an act was recorded just then.
            raise CommandError(
                "the queue was changed at the same moment: empty the folder and try again"
            ) from error
        kind = "final" if manifest["is_final"] else "a rehearsal: the keeper has not changed yet"
        self.stdout.write(f"{manifest['entries']} entries, trail head {manifest['trail']['sha256']}; {kind}")
