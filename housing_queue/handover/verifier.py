"""
Checks a hand-over with nothing but Python: python3 -I verifier.py FOLDER

Every file is the one that the manifest names; the trail is one unbroken chain up to its head, and passes
through every sealed day; every entry stands as its newest event says; every place follows from the entries.
The signature of the manifest is checked by openssl, with the public key as its keeper published it:

    openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest.json -sigfile manifest.sig
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

FORMAT = "register/1"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
KEY = "key.pem"
VERIFIER = "verifier.py"
PLACES = "places.jsonl"
DOCUMENTS = "documents.jsonl"
MEDIA = "documents"
GENESIS = "0" * 64
ACTIVE = frozenset({"WAITING", "SUSPENDED", "OFFERED"})
_BLOCK = 1 << 20
_OURS = frozenset({MANIFEST, SIGNATURE, KEY, VERIFIER})
_PARTS = frozenset(
    (
        "akimat",
        "made_at",
        "by",
        "is_final",
        "keeper",
        "migrations",
        "trail",
        "entries",
        "documents",
        "sequences",
        "files",
    )
)


class Differs(Exception):
    """Something is not as the manifest says; it names the first."""


def verify(folder: Path) -> dict[str, Any]:
    """
    Check everything and return the manifest.

    :raises Differs: naming the first thing that does not hold.
    """
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    check_documents(folder, manifest)
    check_trail(folder, manifest)
    check_entries(folder, manifest)
    check_places(folder, manifest)
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of this format."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise Differs(f"{MANIFEST}: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Differs(f"{MANIFEST}: its format is not {FORMAT}")
    if not manifest.keys() >= _PARTS:
        raise Differs(f"{MANIFEST}: {min(_PARTS - manifest.keys())} is missing")
    return manifest


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Each file of the manifest is there with its digest, its bytes and its rows, and there is no other."""
    named = {row["name"]: row for row in manifest["files"]}
    there = {path.name for path in folder.iterdir() if path.is_file()} - _OURS
    for name in sorted(there | set(named)):
        if name not in named:
            raise Differs(f"{name}: not in the manifest")
        if name not in there:
            raise Differs(f"{name}: missing")
        digest, size, rows = _measured(folder / name)
        if (digest, size, rows) != (named[name]["sha256"], named[name]["bytes"], named[name]["rows"]):
            raise Differs(f"{name}: not the file that the manifest names")


def check_documents(folder: Path, manifest: dict[str, Any]) -> None:
    """Each document is there with its digest, and there is no other."""
    named = set()
    with rows_of(folder, DOCUMENTS) as rows:
        for row in rows:
            named.add(row["name"])
            path = (folder / MEDIA / row["name"]).resolve()
            if not path.is_relative_to((folder / MEDIA).resolve()):
                raise rows.differ(f"{row['name']} is outside of the folder of documents")
            if not path.is_file():
                raise rows.differ(f"{row['name']} is missing")
            digest, size, _ = _measured(path)
            if (digest, size) != (row["sha256"], row["bytes"]):
                raise rows.differ(f"{row['name']} is not the document that was handed over")
    there = {str(path.relative_to(folder / MEDIA)) for path in (folder / MEDIA).rglob("*") if path.is_file()}
    if there - named:
        raise Differs(f"{min(there - named)}: a document that nobody handed over")
    if len(named) != manifest["documents"]:
        raise Differs(f"{DOCUMENTS}: not as many as the manifest says")


def check_trail(folder: Path, manifest: dict[str, Any]) -> None:
    """The chain holds from its first link to the head of the manifest, and through every sealed head."""
    seals: dict[int, set[str]] = {}
    with rows_of(folder, "queue_registry.trailseal.jsonl") as rows:
        for row in rows:
            seals.setdefault(row["seq"], set()).add(row["sha256"])
    seq, digest = 0, GENESIS
    with rows_of(folder, "queue_registry.auditevent.jsonl") as rows:
        for row in rows:
            if row["seq"] != seq + 1:
                raise rows.differ(f"trail: row {seq + 1} is missing")
            if row["previous_sha256"] != digest or _link_sha256(row) != row["sha256"]:
                raise rows.differ(f"trail: row {row['seq']} was changed")
            seq, digest = row["seq"], row["sha256"]
            if seals.pop(seq, {digest}) != {digest}:
                raise rows.differ(f"trail: row {seq} is not the one that was sealed")
    if seals:
        raise Differs(f"trail: row {min(seals)} was sealed and is missing")
    if {"seq": seq, "sha256": digest} != manifest["trail"]:
        raise Differs("trail: its end is not the head that the manifest names")


def _link_sha256(row: dict[str, Any]) -> str:
    link = {
        name: row[name]
        for name in ("akimat_kato", "seq", "actor", "event", "target", "data", "previous_sha256")
    }
    link["at"] = _moment(row["at"]).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(link)).hexdigest()


def canonical(value: Any) -> bytes:
    """Keys sorted, no spaces, UTF-8."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(timezone.utc)  # noqa: UP017 - any Python 3


def check_entries(folder: Path, manifest: dict[str, Any]) -> None:
    """Every entry stands as its newest event says."""
    newest: dict[int, tuple[tuple[datetime, int], tuple[Any, ...]]] = {}
    with rows_of(folder, "queue_registry.queueentryevent.jsonl") as rows:
        for row in rows:
            when = (_moment(row["recorded_at"]), row["id"])
            if row["entry_id"] not in newest or newest[row["entry_id"]][0] < when:
                stands = (row["moved_to"], row["registered_at"], row["waiting_list_id"])
                newest[row["entry_id"]] = (when, stands)
    with rows_of(folder, "queue_registry.queueentry.jsonl") as rows:
        for row in rows:
            _, said = newest.get(row["id"], (None, None))
            if said != (row["status"], row["registered_at"], row["waiting_list_id"]):
                raise rows.differ(f"entry {row['file_number']}: not as its newest event says")
    if rows.line != manifest["entries"]:
        raise Differs("entries: not as many as the manifest says")


def check_places(folder: Path, manifest: dict[str, Any]) -> None:
    """Places follow from the entries: registration moment, then file number, among the active of a list."""
    with rows_of(folder, "queue_registry.waitinglist.jsonl") as rows:
        lists = {row["id"]: row["number"] for row in rows}
    in_order: dict[str, list[tuple[datetime, str, int]]] = {number: [] for number in lists.values()}
    with rows_of(folder, "queue_registry.queueentry.jsonl") as rows:
        for row in rows:
            if row["status"] in ACTIVE:
                turn = (_moment(row["registered_at"]), row["file_number"], row["id"])
                in_order[lists[row["waiting_list_id"]]].append(turn)
    places = {}
    for number, turns in in_order.items():
        turns.sort()
        places.update({key: (number, place) for place, (_, _, key) in enumerate(turns, start=1)})
    with rows_of(folder, PLACES) as rows:
        for row in rows:
            if places.pop(row["entry"], None) != (row["list"], row["place"]):
                raise rows.differ(
                    f"place of {row['file_number']}: {row['place']} does not follow from the entries"
                )
    if places:
        raise Differs(f"{PLACES}: {len(places)} entries with a place are missing")


class Rows:
    """The rows of a file, one at a time, and at which line one is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.line = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        try:
            lines = self._path.open("rb")
        except OSError as error:
            raise Differs(f"{self._path.name}: {error.strerror}") from error
        with lines:
            for line in lines:
                self.line += 1
                yield json.loads(line)

    def differ(self, what: str) -> Differs:
        """Say of the line what is wrong with it."""
        return Differs(f"{self._path.name}, line {self.line}: {what}")


@contextmanager
def rows_of(folder: Path, name: str) -> Iterator[Rows]:
    """Read a file; what is no row of it is named by its line, and not repeated: it may be anybody's data."""
    rows = Rows(folder / name)
    try:
        yield rows
    except (KeyError, TypeError, ValueError) as error:
        raise rows.differ(f"no row of this file ({type(error).__name__})") from error


def _measured(path: Path) -> tuple[str, int, int]:
    """Digest, bytes and lines."""
    digest, size, lines = hashlib.sha256(), 0, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size, lines = size + len(block), lines + block.count(b"\n")
    return digest.hexdigest(), size, lines


def main(arguments: list[str]) -> int:
    """Print what was checked, or the first thing that does not hold."""
    if len(arguments) != 1:
        sys.stderr.write("python3 -I verifier.py FOLDER\n")
        return 2
    try:
        manifest = verify(Path(arguments[0]))
    except Differs as difference:
        sys.stderr.write(f"{difference}\n")
        return 1
    head = manifest["trail"]
    sys.stdout.write(
        f"{manifest['akimat']['kato']}: {manifest['entries']} entries, {manifest['documents']} documents\n"
        f"the trail is whole: {head['seq']} rows, digest {head['sha256']}\n"
        "every place follows from the entries\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
