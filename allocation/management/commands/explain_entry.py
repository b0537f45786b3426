"""Says in words why an entry got what it got in a past round, from the stored input and result."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from allocation import explanation_presenters
from allocation.models import AllocationRun
from allocation.selectors.explanations import explain


class Command(BaseCommand):
    help = "Explain an entry of a past round: its place, the code, the witness."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", metavar="ROUND", help="number of the round, R-2026-1")
        parser.add_argument("file_number", metavar="FILE_NUMBER", help="271010-0001234-5")
        parser.add_argument("--akimat", metavar="KATO", help="if several akimats have a round of this number")
        parser.add_argument("--language", choices=["kk", "ru"], default="kk")

    def handle(self, *args: Any, **options: Any) -> None:
        run = self._run(options["round"], options["akimat"])
        found = explain(run, file_number=options["file_number"])
        if not found:
            raise CommandError(f"{options['file_number']} was no candidate of {options['round']}.")
        with translation.override(options["language"]):
            for one in found:
                for sentence in explanation_presenters.explained(one):
                    self.stdout.write(sentence)

    def _run(self, number: str, kato: str | None) -> AllocationRun:
        runs = AllocationRun.objects.filter(
            round__number=number, executed_at__isnull=False, superseded_at__isnull=True
        ).select_related("round__akimat")
        found = list(runs.filter(round__akimat__kato=kato) if kato else runs)
        if not found:
            raise CommandError(f"No executed round {number}.")
        if len(found) > 1:
            katos = ", ".join(sorted(run.round.akimat.kato for run in found))
            raise CommandError(f"Several akimats have a round {number}: name one of {katos} by --akimat.")
        return found[0]
