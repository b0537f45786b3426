from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from queue_registry.management.staff import member_of_staff
from queue_registry.permissions import Permission
from queue_registry.rules.keepers import KeeperRefused
from queue_registry.selectors import clock
from queue_registry.services import keepers


class Command(BaseCommand):
    """Propose who keeps an akimat's queue from a later day on; another person approves (`approve_keeper`)."""

    help = "Proposes the keeper of an akimat's queue from a later day on; another person has to approve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, help="nine-digit KATO")
        parser.add_argument("--name-kk", required=True, help="the keeper in Kazakh")
        parser.add_argument("--name-ru", required=True, help="the keeper in Russian")
        parser.add_argument("--address", required=True, help="where its public pages are: https://…")
        parser.add_argument("--document", required=True, help="the act by which the queue is handed over")
        parser.add_argument(
            "--from", dest="from_on", type=date.fromisoformat, help="first day, in the future"
        )
        parser.add_argument("--by", required=True, help="user name of the administrator who proposes")

    def handle(self, *_args: Any, akimat: str, by: str, **options: Any) -> None:
        at = clock.now()
        place, person = member_of_staff(
            akimat=akimat, username=by, permission=Permission.KEEPER_PROPOSE, at=at
        )
        if options["from_on"] is None:
            raise CommandError("--from: say from which day on.")
        told = {name: options[name].strip() for name in ("name_kk", "name_ru", "address", "document")}
        empty = next((name for name, value in told.items() if not value), None)
        if empty is not None:
            raise CommandError(f"--{empty.replace('_', '-')}: is empty.")
        try:
            keepers.ADDRESS(told["address"])
            keeper = keepers.propose(
                akimat=place, keeper=keepers.Keeper(**told), from_on=options["from_on"], by=person, at=at
            )
        except ValidationError as error:
            raise CommandError("--address: this is no address of a page.") from error
        except KeeperRefused as error:
            raise CommandError(f"refused: {error}") from error
        self.stdout.write(f"{place.kato}: keeper {keeper.pk} is proposed from {keeper.from_on}")
