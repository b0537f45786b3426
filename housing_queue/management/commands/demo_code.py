import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from housing_queue import demo_telephones
from queue_registry.management.staff import user_of


class Command(BaseCommand):
    """Print what the telephone of an invented person would show; where people are real nothing does."""

    help = "Prints the code of the second step of the sign-in for a user of the demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name, as in demo-sign-ins.txt")

    def handle(self, *_args: Any, user: str, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo_code is for demonstrations: set DEMO=true")
        try:
            code = demo_telephones.next_code(user_of(user, option="user"), wait=time.sleep, clock=time.time)
        except demo_telephones.NoTelephone as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(code)
