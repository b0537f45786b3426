"""
The outbox at work: questions go in, due ones are taken and asked, answers are recorded.

Rows are the queue. Taking is a lease: rows of a worker that dies come back by themselves. Attempts are
written before the calls in a transaction of their own, so that evidence of a question survives whatever
follows. How many questions a source gets is decided by `limits` for all workers together.
"""

from collections.abc import Sequence
from copy import copy
from typing import Final

from django.db import transaction

from integrations import bulk, consent_tokens, sealing
from integrations.contract import WITHOUT_CONSENT
from integrations.dispatch import LEASE, Dispatch, GatewayUnreachable
from integrations.exchanges import AnsweredCheck, query_of
from integrations.models import CheckAttempt, CheckRequest, CheckState
from integrations.questions import Freshness, Holds, UnknownSource, enqueue, enqueue_once
from integrations.sources import ADAPTERS

__all__ = (
    "LEASE",
    "AnsweredCheck",
    "Dispatch",
    "Freshness",
    "GatewayUnreachable",
    "Holds",
    "UnknownSource",
    "enqueue",
    "enqueue_once",
    "query_of",
    "record_answers",
)

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
    "owner",
)


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
    _drop_tokens(answered)
    return kept


def _drop_tokens(answered: Sequence[AnsweredCheck]) -> None:
    """A token that its system does not take is sent no more, however long it says that it lasts."""
    refused = {
        (check.iin, check.source): check.answer.fetched_at
        for check in answered
        if check.answer.outcome in WITHOUT_CONSENT and ADAPTERS[check.source].definition.needs_token
    }
    for (iin, source), fetched_at in sorted(refused.items()):
        if fetched_at is not None:
            consent_tokens.drop(iin=iin, source=source, at=fetched_at)


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
        envelope=sealing.seal(check.envelope) if check.envelope else None,
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
    row.owner = ADAPTERS[row.source].definition.dead_letter_owner if verdict.dead_reason else ""
    row.closed_at = check.answer.fetched_at
    return row
