"""States of the register that must not exist, each found by one query."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from queue_registry.models import Application, QueueEntry, QueueEntryEvent
from queue_registry.rules.file_number import file_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """A state that must not exist: which rule it breaks, and the file numbers."""

    rule: str
    file_numbers: tuple[str, ...]


def _newest_event(column: str) -> Subquery:
    newest = QueueEntryEvent.objects.filter(entry=OuterRef("pk")).order_by("-recorded_at", "-pk")
    return Subquery(newest.values(column)[:1])


def _entries() -> Iterator[tuple[str, QuerySet[QueueEntry]]]:
    entries = QueueEntry.objects.all()
    yield (
        "every entry has an event",
        entries.filter(~Exists(QueueEntryEvent.objects.filter(entry=OuterRef("pk")))),
    )
    yield (
        "the status is the newest event's",
        entries.annotate(newest=_newest_event("moved_to")).exclude(newest=F("status")),
    )
    yield (
        "the registration moment is the newest event's",
        entries.annotate(newest=_newest_event("registered_at")).exclude(newest=F("registered_at")),
    )
    yield (
        "the list is the newest event's",
        entries.annotate(newest=_newest_event("list_number")).exclude(newest=F("waiting_list__number")),
    )
    yield (
        "an entry repeats its application's file number",
        entries.exclude(file_number=F("application__file_number")),
    )
    yield (
        "an entry repeats its application's applicant",
        entries.exclude(applicant=F("application__applicant")),
    )
    yield "an entry stands in its application's akimat", entries.exclude(akimat=F("application__akimat"))
    yield "a list belongs to the entry's akimat", entries.exclude(akimat=F("waiting_list__akimat"))


def impossible() -> list[Impossible]:
    """Return every rule of the register that some row breaks."""
    found = [
        Impossible(
            rule=rule, file_numbers=tuple(rows.order_by("file_number").values_list("file_number", flat=True))
        )
        for rule, rows in _entries()
    ]
    found.append(
        Impossible(rule="a file number is made of KATO and running number", file_numbers=_misnumbered())
    )
    return [item for item in found if item.file_numbers]


def _misnumbered() -> tuple[str, ...]:
    rows = Application.objects.values_list("file_number", "running_number", "akimat__kato").order_by("pk")
    return tuple(
        number
        for number, running, kato in rows.iterator(chunk_size=5_000)
        if number != file_number(kato=kato, running_number=running)
    )
