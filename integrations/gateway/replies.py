"""From what the network gave to an answer: HTTP's own failures first, then the adapter; pure and total."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from integrations.contract import Answer, Outcome, Query, RawReply, Signature, SourceAdapter
from integrations.gateway.signing import Verified

NEVER_AFTER_SERVER_ERROR: Final = frozenset(
    {Outcome.FOUND, Outcome.NOT_FOUND_CONFIRMED, Outcome.CONTRACT_VIOLATION, Outcome.IDENTITY_MISMATCH}
)

ONLY_SIGNED: Final = frozenset(
    {Outcome.FOUND, Outcome.NOT_FOUND_CONFIRMED, Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED}
)
"""Where signatures are demanded, these words about a person are believed only when signed."""

Verify = Callable[[bytes], Verified]


def answer_from(
    reply: RawReply, query: Query, *, adapter: SourceAdapter, verify: Verify | None = None
) -> Answer:
    """
    Return what a reply means for a query.

    With `verify`, answers have to be signed: what is read then is the signed body alone. Without it nobody
    can vouch for a signature, and adapters refuse what carries one.
    """
    answer = replace(_classify(reply, query, adapter, verify), message_id=reply.message_id)
    return replace(answer, retry_after=reply.retry_after) if reply.retry_after is not None else answer


def _classify(reply: RawReply, query: Query, adapter: SourceAdapter, verify: Verify | None) -> Answer:
    if reply.failure is not None:
        too_large = reply.failure == "TOO_LARGE"
        outcome = Outcome.CONTRACT_VIOLATION if too_large else Outcome.TEMPORARY
        return _bare(query, outcome, reply.failure.value, b"")
    if reply.status == 429:
        return _bare(query, Outcome.RATE_LIMITED, "HTTP_429", reply.body)
    if reply.status in {401, 403}:
        return _bare(query, Outcome.ACCESS_DENIED, f"HTTP_{reply.status}", reply.body)
    if reply.status >= 500:
        # A SOAP fault travels on status 500; anything else there says only that the server failed.
        answer = _read(reply.body, query, adapter, verify)
        if answer.outcome not in NEVER_AFTER_SERVER_ERROR:
            return answer
        return _bare(query, Outcome.TEMPORARY, f"HTTP_{reply.status}", reply.body)
    if reply.status != 200:
        return _bare(query, Outcome.CONTRACT_VIOLATION, f"HTTP_{reply.status}", reply.body)
    return _read(reply.body, query, adapter, verify)


def _read(body: bytes, query: Query, adapter: SourceAdapter, verify: Verify | None) -> Answer:
    if verify is None:
        return adapter.parse(body, query)
    verified = verify(body)
    if verified.signature is Signature.INVALID:
        answer = _bare(query, Outcome.CONTRACT_VIOLATION, "SIGNATURE_INVALID", body)
        return replace(answer, signature=Signature.INVALID)
    if verified.signature is Signature.VALID:
        answer = adapter.parse(verified.envelope, query)
        digest = hashlib.sha256(body).hexdigest()
        return replace(answer, signature=Signature.VALID, envelope_sha256=digest)
    answer = adapter.parse(body, query)
    if answer.outcome in ONLY_SIGNED:
        return _bare(query, Outcome.CONTRACT_VIOLATION, "SIGNATURE_MISSING", body)
    return answer


def _bare(query: Query, outcome: Outcome, raw_code: str, body: bytes) -> Answer:
    return Answer(
        key=query.key,
        outcome=outcome,
        raw_code=raw_code,
        correlation_id=query.key,
        envelope_sha256=hashlib.sha256(body).hexdigest() if body else "",
    )
