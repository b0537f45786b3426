"""
Is everything still as a round was sealed? Asked before its run, and again before its decision.

What is found is never patched: the round is cancelled, and a new one opened.

Everything known of a big queue takes long to read, and nothing may be locked so long. So a decision looks
first (`look`), takes its locks, and then asks whether anything has happened since (`changes_since`): every
act that could matter leaves a record in the akimat's trail, so an unmoved trail means that nothing has. If it
has moved, all is read again under the locks.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from allocation import engine_io, piecemeal
from allocation.models import AllocationRound, Dwelling
from allocation.services import inputs, rounds
from queue_registry.models import AuditEvent, TrailHead
from queue_registry.selectors import fingerprints

# Acts that touch neither entries nor dwellings nor facts: what the members of a commission do.
_HARMLESS: Final = ("vote.", "sitting.", "departure.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What had changed when nothing was locked, how far the trail was, and the frozen file numbers."""

    changes: tuple[engine_io.Change, ...]
    seq: int
    candidates: frozenset[str]


def look(round_: AllocationRound) -> Look:
    """Compare a frozen round with what is now; locks nothing, writes nothing."""
    head = TrailHead.objects.filter(pk=round_.akimat.kato).values_list("seq", flat=True).first()
    if round_.frozen_at is None:
        return Look(changes=(), seq=head or 0, candidates=frozenset())
    return Look(
        changes=tuple(_input_changes(round_, round_.frozen_at)),
        seq=head or 0,
        candidates=frozenset(row["file_no"] for row in engine_io.parsed(round_.input)["entries"]),
    )


def changes_since(looked: Look, round_: AllocationRound, dwellings: list[Dwelling]) -> list[engine_io.Change]:
    """
    Return what is no longer as it was frozen, for a caller who looked before and has locked the dwellings by
    now.
    """
    if not looked.changes and _has_moved(round_, looked.seq):
        return changes(round_, dwellings)
    return [*looked.changes, *_state_changes(round_, dwellings)]


def _has_moved(round_: AllocationRound, seq: int) -> bool:
    """Whether the akimat's trail has a record since that could be of a change."""
    harmless = Q()
    for beginning in _HARMLESS:
        harmless |= Q(event__startswith=beginning)
    since = AuditEvent.objects.filter(akimat_kato=round_.akimat.kato, seq__gt=seq)
    return since.exclude(harmless).exists()


def changes(round_: AllocationRound, dwellings: list[Dwelling] | None = None) -> list[engine_io.Change]:
    """
    Return what is no longer as it was frozen, in a stable order; writes nothing.

    :param dwellings: those that the round holds, if the caller has locked them.
    """
    if round_.frozen_at is None:
        return []
    return [*_input_changes(round_, round_.frozen_at), *_state_changes(round_, dwellings)]


def _input_changes(round_: AllocationRound, frozen_at: datetime) -> list[engine_io.Change]:
    """
    Compare the frozen input with one made now. While the queue's fingerprint is that of the freeze, nobody's
    verdict can have changed, and nobody is judged anew: dwellings, figures and the year's account remain.
    """
    if round_.fingerprint and round_.fingerprint == fingerprints.of_queue(round_.akimat):
        # The candidates are compared already; there may be many of them.
        document = piecemeal.without_entries(engine_io.unpack(round_.input))
        return engine_io.changes(
            frozen=document, now=inputs.with_candidates_of(document, round_=round_, frozen_at=frozen_at)
        )
    frozen = engine_io.unpack(round_.input)
    now = inputs.build(round_=round_, frozen_at=frozen_at)
    if engine_io.is_as_frozen(frozen=frozen, now=now):
        return []
    return engine_io.changes(frozen=engine_io.document(frozen), now=now)


def _state_changes(round_: AllocationRound, dwellings: list[Dwelling] | None) -> list[engine_io.Change]:
    if dwellings is None:
        dwellings = list(Dwelling.objects.filter(pk__in=rounds.held(round_)).order_by("pk"))
    return [
        engine_io.Change(
            thing="dwelling",
            key=dwelling.number,
            field="state",
            was=str(Dwelling.State.RESERVED),
            now=dwelling.state,
        )
        for dwelling in dwellings
        if dwelling.state != Dwelling.State.RESERVED
    ]
