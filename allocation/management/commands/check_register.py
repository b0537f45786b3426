from typing import Any

from django.core.management.base import BaseCommand, CommandError

from allocation.services import register_checks
from queue_registry.selectors import clock


class Command(BaseCommand):
    """Look for states of register, homes and rounds that must not exist; exit 1 if any is found."""

    help = (
        "Looks for states of register, trail, homes and rounds that must not exist, names them, and renews "
        "the public board."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        looked = register_checks.look(at=clock.now())
        for rule in looked.unknown:
            self.stdout.write(f"UNKNOWN: {rule}: the look failed")
        for item in looked.broken:
            few = ", ".join(item.whose[:5])
            self.stdout.write(f"BROKEN: {item.rule}: {len(item.whose)} ({few})")
        if looked.broken:
            raise CommandError(f"{len(looked.broken)} rules are broken")
        if looked.unknown:
            raise CommandError(f"{len(looked.unknown)} rules could not be looked at")
        self.stdout.write("The register is whole.")
