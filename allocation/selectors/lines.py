"""The lines of a run with what explains them."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from allocation import engine_io
from allocation.models import AllocationLine, AllocationRun
from allocation.selectors.remembered import remembered
from queue_registry.models import QueueEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """
    Proof that no rearrangement could have housed an entry: every dwelling that fits it is among `dwellings`,
    and each of the as many served `entries` fits no dwelling outside them. `lines` are their lines, in order.
    """

    name: str
    entries: tuple[str, ...]
    dwellings: tuple[str, ...]
    lines: tuple[AllocationLine, ...]


def list_lines(run: AllocationRun) -> QuerySet[AllocationLine]:
    """Return all lines of a run in the result's order: the served by turn, then who was passed over."""
    return run.lines.select_related("entry__waiting_list", "dwelling").order_by("pk")


def list_served(run: AllocationRun) -> QuerySet[AllocationLine]:
    """Return the lines with a dwelling, by turn."""
    return list_lines(run).filter(dwelling__isnull=False).order_by("turn")


def list_passed_over(run: AllocationRun) -> QuerySet[AllocationLine]:
    """Return the lines with a code, in the order in which the engine looked at the entries."""
    return list_lines(run).filter(dwelling__isnull=True)


def list_of_entry(entry: QueueEntry) -> QuerySet[AllocationLine]:
    """Return what every run said of an entry, newest first."""
    lines = entry.allocation_lines.select_related("run__round", "dwelling")
    return lines.defer("run__result", "run__round__input").order_by("-run__executed_at", "-pk")


def get_reserve(line: AllocationLine) -> list[QueueEntry]:
    """Return the entries that are called next for the line's dwelling, in order."""
    found = QueueEntry.objects.select_related("waiting_list").in_bulk(line.reserve)
    return [found[key] for key in line.reserve]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCount:
    """How many homes of a number of rooms a witness names, and how many such homes the round has."""

    rooms: int
    count: int
    of: int


def witnessed_rooms(run: AllocationRun) -> dict[str, tuple[RoomCount, ...]]:
    """Return by the name of each witness of an executed run which homes it names, by number of rooms."""
    return remembered(
        run,
        "witnessed-rooms",
        lambda: _witnessed_rooms(engine_io.parsed(run.round.input), engine_io.parsed(run.result)),
    )


def _witnessed_rooms(
    frozen: engine_io.Document, result: engine_io.Document
) -> dict[str, tuple[RoomCount, ...]]:
    rooms = {row["id"]: row["rooms"] for row in frozen["dwellings"]}
    everywhere = Counter(rooms.values())
    return {
        name: tuple(
            RoomCount(rooms=number, count=count, of=everywhere[number])
            for number, count in sorted(Counter(rooms[key] for key in row["dwellings"]).items())
        )
        for name, row in result["witnesses"].items()
    }


def list_witnesses(run: AllocationRun) -> dict[str, Witness]:
    """Return every witness of an executed run by its name."""
    result = engine_io.parsed(run.result)
    served = {
        engine_io.entry_key(file_number=line.entry.file_number, list_number=line.list_number): line
        for line in list_served(run)
    }
    return {
        name: Witness(
            name=name,
            entries=tuple(row["entries"]),
            dwellings=tuple(row["dwellings"]),
            lines=tuple(served[key] for key in row["entries"]),
        )
        for name, row in result["witnesses"].items()
    }
