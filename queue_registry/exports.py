"""
Files that an auditor takes out: tables as CSV, and a signed manifest that says what they are.

An export is a zip: the tables, `manifest.json` (canonical JSON: SHA-256, bytes and rows of each file, the
query, the moment, who asked, the head of the trail), `manifest.sig` (64 bytes, Ed25519 over the manifest's
bytes). The same rows at the same moment make the same bytes.
"""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from queue_registry import signing
from queue_registry.rules.iin import is_iin
from queue_registry.rules.trail import canonical

FORMAT: Final = "export/1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
# Spreadsheets read the mark and so know that the text is UTF-8.
_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
# A cell that begins so would be read as a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_TWELVE_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One file of an export: its name, titles of columns, rows of text."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an export comes from: akimat, who asked for what at which moment, head of the trail then."""

    akimat_kato: str
    by: str
    at: datetime
    query: Mapping[str, Any]
    trail_head: str


class ExportBroken(ValueError):
    """A file is not what the manifest says, or the manifest is not signed by the key."""


def masked(text: str) -> str:
    """Return a text in which every number that could be an IIN is hidden but for its last digits."""
    return _TWELVE_DIGITS.sub(
        lambda found: f"********{found[0][-4:]}" if is_iin(found[0]) else found[0], text
    )


def table_bytes(table: Table, *, with_iin: bool) -> bytes:
    """Return a table as CSV: UTF-8 with a byte order mark, commas, every cell safe in a spreadsheet."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_cell(value, with_iin=with_iin) for value in row])
    return (_BOM + content.getvalue()).encode()


def _cell(value: object, *, with_iin: bool) -> str:
    text = "" if value is None else str(value)
    if not with_iin:
        text = masked(text)
    return safe(text)


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def pack(tables: Iterable[Table], *, origin: Origin, with_iin: bool) -> tuple[bytes, bytes]:
    """Return the zip of an export and its manifest."""
    files: dict[str, bytes] = {}
    described: list[dict[str, Any]] = []
    for table in tables:
        content = table_bytes(table, with_iin=with_iin)
        files[table.name] = content
        described.append(
            {
                "name": table.name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
                "rows": len(table.rows),
            }
        )
    manifest = canonical(
        {
            "format": FORMAT,
            "akimat": origin.akimat_kato,
            "by": origin.by,
            "at": origin.at.isoformat(),
            "query": dict(origin.query),
            "with_iin": with_iin,
            "trail_head": origin.trail_head,
            "files": described,
        }
    )
    files |= {MANIFEST: manifest, SIGNATURE: signing.sign(manifest)}
    return _zip(files), manifest


def _zip(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _EARLIEST)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, files[name])
    return content.getvalue()


def verify(content: bytes, *, public_key: str) -> dict[str, Any]:
    """
    Return the manifest of an export whose files and signature hold.

    :raises ExportBroken: naming the first thing that does not.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest: dict[str, Any] = json.loads(files[MANIFEST])
        if not signing.is_signed(files[MANIFEST], files[SIGNATURE], by=public_key):
            raise ExportBroken(f"{MANIFEST}: not signed with this key")
        promised = {row["name"]: row["sha256"] for row in manifest["files"]}
    except (zipfile.BadZipFile, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ExportBroken(f"no export: {error}") from error
    for name in sorted(set(files) - {MANIFEST, SIGNATURE} | set(promised)):
        if name not in files:
            raise ExportBroken(f"{name}: missing")
        if promised.get(name) != hashlib.sha256(files[name]).hexdigest():
            raise ExportBroken(f"{name}: not the file that the manifest names")
    return manifest
