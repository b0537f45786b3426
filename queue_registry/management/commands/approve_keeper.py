from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.management.staff import member_of_staff
from queue_registry.permissions import Permission
from queue_registry.rules.keepers import KeeperRefused
from queue_registry.selectors import clock
from queue_registry.services import keepers


class Command(BaseCommand):
    """Approve the keeper that another person proposed: from its day on the queue is only read here."""

    help = "Approves the proposed keeper of an akimat's queue; from its day on nothing is changed here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, help="nine-digit KATO")
        parser.add_argument("--by", required=True, help="user name of the supervisor who approves")

    def handle(self, *_args: Any, akimat: str, by: str, **_options: Any) -> None:
        at = clock.now()
        place, person = member_of_staff(
            akimat=akimat, username=by, permission=Permission.KEEPER_APPROVE, at=at
        )
        try:
            keeper = keepers.approve(akimat=place, by=person, at=at)
        except KeeperRefused as error:
            raise CommandError(f"refused: {error}") from error
        self.stdout.write(
            f"{place.kato}: {keeper.name_ru} keeps the queue from {keeper.from_on}; then it is only read here"
        )
