"""
Invented histories of honest work, with everything that looks odd and is not.

Imitated are: old registers put in by batches, day and night, one in six of them renumbered at a migration;
a campaign in which clerks digitize at night together; journals of outages typed days later; overtime of
single clerks; slips of the pen put right; errors of digitization corrected against the old list; restorations
by court and review; grounds that arose later (art 73(4)); orphans who move with their moment; families who
share a phone or a house; dormitories, the akimat's own phone, strangers who share one; homes that wait for a
round; families who move in late. Nobody of the detector is known here.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter
from typing import Final

from housing_queue.benchmarks.synthetic_world import (
    DAY,
    DESK_FROM,
    TODAY,
    Batch,
    Happening,
    History,
    World,
    day_between,
    night,
    office,
)

OLD_FROM: Final = date(2008, 1, 1)
OLD_UNTIL: Final = date(2021, 12, 31)
MIX: Final = {"1": 1, "2": 95, "3": 210, "4": 390, "5": 300, "6": 4}
# What happens to an entry later, and to what part of all.
_LATER: Final = {
    "SLIP": 0.008,
    "AROSE_LATER": 0.004,
    "RESTORED": 0.003,
    "RESTORED_MOMENT": 0.001,
    "CORRECTED": 0.01,
    "RELISTED": 0.004,
    "REMOVED": 0.145,
}


def build(size: int, *, seed: int) -> World:
    """Everything up to the rounds: histories, staff, kin, contacts, and the days of the rounds."""
    world = World(chance=random.Random(seed))  # noqa: S311 - invented data
    akimats = max(3, min(24, size // 1_000))
    weights = [1 / (index + 2) for index in range(akimats)]
    for akimat in range(akimats):
        count = max(200, int(size * weights[akimat] / sum(weights)))
        world.clerks.append([f"{akimat}{clerk:03d}" for clerk in range(1 + max(4, count // 400))])
        _histories(world, akimat, count)
        _staff(world, akimat)
        _days_of_rounds(world, akimat, count)
    _contacts(world)
    return world


def _histories(world: World, akimat: int, count: int) -> None:
    chance, old = world.chance, int(count * 0.6)
    busy = [chance.choice((0.4, 0.7, 1.0, 1.0, 1.4, 1.8)) for _ in world.clerks[akimat]]
    made = [*_old(world, akimat, old), *_new(world, akimat, count - old)]
    for history in made:
        _life(world, history, busy)
        history.happenings.sort(key=attrgetter("at"))
    world.of_akimat[akimat] = made
    world.histories += made


def _list(chance: random.Random) -> str:
    (number,) = chance.choices(list(MIX), list(MIX.values()))
    return number


def _made(world: World, akimat: int, *, moment: datetime, typed_at: datetime, **told: str | int) -> History:
    key = len(world.histories) + len(world.of_akimat.setdefault(akimat, []))
    history = History(
        key=key,
        akimat=akimat,
        series=str(told["series"]),
        number=int(told["number"]),
        typed_at=typed_at,
        clerk=str(told["clerk"]),
        proof=str(told.get("proof", "")),
        phone=f"p{key}",
        address=f"a{key}",
        people=[key * 10 + index for index in range(world.chance.randint(1, 4))],
    )
    for member in history.people[1:]:
        world.relate(history.people[0], member)
    registered = Happening(
        at=typed_at,
        what="REGISTERED",
        waiting_list=f"{akimat}:{told['list']}",
        moment=moment,
        clerk=history.clerk,
        proof=history.proof,
    )
    history.happenings.append(registered)
    world.of_akimat[akimat].append(history)
    return history


def _old(world: World, akimat: int, count: int) -> Iterator[History]:
    """Old registers, each put in by one clerk within some hours of a day or a night."""
    chance = world.chance
    registers = 3 if akimat else 6
    for register in range(registers):
        series = f"old:{akimat}:{register}"
        days = sorted(day_between(chance, OLD_FROM, OLD_UNTIL) for _ in range(count // registers))
        moments = [office(chance, day) for day in days]
        # A file lay about for some days before it was numbered.
        order = sorted(moments, key=lambda moment: moment + DAY * chance.expovariate(1 / 3))
        if chance.random() < 1 / 6:
            chance.shuffle(order)
        else:
            world.ordered_series.append(series)
        batch = office(chance, day_between(chance, date(2022, 2, 1), date(2022, 6, 20)))
        if chance.random() < 0.4:
            batch = night(chance, batch.date())
        clerk = chance.choice(world.clerks[akimat])
        for number, moment in enumerate(order, 1):
            yield _made(
                world,
                akimat,
                moment=moment,
                typed_at=batch,
                clerk=clerk,
                proof="IMPORT",
                series=series,
                number=number,
                list=_list(chance),
            )


def _new(world: World, akimat: int, count: int) -> Iterator[History]:
    """Applications filed at the desk, numbered as they are typed."""
    chance = world.chance
    days = sorted(day_between(chance, DESK_FROM, TODAY - DAY * 20) for _ in range(count))
    typed = sorted(_typed(chance, day) for day in days)
    for number, typed_at in enumerate(typed, 1):
        moment, proof, draw, number_of_list = typed_at, "", chance.random(), _list(chance)
        if draw < 0.02:
            moment -= DAY * chance.randint(1, 12)  # the journal of an outage
        elif draw < 0.0215:
            moment, proof = moment - DAY * chance.randint(60, 3_000), "DECISION"
        elif draw < 0.03 and number_of_list == "2":
            moment, proof = moment - DAY * chance.randint(200, 3_000), "TRANSFER"
        yield _made(
            world,
            akimat,
            moment=moment,
            typed_at=typed_at,
            clerk=chance.choice(world.clerks[akimat]),
            proof=proof,
            series=f"desk:{akimat}",
            number=number,
            list=number_of_list,
        )


def _typed(chance: random.Random, day: date) -> datetime:
    """In office hours; now and then somebody stays longer, or comes on a Saturday."""
    return night(chance, day) if chance.random() < 0.008 else office(chance, day)


def _life(world: World, history: History, busy: list[float]) -> None:
    """What happened to an entry later: nothing to most."""
    chance = world.chance
    kinds = [kind for kind in _LATER if kind != "CORRECTED" or history.proof == "IMPORT"]
    (kind,) = chance.choices([*kinds, ""], [*(_LATER[kind] for kind in kinds), 1 - sum(_LATER.values())])
    if not kind:
        return
    (registered,) = history.happenings
    days = [day_between(chance, max(registered.at.date(), DESK_FROM) + DAY, TODAY) for _ in range(2)]
    first, second = (office(chance, day) for day in sorted(days))
    (clerk,) = chance.choices(world.clerks[history.akimat], busy)
    later = replace(registered, at=first, what="REDATED", clerk=clerk, proof="")
    history.happenings.append(later)
    if kind == "SLIP":
        later.moment += DAY * chance.choice((-1, 1)) * chance.randint(1, 10)
    elif kind == "AROSE_LATER":
        later.moment = min(later.moment + DAY * chance.randint(30, 2_000), first - DAY)
    elif kind == "RESTORED_MOMENT":
        later.moment, later.proof = later.moment - DAY * chance.randint(100, 3_000), "DECISION"
    elif kind == "CORRECTED":
        # What the batch had wrong; put right by the old list, in a night of the campaign.
        later.at, later.proof = _campaign(chance), "IMPORT"
        registered.moment += DAY * chance.choice((30, 61, 92, 365, 731, 3_652)) * chance.choice((-1, 1))
    elif kind == "RELISTED":
        later.what, later.waiting_list = kind, f"{history.akimat}:{_list(chance)}"
        later.proof = "SOURCE" if chance.random() < 0.9 else ""
    else:
        later.what, later.stands = "LEFT", False
        later.proof = "SOURCE" if chance.random() < 0.85 else ""
    if kind == "RESTORED":
        back = replace(later, at=second + DAY, what="MOVED", stands=True, proof="DECISION")
        history.happenings.append(back)


def _campaign(chance: random.Random) -> datetime:
    """A night of ten in which the whole office digitizes."""
    return night(chance, date(2022, 7, 4) + DAY * chance.randint(0, 9))


def _staff(world: World, akimat: int) -> None:
    """Every officer is a person with a family, of whom nobody stands on a list."""
    for clerk in world.clerks[akimat]:
        person = 10**9 + len(world.officials) * 10
        world.officials[person] = clerk
        world.relate(person, person + 1)
        world.relate(person, person + 2)


def _days_of_rounds(world: World, akimat: int, count: int) -> None:
    chance = world.chance
    for year in range(2023, 2027):
        for month in (3, 8)[: chance.randint(1, 2)]:
            announced = office(chance, date(year, month, chance.randint(1, 28)) - DAY * 60)
            frozen = office(chance, announced.date() + DAY * chance.randint(15, 40))
            world.rounds.append(
                Batch(
                    key=len(world.rounds) + 1,
                    akimat=akimat,
                    announced_at=announced,
                    frozen_at=frozen,
                    decided_at=office(chance, frozen.date() + DAY * chance.randint(4, 15)),
                    homes=max(12, count // 250),
                )
            )


def _contacts(world: World) -> None:
    """Who shares a phone or an address, and why."""
    chance = world.chance
    for akimat, histories in world.of_akimat.items():
        dormitories = [f"dormitory:{akimat}:{number}" for number in range(1 + len(histories) // 1_500)]
        for history in histories:
            draw, other = chance.random(), chance.choice(histories)
            if draw < 0.04:
                world.relate(history.people[0], other.people[0])
                history.phone = other.phone if chance.random() < 0.5 else history.phone
                history.address = other.address if chance.random() < 0.7 else history.address
            elif draw < 0.0415:
                history.phone = other.phone
            elif draw < 0.043:
                history.address = other.address
            elif draw < 0.053:
                history.phone = f"akimat:{akimat}"
            elif draw < 0.083:
                history.address = chance.choice(dormitories)
