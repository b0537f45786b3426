"""What stands in the outbox, and what came of its questions."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Min

from integrations.contract import Lane, Outcome
from integrations.models import OPEN_STATES, CheckRequest, CheckState
from integrations.retries import FINAL

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

# A range of the index for each source and outcome: what is older costs nothing, however much there is.
_ATTEMPTS: Final = """
    SELECT place.source, kind.outcome, found.hour, found.day, found.spent
    FROM unnest(%s::text[]) AS place (source) CROSS JOIN unnest(%s::text[]) AS kind (outcome)
    CROSS JOIN LATERAL (
        SELECT count(*) AS day, count(*) FILTER (WHERE answered_at > %s) AS hour,
            sum(answered_at - asked_at) FILTER (WHERE answered_at > %s) AS spent
        FROM integrations_checkattempt
        WHERE source = place.source AND outcome = kind.outcome AND answered_at > %s
    ) AS found
    WHERE found.day > 0
"""
_NEWEST: Final = """
    SELECT DISTINCT ON (place.source) place.source, found.answered_at, found.subject_iin
    FROM unnest(%s::text[]) AS place (source) CROSS JOIN unnest(%s::text[]) AS kind (outcome)
    CROSS JOIN LATERAL (
        SELECT attempt.answered_at, asked.subject_iin FROM integrations_checkattempt AS attempt
        JOIN integrations_checkrequest AS asked ON asked.id = attempt.request_id
        WHERE attempt.source = place.source AND attempt.outcome = kind.outcome
            AND attempt.answered_at IS NOT NULL
        ORDER BY attempt.answered_at DESC LIMIT 1
    ) AS found
    ORDER BY place.source, found.answered_at DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How a source's attempts of the last hour and day ended, by outcome; the mean time of an answer."""

    hour: Mapping[str, int] = field(default_factory=dict)
    day: Mapping[str, int] = field(default_factory=dict)
    mean_time: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """When a source last had a word to say, and of whom."""

    answered_at: datetime
    iin: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Open questions of a source and lane, and since when the first of them has been due."""

    count: int
    due_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """Questions that were given up for one reason and are looked after by one owner."""

    reason: str
    owner: str
    count: int


def tally_attempts(sources: Collection[str], *, at: datetime) -> dict[str, Tally]:
    """Return how the attempts of the last hour and day ended, by source; the time is of answers only."""
    hour: dict[str, dict[str, int]] = defaultdict(dict)
    day: dict[str, dict[str, int]] = defaultdict(dict)
    spent: dict[str, timedelta] = defaultdict(timedelta)
    rows = _rows(_ATTEMPTS, [list(sources), [*Outcome], at - HOUR, at - HOUR, at - DAY])
    for source, outcome, of_hour, of_day, time in rows:
        day[source][outcome] = of_day
        if of_hour:
            hour[source][outcome] = of_hour
            spent[source] += time if outcome in FINAL else timedelta()
    return {
        source: Tally(hour=hour[source], day=day[source], mean_time=_mean(spent[source], hour[source]))
        for source in sources
    }


def _mean(spent: timedelta, counts: Mapping[str, int]) -> timedelta | None:
    answers = sum(counts.get(outcome, 0) for outcome in FINAL)
    return spent / answers if answers else None


def get_newest_answers(sources: Collection[str]) -> dict[str, Newest]:
    """Return the newest word of each source that ever had one; a failure is none."""
    rows = _rows(_NEWEST, [list(sources), [*FINAL]])
    return {source: Newest(answered_at=answered_at, iin=iin) for source, answered_at, iin in rows}


def count_waiting(*, at: datetime) -> dict[tuple[str, Lane], Waiting]:
    """Return how many questions wait, by source and lane."""
    rows = CheckRequest.objects.filter(state__in=OPEN_STATES).order_by().values_list("source", "lane")
    return {
        (source, Lane(lane)): Waiting(count=count, due_since=first if first <= at else None)
        for source, lane, count, first in rows.annotate(Count("pk"), Min("next_attempt_at"))
    }


def list_given_up() -> dict[str, list[GivenUp]]:
    """Return by source how many questions were given up, for what reason, and who looks after them."""
    found: dict[str, list[GivenUp]] = defaultdict(list)
    rows = CheckRequest.objects.filter(state=CheckState.DEAD).order_by("source", "dead_reason", "owner")
    for source, reason, owner, count in rows.values_list("source", "dead_reason", "owner").annotate(
        Count("pk")
    ):
        found[source].append(GivenUp(reason=reason, owner=owner, count=count))
    return found


def _rows(statement: str, arguments: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return list(cursor.fetchall())


def count_open() -> int:
    """Return how many questions still wait for an answer."""
    return CheckRequest.objects.filter(state__in=OPEN_STATES).count()


def count_by_source_and_state() -> Mapping[tuple[str, str], int]:
    """Return how many questions each source has in each state."""
    rows = CheckRequest.objects.order_by().values_list("source", "state").annotate(Count("pk"))
    return {(source, state): count for source, state, count in rows}


def get_periods(request_ids: Collection[int]) -> dict[int, tuple[date, date]]:
    """Return the period that each question asked about, by its key; questions without one are left out."""
    rows = CheckRequest.objects.filter(pk__in=request_ids, period_start__isnull=False)
    return {
        key: (start, until)
        for key, start, until in rows.values_list("pk", "period_start", "period_until")
        if start is not None and until is not None
    }
