from argparse import ArgumentParser
from datetime import date
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.management.staff import akimat_of, user_of
from queue_registry.models import User
from queue_registry.selectors import clock
from queue_registry.services import staff


class Command(BaseCommand):
    """When no administrator can sign in two of the staff, each with his password, let one in for days."""

    help = "Makes somebody an administrator for some days; two others of the staff type their passwords."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, help="nine-digit KATO")
        parser.add_argument("--to", required=True, help="user name of who becomes administrator")
        parser.add_argument(
            "--until",
            required=True,
            type=date.fromisoformat,
            help=f"the day after the last, at most {staff.BREAK_GLASS_DAYS} days from today",
        )
        parser.add_argument("--document", required=True, help="number of the act that orders it")
        parser.add_argument("--document-on", required=True, type=date.fromisoformat, help="day of the act")
        parser.add_argument("--first", required=True, help="user name of one who stands for it")
        parser.add_argument("--second", required=True, help="user name of another")

    def handle(self, *_args: Any, **options: Any) -> None:
        first, second = (user_of(options[name], option=f"--{name}") for name in ("first", "second"))
        akimat, person = akimat_of(options["akimat"]), user_of(options["to"], option="--to")
        for name, witness in (("first", first), ("second", second)):
            _identify(witness, option=f"--{name}")
        try:
            given = staff.break_glass(
                akimat=akimat,
                user=person,
                until_on=options["until"],
                document=staff.Document(number=options["document"], on=options["document_on"]),
                first=first,
                second=second,
                at=clock.now(),
            )
        except staff.StaffRefused as refused:
            raise CommandError(f"refused: {refused}") from refused
        self.stdout.write(f"{person.username}: {given.role} from {given.from_on} until {given.until_on}")


def _identify(person: User, *, option: str) -> None:
    """:raises CommandError: if whoever sits at the keyboard does not know the person's password."""
    if not person.is_active or not person.check_password(getpass(f"Password of {person.username}: ")):
        raise CommandError(f"{option}: this is not the password of an account that is in use.")
