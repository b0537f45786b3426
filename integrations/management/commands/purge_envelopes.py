"""Drop kept envelopes whose time is over: `manage.py purge_envelopes --operator NAME`, once a day."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from integrations import kept_envelopes


class Command(BaseCommand):
    """Digests, outcomes and facts stay; what was dropped is recorded."""

    help = "Drop answers that were kept byte for byte for longer than ENVELOPE_RETENTION_DAYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare who does it."""
        parser.add_argument("--operator", default="timer", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge and say how many."""
        count = kept_envelopes.purge(by=options["operator"], at=datetime.now(UTC))
        self.stdout.write(f"{count} envelopes")
