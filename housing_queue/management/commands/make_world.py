"""Make a synthetic world: people, three legacy lists, and what was planted in them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from housing_queue.worlds.world import make_world


class Command(BaseCommand):
    help = "Makes a synthetic akimat's world.jsonl.gz, paper.xlsx, rshep.csv, spp.csv and planted.json."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("outdir", type=Path, metavar="OUTDIR")
        parser.add_argument("--seed", type=int, required=True)
        parser.add_argument("--households", type=int, required=True)
        parser.add_argument(
            "--forms",
            action="store_true",
            help="the same rows in other orders and names of columns, headers, kinds of files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        outdir: Path = options["outdir"]
        try:
            made = make_world(seed=options["seed"], households=options["households"], forms=options["forms"])
        except ValueError as error:
            raise CommandError(f"--households: {error}") from error
        outdir.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (outdir / name).write_bytes(content)
            self.stdout.write(f"{outdir / name}: {len(content)} bytes")
