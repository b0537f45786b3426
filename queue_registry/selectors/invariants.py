"""States of the register that must not exist, each found by one query."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from queue_registry.models import Application, QueueEntry, QueueEntryEvent, StaffMembership
from queue_registry.rules.file_number import file_number
from queue_registry.rules.roles import Role, conflicting


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """A state that must not exist: which rule it breaks, and whose: file numbers, or user names of staff."""

    rule: str
    whose: tuple[str, ...]


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
        Impossible(rule=rule, whose=tuple(rows.order_by("file_number").values_list("file_number", flat=True)))
        for rule, rows in _entries()
    ]
    found.append(Impossible(rule="a file number is made of KATO and running number", whose=_misnumbered()))
    found.append(Impossible(rule="nobody holds incompatible roles in one akimat", whose=_two_hats()))
    return [item for item in found if item.whose]


def _two_hats() -> tuple[str, ...]:
    """User names; a role that ended is none."""
    held: dict[tuple[str, int], set[Role]] = defaultdict(set)
    rows = StaffMembership.objects.filter(until_on__isnull=True)
    for username, akimat, role in rows.values_list("user__username", "akimat", "role").order_by("pk"):
        held[username, akimat].add(Role(role))
    return tuple(sorted(username for (username, _), roles in held.items() if conflicting(frozenset(roles))))


def _misnumbered() -> tuple[str, ...]:
    rows = Application.objects.values_list("file_number", "running_number", "akimat__kato").order_by("pk")
    return tuple(
        number
        for number, running, kato in rows.iterator(chunk_size=5_000)
        if number != file_number(kato=kato, running_number=running)
    )
