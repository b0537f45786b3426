"""
Inputs of big queues read and written an entry at a time: as one document, 150,000 households would take more
memory than all the rest.

Only of inputs in canonical form, which have been read before: where their entries stand is told by the order
of the keys, and inside a string the quotes would be escaped.
"""

import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from allocation.engine import ReadInput, canonical_bytes, digest
from allocation.engine.document import read_entries, values_from
from allocation.engine.fields import Record
from allocation.engine.order import order_key
from allocation.engine.public_form import PublicEntries
from allocation.engine.values import RoundInput

Document = dict[str, Any]
_PIECE: Final = 1 << 22  # bytes: as text, the whole list would be held once more


def parts(canonical: bytes) -> tuple[bytes, memoryview, bytes]:
    """Return what stands before the list of entries, the list, and what stands after it."""
    start = canonical.index(b'"entries":[') + len(b'"entries":')
    end = canonical.rindex(b',"format":')
    return canonical[:start], memoryview(canonical)[start:end], canonical[end:]


def without_entries(canonical: bytes) -> Document:
    """Return the plain values of an input as if it had no entries."""
    before, _, after = parts(canonical)
    found: Document = json.loads(before + b"[]" + after)
    return found


def read(canonical: bytes) -> ReadInput:
    """
    Return an input as the engine reads it.

    :raises allocation.engine.InputRefused: as `read_input` does.
    """
    return _with_entries(values_from(without_entries(canonical)), canonical)


def public_form(of: ReadInput) -> ReadInput:
    """Return the public form of an input as the engine reads it."""
    rows: list[bytes] = []
    entries = read_entries(_kept(_public(of), rows), _lists(of.values))
    order = _in_order(of.values)
    canonical = b"".join(_written(of.canonical, map(rows.__getitem__, order)))
    values = replace(of.values, entries=tuple(entries[index] for index in order))
    return ReadInput(values=values, canonical=canonical, sha256=digest(canonical))


def public_pieces(of: ReadInput) -> Iterator[bytes]:
    """Return what the public form of an input is written as, in canonical form, piece by piece."""
    rows = [_row(record) for record in _public(of)]
    yield from _written(of.canonical, map(rows.__getitem__, _in_order(of.values)))


def _public(of: ReadInput) -> Iterator[Record]:
    """The public form of each entry of an input, in the order of the input."""
    form = PublicEntries(of.values)
    for entry, record in zip(of.values.entries, _records(of.canonical), strict=True):
        yield form.of(entry, record)


def _kept(records: Iterable[Record], rows: list[bytes]) -> Iterator[Record]:
    """Records in turn; of each, what it is written as is kept."""
    for record in records:
        rows.append(_row(record))
        yield record


def _row(record: Record) -> bytes:
    return canonical_bytes(record)[:-1]


def _in_order(values: RoundInput) -> list[int]:
    """Where the entries of an input stand in it, in the order of its public form."""
    keys = [order_key(entry) for entry in values.entries]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _written(canonical: bytes, rows: Iterable[bytes]) -> Iterator[bytes]:
    """An input with these rows in place of its entries, piece by piece."""
    before, _, after = parts(canonical)
    yield before + b"["
    for index, row in enumerate(rows):
        yield b"," + row if index else row
    yield b"]" + after


def _with_entries(head: RoundInput, canonical: bytes) -> ReadInput:
    values = replace(head, entries=read_entries(_records(canonical), _lists(head)))
    return ReadInput(values=values, canonical=canonical, sha256=digest(canonical))


def _lists(values: RoundInput) -> set[str]:
    return {code for tier in values.policy.tiers for code in tier.lists}


def _records(canonical: bytes) -> Iterator[Document]:
    """The entries of an input, one after another."""
    _, entries, _ = parts(canonical)
    decode, read = codecs.getincrementaldecoder("utf-8")().decode, json.JSONDecoder().raw_decode
    text = ""
    for start in range(0, len(entries), _PIECE):
        text, end = text + decode(bytes(entries[start : start + _PIECE])), 0
        while True:
            try:
                record, end = read(text, end + 1)  # behind the bracket or a comma
            except json.JSONDecodeError:  # the rest of it stands in the next piece
                break
            yield record
        text = text[end:]
    if text not in {"[]", "]"}:
        raise ValueError("The entries break off.")
