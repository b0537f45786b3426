"""Ask given-up questions once more: `manage.py redrive_checks --source egkn --operator NAME`."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import dead_letters
from integrations.retries import DeadReason


class Command(BaseCommand):
    """Also gives them to somebody instead, with --assign."""

    help = "Let given-up questions of a source be asked again, or give them to somebody to look after."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--source", required=True)
        parser.add_argument("--operator", required=True, metavar="NAME", help="who decides this")
        parser.add_argument("--reason", choices=[reason.value for reason in DeadReason])
        parser.add_argument("--limit", type=int, help="at most so many")
        parser.add_argument("--assign", metavar="OWNER", help="do not ask again; let OWNER look after them")

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Do it and say how many.

        :raises CommandError: if there is no such source.
        """
        reason = DeadReason(options["reason"]) if options["reason"] else None
        named = {
            "by": options["operator"],
            "at": datetime.now(UTC),
            "source": options["source"],
            "reason": reason,
        }
        try:
            if options["assign"]:
                count = dead_letters.assign(owner=options["assign"], **named)
            else:
                count = dead_letters.redrive(limit=options["limit"], **named)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} questions of {options['source']}")
