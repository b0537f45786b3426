"""Everything that a distribution depends on, read from the rows at one moment; writes nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet

from allocation import engine_io, piecemeal
from allocation.engine.document import ReadInput, read_entries, values_from
from allocation.engine.strict_json import canonical_bytes, digest
from allocation.models import AllocationRound, Dwelling
from allocation.services import candidates, ledger, second_reader
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy


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
    reader = candidates.reader(round_=round_, frozen_at=frozen_at)
    portions = candidates.portions(round_.akimat, _lists(rules))
    return engine_io.input_document(
        round_=round_,
        frozen_at=frozen_at,
        **rules,
        dwellings=_held(round_) if dwellings is None else dwellings,
        entries=[document for keys in portions for document in reader.documents(keys)],
    )


class Read(NamedTuple):
    """
    An input as the engine reads it, and what tells the fingerprint of the queue that it was read from: the
    database may still be at work on it.
    """

    input: ReadInput
    fingerprint: Callable[[], str]


@contextmanager
def read(
    *, round_: AllocationRound, frozen_at: datetime, tell: Callable[[int, int], None] = tell_nobody
) -> Iterator[Read]:
    """
    Give the same input as the engine reads it, with its canonical bytes.

    Portion by portion, a big queue by two processes: the whole of it as one document would be more than
    everything else.

    :param tell: is told how many entries are read, and of how many.
    :raises allocation.rules.refusals.Refused: QUOTA_MISSING.
    :raises allocation.services.second_reader.SecondReaderDied: as it says.
    """
    rules = rules_of(round_=round_, on=civil_day(frozen_at))
    head = engine_io.input_document(
        round_=round_, frozen_at=frozen_at, **rules, dwellings=_held(round_), entries=[]
    )
    lists = _lists(rules)
    reader = candidates.reader(round_=round_, frozen_at=frozen_at)
    portions = candidates.portions(round_.akimat, lists)
    total = sum(map(len, portions))
    tell(0, total)
    reading = second_reader.Reading(
        portions,
        lambda keys: portion_bytes(reader, keys),
        round_=round_,
        frozen_at=frozen_at,
        tell=lambda done: tell(min(done * candidates.PORTION, total), total),
    )
    with reading:
        yield Read(input=_whole(head, reading, lists), fingerprint=reading.fingerprint)


def _whole(head: engine_io.Document, portions: Iterable[bytes], lists: Collection[str]) -> ReadInput:
    """An input of what it is without its entries, and of these in portions."""
    written: list[bytes] = []
    values = replace(values_from(head), entries=read_entries(_kept(portions, written), lists))
    before, _, after = piecemeal.parts(canonical_bytes(head))
    canonical = b"".join((before, b"[", *_joined(written), b"]", after))
    return ReadInput(values=values, canonical=canonical, sha256=digest(canonical))


def _kept(read: Iterable[bytes], written: list[bytes]) -> Iterator[engine_io.Document]:
    """The documents of portions in turn; of each, what it is written as is kept."""
    for portion in read:
        written.append(_inside(portion))
        yield from engine_io.rows(portion)


def _joined(rows: Iterable[bytes]) -> Iterator[bytes]:
    """What is written of rows, with a comma between two."""
    for index, row in enumerate(filter(None, rows)):
        yield b"," + row if index else row


def portion_bytes(reader: candidates.Reader, keys: Collection[int]) -> bytes:
    """Return the entries of a portion as one line: a list in canonical form."""
    return canonical_bytes(list(reader.documents(keys)))


def _inside(portion: bytes) -> bytes:
    """What stands between the brackets of a list in canonical form."""
    return portion[1:-2]


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


def _lists(rules: Mapping[str, engine_io.Document]) -> set[str]:
    return {number for tier in rules["policy"]["tiers"] for number in tier["lists"]}


def _held(round_: AllocationRound) -> QuerySet[Dwelling]:
    return Dwelling.objects.filter(round_dwellings__round=round_, round_dwellings__released_at__isnull=True)
