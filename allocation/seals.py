"""
The seal of a round: digests by which anybody sees later that nothing was changed after the candidates were
fixed.

They are over the canonical bytes (docs/contracts/round.md) of parts of the round's input. Of the full input,
which has particulars of families, whoever may see it can compute them: the commission, an auditor, a court.
Of its public form everybody can, from the public bundle. Dwellings and policy are the same in both. The
digest of the account is over a line that the public page of the round shows (`account_line`).
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from allocation import piecemeal
from allocation.engine import ReadInput, canonical_bytes, digest
from allocation.engine.strict_json import Json
from allocation.models import AllocationRound

CANDIDATES: Final = "candidates"
DWELLINGS: Final = "dwellings"
POLICY: Final = "policy"
PUBLIC_INPUT: Final = "public_input"
# Not of the input: over the period of the running account and the homes that are taken back.
ACCOUNT: Final = "account"
# By the part of the input that each is over, the entries apart.
_PARTS: Final = {DWELLINGS: "dwellings", POLICY: "policy"}


class SealBroken(RuntimeError):
    """The stored input of a round is not the one that was sealed."""


def of_input(read: ReadInput, public: bytes | None = None) -> dict[str, str]:
    """
    Return the seal of a round's full input.

    :param public: what its public form is written as, where somebody has it.
    """
    document = piecemeal.without_entries(read.canonical)
    seal = {name: digest(canonical_bytes(document[part])) for name, part in _PARTS.items()}
    _, entries, _ = piecemeal.parts(read.canonical)
    # Of a big queue each of the two is as long as the input itself.
    seal[CANDIDATES] = _digest((entries, b"\n"))
    seal[PUBLIC_INPUT] = _digest(piecemeal.public_pieces(read) if public is None else [public])
    return seal


def _digest(pieces: Iterable[bytes | memoryview]) -> str:
    """As `digest` of them all together."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def account_line(round_: AllocationRound) -> str:
    """Return the period of a frozen round and the homes that it takes back, in canonical form."""
    if round_.period_from is None or round_.period_until is None:
        return ""
    period = [round_.period_from.isoformat(), round_.period_until.isoformat()]
    line: dict[str, Json] = {"period": [*period], "taken_back": round_.taken_back}
    return canonical_bytes(line).decode().rstrip()


def of_account(round_: AllocationRound) -> str:
    """Return the digest over the account's line and its end, as `sha256sum` prints it."""
    return digest(f"{account_line(round_)}\n".encode())
