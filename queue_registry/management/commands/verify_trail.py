from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.selectors import trail


class Command(BaseCommand):
    """Walk the hash chains of the trail; exit 1 and name the first row that does not hold."""

    help = "Walks the trail's hash chains and names the first row that was changed, removed or cut off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", help="nine-digit KATO; without it every chain is walked")
        parser.add_argument(
            "--head", default="", help="a published head that the akimat's chain must contain"
        )

    def handle(self, *_args: Any, akimat: str | None, head: str, **_options: Any) -> None:
        if head and not akimat:
            raise CommandError("--head: say which chain it is of by --akimat")
        broken = 0
        for kato in [akimat] if akimat else trail.chains():
            chain = trail.walk(kato, published_head=head)
            broken += bool(chain.fault)
            state = chain.fault or "whole"
            self.stdout.write(f"{kato}: {state}; {chain.links} rows hold, digest {chain.sha256}")
        if broken:
            raise CommandError(f"{broken} broken")
