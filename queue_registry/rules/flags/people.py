"""What the work of one officer shows beside all others', and who is tied to whom."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final

from queue_registry.rules.calendar import civil_day, hour_of, kazakhstan
from queue_registry.rules.flags.kinds import Flag, FlagKind
from queue_registry.rules.flags.limits import Limits
from queue_registry.rules.flags.places import Removed
from queue_registry.rules.flags.values import Entry, Histories, Proof, Step, What

_K = FlagKind
# What nobody decides upon alone: the moves that rounds and their offers bring are not counted.
_ACTS: Final = frozenset({What.REGISTERED, What.REDATED, What.RELISTED, What.LEFT})


def clerk_rates(histories: Histories, limits: Limits) -> Iterator[Flag]:
    """An officer who changes moments without proof much more often than the others do for as much work."""
    work: Counter[str] = Counter()
    changes: Counter[str] = Counter()
    for step in _acts(histories.steps):
        work[step.clerk] += 1
        changes[step.clerk] += step.what is What.REDATED
    yield from _above_others(_K.CLERK_RATE, changes, work, limits)


def odd_hours(histories: Histories, limits: Limits) -> Iterator[Flag]:
    """An officer who changes places at night and on weekends, alone, much more often than the others do."""
    begin, end = (limits.whole(_K.ODD_HOURS, name) for name in ("begin", "end"))
    company = limits.whole(_K.ODD_HOURS, "company")
    akimats = {entry.subject: entry.akimat for entry in histories.entries}
    at_work: dict[tuple[str, date], set[str]] = defaultdict(set)
    odd: list[tuple[tuple[str, date], str]] = []
    work: Counter[str] = Counter()
    # Whoever digitizes at night is company, too; only acts without proof are counted.
    for step in histories.steps:
        day = _odd_day(step.at, begin, end) if step.clerk and step.what in _ACTS else None
        if day is not None:
            at_work[akimats[step.entry], day].add(step.clerk)
    for step in _acts(histories.steps):
        work[step.clerk] += 1
        day = _odd_day(step.at, begin, end)
        if day is not None:
            odd.append(((akimats[step.entry], day), step.clerk))
    alone = Counter(clerk for when, clerk in odd if len(at_work[when]) <= company)
    yield from _above_others(_K.ODD_HOURS, alone, work, limits)


def _acts(steps: Iterable[Step]) -> Iterator[Step]:
    return (step for step in steps if step.clerk and step.what in _ACTS and step.proof is Proof.NONE)


def _odd_day(at: datetime, begin: int, end: int) -> date | None:
    """The day to which work at an odd hour belongs (a night to the day before), or None."""
    day, hour = civil_day(at), hour_of(at)
    if hour < begin:
        return day - timedelta(days=1)
    return day if hour >= end or not _is_worked(day) else None


def _is_worked(day: date) -> bool:
    """Whether offices work on a day; of a year whose holidays are not known only the days of rest are."""
    calendar = kazakhstan()
    if day.year in calendar.years:
        return calendar.is_working_day(day)
    return day.isoweekday() not in calendar.days_of_rest


def _above_others(
    kind: FlagKind, counts: Mapping[str, int], work: Mapping[str, int], limits: Limits
) -> Iterator[Flag]:
    """
    Whose rate is so many times that of all others together, and so many standard deviations above what it
    lets expect. The others are taken to have done it once more than they did: a rate of none judges nobody.
    Whoever was found is no measure for the rest, who are looked at once more.
    """
    times, sigmas = limits.of(kind, "times"), limits.of(kind, "sigmas")
    left = {clerk: count for clerk, count in counts.items() if count >= limits.whole(kind, "fewest")}
    all_counts, all_work = sum(counts.values()), sum(work.values())
    while True:
        above = {}
        for clerk, count in left.items():
            others = all_work - work[clerk]
            expected = Fraction((all_counts - count + 1) * work[clerk], others) if others else Fraction(count)
            if count >= times * expected and _is_beyond(count, expected, sigmas):
                above[clerk] = count / (times * expected)
        if not above:
            return
        clerk = max(above, key=lambda one: (above[one], one))
        count = left.pop(clerk)
        all_counts, all_work = all_counts - count, all_work - work[clerk]
        yield Flag(
            kind=kind,
            subject=f"staff:{clerk}",
            cause=str(count),
            strength=above[clerk],
            figures={
                "count": count,
                "acts": work[clerk],
                "others_count": all_counts,
                "others_acts": all_work,
                "limit": str(times),
            },
            involved=frozenset({clerk}),
        )


def _is_beyond(count: int, expected: Fraction, sigmas: Fraction) -> bool:
    """
    Tell whether a count is so many standard deviations above what is expected, by the roots of both, whose
    difference has a deviation of a half however few they are: √count ≥ √expected + sigmas / 2.
    """
    rest = count - expected - sigmas**2 / 4
    return rest >= 0 and rest**2 >= sigmas**2 * expected


def neighbor_gains(removed: Sequence[Removed], limits: Limits) -> Iterator[Flag]:
    """Removals without a source's answer just ahead of somebody who then got a home, by one officer."""
    term = timedelta(days=limits.whole(_K.NEIGHBOUR_GAIN, "days"))
    found: dict[tuple[str, str, str], list[Removed]] = defaultdict(list)
    for one in removed:
        decided_at, step = one.round.decided_at, one.step
        is_bare = step.proof is Proof.NONE and step.clerk
        if is_bare and decided_at is not None and decided_at - step.at <= term:
            found[one.round.subject, one.line.waiting_list, step.clerk].append(one)
    for cases in found.values():
        yield from _gainers(cases, limits)


def _gainers(cases: Sequence[Removed], limits: Limits) -> Iterator[Flag]:
    """
    Each removal counts for one gainer alone: for whoever has the most of them ahead, and the nearest.
    """
    kind, limit = _K.NEIGHBOUR_GAIN, limits.whole(_K.NEIGHBOUR_GAIN, "removals")
    while cases:
        behind: dict[str, list[Removed]] = defaultdict(list)
        for one in cases:
            behind[one.line.entry].append(one)
        entry, own = max(
            behind.items(), key=lambda pair: (len(pair[1]), -sum(one.places for one in pair[1]), pair[0])
        )
        if len(own) < limit:
            return
        first = own[0]
        yield Flag(
            kind=kind,
            subject=entry,
            cause=first.round.subject,
            strength=Fraction(len(own), limit),
            figures={
                "removals": len(own),
                "limit": limit,
                "places": max(one.places for one in own),
                "round": first.round.subject,
                "staff": first.step.clerk,
            },
            involved=frozenset({first.step.clerk, *(one.step.second for one in own)}),
        )
        taken = {one.step.entry for one in own}
        cases = [one for one in cases if one.step.entry not in taken]


def officials(histories: Histories, limits: Limits) -> Iterator[Flag]:
    """A recipient who is of the akimat's staff, or kin of one up to so many degrees, or lives with one."""
    kind = _K.OFFICIAL_OR_RELATIVE
    degrees = limits.whole(kind, "degrees")
    near = _circles(histories, degrees)
    entries: dict[str, Entry] = {entry.subject: entry for entry in histories.entries}
    for round_ in histories.rounds:
        for line in round_.lines:
            entry = entries.get(line.entry)
            if (line.turn is None and not line.called) or entry is None:
                continue
            ties = sorted(near[person] for person in entry.people if person in near)
            if ties:
                degree, clerk = ties[0]
                yield Flag(
                    kind=kind,
                    subject=line.entry,
                    cause=f"{round_.subject} {clerk}",
                    strength=Fraction(degrees + 1, degree + 1),
                    figures={"degree": degree, "limit": degrees, "staff": clerk, "round": round_.subject},
                    involved=frozenset({clerk, *round_.clerks}),
                )


def _circles(histories: Histories, degrees: int) -> dict[int, tuple[int, str]]:
    """People by their nearest official: degree of kinship, who it is."""
    near = {person: (0, clerk) for person, clerk in histories.officials.items()}
    circle = dict(histories.officials)
    for degree in range(1, degrees + 1):
        farther: dict[int, str] = {}
        for person, clerk in circle.items():
            for relative in histories.kin.get(person, ()):
                if relative not in near:
                    near[relative] = (degree, clerk)
                    farther[relative] = clerk
        circle = farther
    return near
