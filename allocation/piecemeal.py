"""
Inputs of big queues read and written an entry at a time: as one document, 150,000 households would take more
memory than all the rest.

Only of inputs in canonical form, which have been read before: where their entries stand is told by the order
of the keys, and inside a string the quotes would be escaped.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from allocation.engine import ReadInput, canonical_bytes, digest
from allocation.engine.document import read_entries, values_from
from allocation.engine.order import order_key
from allocation.engine.public_form import PublicEntries
from allocation.engine.values import RoundInput
from allocation.engine_io import Document, document


def parts(canonical: bytes) -> tuple[bytes, memoryview, bytes]:
    """Return what stands before the list of entries, the list, and what stands after it."""
    start = canonical.index(b'"entries":[') + len(b'"entries":')
    end = canonical.rindex(b',"format":')
    return canonical[:start], memoryview(canonical)[start:end], canonical[end:]


def without_entries(canonical: bytes) -> Document:
    """Return the plain values of an input as if it had no entries."""
    before, _, after = parts(canonical)
    return document(before + b"[]" + after)


def read(canonical: bytes) -> ReadInput:
    """
    Return an input as the engine reads it.

    :raises allocation.engine.InputRefused: as `read_input` does.
    """
    return _with_entries(values_from(without_entries(canonical)), canonical)


def public_form(of: ReadInput) -> ReadInput:
    """Return the public form of an input as the engine reads it."""
    return _with_entries(of.values, b"".join(public_pieces(of)))


def public_pieces(of: ReadInput) -> Iterator[bytes]:
    """Return what the public form of an input is written as, in canonical form, piece by piece."""
    form, entries = PublicEntries(of.values), of.values.entries
    rows = {
        order_key(entry): canonical_bytes(form.of(entry, record))[:-1]
        for entry, record in zip(entries, _records(of.canonical), strict=True)
    }
    before, _, after = parts(of.canonical)
    yield before + b"["
    yield b",".join(rows[key] for key in sorted(rows))
    yield b"]" + after


def _with_entries(head: RoundInput, canonical: bytes) -> ReadInput:
    lists = {code for tier in head.policy.tiers for code in tier.lists}
    values = replace(head, entries=read_entries(_records(canonical), lists))
    return ReadInput(values=values, canonical=canonical, sha256=digest(canonical))


def _records(canonical: bytes) -> Iterator[Document]:
    """The entries of an input, one after another."""
    _, entries, _ = parts(canonical)
    text, decode = str(entries, "utf-8"), json.JSONDecoder().raw_decode
    end = 0  # of the bracket, then of each comma
    while end + 1 < len(text) - 1:
        record, end = decode(text, end + 1)
        yield record
