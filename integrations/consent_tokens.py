"""
Tokens of the consent service: one for a person and a source, kept until they expire, never used after that.

A request for a token is a row before it is a call, like every other question about a person.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from integrations import bulk, sealing
from integrations.contract import (
    ConsentToken,
    Failure,
    Message,
    Outcome,
    Query,
    RawReply,
    Signature,
)
from integrations.gateway.sending import Sender
from integrations.models import AccessToken, OutboxAct
from integrations.sources import ADAPTERS, kdp
from integrations.sources.kdp import TokenAnswer

TIMEOUT: Final = timedelta(seconds=30)
MARGIN: Final = timedelta(minutes=1)
"""A token that expires while its question is under way is not sent any more."""

_WRITTEN: Final = ("answered_at", "outcome", "raw_code", "code", "public_key", "expires_at")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request for a token that is written down and ready to be sent."""

    row: AccessToken = field(repr=False)
    message: Message


def kept(queries: Iterable[Query], *, at: datetime) -> Mapping[Key, TokenAnswer]:
    """Return the good tokens that are here already, by person and source."""
    wanted = {(query.iin, query.source) for query in queries if ADAPTERS[query.source].definition.needs_token}
    if not wanted:
        return {}
    rows = AccessToken.objects.filter(
        iin__in={iin for iin, _ in wanted},
        source__in={source for _, source in wanted},
        code__isnull=False,
        revoked_at__isnull=True,
        expires_at__gt=at + MARGIN,
    ).order_by("expires_at")
    found = {}
    for row in rows:
        try:
            code = sealing.unseal(bytes(row.code or b"")).decode()
        except sealing.Unreadable:
            continue  # its key is gone: a new token is asked for
        token = ConsentToken(code=code, public_key=row.public_key)
        found[row.iin, row.source] = TokenAnswer(outcome=Outcome.FOUND, raw_code=row.raw_code, token=token)
    return {key: found[key] for key in wanted if key in found}


def request(queries: Iterable[Query], *, at: datetime, sender: Sender) -> list[Request]:
    """
    Write down that tokens are asked for, and return what is to be sent.

    Not to be called inside a transaction: that a token was asked for has to survive what follows.
    """
    rows = [
        AccessToken(
            message_id=uuid.uuid4(),
            iin=query.iin,
            source=query.source,
            consent_ref=query.consent_ref,
            requested_at=at,
        )
        for query in queries
    ]
    with transaction.atomic(durable=True):
        bulk.insert_new(rows, conflict="message_id")
    return [Request(row=row, message=_message(row, sender, at)) for row in rows]


def complete(received: Iterable[tuple[Request, RawReply]], *, sender: Sender) -> Mapping[Key, TokenAnswer]:
    """Write what the consent service said; return for each person and source a good token, or why not."""
    rows, answers = [], {}
    for requested, reply in received:
        row = requested.row
        answer = _answer(row, reply, sender)
        _complete(row, answer, answered_at=row.requested_at + reply.elapsed)
        rows.append(row)
        answers[row.iin, row.source] = answer
    if rows:
        with transaction.atomic(durable=True):
            bulk.update(rows, fields=_WRITTEN)
    return answers


def _message(row: AccessToken, sender: Sender, at: datetime) -> Message:
    service_id = ADAPTERS[row.source].definition.service_id
    return sender.message(
        kdp.build(iin=row.iin, service_id=service_id),
        source=row.source,
        service_id=kdp.SERVICE_ID,
        message_id=row.message_id,
        correlation_id=_correlation_id(row),
        timeout=TIMEOUT / settings.GATEWAY_HASTE,
        at=at,
    )


def _correlation_id(row: AccessToken) -> str:
    service_id = ADAPTERS[row.source].definition.service_id
    return kdp.correlation_id(iin=row.iin, service_id=service_id, message_id=str(row.message_id))


def _answer(row: AccessToken, reply: RawReply, sender: Sender) -> TokenAnswer:
    """Read a reply: the failures of HTTP first, then the signature, then what stands inside."""
    if reply.failure is not None:
        is_too_large = reply.failure is Failure.TOO_LARGE
        outcome = Outcome.CONTRACT_VIOLATION if is_too_large else Outcome.TEMPORARY
        return TokenAnswer(outcome=outcome, raw_code=reply.failure.value)
    if reply.status == 429:
        return TokenAnswer(outcome=Outcome.RATE_LIMITED, raw_code="HTTP_429")
    body = reply.body
    if sender.signatures is not None and reply.status == 200:
        verified = sender.signatures.verify(body, at=row.requested_at + reply.elapsed)
        if verified.signature is not Signature.VALID:
            return TokenAnswer(outcome=Outcome.CONTRACT_VIOLATION, raw_code="SIGNATURE_INVALID")
        body = verified.envelope
    answer = kdp.parse(body, iin=row.iin, correlation_id=_correlation_id(row))
    is_word = answer.outcome in {Outcome.FOUND, Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED}
    if reply.status != 200 and (is_word or answer.outcome is Outcome.CONTRACT_VIOLATION):
        return TokenAnswer(outcome=Outcome.TEMPORARY, raw_code=f"HTTP_{reply.status}")
    return answer


def _complete(row: AccessToken, answer: TokenAnswer, *, answered_at: datetime) -> None:
    row.answered_at, row.outcome, row.raw_code = answered_at, answer.outcome, answer.raw_code[:40]
    if answer.token is not None:
        row.code, row.public_key = sealing.seal(answer.token.code.encode()), answer.token.public_key
        row.expires_at = row.requested_at + answer.term


@transaction.atomic
def revoke(*, iins: Collection[str], by: str, at: datetime) -> int:
    """Let no token of these people be used any more, as after a withdrawal; return how many there were."""
    count = AccessToken.objects.filter(
        iin__in=iins, code__isnull=False, revoked_at__isnull=True, expires_at__gt=at
    ).update(revoked_at=at)
    OutboxAct.objects.create(kind=OutboxAct.Kind.REVOKE, at=at, by=by, rows=count)
    return count


def drop(*, iin: str, source: str, at: datetime) -> int:
    """Let no token for a person and a source be used any more that was asked for before; return how many."""
    return AccessToken.objects.filter(
        iin=iin, source=source, code__isnull=False, revoked_at__isnull=True, requested_at__lte=at
    ).update(revoked_at=at)
