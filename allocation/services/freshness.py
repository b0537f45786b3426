"""
Is everything still as a round was sealed? Asked before its run, and again before its decision.

What is found is never patched: the round is cancelled, and a new one opened.
"""

from datetime import datetime

from allocation import engine_io
from allocation.models import AllocationRound, Dwelling
from allocation.services import inputs, rounds


def changes(round_: AllocationRound, dwellings: list[Dwelling] | None = None) -> list[engine_io.Change]:
    """
    Return what is no longer as it was frozen, in a stable order; writes nothing.

    :param dwellings: those that the round holds, if the caller has locked them.
    """
    if round_.frozen_at is None:
        return []
    return [*_input_changes(round_, round_.frozen_at), *_state_changes(round_, dwellings)]


def _input_changes(round_: AllocationRound, frozen_at: datetime) -> list[engine_io.Change]:
    now = inputs.build(round_=round_, frozen_at=frozen_at)
    frozen = engine_io.unpack(round_.input)
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
