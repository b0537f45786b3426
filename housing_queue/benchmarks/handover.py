"""A big queue handed over: written out, checked, taken in by another installation, and written out again."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final

from django.db import transaction

from housing_queue import founding
from housing_queue.benchmarks import round as rounds
from housing_queue.benchmarks import synthetic_households, synthetic_register
from housing_queue.benchmarks.measuring import Measured, forget_peak, peak
from housing_queue.benchmarks.synthetic_households import AT
from housing_queue.handover import exporting, importing, verifier
from queue_registry import signing
from queue_registry.models import Akimat, QueueEntry, User
from queue_registry.services import audit, keepers

ENTRIES: Final = 100_000
_KATO: Final = "271010000"
_SINCE: Final = AT + timedelta(days=30)
# Taking a queue in is an act: only these files may say something else afterwards.
_ITS_RECORD: Final = frozenset(
    f"queue_registry.{name}.jsonl" for name in ("auditevent", "trailhead", "queuetakeover")
)


def measure_handover(entries: int = ENTRIES) -> Iterator[Measured]:
    """Two databases of its own, one after the other, as two installations have them."""
    folder = Path(tempfile.mkdtemp(prefix="kezek-handover-"))
    try:
        with synthetic_register.database_of_its_own():
            yield from _measure_export(entries, folder / "old")
        with synthetic_register.database_of_its_own():
            yield from _measure_import(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"handover": measure_handover}
)


def _measure_export(entries: int, folder: Path) -> Iterator[Measured]:
    founded = founding.found(kato=_KATO, at=AT, on=AT.date())
    akimat, staff = founded.akimat, founded.staff
    synthetic_households.build(entries, akimat=akimat, user=staff["clerk"])
    _record_entries(akimat, staff["clerk"])
    rounds.seal_and_work_out(founded, entries)
    _hand_over(akimat, staff)
    forget_peak()
    before, begin = peak(), perf_counter()
    manifest = exporting.export(akimat=akimat, folder=folder, by=staff["admin"], at=_SINCE)
    seconds = perf_counter() - begin
    rows = sum(file["rows"] for file in manifest["files"])
    size = sum(file["bytes"] for file in manifest["files"]) / 1e6
    note = f"{manifest['entries']:,} entries, {rows:,} rows, {size:,.0f} MB"
    yield Measured(work="handover.export", value=seconds, note=f"{note}; seconds")
    yield Measured(work="handover.export_memory", value=peak() - before, note=f"{note}; megabytes")
    begin = perf_counter()
    verifier.verify(folder)
    yield Measured(work="handover.verify", value=perf_counter() - begin, note=f"{note}; seconds")


@transaction.atomic
def _record_entries(akimat: Akimat, clerk: User) -> None:
    """The record that every entry's registration left."""
    rows = QueueEntry.objects.filter(akimat=akimat).order_by("pk").values_list("pk", "file_number")
    acts = [
        audit.Act(event="queue_entry.registered", target=f"queue_entry:{key}", data={"file_number": number})
        for key, number in rows
    ]
    audit.record_many(akimat=akimat, by=clerk, at=AT, acts=acts)


def _hand_over(akimat: Akimat, staff: Mapping[str, User]) -> None:
    keeper = keepers.Keeper(
        name_kk="Ойдан", name_ru="Вымышленный", address="https://new-keeper.example.kz/", document="№ 1"
    )
    keepers.propose(akimat=akimat, keeper=keeper, from_on=_SINCE.date(), by=staff["admin"], at=AT)
    keepers.approve(akimat=akimat, by=staff["supervisor"], at=AT)


def _measure_import(folder: Path) -> Iterator[Measured]:
    told: list[str] = []
    forget_peak()
    before, begin = peak(), perf_counter()
    manifest = importing.take_in(
        folder=folder / "old",
        key=signing.public_key(),
        is_rehearsal=False,
        at=_SINCE,
        tell=told.append,
    )
    seconds, most = perf_counter() - begin, peak() - before
    same = "; ".join(line for line in told if line.startswith("the same"))
    note = f"{manifest['entries']:,} entries; {same}"
    yield Measured(work="handover.import", value=seconds, note=f"{note}; seconds")
    yield Measured(work="handover.import_memory", value=most, note="megabytes, a round repeated among it")
    differing = _differing(manifest, folder / "again")
    files = f"{len(manifest['files'])} files that the new installation wrote out again"
    note = f"of {files}: {', '.join(differing) or 'none'}"
    yield Measured(work="handover.differing", value=len(differing), note=note)


def _differing(manifest: Mapping[str, Any], folder: Path) -> list[str]:
    """What the new installation writes out of its rows, beside what it took in."""
    admin = User.objects.get(username="admin")
    again = exporting.export(akimat=Akimat.objects.get(), folder=folder, by=admin, at=_SINCE)
    before = {file["name"]: file["sha256"] for file in manifest["files"]}
    return [
        file["name"]
        for file in again["files"]
        if file["name"] not in _ITS_RECORD and before[file["name"]] != file["sha256"]
    ]
