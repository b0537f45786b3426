"""
Every benchmark in one table: at the size of the country, or scaled down for continuous integration.

Scaled down, only ratios are held to their goals, with some slack, and what says nothing at that size or takes
minutes is left out, with the reason in its row.
"""

import os
import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

from housing_queue.benchmarks.measuring import RATIO, Goal, Row

ALL: Final = "all"
WHOLE: Final = 1_000_000
# A goal of a ratio may be missed by so much on the busy cores of continuous integration.
SLACK: Final = 1.5
# What a benchmark is told, of the entries of the country; the others keep their own size.
_SIZES: Final = MappingProxyType({"register": 1.0, "web": 1.0, "growth": 1.0})
_OWN_SIZE: Final = MappingProxyType({"round": 150_000, "import": 100_000, "look_up": 100_000, "trail": WHOLE})
_MINUTES: Final = "takes minutes; the whole form measures it"
_LEFT_OUT: Final = MappingProxyType(
    {
        "engine.1m": "is the size of the country itself",
        "engine.process": _MINUTES,
        "engine.first_fit": "is a count and no speed; a test holds it at a smaller size",
        "checks.unlimited": _MINUTES,
        "checks.limited": "is seconds by the limits of others, whatever the machine does",
        "checks.signed": _MINUTES,
        "faults": "a minute of it is a test of its own (tests/functional/test_faults.py)",
        "load": "half a minute of it is a test of its own (tests/functional/test_load.py)",
        "flags": "are shares over 300,000 histories; a test holds them at a smaller size",
        "waiting": "are shares over hundreds of lists; a test holds them at a smaller size",
        "busy": _MINUTES,
        "handover": _MINUTES,
        "growth": "is about the way to the size of the country",
        "import": "at a few thousand rows the fixed cost of a file decides its ratio",
        "look_up": "asks whether times tell anything, which busy cores decide",
        "round": "has goals in seconds for the size of the biggest queue",
        "trail": "is measured with the register",
        "web": _MINUTES,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A benchmark and the size that it is told; with a reason it is left out."""

    work: str
    entries: int | None = None
    left_out: str = ""


def plan(works: Iterable[str], *, entries: int) -> list[Planned]:
    """Return what is measured at so many entries of the country, in the order given."""
    if entries >= WHOLE:
        # The register has the trail in it.
        return [_sized(work, entries) for work in works if work != "trail"]
    return [
        Planned(work=work, left_out=_LEFT_OUT[work]) if work in _LEFT_OUT else _sized(work, entries)
        for work in works
    ]


def _sized(work: str, entries: int) -> Planned:
    return Planned(work=work, entries=entries if work in _SIZES else _OWN_SIZE.get(work))


def with_slack(row: Row, goal: Goal) -> Row:
    """Hold a row of the scaled-down form: a ratio with its slack, and nothing else to anything."""
    if goal.unit != RATIO or row.ratio is None:
        return replace(row, met=True, note=f"held at the whole size alone; {row.note}")
    limit = goal.limit * SLACK if goal.is_upper else goal.limit / SLACK
    return replace(
        row,
        met=row.ratio <= limit if goal.is_upper else row.ratio >= limit,
        note=f"at this size held to {limit:g} x; {row.note}",
    )


def left_out(planned: Planned) -> Row:
    """The row of what is not measured, with the reason."""
    return Row(
        work=planned.work,
        value=None,
        floor=None,
        ratio=None,
        goal="",
        met=True,
        note=f"left out: {planned.left_out}",
    )


def failed(planned: Planned, exit_code: int) -> Row:
    """The row of a benchmark that broke off; it misses its goal."""
    return Row(
        work=planned.work,
        value=None,
        floor=None,
        ratio=None,
        goal="",
        met=False,
        note=f"broke off with exit code {exit_code}",
    )


def measured_on(day: date) -> str:
    """Return a sentence with the day and the class of this machine, for the head of a table."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Measured on {day.isoformat()}: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory,"
        f" {platform.system()} {platform.machine()}, Python {platform.python_version()}."
    )


def _processor() -> str:
    """The name of the processor as Linux tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    told = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    named = re.search(r"^model name\s*: (.+)$", told, flags=re.MULTILINE)
    return named[1] if named else platform.processor() or "of an unknown kind"


def table(rows: Iterable[Row]) -> str:
    """Return rows as a table for docs/performance.md and for a screen."""
    lines = ["| work | value | floor | ratio | goal | | note |", "|---|---:|---:|---:|---|---|---|"]
    lines += [
        f"| `{row.work}` | {_figure(row.value)} | {_figure(row.floor)} | {_figure(row.ratio)} | {row.goal} | "
        f"{_verdict(row)} | {row.note} |"
        for row in rows
    ]
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"


def _verdict(row: Row) -> str:
    if row.value is None and row.met:
        return ""
    return "met" if row.met else "**missed**"
