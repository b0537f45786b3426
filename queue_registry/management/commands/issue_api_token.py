from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.management.staff import akimat_of
from queue_registry.models import ApiPermission
from queue_registry.selectors import clock
from queue_registry.services import api_clients


class Command(BaseCommand):
    """Let another state system ask in some akimats; as whoever installs the system does."""

    help = "Issues a token of the API to another state system; it is shown once and kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="user name under which its acts are recorded")
        parser.add_argument(
            "--akimat", required=True, action="append", help="nine-digit KATO; may be repeated"
        )
        parser.add_argument(
            "--permission",
            action="append",
            choices=ApiPermission.values,
            default=[],
            help="what it may do; may be repeated",
        )
        parser.add_argument("--days", type=int, default=365, help="for how many days it is good")

    def handle(self, *_args: Any, name: str, akimat: list[str], **options: Any) -> None:
        at = clock.now()
        try:
            issued = api_clients.issue(
                name=name,
                akimats=[akimat_of(kato) for kato in dict.fromkeys(akimat)],
                permissions=[ApiPermission(code) for code in dict.fromkeys(options["permission"])],
                expires_at=at + timedelta(days=options["days"]),
                at=at,
            )
        except api_clients.ApiClientRefused as refused:
            raise CommandError(f"refused: {refused}") from refused
        self.stdout.write(issued.token)
        self.stderr.write(f"{name}: good until {issued.client.expires_at:%Y-%m-%d}; it is not shown again")
