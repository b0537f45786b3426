"""
The hash chain of the trail: what is hashed, and how; anyone can walk it with these few lines.

A link's digest is SHA-256 over the canonical JSON of its columns, the previous link's digest among them: keys
sorted, no spaces, UTF-8. The first link's previous digest is 64 zeros.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

GENESIS: Final = "0" * 64
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """Return the canonical JSON bytes of a value of text, whole numbers, booleans, None, lists and dicts."""
    return _ENCODER.encode(value).encode()


def link_sha256(
    *,
    akimat_kato: str,
    seq: int,
    at: datetime,
    actor: str,
    event: str,
    target: str,
    data: Mapping[str, Any],
    previous_sha256: str,
) -> str:
    """Return the lower-case hex digest of one link; `at` is hashed as UTC with microseconds."""
    link = {
        "akimat_kato": akimat_kato,
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "event": event,
        "target": target,
        "data": data,
        "previous_sha256": previous_sha256,
    }
    return hashlib.sha256(canonical(link)).hexdigest()


class Link(NamedTuple):
    """What differs from link to link of one act's records; `data` is canonical JSON text."""

    seq: int
    event: str
    target: str
    data: str
    previous_sha256: str
    sha256: str


def chained(
    *,
    akimat_kato: str,
    at: datetime,
    actor: str,
    seq: int,
    sha256: str,
    acts: Iterable[tuple[str, str, Mapping[str, Any]]],
) -> Iterator[Link]:
    """
    Yield the links of many acts (event, target, data) that follow the link `seq` with its digest.

    Each digest is `link_sha256` of the link; what all of them share is written once.
    """
    text = _ENCODER.encode
    head = _head(akimat_kato=akimat_kato, at=at, actor=actor)
    for event, target, values in acts:
        data, seq, previous = text(values), seq + 1, sha256
        link = (
            f'{head}{data},"event":{text(event)},"previous_sha256":"{previous}",'
            f'"seq":{seq},"target":{text(target)}}}'
        )
        sha256 = hashlib.sha256(link.encode()).hexdigest()
        yield Link(seq, event, target, data, previous, sha256)


class Unlinked(NamedTuple):
    """
    A record that does not know its place in the chain yet: what `Link` has of it, and its text up to the
    previous digest and from its number on.
    """

    event: str
    target: str
    data: str
    before_previous: str
    after_seq: str


def unlinked(
    *, akimat_kato: str, at: datetime, actor: str, event: str, target: str, data: Mapping[str, Any]
) -> Unlinked:
    """Return the text of one link but the two values that the chain's head gives; `"seq":` comes between."""
    text = _ENCODER.encode
    values = text(data)
    head = _head(akimat_kato=akimat_kato, at=at, actor=actor)
    return Unlinked(
        event=event,
        target=target,
        data=values,
        before_previous=f'{head}{values},"event":{text(event)},"previous_sha256":"',
        after_seq=f',"target":{text(target)}}}',
    )


def _head(*, akimat_kato: str, at: datetime, actor: str) -> str:
    """What the links of one act share, up to their data."""
    text = _ENCODER.encode
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return f'{{"actor":{text(actor)},"akimat_kato":{text(akimat_kato)},"at":"{moment}","data":'
