from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.management.staff import member_of_staff
from queue_registry.models import QueueKeeper
from queue_registry.permissions import Permission
from queue_registry.rules.keepers import KeeperRefused
from queue_registry.selectors import clock
from queue_registry.services import keepers


class Command(BaseCommand):
    """Take back a keeper whose day has not come."""

    help = "Takes back a proposed or approved keeper whose day has not come."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--keeper", type=int, required=True, help="its key, as propose_keeper told it")
        parser.add_argument("--akimat", required=True, help="nine-digit KATO")
        parser.add_argument("--by", required=True, help="user name of the administrator")

    def handle(self, *_args: Any, keeper: int, akimat: str, by: str, **_options: Any) -> None:
        at = clock.now()
        place, person = member_of_staff(
            akimat=akimat, username=by, permission=Permission.KEEPER_PROPOSE, at=at
        )
        if not QueueKeeper.objects.filter(pk=keeper, akimat=place).exists():
            raise CommandError(f"there is no keeper {keeper} of this akimat")
        try:
            keepers.drop(keeper_id=keeper, by=person, at=at)
        except KeeperRefused as error:
            raise CommandError(f"refused: {error}") from error
        self.stdout.write(f"{place.kato}: keeper {keeper} is taken back")
