"""
The outbox at work: questions go in, due ones are taken and asked, answers are recorded.

Rows are the queue. Taking is a lease: rows of a worker that dies come back by themselves. Attempts are
written before the calls in a transaction of their own, so that evidence of a question survives whatever
follows.

A caller turns answers into facts in the transaction that records them::

    with GatewayTransport.from_settings() as transport:
        answered = services.ask_due(limit=500, at=at, transport=transport)
    with transaction.atomic():
        for check in services.record_answers(answered):
            ...  # store check.answer.facts if check.answer.outcome is in contract.CONFIRMED
"""

import uuid
import zlib
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from integrations import bulk, retries
from integrations.contract import Answer, Lane, Message, Period, Query, RawReply, Transport
from integrations.gateway import envelope, replies
from integrations.models import OPEN_STATES, CheckAttempt, CheckRequest, CheckState
from integrations.sources import ADAPTERS

LEASE: Final = timedelta(minutes=15)
SENDER_ID: Final = "kezek"
ATTEMPT_FIELDS: Final = (
    "answered_at",
    "outcome",
    "raw_code",
    "session_id",
    "signature",
    "envelope_sha256",
    "envelope",
)
REQUEST_FIELDS: Final = (
    "state",
    "next_attempt_at",
    "attempts",
    "failures",
    "leased_at",
    "leased_by",
    "outcome",
    "closed_at",
    "dead_reason",
)


class UnknownSource(ValueError):
    """No enabled source has that code."""


class GatewayUnreachable(Exception):
    """The gateway accepts no connections; nothing was taken, asked or changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCheck:
    """What came of one attempt; `answer.fetched_at` is set, `verdict` says what becomes of the question."""

    request: CheckRequest = field(repr=False)
    attempt: CheckAttempt = field(repr=False)
    envelope: bytes = field(repr=False)
    answer: Answer
    verdict: retries.Verdict

    @property
    def request_id(self) -> int:
        """Key of the question in the outbox."""
        return self.request.pk

    @property
    def iin(self) -> str:
        """Whom the question is about."""
        return self.request.subject_iin

    @property
    def source(self) -> str:
        """Code of the system that was asked."""
        return self.request.source

    @property
    def is_final(self) -> bool:
        """False while the question stays open and will be asked again by itself."""
        return self.verdict.retry_at is None


@transaction.atomic
def enqueue(questions: Iterable[Query], *, at: datetime) -> int:
    """
    Write questions into the outbox; return how many were not there before.

    A question whose key is known changes nothing, whatever became of the earlier one.

    :raises UnknownSource: if a source does not exist or is switched off; nothing is written then.
    """
    rows = {row.key: row for row in (_row_from(question, at) for question in questions)}
    # Known keys are left out beforehand: an insert would wait for whoever is answering them, holding its own
    # locks meanwhile. New ones go in by key, so that two callers never wait for each other at once.
    known = set(CheckRequest.objects.filter(key__in=rows).values_list("key", flat=True))
    return bulk.insert_new([rows[key] for key in sorted(rows.keys() - known)], conflict="key")


def _row_from(question: Query, at: datetime) -> CheckRequest:
    adapter = ADAPTERS.get(question.source)
    if adapter is None or not adapter.definition.enabled:
        raise UnknownSource(question.source)
    definition = adapter.definition
    question = replace(
        question,
        operation=question.operation or definition.operations[0],
        contract_version=definition.contract_version,
    )
    return CheckRequest(
        key=question.key,
        source=question.source,
        operation=question.operation,
        contract_version=question.contract_version,
        subject_iin=question.iin,
        reference=question.reference,
        purpose=question.purpose,
        bucket=question.bucket,
        period_start=question.period.start if question.period else None,
        period_until=question.period.until if question.period else None,
        consent_ref=question.consent_ref,
        lane=question.lane,
        requested_at=at,
        requested_by=question.requested_by,
        next_attempt_at=at,
        deadline_at=at + definition.deadline,
    )


@transaction.atomic
def take_due(*, limit: int, at: datetime) -> list[CheckRequest]:
    """
    Lease up to `limit` questions that are due: interactive ones first, then by waiting time.

    Rows that another process is taking at this moment are passed over. A lease that ran out is due again.
    """
    rows = list(
        CheckRequest.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(state__in=OPEN_STATES, next_attempt_at__lte=at)
        .order_by("-lane", "next_attempt_at", "id")[:limit]
    )
    token, until = uuid.uuid4(), at + LEASE
    CheckRequest.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=CheckState.LEASED, leased_at=at, leased_by=token, next_attempt_at=until
    )
    for row in rows:
        row.state, row.leased_at, row.leased_by, row.next_attempt_at = CheckState.LEASED, at, token, until
    return rows


def ask_due(*, limit: int, at: datetime, transport: Transport) -> list[AnsweredCheck]:
    """
    Take due questions and ask them; return what came. Pass it to `record_answers`, or it is asked again
    later.

    Not to be called inside a transaction: the attempts have to survive a failure of what follows. An empty
    list means that nothing is due.

    :raises GatewayUnreachable: before anything is taken, if the gateway accepts no connections.
    """
    if not CheckRequest.objects.filter(state__in=OPEN_STATES, next_attempt_at__lte=at).exists():
        return []
    if not transport.is_reachable():
        raise GatewayUnreachable
    return ask(take_due(limit=limit, at=at), at=at, transport=transport)


def ask(rows: Sequence[CheckRequest], *, at: datetime, transport: Transport) -> list[AnsweredCheck]:
    """Ask leased questions: write the attempts, send, read the answers; nothing else is changed."""
    queries = [query_of(row) for row in rows]
    attempts = [CheckAttempt(request=row, message_id=uuid.uuid4(), asked_at=at) for row in rows]
    messages = [_message(query, attempt, at) for query, attempt in zip(queries, attempts, strict=True)]
    with transaction.atomic(durable=True):
        bulk.insert_new(attempts, conflict="message_id")

    received = transport.exchange(messages)

    return [
        _answered(row, attempt, query, reply)
        for row, attempt, query, reply in zip(rows, attempts, queries, received, strict=True)
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


def _message(query: Query, attempt: CheckAttempt, at: datetime) -> Message:
    adapter = ADAPTERS[query.source]
    message_id = str(attempt.message_id)
    body = envelope.wrap(
        adapter.build(query, None),
        message_id=message_id,
        correlation_id=query.key,
        service_id=adapter.definition.service_id,
        message_date=at,
        sender_id=SENDER_ID,
    )
    return Message(
        source=query.source,
        body=body,
        message_id=message_id,
        correlation_id=query.key,
        timeout=adapter.definition.timeout,
    )


def _answered(row: CheckRequest, attempt: CheckAttempt, query: Query, reply: RawReply) -> AnsweredCheck:
    adapter = ADAPTERS[query.source]
    fetched_at = attempt.asked_at + reply.elapsed
    answer = replace(replies.answer_from(reply, query, adapter=adapter), fetched_at=fetched_at)
    verdict = retries.after(
        answer,
        definition=adapter.definition,
        failures=row.failures,
        attempt=row.attempts + 1,
        deadline_at=row.deadline_at,
        at=fetched_at,
    )
    return AnsweredCheck(request=row, attempt=attempt, envelope=reply.body, answer=answer, verdict=verdict)


@transaction.atomic
def record_answers(answered: Sequence[AnsweredCheck]) -> list[AnsweredCheck]:
    """
    Complete the attempts and move the questions; return those whose lease still held.

    Answers of a question that another worker has taken meanwhile are kept as evidence of the attempt only:
    make no facts of them, the other worker's answer will come.
    """
    ours = _still_leased(answered)
    kept = [check for check in answered if check.request_id in ours]
    bulk.update([_completed(check) for check in answered], fields=ATTEMPT_FIELDS)
    bulk.update([_moved(check) for check in kept], fields=REQUEST_FIELDS)
    return kept


def _still_leased(answered: Sequence[AnsweredCheck]) -> set[int]:
    tokens = {check.request_id: check.request.leased_by for check in answered}
    rows = (
        CheckRequest.objects.select_for_update(no_key=True)
        .filter(pk__in=tokens)
        .order_by("pk")
        .values_list("pk", "leased_by")
    )
    return {pk for pk, leased_by in rows if leased_by is not None and leased_by == tokens[pk]}


def _completed(check: AnsweredCheck) -> CheckAttempt:
    answer = check.answer
    return CheckAttempt(
        message_id=check.attempt.message_id,
        request_id=check.request_id,
        asked_at=check.attempt.asked_at,
        answered_at=answer.fetched_at,
        outcome=answer.outcome,
        raw_code=answer.raw_code[:40],
        session_id=answer.session_id[:64],
        signature=answer.signature,
        envelope_sha256=answer.envelope_sha256,
        envelope=zlib.compress(check.envelope) if check.envelope else None,
    )


def _moved(check: AnsweredCheck) -> CheckRequest:
    """Return the row as it stands after the answer."""
    row, verdict = copy(check.request), check.verdict
    row.leased_at = row.leased_by = None
    row.attempts += 1
    row.failures += verdict.is_failure
    row.outcome = check.answer.outcome
    if verdict.retry_at is not None:
        row.state, row.next_attempt_at = CheckState.DUE, verdict.retry_at
        return row
    row.state = CheckState.DEAD if verdict.dead_reason else CheckState.ANSWERED
    row.dead_reason = verdict.dead_reason or ""
    row.closed_at = check.answer.fetched_at
    return row
