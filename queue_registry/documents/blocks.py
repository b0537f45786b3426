"""
The blocks that a printed document is made of, as plain JSON values; `layout.typ` knows how each looks.

A document is {"format", "language", "title", "subtitle", "akimat", "author", "date", "header", "footer",
"sections": [{"title", "blocks"}]}. All texts in it are ready to be read: words, never codes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its title, its share of the width (0: as wide as its text), is it a number."""

    title: str
    width: int = 0
    number: bool = False


def section(title: str, blocks: Iterable[Block]) -> dict[str, Any]:
    """Return a numbered section with its blocks."""
    return {"title": title, "blocks": list(blocks)}


def text(body: str) -> Block:
    """Return a paragraph."""
    return {"kind": "text", "text": body}


def caption(title: str) -> Block:
    """Return a title inside a section; it stays with the block that follows."""
    return {"kind": "caption", "text": title}


def pairs(rows: Iterable[tuple[str, str]]) -> Block:
    """Return names with their values, one pair a row."""
    return {"kind": "pairs", "rows": [list(row) for row in rows]}


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Block:
    """Return a table whose header is repeated on every page."""
    titles = [{"title": item.title, "width": item.width, "number": item.number} for item in columns]
    return {"kind": "table", "columns": titles, "rows": [list(row) for row in rows]}


def numbers(title: str, items: Iterable[str]) -> Block:
    """Return many short texts under one title, in one paragraph; made for thousands of file numbers."""
    return {"kind": "numbers", "title": title, "items": list(items)}


def digests(rows: Iterable[tuple[str, str]]) -> Block:
    """Return names with SHA-256 digests."""
    return {"kind": "digests", "rows": [list(row) for row in rows]}


def signatures(rows: Iterable[tuple[str, str]]) -> Block:
    """Return lines to be signed by hand: role and name."""
    return {"kind": "signatures", "rows": [list(row) for row in rows]}


def code(*, svg: str, url: str, caption: str) -> Block:
    """Return a QR code as SVG with its address in plain text beside it."""
    return {"kind": "code", "svg": svg, "url": url, "text": caption}
