"""Make keys for a test stand: `manage.py make_gateway_keys DIR`, then `run_gateway --keys DIR`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.fakes import keys


class Command(BaseCommand):
    """Two pairs that trust each other; a real gateway's keys come from its operator."""

    help = "Write a key and a certificate for us and for the mock gateway into a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the folder."""
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Write the files and say which settings name them.

        :raises CommandError: if a key is there already or the folder can't be written.
        """
        folder: Path = options["folder"].absolute()
        try:
            keys.write_pairs(folder)
        except FileExistsError as error:
            raise CommandError(f"{error.filename} is there already; choose another folder.") from error
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}") from error
        self.stdout.write(f"GATEWAY_KEY_FILE={folder / 'kezek.key'}")
        self.stdout.write(f"GATEWAY_CERTIFICATE_FILE={folder / 'kezek.crt'}")
        self.stdout.write(f"GATEWAY_TRUSTED_FILE={folder / 'gateway.crt'}")
