"""
What a workbook hides, and whether it is safe to open: read from its parts before any cell is.

A workbook is a zip of XML. One that unpacks to hundreds of megabytes, or that a password locks, is refused
before it is opened; sheets and rows that nobody sees, and formulas that nobody computed, are told.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from queue_registry.legacy_files.errors import FileProblem, LegacyFileError

ZIP: Final = b"PK\x03\x04"
COMPOUND: Final = b"\xd0\xcf\x11\xe0"
# A list of 300,000 people unpacks to less.
_LARGEST_UNPACKED: Final = 400_000_000
_MOST_PARTS: Final = 2_000
# Sheets squeeze ten- to thirtyfold; bombs a thousandfold.
_TIGHTEST: Final = 200
_SMALL: Final = 10_000_000
# What Python's zip reader raises on a damaged archive; NotImplementedError is its word for a way of
# packing that no spreadsheet program uses.
_DAMAGED: Final = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError)
# Names of streams of a compound file stand in UTF-16: this one is of a workbook with a password.
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")

_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_HIDDEN_ROW: Final = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?c\s(?P<head>[^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?P<value><(?:\w+:)?v>[^<])?"
)
_ROW: Final = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br=\"([0-9]+)\"")
_FAR_COLUMN: Final = re.compile(rb"\br=\"([A-Z]{2,3})[0-9]+\"")
_NEAR: Final = 26
_MOST_CELLS: Final = 30_000_000
_PLACE: Final = re.compile(rb"\br=\"([A-Z]+)([0-9]+)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Of one sheet: whether it is hidden, how many of its rows are, which formulas have no value."""

    is_hidden: bool = False
    hidden_rows: int = 0
    # (row, column), rows from 1 and columns from 0.
    formulas: frozenset[tuple[int, int]] = frozenset()
    is_too_wide: bool = False


def check(content: bytes, *, file_name: str) -> None:
    """
    Pass a workbook that may be opened.

    :raises LegacyFileError: ENCRYPTED, PACKED_TOO_TIGHT, UNREADABLE.
    """
    if content.startswith(COMPOUND):
        if _LOCKED in content:
            raise LegacyFileError(
                "The file is locked with a password.", code=FileProblem.ENCRYPTED, file_name=file_name
            )
        return
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except _DAMAGED as error:
        raise _unreadable(file_name) from error
    if any(part.flag_bits & 0x1 for part in parts):
        raise LegacyFileError(
            "The file is locked with a password.", code=FileProblem.ENCRYPTED, file_name=file_name
        )
    unpacked = sum(part.file_size for part in parts)
    is_tight = unpacked > _SMALL and unpacked > _TIGHTEST * len(content)
    if unpacked > _LARGEST_UNPACKED or len(parts) > _MOST_PARTS or is_tight:
        raise LegacyFileError(
            "The file unpacks to far more than a list holds.",
            code=FileProblem.PACKED_TOO_TIGHT,
            file_name=file_name,
        )


def unseen(content: bytes) -> dict[str, Unseen]:
    """Return by name of the sheet what its reader does not see; nothing of a file that is no xlsx."""
    if not content.startswith(ZIP):
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return dict(_sheets(book))
    except (KeyError, *_DAMAGED):
        return {}


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, Unseen]]:
    targets = {}
    for tag in _RELATION.findall(book.read("xl/_rels/workbook.xml.rels")):
        targets[_attribute(tag, "Id")] = _attribute(tag, "Target")
    for tag in _SHEET.findall(book.read("xl/workbook.xml")):
        target = targets.get(_attribute(tag, "id"), "")
        if "worksheets/" not in target:
            continue
        sheet = book.read(posixpath.normpath(posixpath.join("xl", target)).removeprefix("/"))
        yield (
            _attribute(tag, "name"),
            Unseen(
                is_hidden=_attribute(tag, "state") in {"hidden", "veryHidden"},
                hidden_rows=len(_HIDDEN_ROW.findall(sheet)) if b"hidden=" in sheet else 0,
                formulas=frozenset(_without_value(sheet))
                if b"<f" in sheet or b":f" in sheet
                else frozenset(),
                is_too_wide=_is_too_wide(sheet),
            ),
        )


def _is_too_wide(sheet: bytes) -> bool:
    """Say whether one cell far away makes a sheet of so many empty ones that no memory holds them."""
    far = _FAR_COLUMN.search(sheet) is not None
    widest = max((_column(letters) for letters in _FAR_COLUMN.findall(sheet)), default=0) if far else _NEAR
    lowest = max((int(row) for row in _ROW.findall(sheet)), default=0)
    return lowest * (widest + 1) > _MOST_CELLS


def _column(letters: bytes) -> int:
    """Return 0 for A, 25 for Z, 26 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _without_value(sheet: bytes) -> Iterator[tuple[int, int]]:
    for found in _FORMULA.finditer(sheet):
        place = _PLACE.search(found["head"])
        if found["value"] is None and place is not None:
            yield int(place[2]), _column(place[1])


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(rf"(?<![\w]){name}=\"([^\"]*)\"".encode(), tag)
    if found is None:
        return ""
    text = found[1].decode("utf-8", "replace")
    for escaped, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(escaped, sign)
    return text


def _unreadable(file_name: str) -> LegacyFileError:
    return LegacyFileError(
        "The file is no workbook that can be read.", code=FileProblem.UNREADABLE, file_name=file_name
    )
