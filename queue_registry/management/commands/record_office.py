from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from queue_registry.management.staff import member_of_staff
from queue_registry.permissions import Permission
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock
from queue_registry.services import offices


class Command(BaseCommand):
    """Record where the housing department is found: citizens read it on their page."""

    help = "Records address and telephone of an akimat's housing department from a day on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, help="nine-digit KATO")
        parser.add_argument("--address-kk", required=True, help="the address in Kazakh")
        parser.add_argument("--address-ru", required=True, help="the address in Russian")
        parser.add_argument("--telephone", default="", help="as people dial it; empty: none is shown")
        parser.add_argument("--from", dest="from_on", type=date.fromisoformat, help="first day; else today")
        parser.add_argument("--by", required=True, help="user name of the administrator who records it")

    def handle(self, *_args: Any, akimat: str, by: str, **options: Any) -> None:
        at = clock.now()
        place, person = member_of_staff(akimat=akimat, username=by, permission=Permission.STAFF_GIVE, at=at)
        try:
            office = offices.record(
                akimat=place,
                from_on=options["from_on"] or civil_day(at),
                address_kk=options["address_kk"],
                address_ru=options["address_ru"],
                telephone=options["telephone"],
                by=person,
                at=at,
            )
        except IntegrityError as error:
            raise CommandError("refused: another address holds from this day, or one is empty.") from error
        self.stdout.write(f"{place.kato}: the office holds from {office.from_on}")
