"""Honest rounds over invented histories: lists in their order, homes taken, shares of a year."""

from datetime import datetime
from fractions import Fraction
from operator import attrgetter
from typing import Final

from housing_queue.benchmarks.synthetic_world import (
    AT,
    DAY,
    Batch,
    Flat,
    Happening,
    History,
    Served,
    World,
    Year,
)

FLOOR: Final = Fraction(1, 5)


def distribute(world: World) -> None:
    """Hold the rounds, the earliest first: in the order of each list, whoever is passed over has a code."""
    for batch in sorted(world.rounds, key=attrgetter("decided_at")):
        _hold(world, batch)
    _flats(world)
    _years(world)


def standing(world: World, akimat: int, at: datetime) -> dict[str, list[tuple[datetime, str, History]]]:
    """Every list of an akimat in its order, as it is known at a moment."""
    lists: dict[str, list[tuple[datetime, str, History]]] = {}
    for history in world.of_akimat[akimat]:
        known = history.known(at)
        if known is not None and known.stands:
            row = (known.moment, history.file_number, history)
            lists.setdefault(known.waiting_list, []).append(row)
    for rows in lists.values():
        rows.sort(key=lambda row: row[:2])
    return lists


def _hold(world: World, batch: Batch) -> None:
    chance, turn = world.chance, 0
    shares = {"1": 1, "2": -(-batch.homes // 5), "3": batch.homes // 6}
    left = batch.homes - sum(shares.values())
    shares |= {"4": left // 2, "5": left - left // 2 - 1, "6": 1}
    lists = standing(world, batch.akimat, batch.frozen_at)
    for number, seats in shares.items():
        for moment, _, history in lists.get(f"{batch.akimat}:{number}", []):
            if not seats:
                break
            line = Served(history=history, waiting_list=f"{batch.akimat}:{number}", moment=moment)
            if chance.random() < 0.12:
                line.code = chance.choice(("NO_DWELLING_FITS", "CHECKS_INCOMPLETE", "INELIGIBLE"))
            else:
                turn, seats = turn + 1, seats - 1
                line.turn = turn
                house(history, line, batch)
            batch.lines.append(line)


def house(history: History, line: Served, batch: Batch) -> None:
    """The offer of a round, and the home taken; what would have happened later does not."""
    history.happenings = [one for one in history.happenings if one.at <= batch.decided_at]
    for days, stands in ((0, True), (5, False)):
        history.happenings.append(
            Happening(
                at=batch.decided_at + DAY * days,
                what="MOVED",
                waiting_list=line.waiting_list,
                moment=line.moment,
                stands=stands,
            )
        )


def _flats(world: World) -> None:
    chance = world.chance
    for batch in world.rounds:
        for line in batch.lines:
            if line.turn is None:
                continue
            taken = batch.decided_at + DAY * chance.randint(1, 7)
            days = chance.randint(3, 60) if chance.random() < 0.97 else chance.randint(60, 130)
            asked = chance.random() < 0.92
            lived_in = taken + DAY * days if asked and taken + DAY * days < AT else None
            flat = Flat(key=len(world.flats) + 1, taken_at=taken, lived_in_since=lived_in)
            flat.known_at = AT - DAY * chance.randint(0, 90) if asked else None
            world.flats.append(flat)
    for _ in range(max(20, len(world.flats) // 10)):
        waits = int(chance.triangular(1, 170, 40))
        world.flats.append(Flat(key=len(world.flats) + 1, ready_since=AT - DAY * waits))


def _years(world: World) -> None:
    for akimat in range(len(world.clerks)):
        for year in range(2023, 2027):
            lines = [
                line
                for batch in world.rounds
                if batch.akimat == akimat and batch.decided_at.year == year
                for line in batch.lines
                if line.turn is not None
            ]
            received = sum(line.waiting_list.endswith(":2") for line in lines)
            name = f"akimat_year:{akimat}:{year}"
            waiting = 0 if received < FLOOR * len(lines) else world.chance.randint(0, 400)
            world.years.append(Year(name=name, homes=len(lines), received=received, waiting=waiting))
