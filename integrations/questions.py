"""Questions go into the outbox: each once, unless its answer is fresh already."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, TypeAlias

from django.db import transaction
from django.db.models import Q

from integrations import bulk
from integrations.contract import CONFIRMED, WITHOUT_CONSENT, Lane, Query
from integrations.models import OPEN_STATES, CheckRequest, CheckState
from integrations.sources import ADAPTERS

Sense: TypeAlias = tuple[object, ...]

_REOPENED: Final = (
    "state",
    "closed_at",
    "failures",
    "next_attempt_at",
    "deadline_at",
    "consent_ref",
    "lane",
)


class UnknownSource(ValueError):
    """No enabled source has that code."""


class Freshness(Enum):
    """How fresh an answer has to be so that the same is not asked again: `ttl` of the source, or less."""

    USUAL = "USUAL"
    BEFORE_ALLOCATION = "BEFORE_ALLOCATION"
    ASK_ANYWAY = "ASK_ANYWAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """
    How long an answer has to hold so that the same is not asked again: its `ttl` ends no earlier than
    `until`, and it came no earlier than `since`, if that is set.
    """

    until: datetime
    since: datetime | None = None


@transaction.atomic
def enqueue(
    questions: Iterable[Query],
    *,
    at: datetime,
    freshness: Freshness = Freshness.USUAL,
    shared: bool = False,
) -> int:
    """
    Write questions into the outbox; return how many were not there before.

    A question whose key is known changes nothing, whatever became of the earlier one, but for its lane:
    what somebody waits for goes before; and where there was no consent and the question names a new one, it
    is opened again. A question that was answered a short time ago, for whatever purpose,
    is not asked again while the answer is fresh.

    :param shared: an open question that asks the same for another purpose will do, too.
    :raises UnknownSource: if a source does not exist or is switched off; nothing is written then.
    """
    rows = {row.key: row for row in (_row_from(question, at) for question in questions)}
    known = _known(rows)
    _reopen({key: rows[key] for key in known}, at)
    new = [rows[key] for key in sorted(rows.keys() - known.keys())]
    open_ = _open(new, freshness) if shared else {}
    same = open_ | _answered_lately(new, freshness, at)
    inserted = bulk.insert_new([row for row in new if _sense(row) not in same], conflict="key")
    found = {row.key: open_[_sense(row)] for row in new if _sense(row) in open_}
    _let_pass([pk for key, pk in (known | found).items() if rows[key].lane == Lane.INTERACTIVE])
    return inserted


@transaction.atomic
def enqueue_once(
    questions: Iterable[Query],
    *,
    at: datetime,
    freshness: Freshness = Freshness.USUAL,
    holds: Holds | None = None,
) -> dict[Query, int]:
    """
    Write questions into the outbox that nobody is asking just now; return the row that answers each.

    That is the row of its key, or one that asks the same for another purpose: answered so lately that the
    answer is fresh, or still open. Two callers at the same moment may both write, each for a purpose of its
    own.

    :param holds: for how long an answer that is not asked for anew has to hold, beside being fresh now.
    :raises UnknownSource: if a source does not exist or is switched off; nothing is written then.
    """
    rows = {question: _row_from(question, at) for question in questions}
    by_key = {row.key: row for row in rows.values()}
    known = _known(by_key)
    _reopen({key: by_key[key] for key in known}, at)
    new = [by_key[key] for key in sorted(by_key.keys() - known.keys())]
    same = _open(new, freshness) | _answered_lately(new, freshness, at, holds)
    missing = [row for row in new if _sense(row) not in same]
    bulk.insert_new(missing, conflict="key")
    known |= _known([row.key for row in missing])
    in_force = {
        question: known[row.key] if row.key in known else same[_sense(row)] for question, row in rows.items()
    }
    _let_pass([pk for question, pk in in_force.items() if question.lane == Lane.INTERACTIVE])
    return in_force


def _known(keys: Collection[str]) -> dict[str, int]:
    """
    Rows by key. They are left out beforehand: an insert would wait for whoever is answering them, holding its
    own locks meanwhile. New ones go in by key, so that two callers never wait for each other at once.
    """
    return dict(CheckRequest.objects.filter(key__in=keys).values_list("key", "pk")) if keys else {}


def _reopen(rows: Mapping[str, CheckRequest], at: datetime) -> None:
    """Open questions again that a newer consent covers: withdrawn ones, and those refused without one."""
    if not rows:
        return
    closed = CheckRequest.objects.filter(key__in=rows, state__in=(CheckState.WITHDRAWN, CheckState.ANSWERED))
    refused = Q(state=CheckState.WITHDRAWN) | Q(outcome__in=WITHOUT_CONSENT)
    reopened = []
    for row in closed.filter(refused).select_for_update(no_key=True).order_by("pk"):
        wanted = rows[row.key]
        if row.consent_ref != wanted.consent_ref or row.state == CheckState.WITHDRAWN:
            row.state, row.closed_at, row.failures = CheckState.DUE, None, 0
            row.next_attempt_at, row.deadline_at = at, wanted.deadline_at
            row.consent_ref, row.lane = wanted.consent_ref, wanted.lane
            reopened.append(row)
    CheckRequest.objects.bulk_update(reopened, _REOPENED, batch_size=1_000)


def _let_pass(rows: Sequence[int]) -> None:
    """Move open questions to the interactive lane, but for those that somebody is writing just now."""
    bulk_lane = CheckRequest.objects.filter(pk__in=rows, state__in=OPEN_STATES, lane=Lane.BULK)
    free = [row.pk for row in bulk_lane.select_for_update(skip_locked=True, no_key=True)] if rows else []
    CheckRequest.objects.filter(pk__in=free).update(lane=Lane.INTERACTIVE)


def _sense(row: CheckRequest) -> Sense:
    """What a question asks, whoever asks it for what."""
    return (
        row.source,
        row.contract_version,
        row.operation,
        row.subject_iin,
        row.reference,
        row.period_start,
        row.period_until,
    )


def _open(rows: Sequence[CheckRequest], freshness: Freshness) -> dict[Sense, int]:
    """Open rows that ask the same as some of these, by what they ask."""
    if not rows or freshness is Freshness.ASK_ANYWAY:
        return {}
    asked = CheckRequest.objects.filter(
        subject_iin__in={row.subject_iin for row in rows}, state__in=OPEN_STATES
    )
    return {_sense(row): row.pk for row in asked.order_by("-pk")}


def _answered_lately(
    rows: Sequence[CheckRequest], freshness: Freshness, at: datetime, holds: Holds | None = None
) -> dict[Sense, int]:
    """Rows with a fresh answer to what some of these ask, by what they ask."""
    if not rows or freshness is Freshness.ASK_ANYWAY:
        return {}
    is_fresh = Q()
    for source in {row.source for row in rows}:
        definition = ADAPTERS[source].definition
        ttl = definition.ttl_before_allocation if freshness is Freshness.BEFORE_ALLOCATION else definition.ttl
        is_fresh |= Q(source=source, closed_at__gt=at - ttl) & _still_holds(definition.ttl, holds)
    answered = CheckRequest.objects.filter(
        is_fresh,
        subject_iin__in={row.subject_iin for row in rows},
        state=CheckState.ANSWERED,
        outcome__in=CONFIRMED,
    )
    return {_sense(row): row.pk for row in answered.order_by("closed_at", "pk")}


def _still_holds(ttl: timedelta, holds: Holds | None) -> Q:
    if holds is None:
        return Q()
    came = Q() if holds.since is None else Q(closed_at__gte=holds.since)
    return Q(closed_at__gte=holds.until - ttl) & came


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
