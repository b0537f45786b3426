"""
What is foreseen of a list: its speed, and how far off the same figure was in its own past.

At every third month since the first year the figure is worked out for each part of the list from what was
known then, and held against when its people got their homes. The factor is the one that held for eight of ten
of them, of waits about as long; until the past says more, it is two. Every half year of the past a range is
foreseen in just that way, and it is counted who got homes within it: that is the share shown beside a range,
and where it strays from eight of ten, the next factors are found for a higher share, or a lower one.

No generator and no random number: the same events give the same range.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from queue_registry.rules.waiting import Outlook, Range, Stretch, Tested, around
from queue_registry.rules.waiting_past import Past, between

SHARE: Final = 0.8
# Months that a list must be known before its past is asked, and between two moments at which it is asked.
_FIRST: Final = 12
_STEP: Final = 3
_CHECK_FIRST: Final = 18
_CHECK_STEP: Final = 6
# A wait is seen to its end where so many times its expected length has passed.
_SEEN: Final = 1.5
# A wait is told only where the list has been known for so many times its expected length.
_TOLD: Final = 3
# "Half as long to twice as long" is what is said before the past says anything; it weighs as one wait seen.
_DOUBLE: Final = math.log(2)
_LEAST: Final = 0.05
_NARROWEST: Final = 0.2
# Waits count as about as long within a factor of two of each other.
_ABOUT: Final = 0.7


def outlook(past: Past) -> Outlook | None:
    """
    Return what is foreseen of a list at the end of its months; None where it housed nobody within a year, or
    its past is too short to have shown one wait to its end.
    """
    known = past.months
    if known <= _CHECK_FIRST or past.homes[known] == past.homes[max(known - 12, 0)]:
        return None
    said = _foretell(past)
    tested = _test(past, said, until=known)
    if not tested.people:
        return None
    width = _width(past, said, until=known)
    return Outlook(
        speed=past.speed(),
        longest=(known - _FIRST) / _TOLD,
        stretches=tuple(
            Stretch(
                active=past.inside(number, known) + part.held,
                in_way=past.inside(number, known),
                leaving=past.leaving(number),
            )
            for number, part in enumerate(past.parts)
        ),
        errors=tuple((expected, error * width) for expected, error in _errors(past, known)),
        tested=tested,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """A wait foreseen in the past, and how far off it was for shares of the people."""

    expected: float
    errors: tuple[tuple[float, float], ...]


def _errors(past: Past, known: int) -> Iterator[tuple[float, float]]:
    """The factor's logarithm at waits of one, two, four … months, from what was known after some months."""
    cases = list(_cases(past, known))
    expected, longest = 1.0, (known - _FIRST) / _SEEN
    while True:
        yield expected, _error(cases, expected, months=known - _FIRST)
        if expected >= longest:
            return
        expected = min(expected * 2, longest)


def _error(cases: Sequence[_Case], expected: float, *, months: int) -> float:
    if not cases:
        return _DOUBLE
    about = min(expected, max(case.expected for case in cases))
    rows: list[tuple[float, float]] = []
    for case in cases:
        weight = math.exp(-((math.log((case.expected + 1) / (about + 1)) / _ABOUT) ** 2) / 2)
        rows += [(abs(error), weight * part) for error, part in case.errors]
    seen = months / max(about, _STEP)
    found = max(_quantile(rows), _LEAST)
    return math.exp((seen * math.log(found) + math.log(_DOUBLE)) / (seen + 1))


def _quantile(rows: list[tuple[float, float]]) -> float:
    rows.sort()
    wanted, sum_so_far = SHARE * sum(weight for _, weight in rows), 0.0
    for value, weight in rows:
        sum_so_far += weight
        if sum_so_far >= wanted:
            return value
    return rows[-1][0]


def _cases(past: Past, known: int) -> Iterator[_Case]:
    """Every wait foreseen and seen to its end."""
    for since in range(_FIRST, known - 2, _STEP):
        for part, expected in _foreseen(past, since):
            if known - since >= _SEEN * expected:
                errors = _case_errors(past, part, expected, since=since, known=known)
                if errors:
                    yield _Case(expected, errors)


def _case_errors(
    past: Past, part: int, expected: float, *, since: int, known: int
) -> tuple[tuple[float, float], ...]:
    """How far off it was for shares of the people; whoever waits still has waited so long at least."""
    waits = [(one.months, one.people) for one in past.waits(part=part, since=since, until=known)]
    waits.append((known - since + 1, _waiting_still(past, part, since, known)))
    people = sum(count for _, count in waits)
    return tuple(
        (math.log((months + 1) / (expected + 1)), count / people) for months, count in waits if count
    )


def _foreseen(past: Past, since: int) -> Iterator[tuple[int, float]]:
    """The figure for the middle of each part that was complete and not empty then."""
    for number, part in enumerate(past.parts):
        inside = past.inside(number, since)
        if part.closed > since or inside <= 0:
            continue
        ahead = past.ahead[number][since] + inside / 2
        expected = past.expected(part=number, ahead=ahead, known=since)
        if expected is not None:
            yield number, expected


def _waiting_still(past: Past, part: int, since: int, known: int) -> int:
    """How many of a part wait since then: no more than are there now, nor than were and got no home."""
    housed = sum(wait.people for wait in past.waits(part=part, since=since, until=known))
    return max(0, min(past.inside(part, known), past.inside(part, since) - housed))


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What was said of a part in the past, and the factor's logarithm as first found."""

    since: int
    part: int
    expected: float
    found: float
    range: Range


def _foretell(past: Past) -> list[_Foreseen]:
    """Foresee every half year from what was known then, as it is done today."""
    said: list[_Foreseen] = []
    for since in range(_CHECK_FIRST, past.months - 2, _CHECK_STEP):
        found = list(_errors(past, since))
        width = _width(past, said, until=since)
        for part, expected in _foreseen(past, since):
            if expected <= (since - _FIRST) / _TOLD:
                error = between(found, expected)
                said.append(_Foreseen(since, part, expected, error, around(expected, error * width)))
    return said


def _seen(said: Sequence[_Foreseen], until: int) -> Iterator[_Foreseen]:
    """Those that can be held against what came of them."""
    return (one for one in said if until - one.since >= _SEEN * one.expected)


def _test(past: Past, said: Sequence[_Foreseen], *, until: int) -> Tested:
    """Count who got homes within what was said, as far as it can be seen after so many months."""
    hits = people = 0
    for one in _seen(said, until):
        waits = past.waits(part=one.part, since=one.since, until=until)
        hits += sum(wait.people for wait in waits if one.range.low <= wait.months <= one.range.high)
        people += sum(wait.people for wait in waits)
        if until - one.since > one.range.high:
            people += _waiting_still(past, one.part, one.since, until)
    return Tested(hits=hits, people=people)


def _width(past: Past, said: Sequence[_Foreseen], *, until: int) -> float:
    """
    By how much wider, or narrower, the ranges of the past should have been to hold for eight of ten; it
    counts for more the more waits one after another it was seen on.
    """
    rows: list[tuple[float, float]] = []
    expected: list[float] = []
    for one in _seen(said, until):
        for error, share in _case_errors(past, one.part, one.expected, since=one.since, known=until):
            rows.append((abs(error) / one.found, share))
        expected.append(one.expected)
    if not rows:
        return 1.0
    waits = (until - _CHECK_FIRST) / max(sum(expected) / len(expected), _CHECK_STEP)
    return math.pow(max(_quantile(rows), _NARROWEST), waits / (waits + 1))
