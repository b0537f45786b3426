import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from housing_queue.story import report, walk
from housing_queue.story.browser import PageProblem
from housing_queue.story.expecting import StepFailed
from housing_queue.story.folder import FolderProblem
from housing_queue.story.waiting import NothingMoves
from queue_registry.models import Akimat


class Command(BaseCommand):
    """Walk the whole main job without a person; exit 0 only if every step held."""

    help = "Walks the main job from legacy lists to keys in a fresh database and writes its figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--world", type=Path, required=True, metavar="DIR", help="three lists and a world"
        )
        parser.add_argument("--base-url", default=os.environ.get("BASE_URL", settings.PUBLIC_URL))

    def handle(self, *_args: Any, world: Path, base_url: str, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("the story moves the clock: set DEMO=true")
        if Akimat.objects.exists():
            raise CommandError("the story needs a fresh database")
        results = settings.KEZEK_VAR / "story"
        results.mkdir(parents=True, exist_ok=True)
        report.clear(results)
        try:
            story = walk.walk(
                at_folder=world, base_url=base_url, results=results, machine_now=timezone.now, out=self.stdout
            )
        except (StepFailed, PageProblem, FolderProblem, NothingMoves, CommandError) as problem:
            raise CommandError(f"The story does not hold: {problem}") from problem
        self.stdout.write(
            f"Every step held: {json.dumps(story.seconds)} s, {sum(story.seconds.values()):.0f} s in all"
        )
        self.stdout.write(str(results / "summary.json"))
