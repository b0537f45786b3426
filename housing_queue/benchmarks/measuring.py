"""
How work is measured: beside a floor, in turn with it, in one process; and what it is held to.

A floor is the least that the work could be, by one sentence of `docs/performance.md`, and does nothing that
its sentence does not say. Machines differ, so goals are ratios to the floor. They stand in one table of
that page and nowhere else.
"""

import ctypes
import gc
import re
import resource
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

GOALS_PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
TIMES: Final = 5
MEGABYTE: Final = 1_000_000
_PROCESS: Final = Path("/proc/self")
RATIO: Final = "x"
_GOAL: Final = re.compile(r"(<=|>=) ([0-9]+(?:\.[0-9]+)?) ([A-Za-z/]+)")
_LIMIT_HEADING: Final = "## Goals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One figure: `value` and `floor` in the same unit; without a floor it has an absolute goal."""

    work: str
    value: float
    floor: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.floor is None else self.value / self.floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A limit of one figure: of its ratio if the unit is `x`, else of the figure."""

    text: str
    is_upper: bool
    limit: float
    unit: str

    def is_met_by(self, measured: Measured) -> bool:
        figure = measured.ratio if self.unit == RATIO else measured.value
        if figure is None:
            raise ValueError(f"{measured.work} has a goal in ratios, but no floor")
        return figure <= self.limit if self.is_upper else figure >= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A figure beside its goal, as it is printed; without a value nothing was measured: `note` says why."""

    work: str
    value: float | None
    floor: float | None
    ratio: float | None
    goal: str
    met: bool
    note: str


def row_for(measured: Measured, goals: Mapping[str, Goal]) -> Row:
    """
    Hold a figure to its goal.

    :raises KeyError: if the table of goals does not name the work.
    """
    goal = goals[measured.work]
    return Row(
        work=measured.work,
        value=round(measured.value, 6),
        floor=None if measured.floor is None else round(measured.floor, 6),
        ratio=None if measured.ratio is None else round(measured.ratio, 3),
        goal=goal.text,
        met=goal.is_met_by(measured),
        note=measured.note,
    )


def read_goals(page: Path = GOALS_PAGE) -> dict[str, Goal]:
    """
    Read the goals by work from the table under "Goals" of the page: first column the work, last column the
    goal.

    :raises ValueError: if a goal of the table cannot be read.
    """
    _, _, after = page.read_text(encoding="utf-8").partition(_LIMIT_HEADING)
    section = after.partition("\n## ")[0]
    goals = {}
    for line in section.splitlines():
        cells = [cell.strip(" `") for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `"):
            goals[cells[0]] = _goal(cells[0], cells[-1])
    return goals


def _goal(work: str, text: str) -> Goal:
    found = _GOAL.fullmatch(text)
    if found is None:
        raise ValueError(f"the goal of {work} is not a limit such as `<= 3 x`")
    sign, limit, unit = found.groups()
    return Goal(text=text, is_upper=sign == "<=", limit=float(limit), unit=unit)


def in_turn(
    *, work: Callable[[], object], floor: Callable[[], object], times: int = TIMES
) -> tuple[float, float]:
    """
    Do floor and work in turn, after one unmeasured turn of each.

    :return: median seconds of the work, and of the floor.
    """
    work_seconds, floor_seconds = [], []
    _seconds(floor)
    _seconds(work)
    for _ in range(times):
        floor_seconds.append(_seconds(floor))
        work_seconds.append(_seconds(work))
    return median(work_seconds), median(floor_seconds)


def pairs_in_turn(
    keys: Sequence[int],
    *,
    work: Callable[[int], object],
    floor: Callable[[int], object],
    warm_up: Sequence[int],
) -> tuple[list[float], list[float]]:
    """Seconds of floor and work for each key, in turn, after some that do not count."""
    worked, floored = [], []
    for key in (*warm_up, *keys):
        begin = perf_counter()
        floor(key)
        between = perf_counter()
        work(key)
        end = perf_counter()
        floored.append(between - begin)
        worked.append(end - between)
    return worked[len(warm_up) :], floored[len(warm_up) :]


def most_allocated(work: Callable[[], object]) -> float:
    """Megabytes that Python allocated at the most while the work was done, above what there was before."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak / MEGABYTE


def forget_peak() -> None:
    """From now on the kernel counts the most memory of this process anew, without what lies free in it."""
    gc.collect()
    # What the preparations took and gave back to the C library is none of the work's (glibc's way to let go).
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
    _PROCESS.joinpath("clear_refs").write_text("5")


def peak() -> float:
    """Megabytes that this process took at the most since then, and those that ended beside it."""
    found: Any = re.search(r"VmHWM:\s+(\d+) kB", _PROCESS.joinpath("status").read_text())
    # A process beside this one counts with its own most, as if both had stood at theirs at once.
    beside = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return float((int(found[1]) + beside) * 1024 / MEGABYTE)


def _seconds(act: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    result = act()
    seconds = perf_counter() - start
    del result
    return seconds
