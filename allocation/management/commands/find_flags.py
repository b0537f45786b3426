from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from allocation.services import flags
from queue_registry.models import Akimat
from queue_registry.selectors import clock


class Command(BaseCommand):
    """Look for red flags now instead of tonight."""

    help = "Looks for red flags in one akimat or in all of them, and writes down what it finds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", help="nine-digit KATO; without it every akimat is looked at")

    def handle(self, *_args: Any, akimat: str | None, **_options: Any) -> None:
        found = Akimat.objects.filter(kato=akimat) if akimat else Akimat.objects.order_by("kato")
        if akimat and not found:
            raise CommandError(f"no akimat {akimat}")
        for one in found:
            looked = flags.look(akimat=one, at=clock.now())
            self.stdout.write(
                f"{one.kato}: {looked.opened} opened, {looked.kept} known already, {looked.gone} gone"
            )
