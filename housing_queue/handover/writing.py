"""
From PostgreSQL into a file: lines of JSON, a megabyte at a time, whatever the number and size of the rows.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection
from psycopg.abc import Buffer

_PORTION: Final = 1 << 20
_PIECE: Final = 8 << 20
_ENDS_ROW: Final = b"\tt\n"
# A row with the papers of a round may have a hundred megabytes: it comes in pieces, each saying if it is the
# last of its row.
_IN_PIECES: Final = """
SELECT substr(line, 1 + number * %(piece)s, %(piece)s), number = last
FROM (
    SELECT line, (length(line) - 1) / %(piece)s AS last
    FROM (SELECT given.line::text AS line FROM (%(rows)s) AS given (line) OFFSET 0) AS written
) AS counted, LATERAL generate_series(0, last) AS number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One file of the hand-over."""

    name: str
    rows: int
    size: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "rows": self.rows, "bytes": self.size, "sha256": self.sha256}


def write(path: Path, statement: str, parameters: list[Any], *, in_pieces: bool = False) -> Written:
    """Copy the only column of a query, JSON, into a file of lines."""
    if in_pieces:
        statement = _IN_PIECES % {"piece": _PIECE, "rows": statement}
    digest, size, rows = hashlib.sha256(), 0, 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({statement}) TO STDOUT", parameters) as copy,
        path.open("xb") as out,
    ):
        for portion in _portions(_joined(copy) if in_pieces else copy):
            # JSON has no bare tab or end of line; of what COPY writes otherwise only the backslash is left.
            lines = portion.replace(b"\\\\", b"\\")
            out.write(lines)
            digest.update(lines)
            size, rows = size + len(lines), rows + lines.count(b"\n")
    return Written(name=path.name, rows=rows, size=size, sha256=digest.hexdigest())


def _joined(pieces: Iterable[Buffer]) -> Iterator[Buffer]:
    """Pieces without what COPY puts behind each; only the last of a row ends its line."""
    for piece in pieces:
        is_last = bytes(piece[-len(_ENDS_ROW) :]) == _ENDS_ROW
        yield piece[: -len(_ENDS_ROW)]
        if is_last:
            yield b"\n"


def _portions(rows: Iterable[Buffer]) -> Iterator[bytearray]:
    """Rows in portions of about a megabyte: millions of them come one by one."""
    portion = bytearray()
    for row in rows:
        portion += row
        if len(portion) >= _PORTION:
            yield portion
            portion = bytearray()
    yield portion
