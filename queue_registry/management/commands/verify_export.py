from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry import exports, signing


class Command(BaseCommand):
    """Check an export against its signed manifest; exit 1 and name what does not hold."""

    help = "Checks the files of an export against their signed manifest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--key",
            type=Path,
            help="the public key as PEM, from the page of the trail; else this installation's",
        )

    def handle(self, *_args: Any, file: Path, key: Path | None, **_options: Any) -> None:
        try:
            public_key = key.read_text() if key else signing.public_key()
            manifest = exports.verify(file.read_bytes(), public_key=public_key)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        for row in manifest["files"]:
            self.stdout.write(f"{row['name']}: {row['rows']} rows, {row['sha256']}")
        self.stdout.write(f"signed; made for {manifest['by']} at {manifest['at']} of {manifest['akimat']}")
