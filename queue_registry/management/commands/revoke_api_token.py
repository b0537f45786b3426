from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.selectors import clock
from queue_registry.services import api_clients


class Command(BaseCommand):
    """Take a token of the API back at once."""

    help = "Revokes the token of another state system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="user name under which its acts are recorded")

    def handle(self, *_args: Any, name: str, **_options: Any) -> None:
        try:
            client = api_clients.revoke(name=name, at=clock.now())
        except api_clients.ApiClientRefused as refused:
            raise CommandError(f"refused: {refused}") from refused
        self.stdout.write(f"{name}: revoked at {client.revoked_at:%Y-%m-%d %H:%M} UTC")
