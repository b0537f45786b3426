"""One asking of leased questions: attempts written, tokens fetched, envelopes sent, answers read."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django.db import transaction

from integrations import bulk, consent_tokens, retries
from integrations.contract import Answer, Lane, Message, Period, Query, RawReply, Transport
from integrations.gateway import replies
from integrations.gateway.sending import Sender
from integrations.models import CheckAttempt, CheckRequest
from integrations.sources import ADAPTERS
from integrations.sources.kdp import TokenAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCheck:
    """What came of one attempt; `answer.fetched_at` is set, `verdict` says what becomes of the question."""

    request: CheckRequest = field(repr=False)
    attempt: CheckAttempt = field(repr=False)
    envelope: bytes = field(repr=False)
    answer: Answer
    verdict: retries.Verdict

    @property
    def iin(self) -> str:
        """Whom the question is about."""
        return self.request.subject_iin

    @property
    def source(self) -> str:
        """Who was asked."""
        return self.request.source

    @property
    def request_id(self) -> int:
        """Primary key of the question, the receipt of its facts."""
        return self.request.pk

    @property
    def is_final(self) -> bool:
        """Whether the question is closed by this answer."""
        return self.verdict.retry_at is None


def ask(
    rows: Sequence[CheckRequest],
    *,
    at: datetime,
    transport: Transport,
    canaries: frozenset[str] = frozenset(),
) -> list[AnsweredCheck]:
    """
    Ask leased questions: write the attempts, send, read the answers; nothing else is changed.

    Whoever gets no token is not asked about: the consent service's word is the answer. `canaries` are the
    sources whose questions only try whether they are back.
    """
    sender = Sender.from_settings()
    queries = [query_of(row) for row in rows]
    attempts = [CheckAttempt(request=row, message_id=uuid.uuid4(), asked_at=at) for row in rows]
    with transaction.atomic(durable=True):
        bulk.insert_new(attempts, conflict="message_id")
    tokens = consent_tokens.obtain(queries, at=at, transport=transport, sender=sender)

    pairs = list(zip(queries, attempts, strict=True))
    sent = [(query, attempt) for query, attempt in pairs if _may_be_sent(query, tokens)]
    received = transport.exchange([_message(query, attempt, tokens, sender, at) for query, attempt in sent])
    by_id = {reply.message_id: reply for reply in received}

    return [
        _answered(
            row,
            attempt,
            _read(query, by_id[str(attempt.message_id)], sender, at)
            if str(attempt.message_id) in by_id
            else _without_token(query, attempt, tokens[query.iin, query.source], at),
            by_id.get(str(attempt.message_id)),
            is_canary=row.source in canaries,
        )
        for row, (query, attempt) in zip(rows, pairs, strict=True)
    ]


def query_of(row: CheckRequest) -> Query:
    """Return the question that a row holds."""
    period = None
    if row.period_start is not None and row.period_until is not None:
        period = Period(start=row.period_start, until=row.period_until)
    return Query(
        source=row.source,
        iin=row.subject_iin,
        purpose=row.purpose,
        bucket=row.bucket,
        operation=row.operation,
        reference=row.reference,
        period=period,
        consent_ref=row.consent_ref,
        requested_by=row.requested_by,
        lane=Lane(row.lane),
        contract_version=row.contract_version,
    )


Tokens = Mapping[consent_tokens.Key, TokenAnswer]


def _may_be_sent(query: Query, tokens: Tokens) -> bool:
    answer = tokens.get((query.iin, query.source))
    return answer is None or answer.token is not None


def _message(query: Query, attempt: CheckAttempt, tokens: Tokens, sender: Sender, at: datetime) -> Message:
    adapter, answer = ADAPTERS[query.source], tokens.get((query.iin, query.source))
    return sender.message(
        adapter.build(query, answer.token if answer else None),
        source=query.source,
        service_id=adapter.definition.service_id,
        message_id=attempt.message_id,
        correlation_id=query.key,
        timeout=adapter.definition.timeout,
        at=at,
    )


def _read(query: Query, reply: RawReply, sender: Sender, at: datetime) -> Answer:
    fetched_at = at + reply.elapsed
    verify = partial(sender.signatures.verify, at=fetched_at) if sender.signatures else None
    answer = replies.answer_from(reply, query, adapter=ADAPTERS[query.source], verify=verify)
    return replace(answer, fetched_at=fetched_at)


def _without_token(query: Query, attempt: CheckAttempt, refused: TokenAnswer, at: datetime) -> Answer:
    return Answer(
        key=query.key,
        outcome=refused.outcome,
        raw_code=f"KDP_{refused.raw_code}"[:40],
        message_id=str(attempt.message_id),
        correlation_id=query.key,
        fetched_at=at,
    )


def _answered(
    row: CheckRequest, attempt: CheckAttempt, answer: Answer, reply: RawReply | None, *, is_canary: bool
) -> AnsweredCheck:
    verdict = retries.after(
        answer,
        definition=ADAPTERS[row.source].definition,
        failures=row.failures,
        attempt=row.attempts + 1,
        deadline_at=row.deadline_at,
        at=answer.fetched_at or attempt.asked_at,
        is_canary=is_canary,
    )
    return AnsweredCheck(
        request=row,
        attempt=attempt,
        envelope=reply.body if reply is not None else b"",
        answer=answer,
        verdict=verdict,
    )
