"""Measure ourselves beside floors and hold the figures to the goals of docs/performance.md."""

import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from housing_queue import benchmarks
from housing_queue.benchmarks import endurance, together
from housing_queue.benchmarks.measuring import Measured, Row, read_goals, row_for

Benchmark = Callable[..., Iterable[Measured]]
_NO_SUCH_BENCHMARK = 2
# What a benchmark can be told, if it takes it.
_TOLD = ("entries", "people", "seed", "seconds", "picture")


class Command(BaseCommand):
    """`manage.py benchmark engine` measures all of that name; `engine.150k` measures that one."""

    help = "Measure work beside its floor; exit 1 if a goal of docs/performance.md is missed."
    # Most benchmarks need no database: each asks for what it needs.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="a benchmark, or the beginning of several, as far as a dot; all")
        parser.add_argument(
            "--json", action="store_true", help="print the rows as a JSON array and nothing else"
        )
        parser.add_argument(
            "--entries", type=int, help="measure so many instead of the usual number (register, trail, flags)"
        )
        parser.add_argument("--seed", type=int, help="one seed instead of the usual ones (flags)")
        parser.add_argument(
            "--endurance", action="store_true", help="of checks: ask about a town while everything goes wrong"
        )
        parser.add_argument("--people", type=int, help="of --endurance: so many instead of 20,000")
        parser.add_argument("--picture", help="draw how cost grows into this SVG file (growth, all)")
        parser.add_argument("--table", help="write the rows as a table into this file, too")
        parser.add_argument("--seconds", type=int, help="so long instead of ten minutes (faults, load)")

    def handle(self, *_: object, **options: Any) -> None:
        if options["endurance"] and options["name"] != "checks":
            raise CommandError("--endurance is of checks alone", returncode=_NO_SUCH_BENCHMARK)
        rows: list[Row] = []
        measured_on = together.measured_on(timezone.localdate())
        for row in _everything(options) if options["name"] == together.ALL else _one(options):
            rows.append(row)
            if not options["json"]:
                self.stdout.write(_line(row))
            if options["table"]:
                # After every row: what was measured in an hour stays when the next benchmark is stopped.
                page = f"{measured_on}\n\n{together.table(rows)}\n"
                Path(options["table"]).write_text(page, encoding="utf-8")
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows], indent=1))
        elif options["name"] == together.ALL:
            self.stdout.write(together.table(rows))
        missed = [row.work for row in rows if not row.met]
        if missed:
            raise CommandError(f"goals missed: {', '.join(missed)}", returncode=1)


def _one(options: Mapping[str, Any]) -> Iterator[Row]:
    """The rows of a benchmark, or of several whose names begin alike."""
    goals = read_goals()
    chosen = {"endurance": endurance.measure} if options["endurance"] else _chosen(options["name"])
    for measure in chosen.values():
        for measured in measure(**_size(measure, options)):
            yield row_for(measured, goals)


def _everything(options: Mapping[str, Any]) -> Iterator[Row]:
    """
    The rows of all benchmarks at a size of the country, one after another, each in a process of its own: what
    one has taken of memory is none of the next one's.
    """
    goals = read_goals()
    entries = options["entries"] or together.WHOLE
    for planned in together.plan(_all_benchmarks(), entries=entries):
        if planned.left_out:
            yield together.left_out(planned)
            continue
        for row in _measured_apart(planned, picture=options["picture"]):
            is_held = entries >= together.WHOLE or row.value is None
            yield row if is_held else together.with_slack(row, goals[row.work])


def _measured_apart(planned: together.Planned, *, picture: str | None) -> list[Row]:
    """The rows of this very command for one benchmark; one that breaks off costs its own row alone."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "benchmark", planned.work, "--json"]
    if planned.entries is not None:
        command += ["--entries", str(planned.entries)]
    if picture is not None:
        command += ["--picture", picture]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)  # noqa: S603 - our own
    try:
        return [Row(**row) for row in json.loads(done.stdout)]
    except ValueError:
        return [together.failed(planned, done.returncode)]


def _size(measure: Benchmark, options: Mapping[str, Any]) -> dict[str, Any]:
    """What a benchmark that has no size or seed of its own is told of it."""
    given = {name: options[name] for name in _TOLD if options.get(name) is not None}
    return {name: given[name] for name in given if name in signature(measure).parameters}


def _chosen(name: str) -> dict[str, Benchmark]:
    known = _all_benchmarks()
    chosen = {work: measure for work, measure in known.items() if work == name or work.startswith(f"{name}.")}
    if not chosen:
        raise CommandError(
            f"no benchmark {name!r}; there are {', '.join(known)}", returncode=_NO_SUCH_BENCHMARK
        )
    return chosen


def _all_benchmarks() -> dict[str, Benchmark]:
    """Every module of the package that names BENCHMARKS, in the order of their names."""
    found: dict[str, Benchmark] = {}
    for module in sorted(iter_modules(benchmarks.__path__), key=lambda module: module.name):
        named: Mapping[str, Benchmark] = getattr(
            import_module(f"{benchmarks.__name__}.{module.name}"), "BENCHMARKS", {}
        )
        found.update(named)
    return found


def _line(row: Row) -> str:
    if row.value is None:
        return f"{row.work}: {row.note}"
    beside = "" if row.floor is None else f" / floor {row.floor:.3f} = {row.ratio:.2f} x"
    return (
        f"{row.work}: {row.value:.3f}{beside}; goal {row.goal}: {'met' if row.met else 'MISSED'} ({row.note})"
    )
