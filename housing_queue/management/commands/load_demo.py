from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from housing_queue import demo
from housing_queue.story.folder import FolderProblem


class Command(BaseCommand):
    """Bring a demo to where people can begin: akimat, staff, legacy lists, homes."""

    help = "Founds a demo akimat from a folder with lists and a world; does nothing that is done already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--world", type=Path, default=settings.KEZEK_VAR / "demo", metavar="DIR")

    def handle(self, *_args: Any, world: Path, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("load_demo is for demonstrations: set DEMO=true")
        sign_ins = settings.KEZEK_VAR / "demo-sign-ins.txt"
        try:
            demo.load(demo.Demo(folder=world, sign_ins=sign_ins, machine_now=timezone.now, out=self.stdout))
        except FolderProblem as problem:
            raise CommandError(str(problem)) from problem
