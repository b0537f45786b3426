from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry import import_report
from queue_registry.management.staff import member_of_staff
from queue_registry.permissions import Permission
from queue_registry.selectors import clock
from queue_registry.services import imports


class Command(BaseCommand):
    """Confirm what another person put in: its rows count from now on."""

    help = "Confirms the legacy lists that wait; the second person, never the one who put them in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, metavar="KATO")
        parser.add_argument("--by", required=True, metavar="USER", help="who confirms")
        parser.add_argument(
            "--batch", type=int, action="append", default=[], help="only these; all by default"
        )

    def handle(self, *_args: Any, akimat: str, by: str, batch: list[int], **_options: Any) -> None:
        at = clock.now()
        place, person = member_of_staff(
            akimat=akimat, username=by, permission=Permission.REGISTER_CONFIRM_IMPORT, at=at
        )
        try:
            ledger = imports.confirm(akimat=place, by=person, at=at, batches=batch)
        except (imports.NothingToConfirm, imports.SecondPersonNeeded) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(import_report.totals(ledger))
