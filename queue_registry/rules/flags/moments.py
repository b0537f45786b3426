"""Backdating: moments before the entry, numbers out of sequence, jumps, edits after an announcement."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Final

from queue_registry.rules.flags.kinds import Flag, FlagKind
from queue_registry.rules.flags.limits import Limits
from queue_registry.rules.flags.places import Gain
from queue_registry.rules.flags.values import Entry, Histories, Proof, Round, What

_K = FlagKind
_DAY: Final = timedelta(days=1)
_DAY_SECONDS: Final = 86_400


def before_entry(histories: Histories, limits: Limits) -> Iterator[Flag]:
    """A moment long before the entry was typed, with no row of an old list and no decision behind it."""
    limit = limits.whole(_K.MOMENT_BEFORE_ENTRY, "days")
    for entry in histories.entries:
        days = (entry.typed_at - entry.first_moment) // _DAY
        if entry.proof is Proof.NONE and days > limit:
            yield Flag(
                kind=_K.MOMENT_BEFORE_ENTRY,
                subject=entry.subject,
                cause=entry.typed_at.isoformat(),
                strength=Fraction(days, limit),
                figures={
                    "days": days,
                    "limit": limit,
                    "moment": entry.first_moment.isoformat(),
                    "typed_at": entry.typed_at.isoformat(),
                },
                involved=frozenset({entry.clerk}),
            )


def out_of_sequence(histories: Histories, limits: Limits) -> Iterator[Flag]:
    """A moment far earlier than those of the numbers given just before and after."""
    series: dict[str, list[Entry]] = defaultdict(list)
    for entry in histories.entries:
        if entry.series:
            series[entry.series].append(entry)
    for entries in series.values():
        entries.sort(key=lambda entry: (entry.number, entry.subject))
        yield from _of_series(entries, limits)


def _of_series(entries: Sequence[Entry], limits: Limits) -> Iterator[Flag]:
    kind = _K.NUMBER_OUT_OF_SEQUENCE
    reach, days = limits.whole(kind, "neighbors"), limits.whole(kind, "days")
    nearest = limits.whole(kind, "nearest")
    moments = [int(entry.moment.timestamp()) for entry in entries]
    lags = [_lag(moments, index, nearest) for index in range(len(moments))]
    for index, (entry, lag) in enumerate(zip(entries, lags, strict=True)):
        if lag // _DAY_SECONDS <= days or _is_proven(entry, days):
            continue
        around = lags[max(0, index - reach) : index] + lags[index + 1 : index + 1 + reach]
        usual = _middle([abs(one) for one in around])
        limit = max(days, int(usual * limits.of(kind, "spreads")) // _DAY_SECONDS)
        if lag // _DAY_SECONDS > limit:
            yield Flag(
                kind=kind,
                subject=entry.subject,
                cause=entry.moment.isoformat(),
                strength=Fraction(lag // _DAY_SECONDS, limit),
                figures={
                    "number": entry.number,
                    "days": lag // _DAY_SECONDS,
                    "usual_days": usual // _DAY_SECONDS,
                    "limit": limit,
                    "moment": entry.moment.isoformat(),
                },
                involved=frozenset({entry.clerk}),
            )


def _is_proven(entry: Entry, days: int) -> bool:
    """A decision or a transfer gave about this moment. A row of an old list does not prove: it is checked."""
    return entry.proven_moment is not None and entry.proven_moment <= entry.moment + days * _DAY


def _lag(moments: list[int], index: int, nearest: int) -> int:
    """
    Seconds by which a moment is before the middle of those of the nearest numbers on both sides: never more
    after it than before, since at the beginning of a register everybody is earlier than those who follow.
    """
    before = moments[max(0, index - nearest) : index]
    around = before + moments[index + 1 : index + 1 + len(before)]
    return _middle(around) - moments[index] if around else 0


def _middle(numbers: Sequence[int]) -> int:
    """The median, the lower of the two middle ones."""
    return sorted(numbers)[(len(numbers) - 1) // 2] if numbers else 0


def jumps(gains: Sequence[Gain], limits: Limits) -> Iterator[Flag]:
    """A changed moment by which an entry passes many others, with nothing that we hold behind it."""
    kind = _K.JUMP
    many, fewest = limits.whole(kind, "places"), limits.whole(kind, "fewest")
    share = limits.of(kind, "share")
    for gain in gains:
        strength = max(Fraction(gain.places, many), Fraction(gain.places, gain.length) / share)
        is_bare = gain.step.what is What.REDATED and gain.step.proof is Proof.NONE
        if is_bare and gain.places >= fewest and strength >= 1:
            figures = {"limit": many, "share": str(share), "length": gain.length}
            yield _of_gain(kind, gain, strength, figures)


def after_announcement(histories: Histories, gains: Sequence[Gain], limits: Limits) -> Iterator[Flag]:
    """
    An entry that comes forward while a round of its akimat is announced and not decided, without proof: by
    many places, or from behind the number of homes to within it.
    """
    kind, akimats = _K.EDIT_AFTER_ANNOUNCEMENT, {one.subject: one.akimat for one in histories.entries}
    rounds: dict[str, list[Round]] = defaultdict(list)
    for round_ in histories.rounds:
        rounds[round_.akimat].append(round_)
    limit = limits.whole(kind, "places")
    for gain in gains:
        if gain.step.proof is not Proof.NONE or gain.places < 1:
            continue
        for round_ in rounds[akimats[gain.step.entry]]:
            into_reach = gain.after <= round_.homes < gain.before
            if _is_under_way(round_, gain) and (gain.places >= limit or into_reach):
                figures = {
                    "limit": limit,
                    "homes": round_.homes,
                    "into_reach": into_reach,
                    "round": round_.subject,
                    "announced_at": round_.announced_at.isoformat(),
                }
                strength = max(Fraction(gain.places, limit), Fraction(int(into_reach)))
                yield _of_gain(kind, gain, strength, figures)
                break


def _is_under_way(round_: Round, gain: Gain) -> bool:
    at = gain.step.at
    return round_.announced_at < at and (round_.decided_at is None or at < round_.decided_at)


def _of_gain(kind: FlagKind, gain: Gain, strength: Fraction, figures: dict[str, object]) -> Flag:
    step = gain.step
    return Flag(
        kind=kind,
        subject=step.entry,
        cause=step.at.isoformat(),
        strength=strength,
        figures={
            "places": gain.places,
            "before": gain.before,
            "after": gain.after,
            "at": step.at.isoformat(),
            **figures,
        },
        involved=frozenset({step.clerk, step.second}),
    )
