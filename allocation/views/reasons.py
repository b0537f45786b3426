"""Why entries of a run were passed over, counted: by list, code and what a witness proves."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from allocation.models import AllocationRun
from allocation.selectors.lines import RoomCount, witnessed_rooms
from allocation.selectors.remembered import remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """
    How many entries of a list were passed over with one code; `homes` are those that the witness names, by
    number of rooms, where there is one.
    """

    list_number: str
    code: str
    count: int
    homes: tuple[RoomCount, ...]


def passed_over_of(run: AllocationRun) -> list[PassedOver]:
    """Return the counted reasons of an executed run, by list and code."""
    return remembered(run, "passed-over", lambda: _counted(run))


def _counted(run: AllocationRun) -> list[PassedOver]:
    homes = witnessed_rooms(run)
    counted = (
        run.lines.filter(dwelling__isnull=True)
        .values_list("list_number", "code", "witness")
        .annotate(count=Count("pk"))
    )
    counts: Counter[tuple[str, str, tuple[RoomCount, ...]]] = Counter()
    for list_number, code, witness, count in counted:
        counts[list_number, code, homes.get(witness, ())] += count
    return [
        PassedOver(list_number=list_number, code=code, count=count, homes=found)
        for (list_number, code, found), count in sorted(counts.items(), key=lambda one: _order(one[0]))
    ]


def _order(key: tuple[str, str, tuple[RoomCount, ...]]) -> tuple[str, str, list[tuple[int, int]]]:
    list_number, code, homes = key
    return list_number, code, [(one.rooms, one.count) for one in homes]
