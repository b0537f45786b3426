from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.management.staff import member_of_staff, user_of
from queue_registry.models import StaffMembership
from queue_registry.permissions import Permission
from queue_registry.rules.roles import Role
from queue_registry.selectors import clock
from queue_registry.services import staff


class Command(BaseCommand):
    """End a role of a person of staff."""

    help = "Ends a person's role in an akimat, today or on a later day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, help="nine-digit KATO")
        parser.add_argument("--user", required=True, help="user name of who holds the role")
        parser.add_argument("--role", required=True, choices=list(Role))
        parser.add_argument(
            "--until", dest="until_on", type=date.fromisoformat, help="the day after the last"
        )
        parser.add_argument("--by", required=True, help="user name of the administrator who ends it")

    def handle(self, *_args: Any, akimat: str, user: str, role: str, by: str, **options: Any) -> None:
        at = clock.now()
        place, giver = member_of_staff(akimat=akimat, username=by, permission=Permission.STAFF_GIVE, at=at)
        held = StaffMembership.objects.filter(
            akimat=place, user=user_of(user, option="--user"), role=role
        ).order_by("-from_on")
        membership = held.first()
        if membership is None:
            raise CommandError(f"--role: {user} never was {role} here.")
        try:
            ended = staff.end(membership_id=membership.pk, by=giver, at=at, until_on=options["until_on"])
        except staff.StaffRefused as refused:
            raise CommandError(f"refused: {refused}") from refused
        self.stdout.write(f"{user}: {role} until {ended.until_on}")
