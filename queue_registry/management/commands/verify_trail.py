import json
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_registry.selectors import trail


class Command(BaseCommand):
    """Walk the hash chains of the trail; exit 1 and name the first row that does not hold."""

    help = (
        "Walks the trail's hash chains, compares them with the sealed heads and with heads kept outside, and "
        "names the first row that was changed, removed or cut off."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--akimat", help="nine-digit KATO; without it every chain is walked")
        parser.add_argument(
            "--head", default="", help="a published head that the akimat's chain must contain"
        )
        parser.add_argument(
            "--heads", type=Path, help="heads.json of the public page, kept outside the database"
        )

    def handle(self, *_args: Any, akimat: str | None, head: str, heads: Path | None, **_options: Any) -> None:
        if head and not akimat:
            raise CommandError("--head: say which chain it is of by --akimat")
        kept = _kept(heads)
        broken = 0
        for kato in [akimat] if akimat else sorted({*trail.chains(), *kept}):
            chain = trail.walk(kato, published_head=head.strip().lower(), kept=kept.get(kato, ()))
            broken += bool(chain.fault)
            state = chain.fault or "whole"
            self.stdout.write(f"{kato}: {state}; {chain.links} rows hold, digest {chain.sha256}")
        if broken:
            raise CommandError(f"{broken} broken")


def _kept(path: Path | None) -> dict[str, list[trail.Kept]]:
    """Heads of a kept file, by akimat."""
    kept: dict[str, list[trail.Kept]] = defaultdict(list)
    if path is None:
        return kept
    try:
        for row in json.loads(path.read_text(encoding="utf-8"))["heads"]:
            origin = f"published for {row['on']}"
            kept[row["akimat"]].append(trail.Kept(seq=row["seq"], sha256=row["sha256"], origin=origin))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"--heads: {path} is no heads.json of the public page: {error!r}") from error
    return kept
