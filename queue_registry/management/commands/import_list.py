from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry import import_report
from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.management.staff import member_of_staff
from queue_registry.permissions import Permission
from queue_registry.rules.legacy.codes import Source
from queue_registry.selectors import clock
from queue_registry.services import imports


class Command(BaseCommand):
    """Put a legacy list in; without --wet-run nothing is written and the full report is printed."""

    help = "Puts a file of a legacy list in, for another person to confirm; tries it out without --wet-run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--akimat", required=True, metavar="KATO")
        parser.add_argument("--source", required=True, choices=[source.value for source in Source])
        parser.add_argument("--by", required=True, metavar="USER", help="who puts it in")
        consents = parser.add_mutually_exclusive_group()
        consents.add_argument(
            "--consent-document",
            metavar="TEXT",
            help="the paper by which the people let the registers be asked; otherwise the files of the list",
        )
        consents.add_argument(
            "--without-consents",
            action="store_true",
            help="nobody signed: no register is asked about anybody",
        )
        parser.add_argument("--wet-run", action="store_true", help="keep it; without this nothing is written")

    def handle(
        self, *_args: Any, file: Path, akimat: str, source: str, by: str, wet_run: bool, **options: Any
    ) -> None:
        at = clock.now()
        place, person = member_of_staff(
            akimat=akimat, username=by, permission=Permission.REGISTER_IMPORT, at=at
        )
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        given = imports.GivenFile(source=Source(source), name=file.name, content=content)
        try:
            if wet_run:
                batch = imports.put_in(
                    akimat=place,
                    file=given,
                    by=person,
                    at=at,
                    consent_document=_consent_document(file.name, **options),
                )
                self.stdout.write(
                    f"{given.name}: {batch.rows.count()} rows put in; another person confirms them with "
                    "confirm_import."
                )
            else:
                self.stdout.write(import_report.of_ledger(imports.preview(akimat=place, file=given, at=at)))
                self.stdout.write("Nothing was written: --wet-run keeps the file.")
        except LegacyFileError as error:
            raise CommandError(str(error)) from error
        except imports.AlreadyImported as error:
            self.stdout.write(f"{error} Nothing is changed.")


def _consent_document(
    name: str, *, consent_document: str | None = None, without_consents: bool = False, **_options: Any
) -> str:
    """Who is on an old list signed for it when he applied: his paper is in the files of the list."""
    if without_consents:
        return ""
    return (consent_document or f"Consents in the files of the list {name}")[:300]
