"""
Asking leased questions: attempts written, tokens fetched, envelopes sent, answers read as they come.

Nobody waits for the slowest: what came is handed back in portions while other questions are still under way.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction

from integrations import bulk, consent_tokens, retries
from integrations.contract import Answer, Lane, Message, Outcome, Period, Query, RawReply, Transport
from integrations.gateway import replies
from integrations.gateway.sending import Sender
from integrations.models import CheckAttempt, CheckRequest
from integrations.sources import ADAPTERS
from integrations.sources.kdp import TokenAnswer

SKEW: Final = timedelta(minutes=5)
"""So far may another system's clock be ahead of ours."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """
    A question under way: `at` is the moment from which its answer's time is counted; `reuses_token`: it
    carries a token that was there before.
    """

    row: CheckRequest
    query: Query
    attempt: CheckAttempt
    at: datetime
    is_canary: bool
    reuses_token: bool = False


class Asking:
    """Questions under way through one transport, and the tokens that some of them wait for."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._sender = Sender.from_settings()
        self._sent: dict[str, _Question] = {}
        self._tokens: dict[str, consent_tokens.Request] = {}
        self._waiting: dict[consent_tokens.Key, list[_Question]] = defaultdict(list)

    def __len__(self) -> int:
        """Return how many questions are under way."""
        return len(self._sent) + sum(map(len, self._waiting.values()))

    def send(
        self, rows: Sequence[CheckRequest], *, at: datetime, canaries: frozenset[str] = frozenset()
    ) -> None:
        """
        Write the attempts of leased questions and send them; those without a token wait for theirs.

        `canaries` are the sources whose questions only try whether they are back. Not to be called inside a
        transaction: an attempt has to survive whatever follows.
        """
        questions = [
            _Question(
                row=row,
                query=query_of(row),
                attempt=CheckAttempt(request=row, source=row.source, message_id=uuid.uuid4(), asked_at=at),
                at=at,
                is_canary=row.source in canaries,
            )
            for row in rows
        ]
        with transaction.atomic(durable=True):
            bulk.insert_new([question.attempt for question in questions], conflict="message_id")
        kept = consent_tokens.kept([question.query for question in questions], at=at)
        ready, missing = [], []
        for question in questions:
            key = (question.query.iin, question.query.source)
            if not ADAPTERS[question.query.source].definition.needs_token or key in kept:
                ready.append(self._message(replace(question, reuses_token=key in kept), kept.get(key)))
            else:
                if key not in self._waiting:
                    missing.append(question.query)
                self._waiting[key].append(question)
        self._transport.send([*self._ask_for_tokens(missing, at), *ready])

    def receive(self, *, enough: int, patience: timedelta) -> list[AnsweredCheck]:
        """
        Return the answers that came: when there are `enough`, when all are here, or when patience is over.

        Whoever gets no token is not asked about: the consent service's word is the answer.
        """
        tokens, answered = [], []
        for reply in self._transport.receive(enough=enough, patience=patience):
            if reply.message_id in self._tokens:
                tokens.append((self._tokens.pop(reply.message_id), reply))
            else:
                question = self._sent.pop(reply.message_id)
                answered.append(_answered(question, self._read(question, reply), reply))
        return [*answered, *self._go_on(tokens)]

    def _ask_for_tokens(self, queries: Sequence[Query], at: datetime) -> Iterable[Message]:
        for request in consent_tokens.request(queries, at=at, sender=self._sender):
            self._tokens[request.message.message_id] = request
            yield request.message

    def _go_on(self, tokens: Sequence[tuple[consent_tokens.Request, RawReply]]) -> Iterable[AnsweredCheck]:
        """Send the questions that waited for these tokens; return those that got none."""
        refused, ready = [], []
        for key, answer in consent_tokens.complete(tokens, sender=self._sender).items():
            for question in self._waiting.pop(key):
                if answer.token is not None:
                    ready.append(self._message(question, answer))
                else:
                    refused.append(_answered(question, _without_token(question, answer), None))
        self._transport.send(ready)
        return refused

    def _message(self, question: _Question, token: TokenAnswer | None) -> Message:
        query, adapter = question.query, ADAPTERS[question.query.source]
        message_id = question.attempt.message_id
        self._sent[str(message_id)] = question
        return self._sender.message(
            adapter.build(query, token.token if token else None),
            source=query.source,
            service_id=adapter.definition.service_id,
            message_id=message_id,
            correlation_id=query.key,
            timeout=adapter.definition.timeout / settings.GATEWAY_HASTE,
            at=question.at,
        )

    def _read(self, question: _Question, reply: RawReply) -> Answer:
        fetched_at = question.at + reply.elapsed
        signatures = self._sender.signatures
        verify = partial(signatures.verify, at=fetched_at) if signatures else None
        query = question.query
        answer = replies.answer_from(reply, query, adapter=ADAPTERS[query.source], verify=verify)
        if answer.source_as_of is not None and answer.source_as_of > fetched_at + SKEW:
            # Who vouches for a moment that has not come, vouches for nothing.
            answer = replace(
                answer,
                outcome=Outcome.CONTRACT_VIOLATION,
                raw_code="FROM_THE_FUTURE",
                facts=(),
                source_as_of=None,
            )
        return replace(answer, fetched_at=fetched_at)


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


def _without_token(question: _Question, refused: TokenAnswer) -> Answer:
    return Answer(
        key=question.query.key,
        outcome=refused.outcome,
        raw_code=f"KDP_{refused.raw_code}"[:40],
        message_id=str(question.attempt.message_id),
        correlation_id=question.query.key,
        fetched_at=question.at,
    )


def _answered(question: _Question, answer: Answer, reply: RawReply | None) -> AnsweredCheck:
    row = question.row
    verdict = retries.after(
        answer,
        definition=ADAPTERS[row.source].definition,
        failures=row.failures,
        attempt=row.attempts + 1,
        deadline_at=row.deadline_at,
        at=answer.fetched_at or question.at,
        is_canary=question.is_canary,
        reuses_token=question.reuses_token,
        haste=settings.GATEWAY_HASTE,
    )
    return AnsweredCheck(
        request=row,
        attempt=question.attempt,
        envelope=reply.body if reply is not None else b"",
        answer=answer,
        verdict=verdict,
    )
