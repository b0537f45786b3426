"""The state systems as whoever keeps them running sees them: no word about any person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q
from django.utils import timezone

from integrations import limits
from integrations import selectors as outbox
from integrations.contract import Lane, Outcome, SourceDefinition
from integrations.retries import FINAL, UNCOUNTED
from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import Person, SourceAnswer, SourceHold

# A source fails where more than this part of its last hour did, and is slow where its answers take on the
# average more than this part of the time that they are waited for.
FAILING: Final = Fraction(1, 2)
SLOW: Final = Fraction(1, 3)


class Health(StrEnum):
    """How a source is, the first that holds."""

    OFF = "OFF"
    MAINTENANCE = "MAINTENANCE"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    FAILING = "FAILING"
    SLOW = "SLOW"
    ANSWERS = "ANSWERS"
    NOT_ASKED = "NOT_ASKED"


class Share(StrEnum):
    """What an outcome is to whoever watches: a word, a "may not tell", a "later", or a fault."""

    ANSWERED = "ANSWERED"
    NO_CONSENT = "NO_CONSENT"
    NOT_NOW = "NOT_NOW"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """For which moment the newest answer vouches, and how far behind that was when it came."""

    as_of: datetime
    behind: timedelta
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """
    One system: its terms, how it is, what came of its questions, and what waits.

    `usage` is None where nobody can say (Redis does not answer); `hold` is the current one.
    """

    definition: SourceDefinition
    health: Health
    hold: SourceHold | None
    answered_at: datetime | None
    lag: Lag | None
    tally: outbox.Tally
    usage: limits.Usage | None
    waiting: Mapping[Lane, outbox.Waiting]
    given_up: tuple[outbox.GivenUp, ...]

    @property
    def code(self) -> str:
        return self.definition.code


def list_states(*, at: datetime) -> list[SourceState]:
    """Return every system, also those that are switched off, in the order of the definitions."""
    codes = list(DEFINITIONS)
    tallies = outbox.tally_attempts(codes, at=at)
    newest = outbox.get_newest_answers(codes)
    lags, waiting, given_up = _lags(newest), outbox.count_waiting(at=at), outbox.list_given_up()
    usage, holds = _usage(codes, at), {hold.source: hold for hold in list_holds()}
    return [
        SourceState(
            definition=definition,
            health=_health(definition, tallies[code], usage.get(code), at),
            hold=holds.get(code),
            answered_at=newest[code].answered_at if code in newest else None,
            lag=lags.get(code),
            tally=tallies[code],
            usage=usage.get(code),
            waiting={lane: waiting[code, lane] for lane in Lane if (code, lane) in waiting},
            given_up=tuple(given_up.get(code, ())),
        )
        for code, definition in DEFINITIONS.items()
    ]


def list_holds() -> list[SourceHold]:
    """Return the holds that nobody has let go."""
    return list(SourceHold.objects.filter(released_at__isnull=True).select_related("held_by"))


def shares(counts: Mapping[str, int]) -> dict[Share, int]:
    """Return how many attempts there were of each share, all of them named."""
    found = dict.fromkeys(Share, 0)
    for outcome, count in counts.items():
        found[_share(Outcome(outcome))] += count
    return found


def _share(outcome: Outcome) -> Share:
    if outcome in {Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED}:
        return Share.NO_CONSENT
    if outcome in FINAL:
        return Share.ANSWERED
    return Share.NOT_NOW if outcome in UNCOUNTED else Share.FAILED


def _usage(codes: list[str], at: datetime) -> dict[str, limits.Usage]:
    try:
        return limits.usage(codes, at=at)
    except limits.LimitsUnreachable:
        return {}


def _lags(newest: Mapping[str, outbox.Newest]) -> dict[str, Lag]:
    """How far behind each source was in its newest answer; a source that names no moment has none."""
    # People first: a person and a source are found by an index, an IIN only beside every answer there is.
    named = Person.objects.filter(iin__in={one.iin for one in newest.values()})
    people = dict(named.values_list("iin", "pk"))
    asked = [Q(source=source, person=people[one.iin]) for source, one in newest.items() if one.iin in people]
    if not asked:
        return {}
    rows = SourceAnswer.objects.filter(reduce(or_, asked), superseded_at__isnull=True)
    found = {}
    for source, as_of, answered_at in rows.values_list("source", "source_as_of", "answered_at"):
        if as_of is not None:
            behind = max(answered_at - as_of, timedelta())
            is_over = behind > DEFINITIONS[source].expected_lag
            found[source] = Lag(as_of=as_of, behind=behind, is_over=is_over)
    return found


def _health(
    definition: SourceDefinition, tally: outbox.Tally, usage: limits.Usage | None, at: datetime
) -> Health:
    if not definition.enabled:
        return Health.OFF
    if definition.is_in_maintenance(timezone.localtime(at).time()):
        return Health.MAINTENANCE
    if usage is not None and usage.open_until is not None:
        return Health.CIRCUIT_OPEN
    return _health_of_an_hour(definition, tally)


def _health_of_an_hour(definition: SourceDefinition, tally: outbox.Tally) -> Health:
    counts = shares(tally.hour)
    heard = sum(counts.values())
    if not heard:
        return Health.NOT_ASKED
    if Fraction(counts[Share.FAILED], heard) > FAILING:
        return Health.FAILING
    if tally.mean_time is not None and tally.mean_time > definition.timeout * float(SLOW):
        return Health.SLOW
    return Health.ANSWERS
