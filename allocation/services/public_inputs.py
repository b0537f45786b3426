"""
The public form of a sealed input, as the freeze has stored it: the run need not make it anew. That it is the
one that was sealed, its digest in the published seal tells.
"""

from collections.abc import Callable
from functools import partial

from allocation import engine_io, piecemeal, seals
from allocation.engine import ReadInput, digest
from allocation.models import AllocationRound, PublicInput
from allocation.seals import SealBroken


def reader(round_: AllocationRound, of: ReadInput) -> Callable[[], ReadInput]:
    """
    Return what reads the public form of a sealed input as the engine does, and asks nothing of the database.

    Of a round that was frozen before it was stored, it is made.
    """
    content = PublicInput.objects.filter(round=round_).values_list("content", flat=True).first()
    return partial(piecemeal.public_form, of) if content is None else partial(_read, round_, bytes(content))


def _read(round_: AllocationRound, content: bytes) -> ReadInput:
    data = engine_io.unpack(content)
    if digest(data) != round_.seal[seals.PUBLIC_INPUT]:
        raise SealBroken(round_.number)
    return piecemeal.read(data)
