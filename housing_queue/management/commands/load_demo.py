from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from housing_queue import demo
from housing_queue.story.folder import FolderProblem


class Command(BaseCommand):
    """Fill an empty demo with an akimat, its staff, its legacy lists and its stock of homes."""

    help = "Founds a demo akimat from a folder with lists and a world; does nothing where one stands already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--world", type=Path, default=settings.KEZEK_VAR / "demo", metavar="DIR")

    def handle(self, *_args: Any, world: Path, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("load_demo is for demonstrations: set DEMO=true")
        try:
            sign_ins = demo.load(at_folder=world, machine_now=timezone.now(), out=self.stdout)
        except FolderProblem as problem:
            raise CommandError(str(problem)) from problem
        if sign_ins is None:
            self.stdout.write("A demo stands here already.")
            return
        path = settings.KEZEK_VAR / "demo-sign-ins.txt"
        path.write_text("".join(f"{name:<12}{password}\n" for name, password in sign_ins.items()))
        path.chmod(0o600)
