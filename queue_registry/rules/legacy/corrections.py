"""What a corrected file of the same source does to the rows that came before it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """By what a row is known again: digest of its cells, the system's number, the IIN; empty where none."""

    digest: str
    number: str
    iin: str


def successors(*, earlier: Sequence[Known], file: Sequence[Known]) -> dict[int, int]:
    """
    Return which row of the file replaces which earlier one, both by position.

    A row is known by the digest of its cells: one that the file has as it was is no successor and has none.
    A changed row replaces the earlier row of the same number or, where that says nothing, of the same IIN.
    """
    before = {row.digest for row in earlier}
    present = {row.digest for row in file}
    by_number: dict[str, int] = {}
    by_iin: dict[str, int] = {}
    for position, row in enumerate(file):
        if row.digest not in before:
            if row.number:
                by_number.setdefault(row.number, position)
            if row.iin:
                by_iin.setdefault(row.iin, position)
    found: dict[int, int] = {}
    for position, row in enumerate(earlier):
        if row.digest in present:
            continue
        successor = by_number.get(row.number, by_iin.get(row.iin))
        if successor is not None:
            found[position] = successor
    return found
