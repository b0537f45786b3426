"""Step 0: who comes before whom. The order is total, and a place is derived from it, never given."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from heapq import merge

from .values import LIST_CODES, Entry


def order_key(entry: Entry) -> tuple[int, str, str, str]:
    """
    The registration moment, then list, file number and id.

    Lists are one digit each, so that comparing them as text compares them as numbers; text compares by code
    point.
    """
    return entry.registered_at, entry.list_code, entry.file_no, entry.id


class Queue:
    """All entries in the order of step 0. A rank is an index into `entries`."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=order_key)
        self._ranks = {code: array("q") for code in LIST_CODES}
        for rank, entry in enumerate(self.entries):
            self._ranks[entry.list_code].append(rank)

    def ranks(self, list_code: str) -> "array[int]":
        """The ranks of one list's entries, first to last."""
        return self._ranks[list_code]

    def merged(self, lists: Iterable[str]) -> Iterator[int]:
        """The ranks of several lists as one order, read lazily."""
        return merge(*(self._ranks[code] for code in lists))

    def place(self, rank: int) -> int:
        """The place of an entry among all entries of its list, from 1."""
        return bisect_left(self._ranks[self.entries[rank].list_code], rank) + 1
