"""States of the register that must not exist, each found by one query."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from queue_registry.models import (
    Application,
    AuditEvent,
    QueueEntry,
    QueueEntryEvent,
    StaffMembership,
    TrailHead,
)
from queue_registry.rules.file_number import file_number
from queue_registry.rules.invariants import Invariant
from queue_registry.rules.roles import Role, conflicting
from queue_registry.selectors import list_invariants, trail
from queue_registry.selectors.invariant_checks import Check, Impossible, found_by

Heads = Mapping[str, tuple[int, str]]
"""Number and digest of the newest record of each akimat's trail."""


def impossible() -> list[Impossible]:
    """Return every rule of the register that some row breaks."""
    return [found for check in checks() if (found := found_by(check)).whose]


def checks(*, earlier: Heads | None = None) -> tuple[Check, ...]:
    """
    Return every rule of the register with the look that finds who breaks it.

    :param earlier: the heads of the trail when somebody looked before.
    """
    return (
        *(_of_entries(*one) for one in _entries()),
        *list_invariants.CHECKS,
        Check(
            invariant=Invariant.NUMBERS,
            rule="a file number is made of KATO and running number",
            find=_misnumbered,
        ),
        Check(
            invariant=Invariant.ROLES, rule="nobody holds incompatible roles in one akimat", find=_two_hats
        ),
        Check(invariant=Invariant.TRAIL, rule="every chain of the trail holds", find=_broken_chains),
        Check(
            invariant=Invariant.HEADS,
            rule="the head of a trail only moves on",
            find=partial(_went_back, earlier or {}),
        ),
    )


def heads() -> dict[str, tuple[int, str]]:
    """Return the heads of the trail as they are now, for whoever looks next."""
    return {head.akimat_kato: (head.seq, head.sha256) for head in TrailHead.objects.order_by("akimat_kato")}


def _newest_event(column: str) -> Subquery:
    newest = QueueEntryEvent.objects.filter(entry=OuterRef("pk")).order_by("-recorded_at", "-pk")
    return Subquery(newest.values(column)[:1])


def _entries() -> Iterator[tuple[Invariant, str, QuerySet[QueueEntry]]]:
    entries = QueueEntry.objects.all()
    yield (
        Invariant.STATE,
        "every entry has an event",
        entries.filter(~Exists(QueueEntryEvent.objects.filter(entry=OuterRef("pk")))),
    )
    yield (
        Invariant.STATE,
        "the status is the newest event's",
        entries.annotate(newest=_newest_event("moved_to")).exclude(newest=F("status")),
    )
    yield (
        Invariant.STATE,
        "the registration moment is the newest event's",
        entries.annotate(newest=_newest_event("registered_at")).exclude(newest=F("registered_at")),
    )
    yield (
        Invariant.STATE,
        "the list is the newest event's",
        entries.annotate(newest=_newest_event("list_number")).exclude(newest=F("waiting_list__number")),
    )
    yield (
        Invariant.STATE,
        "the newest event names the entry's list",
        entries.annotate(newest=_newest_event("waiting_list")).exclude(newest=F("waiting_list")),
    )
    yield (
        Invariant.BELONGING,
        "an entry repeats its application's file number",
        entries.exclude(file_number=F("application__file_number")),
    )
    yield (
        Invariant.BELONGING,
        "an entry repeats its application's applicant",
        entries.exclude(applicant=F("application__applicant")),
    )
    yield (
        Invariant.BELONGING,
        "an entry stands in its application's akimat",
        entries.exclude(akimat=F("application__akimat")),
    )
    yield (
        Invariant.BELONGING,
        "a list belongs to the entry's akimat",
        entries.exclude(akimat=F("waiting_list__akimat")),
    )


def _of_entries(invariant: Invariant, rule: str, rows: QuerySet[QueueEntry]) -> Check:
    def find() -> tuple[str, ...]:
        return tuple(rows.order_by("file_number").values_list("file_number", flat=True))

    return Check(invariant=invariant, rule=rule, find=find)


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


def _broken_chains() -> tuple[str, ...]:
    """Akimats, each with the first record that does not hold."""
    walked = [trail.walk(kato) for kato in trail.chains()]
    return tuple(f"{chain.akimat_kato}: {chain.fault}" for chain in walked if chain.fault)


def _went_back(earlier: Heads) -> tuple[str, ...]:
    """Akimats whose head stands before the one that was seen, or whose record of that number is another."""
    now = heads()
    kept = {
        (kato, seq): sha256
        for kato, (seq, _) in earlier.items()
        for sha256 in AuditEvent.objects.filter(akimat_kato=kato, seq=seq).values_list("sha256", flat=True)
    }
    return tuple(
        kato
        for kato, (seq, sha256) in sorted(earlier.items())
        if now.get(kato, (0, ""))[0] < seq or (seq and kept.get((kato, seq)) != sha256)
    )
