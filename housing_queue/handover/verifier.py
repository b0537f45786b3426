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
    for row in rows_of(folder, DOCUMENTS):
        named.add(row["name"])
        path = (folder / MEDIA / row["name"]).resolve()
        if not path.is_relative_to((folder / MEDIA).resolve()):
            raise Differs(f"{row['name']}: outside of the folder of documents")
        if not path.is_file():
            raise Differs(f"{row['name']}: missing")
        digest, size, _ = _measured(path)
        if (digest, size) != (row["sha256"], row["bytes"]):
            raise Differs(f"{row['name']}: not the document that was handed over")
    there = {str(path.relative_to(folder / MEDIA)) for path in (folder / MEDIA).rglob("*") if path.is_file()}
    if there - named:
        raise Differs(f"{min(there - named)}: a document that nobody handed over")
    if len(named) != manifest["documents"]:
        raise Differs(f"{DOCUMENTS}: not as many as the manifest says")


def check_trail(folder: Path, manifest: dict[str, Any]) -> None:
    """The chain holds from its first link to the head of the manifest, and through every sealed head."""
    seals: dict[int, set[str]] = {}
    for row in rows_of(folder, "queue_registry.trailseal.jsonl"):
        seals.setdefault(row["seq"], set()).add(row["sha256"])
    seq, digest = 0, GENESIS
    for row in rows_of(folder, "queue_registry.auditevent.jsonl"):
        if row["seq"] != seq + 1:
            raise Differs(f"trail: row {seq + 1} is missing")
        if row["previous_sha256"] != digest or _link_sha256(row) != row["sha256"]:
            raise Differs(f"trail: row {row['seq']} was changed")
        seq, digest = row["seq"], row["sha256"]
        if seals.pop(seq, {digest}) != {digest}:
            raise Differs(f"trail: row {seq} is not the one that was sealed")
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
    for row in rows_of(folder, "queue_registry.queueentryevent.jsonl"):
        when = (_moment(row["recorded_at"]), row["id"])
        if row["entry_id"] not in newest or newest[row["entry_id"]][0] < when:
            newest[row["entry_id"]] = (when, (row["moved_to"], row["registered_at"], row["waiting_list_id"]))
    entries = 0
    for row in rows_of(folder, "queue_registry.queueentry.jsonl"):
        entries += 1
        _, said = newest.get(row["id"], (None, None))
        if said != (row["status"], row["registered_at"], row["waiting_list_id"]):
            raise Differs(f"entry {row['file_number']}: not as its newest event says")
    if entries != manifest["entries"]:
        raise Differs("entries: not as many as the manifest says")


def check_places(folder: Path, manifest: dict[str, Any]) -> None:
    """Places follow from the entries: registration moment, then file number, among the active of a list."""
    lists = {row["id"]: row["number"] for row in rows_of(folder, "queue_registry.waitinglist.jsonl")}
    in_order: dict[str, list[tuple[datetime, str, int]]] = {number: [] for number in lists.values()}
    for row in rows_of(folder, "queue_registry.queueentry.jsonl"):
        if row["status"] in ACTIVE:
            turn = (_moment(row["registered_at"]), row["file_number"], row["id"])
            in_order[lists[row["waiting_list_id"]]].append(turn)
    places = {}
    for number, turns in in_order.items():
        turns.sort()
        places.update({key: (number, place) for place, (_, _, key) in enumerate(turns, start=1)})
    for row in rows_of(folder, PLACES):
        if places.pop(row["entry"], None) != (row["list"], row["place"]):
            raise Differs(f"place of {row['file_number']}: {row['place']} does not follow from the entries")
    if places:
        raise Differs(f"{PLACES}: {len(places)} entries with a place are missing")


def rows_of(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, one at a time."""
    try:
        with (folder / name).open("rb") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, ValueError) as error:
        raise Differs(f"{name}: {error}") from error


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
