"""Seal what is kept sealed with a new key: `manage.py rotate_envelopes --operator NAME`."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import key_rotation
from queue_registry.models import Telephone


class Command(BaseCommand):
    """
    Envelopes, tokens and secrets of telephones. Begun again after a stop, it goes on; at the end it says
    whether older keys can be destroyed.
    """

    help = "Seals with the newest of ENVELOPE_KEYS what was sealed with an older one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare who does it."""
        parser.add_argument("--operator", required=True, metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, telling the progress; fail if something stays that no key opens."""
        progress = key_rotation.Progress()
        telephones = ((Telephone.objects.all(), "sealed_secret"),)
        for progress in key_rotation.rotate(by=options["operator"], at=datetime.now(UTC), besides=telephones):
            self.stdout.write(f"{progress.seen} seen, {progress.sealed_anew} sealed anew")
        if progress.unreadable:
            raise CommandError(f"{progress.unreadable} open with no key: an older key is missing, keep all")
        self.stdout.write("All open with the newest key: older ones can be taken out of ENVELOPE_KEYS")
