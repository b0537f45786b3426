"""The distribution engine beside the sorting of its queue, and its process beside the loading of its file."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from allocation import engine
from allocation.engine import document
from housing_queue.benchmarks import synthetic_round
from housing_queue.benchmarks.first_fit import passed_over_by_first_fit
from housing_queue.benchmarks.measuring import Measured, in_turn, most_allocated

ROOT: Final = Path(__file__).resolve().parents[2]
# A process of its own between us and the engine: what a child inherits of our own memory must not be counted.
_PEAK_OF_CHILD: Final = (
    "import resource, subprocess, sys;"
    "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)

OrderText = tuple[str, str, str, str]


def measure_distribution(*, work: str, entries: int, dwellings: int) -> Iterator[Measured]:
    """Frozen values to result values; the floor makes every entry's order key from text and sorts."""
    round_input, texts = _round_values(entries, dwellings)
    size = f"{dwellings:,} dwellings, {entries:,} entries"
    seconds, floor = in_turn(work=lambda: engine.distribute(round_input), floor=lambda: _sorted_keys(texts))
    yield Measured(work=work, value=seconds, floor=floor, note=f"{size}; seconds, median of five")
    peak = most_allocated(lambda: engine.distribute(round_input))
    yield Measured(work=f"{work}.memory", value=peak, note=f"{size}; megabytes above the input values")


def measure_process(*, work: str, entries: int, dwellings: int) -> Iterator[Measured]:
    """A JSON file to the JSON of its result; the floor loads the file and does nothing with it."""
    size = f"{dwellings:,} dwellings, {entries:,} entries"
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "input.json"), Path(folder, "result.json")
        _write_document(source, entries, dwellings)
        seconds, floor = in_turn(
            work=lambda: target.write_bytes(engine.run(source.read_bytes())), floor=lambda: _load(source)
        )
        megabytes = source.stat().st_size / 1_000_000
        yield Measured(
            work=work,
            value=seconds,
            floor=floor,
            note=f"{size}, {megabytes:.0f} MB of JSON; seconds, median of five",
        )
        yield Measured(
            work=f"{work}.memory",
            value=_peak_of_process(source),
            note=f"{size}; megabytes of the whole process",
        )


def measure_first_fit(*, work: str, entries: int, dwellings: int) -> Iterator[Measured]:
    """How many with a better right a simpler rule would have passed over; the engine passes over none."""
    round_input, _ = _round_values(entries, dwellings)
    result = engine.distribute(round_input)
    yield Measured(
        work=work,
        value=passed_over_by_first_fit(round_input, result.allotments),
        note=f"{dwellings:,} dwellings, {entries:,} entries; of {len(result.allotments):,} served, so "
        "many would get no home if each took the first free one that fits",
    )


BENCHMARKS: Final[Mapping[str, Callable[[], Iterator[Measured]]]] = MappingProxyType(
    {
        "engine.150k": lambda: measure_distribution(work="engine.150k", entries=150_000, dwellings=3_000),
        "engine.1m": lambda: measure_distribution(work="engine.1m", entries=1_000_000, dwellings=10_000),
        "engine.first_fit": lambda: measure_first_fit(
            work="engine.first_fit", entries=150_000, dwellings=3_000
        ),
        "engine.process": lambda: measure_process(work="engine.process", entries=150_000, dwellings=3_000),
    }
)


def _round_values(entries: int, dwellings: int) -> tuple[engine.RoundInput, list[OrderText]]:
    """The values of a made round, and of every entry the four texts that make its order key."""
    head: dict[str, Any] = synthetic_round.head(dwellings)
    empty = document.values_from(
        {**head, "dwellings": list(synthetic_round.dwellings(dwellings)), "entries": []}
    )
    values, texts = [], []
    for record in synthetic_round.entries(entries):
        values.append(document.read_entry(record, synthetic_round.LISTS))
        texts.append((record["registered_at"], record["list"], record["file_no"], record["id"]))
    round_input = engine.RoundInput(
        round=empty.round,
        policy=empty.policy,
        year_to_date=empty.year_to_date,
        dwellings=empty.dwellings,
        entries=tuple(values),
    )
    return round_input, texts


def _sorted_keys(texts: list[OrderText]) -> list[tuple[float, str, str, str]]:
    """The quickest way of the standard library that we know; float seconds are exact enough for a floor."""
    return sorted(
        (datetime.fromisoformat(moment).timestamp(), list_code, file_no, name)
        for moment, list_code, file_no, name in texts
    )


def _write_document(target: Path, entries: int, dwellings: int) -> None:
    whole = {
        **synthetic_round.head(dwellings),
        "dwellings": list(synthetic_round.dwellings(dwellings)),
        "entries": list(synthetic_round.entries(entries)),
    }
    target.write_text(json.dumps(whole), encoding="utf-8")


def _load(source: Path) -> object:
    with source.open(encoding="utf-8") as file:
        return json.load(file)


def _peak_of_process(source: Path) -> float:
    """Megabytes that `python -m allocation.engine run` took at the most."""
    command = [
        sys.executable,
        "-c",
        _PEAK_OF_CHILD,
        sys.executable,
        "-m",
        "allocation.engine",
        "run",
        str(source),
    ]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)  # noqa: S603 - our own
    return int(done.stdout) * 1024 / 1_000_000
