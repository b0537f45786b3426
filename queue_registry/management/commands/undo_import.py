from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.management.staff import member_of_staff
from queue_registry.models import ImportBatch
from queue_registry.permissions import Permission
from queue_registry.selectors import clock
from queue_registry.services import import_undo


class Command(BaseCommand):
    """Take a whole file back, while nothing rests on it: its rows stay and count no more."""

    help = "Takes a legacy list back; neither who put it in nor who confirmed it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, metavar="KATO")
        parser.add_argument("--by", required=True, metavar="USER", help="who takes it back")
        parser.add_argument("--batch", type=int, required=True, metavar="KEY")
        parser.add_argument("--reason", required=True, help="why; it stands in the trail")

    def handle(self, *_args: Any, akimat: str, by: str, batch: int, reason: str, **_options: Any) -> None:
        at = clock.now()
        place, person = member_of_staff(akimat=akimat, username=by, permission=Permission.IMPORT_UNDO, at=at)
        if not ImportBatch.objects.filter(pk=batch, akimat=place).exists():
            raise CommandError(f"--batch: {akimat} has no file with the key {batch}.")
        try:
            undone = import_undo.undo(batch_id=batch, reason=reason, by=person, at=at)
        except import_undo.UndoRefused as refused:
            held = f": {', '.join(refused.file_numbers)}" if refused.file_numbers else ""
            raise CommandError(f"{refused.code}{held}") from refused
        self.stdout.write(f"{undone.file_name} is taken back.")
