"""Rounds and homes: who got one out of turn, whose share is short, which home stands idle or empty."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from queue_registry.rules.flags.kinds import Flag, FlagKind
from queue_registry.rules.flags.limits import Limits
from queue_registry.rules.flags.places import Ahead
from queue_registry.rules.flags.values import Histories, Home, Line, Round, Step

_K = FlagKind


def not_first(ahead: Sequence[Ahead], limits: Limits) -> Iterator[Flag]:
    """
    A recipient with people ahead on the list of whom the round says nothing: neither a home nor a code. They
    count for the first recipient behind them alone.
    """
    limit = limits.whole(_K.NOT_FIRST, "ahead")
    lists: dict[tuple[str, str], list[Ahead]] = defaultdict(list)
    for one in ahead:
        lists[one.round.subject, one.line.waiting_list].append(one)
    for (_, name), recipients in lists.items():
        recipients.sort(key=lambda one: one.line.moment)
        told = sorted(line.moment for line in recipients[0].round.lines if line.waiting_list == name)
        counted = 0
        for one in recipients:
            unexplained = one.count - bisect_left(told, one.line.moment)
            passed, counted = unexplained - counted, max(counted, unexplained)
            if passed >= limit:
                figures = {"ahead": passed, "limit": limit, "list": name}
                yield _of_line(_K.NOT_FIRST, one.round, one.line, Fraction(passed, limit), figures)


def not_on_list(histories: Histories) -> Iterator[Flag]:
    """A recipient who had no place on the list when the round was frozen."""
    steps: dict[str, list[Step]] = defaultdict(list)
    for step in histories.steps:
        steps[step.entry].append(step)
    for round_ in histories.rounds:
        for line in round_.lines:
            if line.turn is not None and round_.frozen_at is not None:
                last = _last_before(steps.get(line.entry, []), round_.frozen_at)
                if last is None or not last.stands or last.waiting_list != line.waiting_list:
                    since = last.at.isoformat() if last is not None else ""
                    figures = {"list": line.waiting_list, "since": since}
                    yield _of_line(_K.NOT_ON_LIST, round_, line, Fraction(1), figures)


def _last_before(steps: Sequence[Step], at: datetime) -> Step | None:
    """The newest step recorded by the moment; of those at one moment the last as they were given."""
    known = [step for step in steps if step.at <= at]
    return max(enumerate(known), key=lambda one: (one[1].at, one[0]))[1] if known else None


def later_before_earlier(histories: Histories, limits: Limits) -> Iterator[Flag]:
    """A recipient whose turn came before that of others on the list with an earlier moment."""
    limit = limits.whole(_K.LATER_BEFORE_EARLIER, "earlier")
    for round_ in histories.rounds:
        lists: dict[str, list[Line]] = defaultdict(list)
        for line in round_.lines:
            if line.turn is not None:
                lists[line.waiting_list].append(line)
        for name, lines in lists.items():
            later_turns: list[datetime] = []
            for line in sorted(lines, key=lambda one: -(one.turn or 0)):
                earlier = bisect_left(later_turns, line.moment)
                if earlier >= limit:
                    days = (line.moment - later_turns[0]).days
                    figures = {"earlier": earlier, "limit": limit, "days": days, "list": name}
                    yield _of_line(_K.LATER_BEFORE_EARLIER, round_, line, Fraction(earlier, limit), figures)
                later_turns.insert(bisect_right(later_turns, line.moment), line.moment)


def _of_line(
    kind: FlagKind, round_: Round, line: Line, strength: Fraction, figures: Mapping[str, object]
) -> Flag:
    return Flag(
        kind=kind,
        subject=line.entry,
        cause=round_.subject,
        strength=strength,
        figures={"turn": line.turn, "round": round_.subject, "moment": line.moment.isoformat(), **figures},
        involved=frozenset(round_.clerks),
    )


def shares(histories: Histories, limits: Limits) -> Iterator[Flag]:
    """A year in which lists with a lawful floor got fewer homes than it, though somebody waits on them."""
    limit = limits.whole(_K.ORPHANS_SHARE, "missing")
    for share in histories.shares:
        needed = ceil(share.floor * share.homes)
        missing = min(needed - share.received, share.waiting)
        if missing >= limit:
            yield Flag(
                kind=_K.ORPHANS_SHARE,
                subject=share.subject,
                cause=f"{share.received} {share.homes}",
                strength=Fraction(missing, limit),
                figures={
                    "missing": missing,
                    "received": share.received,
                    "needed": needed,
                    "homes": share.homes,
                    "floor": str(share.floor),
                    "waiting": share.waiting,
                },
            )


def homes(histories: Histories, limits: Limits, *, at: datetime) -> Iterator[Flag]:
    """A home that is ready and in no round for long, or was taken and nobody was seen to live in it since."""
    idle = limits.whole(_K.FLAT_IDLE, "days")
    empty = limits.whole(_K.FLAT_EMPTY, "days")
    for home in histories.homes:
        if home.ready_since is not None:
            yield from _waiting(_K.FLAT_IDLE, home, home.ready_since, at, idle)
        elif home.taken_at is not None and home.lived_in_since is None and home.known_at is not None:
            # What no source was asked about since is not known: nobody is suspected for it.
            yield from _waiting(_K.FLAT_EMPTY, home, home.taken_at, home.known_at, empty)


def whole_days(since: datetime, until: datetime) -> int:
    """Return for how many whole days something has lasted: those that the limits of idle homes count."""
    return (until - since) // timedelta(days=1)


def _waiting(kind: FlagKind, home: Home, since: datetime, until: datetime, limit: int) -> Iterator[Flag]:
    days = whole_days(since, until)
    if days > limit:
        yield Flag(
            kind=kind,
            subject=home.subject,
            cause=since.isoformat(),
            strength=Fraction(days, limit),
            figures={"home": home.number, "days": days, "limit": limit, "since": since.isoformat()},
        )
