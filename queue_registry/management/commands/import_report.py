import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from queue_registry import import_report
from queue_registry.management.staff import akimat_of
from queue_registry.selectors import legacy


class Command(BaseCommand):
    """Say of every confirmed row of the legacy lists where it ended; with --json one JSON object a row."""

    help = "Prints every confirmed row: source, sheet, row, state, codes, case, application."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", required=True, metavar="KATO")
        parser.add_argument("--json", action="store_true", help="one JSON object a row")

    def handle(self, *_args: Any, akimat: str, **options: Any) -> None:
        place = akimat_of(akimat)
        rows = import_report.of_rows(legacy.list_rows(place))
        if options["json"]:
            for row in rows:
                self.stdout.write(json.dumps(row, ensure_ascii=False, sort_keys=True))
            return
        for row in rows:
            self.stdout.write(import_report.line(row))
        self.stdout.write(import_report.counted(rows, legacy.list_batches(place)))
