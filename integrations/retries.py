"""What follows from an outcome: closed, asked again later, or given up; pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from integrations.contract import Answer, Outcome, SourceDefinition

SHORTEST_WAIT: Final = timedelta(seconds=1)
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=6)
LOOKS_AT_DAMAGE: Final = 3

LATER: Final = frozenset({Outcome.TEMPORARY, Outcome.RATE_LIMITED, Outcome.CIRCUIT_OPEN})
"""Nothing is wrong with the question: it is asked again until it is too old or has failed too often."""

UNCOUNTED: Final = frozenset({Outcome.RATE_LIMITED, Outcome.CIRCUIT_OPEN})
"""Not failures: the source only said "not now"; the deadline alone bounds them."""

DAMAGED: Final = frozenset({Outcome.CONTRACT_VIOLATION, Outcome.IDENTITY_MISMATCH})
"""A bad answer may be the accident of one exchange; it gets a few more looks before a person gets it."""

FINAL: Final = frozenset(
    {Outcome.FOUND, Outcome.NOT_FOUND_CONFIRMED, Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED}
)
"""The source has spoken; asking again needs a new question."""


class DeadReason(StrEnum):
    """Why a question was given up."""

    TOO_OLD = "TOO_OLD"
    TOO_MANY_FAILURES = "TOO_MANY_FAILURES"
    BAD_ANSWER = "BAD_ANSWER"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a question; `retry_at` None = closed, `dead_reason` None = closed with an answer."""

    retry_at: datetime | None = None
    dead_reason: DeadReason | None = None
    is_failure: bool = False


def after(
    answer: Answer,
    *,
    definition: SourceDefinition,
    failures: int,
    attempt: int,
    deadline_at: datetime,
    at: datetime,
    is_canary: bool = False,
    reuses_token: bool = False,
    haste: int = 1,
) -> Verdict:
    """
    Return what follows from the answer to attempt number `attempt`, after `failures` earlier failures.

    A canary only tries whether its source is back: that it is not, is no failure of the question. A token
    that was used before may have ended earlier than it said: that is no word about the consent, and a new one
    is tried.
    """
    is_token_over = reuses_token and answer.outcome is Outcome.CONSENT_EXPIRED
    if answer.outcome in FINAL and not is_token_over:
        return Verdict()
    is_failure = answer.outcome not in UNCOUNTED and not (is_canary and answer.outcome is Outcome.TEMPORARY)
    allowed = definition.max_attempts
    reason = DeadReason.TOO_MANY_FAILURES
    if answer.outcome in DAMAGED:
        allowed, reason = min(allowed, LOOKS_AT_DAMAGE), DeadReason.BAD_ANSWER
    elif answer.outcome not in LATER and not is_token_over:
        return Verdict(dead_reason=DeadReason.REFUSED, is_failure=True)
    if is_failure and failures + 1 >= allowed:
        return Verdict(dead_reason=reason, is_failure=True)
    retry_at = at + wait(key=answer.key, attempt=attempt, asked_for=answer.retry_after, haste=haste)
    if retry_at >= deadline_at:
        return Verdict(dead_reason=DeadReason.TOO_OLD, is_failure=is_failure)
    return Verdict(retry_at=retry_at, is_failure=is_failure)


def wait(*, key: str, attempt: int, asked_for: timedelta | None, haste: int = 1) -> timedelta:
    """
    Return how long to wait before the attempt after number `attempt` (from 1).

    Doubles each time up to six hours, of which a share is drawn from the key: the same question waits the
    same, different questions do not come back together. Never shorter than the other side asked for; our own
    part of it is divided by `haste`.
    """
    ceiling = min(FIRST_WAIT * (1 << min(attempt - 1, 20)), LONGEST_WAIT)
    draw = int.from_bytes(hashlib.sha256(f"{key}/{attempt}".encode()).digest()[:4]) / 2**32
    return (asked_for or timedelta(0)) + (SHORTEST_WAIT + ceiling * draw) / haste
