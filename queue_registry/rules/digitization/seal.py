"""
The seal of a list: a Merkle tree over its entries, so that whoever has one receipt can prove the own line of
the list without seeing any other.

As in RFC 6962: a leaf's digest is SHA-256 over a zero byte and the canonical JSON of the line; a node's is
SHA-256 over a one byte and the digests of its two children; a tree of n leaves is split at the largest power
of two below n. `static/verify_receipt.py` walks a receipt with these few lines and nothing else.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from queue_registry.rules.trail import canonical

FORMAT: Final = "seal-receipt/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One line of a sealed list; the salt (32 hex digits) keeps anyone from guessing it from its digest."""

    file_number: str
    list_number: str
    registered_at: datetime
    place: int
    salt: str

    def as_json(self) -> dict[str, str | int]:
        """Return the line as it is hashed; the moment is UTC with microseconds."""
        return {
            "file_number": self.file_number,
            "list": self.list_number,
            "registered_at": self.registered_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "place": self.place,
            "salt": self.salt,
        }

    @property
    def sha256(self) -> str:
        """The lower-case hex digest of the leaf."""
        return hashlib.sha256(b"\x00" + canonical(self.as_json())).hexdigest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _level(digests: Sequence[bytes]) -> list[bytes]:
    """Pairs joined; one that is left over goes up as it is: the same tree as the recursive definition."""
    joined = [_node(digests[at], digests[at + 1]) for at in range(0, len(digests) - 1, 2)]
    return joined + list(digests[len(joined) * 2 :])


def root(leaves: Sequence[str]) -> str:
    """
    Return the hex root of leaves' hex digests, in order.

    :raises ValueError: if there is no leaf.
    """
    if not leaves:
        raise ValueError("A seal has at least one leaf.")
    level = [bytes.fromhex(leaf) for leaf in leaves]
    while len(level) > 1:
        level = _level(level)
    return level[0].hex()


def path(leaves: Sequence[str], position: int) -> list[dict[str, str]]:
    """
    Return what a receipt needs beside its leaf to come to the root: [{"side": "left" | "right", "sha256"}].

    :raises IndexError: if no leaf has the position.
    """
    if not 0 <= position < len(leaves):
        raise IndexError(f"No leaf has the position {position}.")
    level, steps = [bytes.fromhex(leaf) for leaf in leaves], []
    while len(level) > 1:
        beside = position ^ 1
        if beside < len(level):
            steps.append({"side": "left" if beside < position else "right", "sha256": level[beside].hex()})
        level, position = _level(level), position // 2
    return steps


def climb(leaf: str, steps: Sequence[Mapping[str, str]]) -> str:
    """Return the root to which a leaf's hex digest leads by a path."""
    digest = bytes.fromhex(leaf)
    for step in steps:
        beside = bytes.fromhex(step["sha256"])
        digest = _node(beside, digest) if step["side"] == "left" else _node(digest, beside)
    return digest.hex()


def receipt(
    *, akimat_kato: str, sealed_at: datetime, leaf: Leaf, position: int, leaves: Sequence[str]
) -> dict[str, Any]:
    """Return the receipt of one line: the line, its path, and the root that was published."""
    return {
        "format": FORMAT,
        "akimat": akimat_kato,
        "sealed_at": sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "leaves": len(leaves),
        "position": position,
        "line": leaf.as_json(),
        "path": path(leaves, position),
        "root": root(leaves),
    }
