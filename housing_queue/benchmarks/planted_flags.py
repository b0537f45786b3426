"""
What dishonest people do, planted into invented histories: so many cases of each kind, weak and strong.

This module and `planted_recipients` read no limit and know nothing of the detector. How strong a case may
be is told by what was really done: from a slip that nobody would remark to what newspapers wrote about (a
jump from place 6,463 to 2,687; flats empty for years), spread evenly by their order of magnitude.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log
from typing import Final

from housing_queue.benchmarks.synthetic_distribution import standing
from housing_queue.benchmarks.synthetic_world import (
    AT,
    DAY,
    DESK_FROM,
    Batch,
    Happening,
    History,
    World,
    day_between,
    night,
    office,
)

CROWDED: Final = ("2", "3", "4", "5")


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One case: its kind, the names of all that it touches, how strong it is in its own measure."""

    kind: str
    subjects: frozenset[str]
    strength: float


def before_rounds(world: World, cases: int) -> list[Planted]:
    """Plant what changes the order of the lists; the rounds are held afterwards, in that order."""
    return plant_all(
        world, cases, (_typed_backdated, _number_backdated, _edit, _jump, _clerk, _odd_hours, _contact)
    )


def plant_all(
    world: World, cases: int, makers: tuple[Callable[[World, int], Iterator[Planted]], ...]
) -> list[Planted]:
    planted = [one for make in makers for one in make(world, cases)]
    world.touched.update(name for one in planted for name in one.subjects)
    return planted


def spread(world: World, low: float, high: float) -> float:
    """Evenly by order of magnitude."""
    return exp(world.chance.uniform(log(low), log(high)))


def _fresh(world: World, *, desk: bool) -> History:
    """A history in which nothing happened yet but the registration, and nobody else's case."""
    while True:
        history = world.chance.choice(world.histories)
        is_plain = len(history.happenings) == 1 and history.name not in world.touched
        if is_plain and history.series.startswith("desk") == desk:
            world.touched.add(history.name)
            return history


def case_of(kind: str, strength: float, *histories: History) -> Planted:
    return Planted(kind=kind, subjects=frozenset(one.name for one in histories), strength=strength)


def _typed_backdated(world: World, cases: int) -> Iterator[Planted]:
    """A clerk types an application of today with a moment of the past."""
    for _ in range(cases):
        history, days = _fresh(world, desk=True), spread(world, 3, 4_000)
        history.happenings[0].moment -= DAY * days
        yield case_of("MOMENT_BEFORE_ENTRY", days, history)


def _number_backdated(world: World, cases: int) -> Iterator[Planted]:
    """Before a register was put in, a date in it was changed; a renumbered register would not show it."""
    for _ in range(cases):
        history = _fresh(world, desk=False)
        while history.series not in world.ordered_series:
            history = _fresh(world, desk=False)
        days = spread(world, 10, 4_000)
        history.happenings[0].moment -= DAY * days
        yield case_of("NUMBER_OUT_OF_SEQUENCE", days, history)


def _edit(world: World, cases: int) -> Iterator[Planted]:
    """While a round is prepared, somebody is moved forward; after the freeze it would be of no use."""
    while cases:
        batch = world.chance.choice(world.rounds)
        day = day_between(world.chance, batch.announced_at.date() + DAY, batch.frozen_at.date() - DAY * 3)
        places = spread(world, 2, 2_000)
        for planted in _forward(world, "EDIT_AFTER_ANNOUNCEMENT", batch.akimat, day, places):
            cases -= 1
            yield planted


def _jump(world: World, cases: int) -> Iterator[Planted]:
    """Somebody is moved forward while no round is prepared."""
    while cases:
        akimat = world.chance.choice(world.histories).akimat
        day = day_between(world.chance, DESK_FROM + DAY * 60, AT.date())
        if any(one.announced_at.date() <= day <= one.decided_at.date() for one in _of(world, akimat)):
            continue
        for planted in _forward(world, "JUMP", akimat, day, spread(world, 5, 4_000)):
            cases -= 1
            yield planted


def _of(world: World, akimat: int) -> list[Batch]:
    return [batch for batch in world.rounds if batch.akimat == akimat]


def _forward(world: World, kind: str, akimat: int, day: date, places: float) -> Iterator[Planted]:
    """Somebody far enough behind on a crowded list gets the moment of whoever stands so many places ahead."""
    at = office(world.chance, day)
    name = f"{akimat}:{world.chance.choice(CROWDED)}"
    rows = standing(world, akimat, at)[name]
    able = [index for index, row in enumerate(rows) if index > places and row[2].happenings[-1].at < at] or [
        index for index, row in enumerate(rows) if row[2].happenings[-1].at < at
    ][-3:]
    index = world.chance.choice(able)
    history, target = rows[index][2], max(0, index - int(places))
    if history.name in world.touched:
        return
    world.touched.add(history.name)
    history.add(
        Happening(
            at=at,
            what="REDATED",
            waiting_list=name,
            moment=rows[target][0] - timedelta(seconds=1),
            clerk=world.chance.choice(world.clerks[akimat]),
        )
    )
    yield case_of(kind, index - target, history)


def _busy(world: World) -> dict[str, list[History]]:
    """Applications of the desk by their clerk, of clerks with at least half of the usual load."""
    of_clerk: dict[str, list[History]] = {}
    for history in world.histories:
        if history.series.startswith("desk"):
            of_clerk.setdefault(history.clerk, []).append(history)
    usual = sorted(map(len, of_clerk.values()))[len(of_clerk) // 2]
    return {clerk: rows for clerk, rows in of_clerk.items() if len(rows) * 2 >= usual}


def _some_clerks(world: World, cases: int) -> Iterator[tuple[str, list[History]]]:
    able = {clerk: rows for clerk, rows in _busy(world).items() if f"staff:{clerk}" not in world.touched}
    for clerk in world.chance.sample(sorted(able), min(cases, len(able))):
        world.touched.add(f"staff:{clerk}")
        yield clerk, able[clerk]


def _clerk(world: World, cases: int) -> Iterator[Planted]:
    """One clerk puts moments right so many times as often as others who enter as much, each time by days."""
    usual = sum(
        one.what == "REDATED" and not one.proof for history in world.histories for one in history.happenings
    )
    rate = usual / sum(history.series.startswith("desk") for history in world.histories)
    for clerk, rows in _some_clerks(world, cases):
        times = spread(world, 1.5, 20)
        count = max(1, round((times - 1) * rate * len(rows)))
        able = [one for one in rows if len(one.happenings) == 1 and one.name not in world.touched]
        touched = world.chance.sample(able, min(count, len(able)))
        for history in touched:
            world.touched.add(history.name)
            moment, day = history.happenings[0].moment, history.typed_at.date() + DAY * 2
            history.add(
                Happening(
                    at=office(world.chance, day_between(world.chance, day, AT.date() - DAY * 3)),
                    what="REDATED",
                    waiting_list=history.happenings[0].waiting_list,
                    moment=moment - DAY * world.chance.randint(1, 10),
                    clerk=clerk,
                )
            )
        yield Planted(kind="CLERK_RATE", subjects=frozenset({f"staff:{clerk}"}), strength=times)


def _odd_hours(world: World, cases: int) -> Iterator[Planted]:
    """One clerk comes back at night, alone, and types."""
    for clerk, rows in _some_clerks(world, cases):
        count = round(spread(world, 2, 100))
        for history in world.chance.sample(rows, min(count, len(rows))):
            at = night(world.chance, history.typed_at.date())
            registered = history.happenings[0]
            registered.moment += at - history.typed_at
            history.typed_at = registered.at = at
            history.happenings.sort(key=lambda one: one.at)
            if history.happenings[0] is not registered:
                history.happenings.remove(registered)
                history.happenings = [registered]
        yield Planted(kind="ODD_HOURS", subjects=frozenset({f"staff:{clerk}"}), strength=count)


def _contact(world: World, cases: int) -> Iterator[Planted]:
    """A middleman files applications of strangers within months, under one phone, one address, or both."""
    case = 0
    while case < cases:
        akimat, count = world.chance.choice(list(world.of_akimat)), round(spread(world, 2, 15))
        rows = [
            one
            for one in world.of_akimat[akimat]
            if one.series.startswith("desk") and len(one.happenings) == 1 and one.name not in world.touched
        ]
        days = spread(world, 5, 200)
        start = world.chance.choice(rows[: len(rows) * 3 // 4]).typed_at
        able = [one for one in rows if start <= one.typed_at <= start + DAY * days]
        group = world.chance.sample(able, min(count, len(able)))
        channels = world.chance.choice(("phone", "address", "both"))
        for history in group:
            world.touched.add(history.name)
            history.phone = f"middleman:{case}" if channels != "address" else history.phone
            history.address = f"middleman:{case}" if channels != "phone" else history.address
        if len(group) > 1:
            case += 1
            yield case_of("SAME_CONTACT", len(group), *group)
