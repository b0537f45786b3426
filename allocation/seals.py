"""
The seal of a round: digests by which anybody sees later that nothing was changed after the candidates were
fixed.

They are over the canonical bytes (docs/contracts/round.md) of parts of the round's input. Of the full input,
which has particulars of families, whoever may see it can compute them: the commission, an auditor, a court.
Of its public form everybody can, from the public bundle. Dwellings and policy are the same in both.
"""

from collections.abc import Mapping
from typing import Any, Final

from allocation.engine import ReadInput, canonical_bytes, digest
from allocation.engine.public_form import public_document
from allocation.engine.strict_json import parse

CANDIDATES: Final = "candidates"
DWELLINGS: Final = "dwellings"
POLICY: Final = "policy"
PUBLIC_INPUT: Final = "public_input"
# By the part of the input that each is over.
_PARTS: Final = {CANDIDATES: "entries", DWELLINGS: "dwellings", POLICY: "policy"}


def of_input(read: ReadInput) -> dict[str, str]:
    """Return the seal of a round's full input."""
    document = parse(read.canonical)
    if not isinstance(document, dict):
        raise TypeError("An input that was read is an object.")
    seal = {name: digest(canonical_bytes(document[part])) for name, part in _PARTS.items()}
    del document
    return seal | {PUBLIC_INPUT: digest(canonical_bytes(public_document(read)))}


def broken(seal: Mapping[str, str], read: ReadInput) -> list[str]:
    """Return the names of digests that an input does not have, in their order; none: the seal holds."""
    found: Mapping[str, Any] = of_input(read)
    return sorted(name for name in seal if found.get(name) != seal[name])
