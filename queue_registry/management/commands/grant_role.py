from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.management.staff import akimat_of, member_of_staff, user_of
from queue_registry.permissions import Permission
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.roles import Role
from queue_registry.selectors import clock
from queue_registry.services import staff


class Command(BaseCommand):
    """Give a person of staff a role; without --by the first administrator of an akimat that has none."""

    help = "Gives a person a role in an akimat from a day until a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, help="nine-digit KATO")
        parser.add_argument("--user", required=True, help="user name of who gets the role")
        parser.add_argument("--role", required=True, choices=list(Role))
        parser.add_argument("--from", dest="from_on", type=date.fromisoformat, help="first day; else today")
        parser.add_argument(
            "--until", dest="until_on", type=date.fromisoformat, help="the day after the last"
        )
        parser.add_argument("--document", help="number of the act; of a member or chair it is asked for")
        parser.add_argument(
            "--document-on", dest="document_on", type=date.fromisoformat, help="day of the act"
        )
        parser.add_argument("--by", help="user name of the administrator who gives it")

    def handle(self, *_args: Any, akimat: str, user: str, role: str, by: str | None, **options: Any) -> None:
        at, person = clock.now(), user_of(user, option="--user")
        try:
            if by is None:
                if role != Role.ADMINISTRATOR:
                    raise CommandError("--by: only the first administrator is given by nobody.")
                given = staff.install_administrator(akimat=akimat_of(akimat), user=person, at=at)
            else:
                place, giver = member_of_staff(
                    akimat=akimat, username=by, permission=Permission.STAFF_GIVE, at=at
                )
                given = staff.grant(
                    akimat=place,
                    user=person,
                    role=Role(role),
                    from_on=options["from_on"] or civil_day(at),
                    until_on=options["until_on"],
                    document=_document(options["document"], options["document_on"]),
                    by=giver,
                    at=at,
                )
        except staff.StaffRefused as refused:
            raise CommandError(f"refused: {refused}") from refused
        self.stdout.write(f"{user}: {given.role} from {given.from_on}")


def _document(number: str | None, on: date | None) -> staff.Document | None:
    if number is None and on is None:
        return None
    if number is None or on is None:
        raise CommandError("--document: an act has a number and a day (--document-on).")
    return staff.Document(number=number, on=on)
