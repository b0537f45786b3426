"""Why entries of a run were passed over, counted: by list, code and what a witness proves."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from allocation import engine_io
from allocation.models import AllocationRun
from allocation.selectors.remembered import remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """How many entries of a list were passed over with one code; `dwellings` of the witness, or 0."""

    list_number: str
    code: str
    count: int
    dwellings: int


def passed_over_of(run: AllocationRun) -> list[PassedOver]:
    """Return the counted reasons of an executed run, by list and code."""
    return remembered(run, "passed-over", lambda: _counted(run))


def _counted(run: AllocationRun) -> list[PassedOver]:
    witnesses = engine_io.parsed(run.result)["witnesses"]
    counted = (
        run.lines.filter(dwelling__isnull=True)
        .values_list("list_number", "code", "witness")
        .annotate(count=Count("pk"))
    )
    counts: Counter[tuple[str, str, int]] = Counter()
    for list_number, code, witness, count in counted:
        counts[list_number, code, len(witnesses[witness]["dwellings"]) if witness else 0] += count
    return [
        PassedOver(list_number=list_number, code=code, count=count, dwellings=dwellings)
        for (list_number, code, dwellings), count in sorted(counts.items())
    ]
