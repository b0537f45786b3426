from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.selectors import invariants


class Command(BaseCommand):
    """Look for states of the register that must not exist; exit 1 if any is found."""

    help = "Looks for states of the register that must not exist and names them."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = invariants.impossible()
        for item in found:
            few = ", ".join(item.whose[:5])
            self.stdout.write(f"BROKEN: {item.rule}: {len(item.whose)} ({few})")
        if found:
            raise CommandError(f"{len(found)} rules are broken")
        self.stdout.write("The register is whole.")
