"""Make the authority of a test stand: `manage.py make_signing_keys DIR`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from allocation.signatures.dev_pki import DevAuthority


class Command(BaseCommand):
    """Keys of an authority and of its time stamps, a list of revoked certificates; for no real signature."""

    help = "Write the keys of a development authority, for signatures of invented people, into a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folder."""
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Write the files and say which settings name them.

        :raises CommandError: if a key is there already or the folder can't be written.
        """
        folder: Path = options["folder"].absolute()
        try:
            DevAuthority.make().write(folder)
        except FileExistsError as error:
            raise CommandError(f"{error.filename} is there already; choose another folder.") from error
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}") from error
        self.stdout.write("SIGNATURE_VERIFIER=allocation.signatures.dev_verifier.DevPkiVerifier")
        self.stdout.write(f"SIGNATURE_PKI_DIR={folder}")
