"""
The outbox at work: questions go in, due ones are taken and asked, answers are recorded.

Rows are the queue. Taking is a lease: rows of a worker that dies come back by themselves. Attempts are
written before the calls in a transaction of their own, so that evidence of a question survives whatever
follows. How many questions a source gets is decided by `limits` for all workers together.

A caller turns answers into facts in the transaction that records them::

    with GatewayTransport.from_settings() as transport:
        answered = services.ask_due(limit=500, at=at, transport=transport)
    with transaction.atomic():
        for check in services.record_answers(answered):
            ...  # store check.answer.facts if check.answer.outcome is in contract.CONFIRMED
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from integrations import bulk, due, limits, sealing
from integrations.contract import Lane, Outcome, Transport
from integrations.exchanges import AnsweredCheck, ask, query_of
from integrations.gateway.transport import IN_FLIGHT
from integrations.models import OPEN_STATES, CheckAttempt, CheckRequest, CheckState
from integrations.questions import Freshness, UnknownSource, enqueue, enqueue_once
from integrations.sources import ADAPTERS

__all__ = (
    "AnsweredCheck",
    "Freshness",
    "GatewayUnreachable",
    "UnknownSource",
    "ask",
    "ask_due",
    "enqueue",
    "enqueue_once",
    "query_of",
    "record_answers",
    "take_due",
)

LEASE: Final = timedelta(minutes=15)
PATIENCE_S: Final = 1.5
"""So long a worker waits for a permit before it says that there is nothing to do."""

ALMATY: Final = ZoneInfo("Asia/Almaty")
SAYS_NOTHING_OF_THE_SOURCE: Final = frozenset(
    {Outcome.RATE_LIMITED, Outcome.CIRCUIT_OPEN, Outcome.IDENTITY_MISMATCH}
)
FAILS_THE_SOURCE: Final = frozenset({Outcome.TEMPORARY, Outcome.CONTRACT_VIOLATION})
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


class GatewayUnreachable(Exception):
    """The gateway accepts no connections; nothing was taken, asked or changed."""


def take_due(*, limit: int, at: datetime, rooms: Mapping[due.Place, int] | None = None) -> list[CheckRequest]:
    """
    Lease up to `limit` questions that are due: interactive ones first, then by waiting time.

    `rooms` says how many of each source and lane may be taken; without it, as many as there are.
    """
    if rooms is None:
        rooms = {(source, lane): limit for source in ADAPTERS for lane in Lane}
    return due.lease(rooms, limit=limit, at=at, until=LEASE)


def ask_due(*, limit: int, at: datetime, transport: Transport) -> list[AnsweredCheck]:
    """
    Take due questions and ask them; return what came. Pass it to `record_answers`, or it is asked again
    later.

    No source is asked more than its owner allows, whatever other workers do; a source whose circuit is open
    or whose maintenance is on keeps its questions, untouched. If all that is due has to wait a moment for
    its turn, this waits, too.

    Not to be called inside a transaction: the attempts have to survive a failure of what follows. An empty
    list means that nothing may be asked.

    :raises GatewayUnreachable: before anything is taken, if the gateway accepts no connections, or nobody
    can tell what may be asked.
    """
    if not CheckRequest.objects.filter(state__in=OPEN_STATES, next_attempt_at__lte=at).exists():
        return []
    if not transport.is_reachable():
        raise GatewayUnreachable
    try:
        permit, lanes = _permit(limit=limit, at=at)
    except limits.LimitsUnreachable as error:
        raise GatewayUnreachable from error
    if permit is None:
        return []
    try:
        rows = take_due(limit=limit, at=at, rooms=lanes)
        answered = ask(rows, at=at, transport=transport, canaries=permit.canaries) if rows else []
        # What came is not lost with Redis: its counters mend themselves.
        with suppress(limits.LimitsUnreachable):
            _report(answered, permit=permit, at=at)
    finally:
        with suppress(limits.LimitsUnreachable):
            limits.release(permit)
    return answered


def _permit(*, limit: int, at: datetime) -> tuple[limits.Permit | None, dict[due.Place, int]]:
    """Take permits for what is due, waiting for them a little; None if there are none."""
    local = at.astimezone(ALMATY).time()
    sources = [
        code
        for code, adapter in ADAPTERS.items()
        if adapter.definition.enabled and not adapter.definition.is_in_maintenance(local)
    ]
    patience = time.monotonic() + PATIENCE_S
    while True:
        rooms = limits.room(sources, at=at)
        wanted = due.count(
            {(source, lane): room.of(lane) for source, room in rooms.items() for lane in Lane},
            limit=limit,
            at=at,
        )
        if wanted:
            permit = limits.take(_by_source(wanted), hold=_hold(wanted), at=at)
            if permit.granted:
                return permit, _lanes(permit, wanted)
        waits = [room.wait for room in rooms.values() if room.wait]
        if not waits and not wanted:
            return None, {}
        busy = {(source, lane): 1 for source, room in rooms.items() if room.wait for lane in Lane}
        pause = min(waits).total_seconds() if waits else 0.01
        if time.monotonic() + pause > patience or not (wanted or due.count(busy, limit=1, at=at)):
            return None, {}
        time.sleep(pause)


def _by_source(wanted: Counter[due.Place]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for (source, _), number in wanted.items():
        counts[source] += number
    return dict(counts)


def _lanes(permit: limits.Permit, wanted: Counter[due.Place]) -> dict[due.Place, int]:
    """Share what was granted among the lanes, interactive first."""
    lanes = {}
    for source, granted in permit.granted.items():
        first = min(wanted[source, Lane.INTERACTIVE], granted)
        lanes[source, Lane.INTERACTIVE] = first
        lanes[source, Lane.BULK] = min(wanted[source, Lane.BULK], granted - first)
    return lanes


def _hold(wanted: Counter[due.Place]) -> timedelta:
    """How long asking all this may take at the worst: after that, whoever asks must be dead."""
    longest = max(ADAPTERS[source].definition.timeout for source, _ in wanted)
    rounds = -(-wanted.total() // IN_FLIGHT) + 1
    return min(longest * rounds, LEASE) + timedelta(seconds=10)


def _report(answered: Sequence[AnsweredCheck], *, permit: limits.Permit, at: datetime) -> None:
    """Tell the circuits how their sources did; what the consent service said, is none of theirs."""
    heard = [check for check in answered if not check.answer.raw_code.startswith("KDP_")]
    limits.report(
        Counter(
            check.source
            for check in heard
            if check.answer.outcome not in FAILS_THE_SOURCE | SAYS_NOTHING_OF_THE_SOURCE
        ),
        Counter(check.source for check in heard if check.answer.outcome in FAILS_THE_SOURCE),
        permit=permit,
        at=at,
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
