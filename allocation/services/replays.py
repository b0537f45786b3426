"""Runs repeated: the engine on the stored input once more, compared byte for byte with the stored result."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allocation import engine_io
from allocation.engine.running import run as distribute
from allocation.engine.strict_json import canonical_bytes, digest
from allocation.engine.verify import verify_bundle
from allocation.engine.version import ENGINE_VERSION
from allocation.models import AllocationRun, Manifest, Sitting
from allocation.services import manifests, protocols


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not the same: where, what is stored, what came out now."""

    where: str
    stored: str
    now: str


def replay(run: AllocationRun) -> list[Difference]:
    """
    Return every difference between an executed run and the same run made now; an empty list means: the
    same bytes.

    The digests of input and result, the stored bundles, protocols and what was signed are checked, too.
    Nothing is written.
    """
    data, stored = engine_io.unpack(run.round.input), engine_io.unpack(run.result)
    found = [
        *_digest("input", run.round.input_sha256, data),
        *_digest("result", run.result_sha256, stored),
        *_bundles(run),
        *_papers(run),
    ]
    now = distribute(data)
    if now != stored:
        found += _rows(engine_io.document(stored), engine_io.document(now))
        found.append(Difference(where="result bytes", stored=digest(stored), now=digest(now)))
    return found


def _digest(what: str, noted: str, data: bytes) -> Iterator[Difference]:
    if digest(data) != noted:
        yield Difference(where=f"digest of the {what}", stored=noted, now=digest(data))


def _bundles(run: AllocationRun) -> Iterator[Difference]:
    for bundle in run.bundles.order_by("form"):
        content = bytes(bundle.content)
        yield from _digest(f"{bundle.form} bundle", bundle.sha256, content)
        verification = verify_bundle(content)
        if not verification.is_verified:
            yield Difference(where=f"{bundle.form} bundle", stored="verified", now=verification.line)


def _papers(run: AllocationRun) -> Iterator[Difference]:
    """Protocols and manifest of the run's sitting, made again."""
    sitting = Sitting.objects.filter(run=run, decision__isnull=False).first()
    if sitting is None:
        return
    papers = dict(sitting.protocols.order_by("language").values_list("language", "sha256"))
    for language, stored in papers.items():
        now = digest(protocols.content(sitting, language))
        if now != stored:
            yield Difference(where=f"protocol {language}", stored=stored, now=now)
    manifest = Manifest.objects.filter(sitting=sitting).first()
    if manifest is not None:
        yield from _digest("manifest", manifest.sha256, manifests.content_of(sitting, papers))


def _rows(stored: engine_io.Document, now: engine_io.Document) -> list[Difference]:
    """Differences row by row: rows of entries by their key, everything else by its place in the document."""
    if stored["engine"] != now["engine"]:
        note = Difference(where="engine", stored=stored["engine"], now=ENGINE_VERSION)
    else:
        note = None
    was, comes = dict(_keyed(stored)), dict(_keyed(now))
    found = [
        Difference(where=where, stored=_text(was.get(where)), now=_text(comes.get(where)))
        for where in sorted(was.keys() | comes.keys())
        if was.get(where) != comes.get(where)
    ]
    return [note, *found] if note else found


def _keyed(result: engine_io.Document) -> Iterator[tuple[str, Any]]:
    for row in result["allotments"]:
        yield f"allotment of {row['entry']}", row
    for row in result["passed_over"]:
        yield f"passed over {row['entry']}", row
    for name, witness in result["witnesses"].items():
        yield f"witness {name}", witness
    for number, tier in enumerate(result["tiers"]):
        yield f"tier {number}", tier
    for part in ("not_reached", "unallotted", "year_to_date"):
        yield part, result[part]


def _text(value: Any) -> str:
    return "nothing" if value is None else canonical_bytes(value).decode().rstrip()
