"""
An appeal that recomputes (E16): a moment or a place that is given back is put into the stored input of every
later round, and the round is worked out again, each by itself. Nothing is written: PostgreSQL itself holds to
that.

A round of the whole country takes seconds, so that `recompute` takes a few rounds at a time; `concerned` says
which there are.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from allocation import engine_io
from allocation.engine.running import run as distribute
from allocation.engine.strict_json import canonical_bytes
from allocation.models import AllocationRun, Decision
from queue_registry.models import QueueEntry
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import assessments


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """An entry as it should have stood: since which moment, and whether it stood at all is given back."""

    entry: QueueEntry
    registered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    One round whose result would differ: who would have been served instead of whom, by file number, and what
    the entry itself would have got, a dwelling or nothing.
    """

    round_number: str
    round_id: int
    newly: tuple[str, ...]
    no_longer: tuple[str, ...]
    other_home: tuple[str, ...]
    own_dwelling: str


def concerned(restored: Restored) -> list[AllocationRun]:
    """
    Return the confirmed runs in which the entry would have been a candidate, the oldest first: frozen since
    the moment, on rounds that serve its list.
    """
    runs = (
        AllocationRun.objects.filter(
            round__akimat=restored.entry.akimat_id,
            round__frozen_at__gte=restored.registered_at,
            sitting__decision__outcome=Decision.Outcome.CONFIRMED,
        )
        .select_related("round__akimat", "round__policy")
        .defer("result", "round__input")
        .order_by("round__frozen_at", "pk")
    )
    return [run for run in runs if restored.entry.waiting_list.number in _lists(run)]


def recompute(restored: Restored, runs: Sequence[AllocationRun]) -> list[Difference]:
    """Return those of the rounds whose result would differ; each is worked out from its own stored input."""
    with _reading_only():
        return [found for run in runs if (found := _difference(restored, run)) is not None]


@contextmanager
def _reading_only() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


def _lists(run: AllocationRun) -> set[str]:
    tiers = run.round.policy.document["tiers"]
    return {number for tier in tiers for number in tier["lists"]}


def _difference(restored: Restored, run: AllocationRun) -> Difference | None:
    frozen = engine_io.parsed(run.round.input)
    was = _homes(engine_io.parsed(run.result))
    changed = {**frozen, "entries": _entries(restored, run, frozen["entries"])}
    would = _homes(engine_io.document(distribute(canonical_bytes(changed))))
    if was == would:
        return None
    return Difference(
        round_number=run.round.number,
        round_id=run.round_id,
        newly=_file_numbers(would.keys() - was.keys()),
        no_longer=_file_numbers(was.keys() - would.keys()),
        other_home=_file_numbers(key for key in was.keys() & would.keys() if was[key] != would[key]),
        own_dwelling=would.get(_key(restored), ""),
    )


def _homes(result: engine_io.Document) -> dict[str, str]:
    return {row["entry"]: row["dwelling"] for row in result["allotments"]}


def _file_numbers(keys: "Iterator[str] | set[str]") -> tuple[str, ...]:
    return tuple(sorted({engine_io.file_number_of(key) for key in keys}))


def _key(restored: Restored) -> str:
    return engine_io.entry_key(
        file_number=restored.entry.file_number, list_number=restored.entry.waiting_list.number
    )


def _entries(
    restored: Restored, run: AllocationRun, frozen: Sequence[engine_io.Document]
) -> list[engine_io.Document]:
    """The candidates with the entry as it should have stood, in the order of the input."""
    key = _key(restored)
    was = next((row for row in frozen if row["id"] == key), None)
    rows = [row for row in frozen if row["id"] != key]
    rows.append(_row(restored, run, was))
    return sorted(rows, key=_order)


def _order(row: Mapping[str, str]) -> tuple[datetime, str, str]:
    return datetime.fromisoformat(row["registered_at"]), row["list"], row["file_no"]


def _row(restored: Restored, run: AllocationRun, was: engine_io.Document | None) -> engine_io.Document:
    """
    The row as it was frozen, with the moment that is given back. Who did not stand, or was suspended, is
    judged by the facts as they are known now, as of the freeze.
    """
    if was is not None and was["reason"] != engine_io.SUSPENDED:
        return {**was, "registered_at": engine_io.moment_text(restored.registered_at)}
    entry = QueueEntry.objects.select_related("akimat", "waiting_list").get(pk=restored.entry.pk)
    frozen_at = run.round.frozen_at
    if frozen_at is None:
        raise ValueError(f"Run {run.pk} is of a round that is not frozen.")
    assessed = assessments.assess(entries=[entry], policy_version=run.round.policy, at=frozen_at)[entry.pk]
    entry.status, entry.registered_at = QueueEntryStatus.WAITING, restored.registered_at
    return engine_io.entry_document(
        entry=entry, list_number=entry.waiting_list.number, assessed=assessed, household_bar=None
    )
