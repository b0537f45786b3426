"""Red flags as rows: open ones by kind, one of them, and who had a hand in what it is about."""

from collections import Counter
from collections.abc import Collection

from django.db.models import Case, Q, QuerySet, When

from queue_registry.models import Akimat, ImportRow, QueueEntryEvent, RedFlag, RegistrationChange
from queue_registry.rules.flags.kinds import BACKDATING

_ENTERED = (
    QueueEntryEvent.Kind.REGISTERED,
    QueueEntryEvent.Kind.REGISTERED_AT_CHANGED,
    QueueEntryEvent.Kind.LIST_CHANGED,
)
_OPEN = Q(cleared_at__isnull=True, gone_at__isnull=True)


def list_flags(akimat: Akimat, *, kind: str = "", is_open: bool = True) -> QuerySet[RedFlag]:
    """Return open flags of an akimat, backdating first, then the strongest; or the closed, newest first."""
    rows = RedFlag.objects.filter(_OPEN if is_open else ~_OPEN, akimat=akimat)
    if kind:
        rows = rows.filter(kind=kind)
    rows = rows.select_related("entry", "cleared_by")
    first = Case(When(kind__in=sorted(BACKDATING), then=0), default=1)
    return rows.order_by(first, "-strength", "pk") if is_open else rows.order_by("-seen_at", "-pk")


def count_open(akimat: Akimat) -> dict[str, int]:
    """Return how many flags of each kind are open."""
    return dict(Counter(RedFlag.objects.filter(_OPEN, akimat=akimat).values_list("kind", flat=True)))


def list_backdated(akimat: Akimat, file_numbers: Collection[str]) -> list[str]:
    """Return those of the file numbers on which an open flag of backdating stands, in order."""
    rows = RedFlag.objects.filter(_OPEN, akimat=akimat, kind__in=sorted(BACKDATING)).exclude(file_number="")
    flagged = set(rows.values_list("file_number", flat=True))
    return sorted(flagged & set(file_numbers))


def involved_in(flag: RedFlag) -> frozenset[int]:
    """
    Return the keys of those who may not clear a flag: who made what was found, and whoever entered, imported,
    decided or re-dated the record that it is about.
    """
    found: set[int | None] = set(flag.involved)
    if flag.entry is not None:
        application = flag.entry.application
        found |= {application.entered_by_id, application.decided_by_id}
        batches = ImportRow.objects.filter(application=application).values_list(
            "batch__imported_by", "batch__confirmed_by"
        )
        changes = RegistrationChange.objects.filter(entry=flag.entry).values_list(
            "proposed_by", "approved_by"
        )
        found |= {key for pair in (*batches, *changes) for key in pair}
        events = QueueEntryEvent.objects.filter(entry=flag.entry, kind__in=_ENTERED)
        found |= set(events.values_list("by", flat=True))
    return frozenset(key for key in found if key is not None)
