"""Runs the engine again on stored inputs and compares, row by row; exit 1 if anything differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from allocation.models import AllocationRun
from allocation.services.replays import replay


class Command(BaseCommand):
    help = "Repeat executed runs from their stored inputs and compare the results byte for byte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("runs", nargs="*", type=int, metavar="RUN", help="keys of runs")
        parser.add_argument("--all", action="store_true", help="every executed run")

    def handle(self, *args: Any, **options: Any) -> None:
        executed = AllocationRun.objects.filter(executed_at__isnull=False).select_related("round__akimat")
        wanted = set(options["runs"])
        if not options["all"]:
            executed = executed.filter(pk__in=wanted)
        missing = wanted - set(executed.values_list("pk", flat=True))
        if missing or not (wanted or options["all"]):
            raise CommandError(f"No executed run {min(missing)}." if missing else "Name runs, or --all.")
        differing = sum(self._replay(run) for run in executed.order_by("pk"))
        if differing:
            raise CommandError(f"{differing} of {executed.count()} runs differ.")
        self.stdout.write(f"{executed.count()} runs repeated: the same bytes.")

    def _replay(self, run: AllocationRun) -> bool:
        differences = replay(run)
        outcome = "differs" if differences else "the same bytes"
        self.stdout.write(f"{run.round.akimat.kato} {run.round.number} run {run.pk}: {outcome}")
        for difference in differences:
            self.stdout.write(
                f"  {difference.where}:\n    stored {difference.stored}\n    now    {difference.now}"
            )
        return bool(differences)
