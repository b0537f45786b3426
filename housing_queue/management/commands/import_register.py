from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from housing_queue.handover import importing
from queue_registry.selectors import clock


class Command(BaseCommand):
    """Take the queue of another installation into this one, which is empty: all of it, or nothing."""

    help = "Takes in the queue of `export_register`: the same keys, trail, places and rounds, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--key", type=Path, required=True, help="the keeper's public key as PEM, as published by it"
        )
        parser.add_argument(
            "--rehearsal",
            action="store_true",
            help="the keeper has not changed yet; nothing here is in force",
        )

    def handle(self, *_args: Any, folder: Path, key: Path, rehearsal: bool, **_options: Any) -> None:
        try:
            manifest = importing.take_in(
                folder=folder,
                key=key.read_text(),
                is_rehearsal=rehearsal,
                at=clock.now(),
                tell=self.stdout.write,
            )
        except (importing.Refused, OSError) as error:
            raise CommandError(f"refused, nothing was taken in: {error}") from error
        self.stdout.write(f"{manifest['akimat']['kato']}: {manifest['entries']} entries are kept here now")
