"""
The hash chain of the trail: what is hashed, and how; anyone can walk it with these few lines.

A link's digest is SHA-256 over the canonical JSON of its columns, the previous link's digest among them: keys
sorted, no spaces, UTF-8. The first link's previous digest is 64 zeros.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

GENESIS: Final = "0" * 64


def canonical(value: Any) -> bytes:
    """Return the canonical JSON bytes of a value of text, whole numbers, booleans, None, lists and dicts."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


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
