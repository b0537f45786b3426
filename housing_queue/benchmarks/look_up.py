"""
Whether the time of an answer tells what was wrong: a wrong number, a wrong IIN, or both unknown.

The figure is the area under the curve (AUC) of telling two kinds apart by time alone, on its worse side: 0.5
is a coin, 1 gives it away.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import Final

from housing_queue.benchmarks import serving, synthetic_register
from housing_queue.benchmarks.measuring import Measured
from housing_queue.benchmarks.web import Pair, subjects
from queue_registry.rules.file_number import file_number

ENTRIES: Final = 100_000
REQUESTS: Final = 2_000
_WARM_UP: Final = 50
_KINDS: Final = ("number", "iin", "both")


def measure_look_up(entries: int = ENTRIES) -> Iterator[Measured]:
    """Every two kinds of wrong answers, told apart by their times."""
    with synthetic_register.database_of_its_own():
        yield from measure(entries)


def measure(entries: int, requests: int = REQUESTS) -> Iterator[Measured]:
    """The same in the database that is connected, which holds no register yet."""
    built = synthetic_register.build(entries)
    pairs = subjects(built.biggest.pk, depth=0, count=requests)
    if len(pairs) < requests:
        raise ValueError(f"{requests} requests of a kind need as many entries on one list")
    with serving.server() as port:
        seconds = _times(port, built.akimats[0].kato, pairs)
    for one, other in combinations(_KINDS, 2):
        area = auc(seconds[one], seconds[other])
        yield Measured(
            work=f"look_up.{one}_{other}",
            value=max(area, 1 - area),
            note=f"{requests:,} times of each kind, in turn; AUC {area:.3f}",
        )


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"look_up": measure_look_up}
)


def auc(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how often a time of the one is longer than a time of the other, equal ones by half."""
    ranked = sorted([(time, 0) for time in other] + [(time, 1) for time in one])
    below = won = 0.0
    start = 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        equal = [side for _, side in ranked[start:end]]
        won += sum(equal) * (below + equal.count(0) / 2)
        below += equal.count(0)
        start = end
    return won / (len(one) * len(other))


def _times(port: int, kato: str, pairs: Sequence[Pair]) -> dict[str, list[float]]:
    """Seconds of each kind, in turn, so that whatever else the machine does meets all of them alike."""
    seconds: dict[str, list[float]] = {kind: [] for kind in _KINDS}
    address = 0
    for number, pair in enumerate(pairs):
        for kind, wrong in zip(_KINDS, _wrong(kato, number, pair), strict=True):
            address += 1
            form = {"file_number": wrong.file_number, "iin": wrong.iin}
            took, _ = serving.ask(port, serving.request("/kk/", form=form, address=address))
            if number >= _WARM_UP:
                seconds[kind].append(took)
    return seconds


def _wrong(kato: str, number: int, pair: Pair) -> tuple[Pair, Pair, Pair]:
    """A number and an IIN that nobody has, each once, so that no limit is met."""
    nobodys = file_number(kato=kato, running_number=5_000_000 + number)
    others = file_number(kato=kato, running_number=6_000_000 + number)
    stranger, other = f"9912312{number:05d}", f"9912302{number:05d}"
    return Pair(nobodys, pair.iin), Pair(pair.file_number, stranger), Pair(others, other)
