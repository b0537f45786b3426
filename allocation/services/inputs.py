"""Everything that a distribution depends on, read from the rows at one moment; writes nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from django.db.models import QuerySet

from allocation import engine_io
from allocation.engine.document import ReadInput, read_entries, values_from
from allocation.engine.strict_json import canonical_bytes, digest
from allocation.models import AllocationRound, Dwelling
from allocation.services import ledger
from queue_registry.models import Akimat, QueueEntry
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import assessments

_BATCH: Final = 2_500


def tell_nobody(done: int, total: int) -> None:
    """Nobody looks at how far it is."""


def build(
    *, round_: AllocationRound, frozen_at: datetime, dwellings: Iterable[Dwelling] | None = None
) -> engine_io.Document:
    """
    Return the input of a round as of its freeze: candidates judged by the facts as they stand, on the
    freeze's day.

    Asked again later with the same `frozen_at`, it differs exactly by what changed since.

    :param dwellings: other ones than the round holds, for a what-if.
    :raises allocation.rules.refusals.Refused: QUOTA_MISSING.
    """
    rules = rules_of(round_=round_, on=civil_day(frozen_at))
    lists = {number for tier in rules["policy"]["tiers"] for number in tier["lists"]}
    return engine_io.input_document(
        round_=round_,
        frozen_at=frozen_at,
        **rules,
        dwellings=_held(round_) if dwellings is None else dwellings,
        entries=list(_entries(round_, lists, frozen_at)),
    )


def read(
    *, round_: AllocationRound, frozen_at: datetime, tell: Callable[[int, int], None] = tell_nobody
) -> ReadInput:
    """
    Return the same input as the engine reads it, with its canonical bytes.

    Entry by entry: the whole of a big queue as one document would be more than everything else.

    :param tell: is told how many entries are read, and of how many.
    :raises allocation.rules.refusals.Refused: QUOTA_MISSING.
    """
    rules = rules_of(round_=round_, on=civil_day(frozen_at))
    head = engine_io.input_document(
        round_=round_, frozen_at=frozen_at, **rules, dwellings=_held(round_), entries=[]
    )
    lists = {number for tier in rules["policy"]["tiers"] for number in tier["lists"]}
    written: list[bytes] = []

    def entries() -> Iterator[engine_io.Document]:
        for document in _entries(round_, lists, frozen_at, tell):
            written.append(canonical_bytes(document)[:-1])
            yield document

    values = replace(values_from(head), entries=read_entries(entries(), lists))
    # Inside a string the quotes would be escaped: this is there once.
    before, after = canonical_bytes(head).split(b'"entries":[]')
    canonical = b"".join((before, b'"entries":[', b",".join(written), b"]", after))
    return ReadInput(values=values, canonical=canonical, sha256=digest(canonical))


def with_candidates_of(
    frozen: engine_io.Document, *, round_: AllocationRound, frozen_at: datetime
) -> engine_io.Document:
    """Return a frozen input with the dwellings, the figures and the year's account as they are now."""
    return {
        **frozen,
        **rules_of(round_=round_, on=civil_day(frozen_at)),
        "dwellings": engine_io.dwelling_documents(_held(round_)),
    }


def rules_of(*, round_: AllocationRound, on: date) -> dict[str, engine_io.Document]:
    """
    Return what of a round's input is neither dwelling nor candidate: `policy` and `year_to_date`.

    :raises allocation.rules.refusals.Refused: QUOTA_MISSING.
    """
    policy = Policy.from_document(round_.policy.document)
    return {
        "policy": engine_io.policy_document(policy=policy, quotas=round_.quotas, rung=round_.rung, on=on),
        "year_to_date": ledger.year_to_date(round_=round_, on=on),
    }


def _held(round_: AllocationRound) -> QuerySet[Dwelling]:
    return Dwelling.objects.filter(round_dwellings__round=round_, round_dwellings__released_at__isnull=True)


def _entries(
    round_: AllocationRound,
    lists: Collection[str],
    frozen_at: datetime,
    tell: Callable[[int, int], None] = tell_nobody,
) -> Iterator[engine_io.Document]:
    """
    Every active entry of the lists in order, with its own status and its household's other entries minded.
    """
    bars = _household_bars(round_.akimat)
    for entries in _batches(round_.akimat, lists, tell):
        assessed = assessments.assess(entries=entries, policy_version=round_.policy, at=frozen_at)
        for entry in entries:
            yield engine_io.entry_document(
                entry=entry,
                list_number=entry.waiting_list.number,
                assessed=assessed[entry.pk],
                household_bar=bars.get(entry.application_id),
            )


def _household_bars(akimat: Akimat) -> dict[int, str]:
    """Applications that already hold an offer or a home through another list."""
    codes = {
        QueueEntryStatus.OFFERED: engine_io.OFFER_OPEN,
        QueueEntryStatus.HOUSED: engine_io.HOUSED_ON_OTHER_LIST,
    }
    held = QueueEntry.objects.filter(akimat=akimat, status__in=list(codes)).order_by("status")
    return {
        application: codes[QueueEntryStatus(status)]
        for application, status in held.values_list("application_id", "status")
    }


def _batches(
    akimat: Akimat, lists: Collection[str], tell: Callable[[int, int], None]
) -> Iterator[list[QueueEntry]]:
    active = QueueEntry.objects.active().filter(akimat=akimat, waiting_list__number__in=lists)
    ordered = active.order_by("registered_at", "waiting_list__number", "file_number", "pk")
    keys = list(ordered.values_list("pk", flat=True))
    for start in range(0, len(keys), _BATCH):
        tell(start, len(keys))
        batch = ordered.filter(pk__in=keys[start : start + _BATCH])
        yield list(batch.select_related("akimat", "waiting_list"))
    tell(len(keys), len(keys))
