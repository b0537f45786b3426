"""What dishonest people do with homes: planted after the rounds, as `planted_flags` does before them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from housing_queue.benchmarks.planted_flags import CROWDED, Planted, case_of, plant_all, spread
from housing_queue.benchmarks.synthetic_distribution import house, standing
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
    office,
)


def after_rounds(world: World, cases: int) -> list[Planted]:
    """Plant what concerns recipients, homes and shares."""
    return plant_all(
        world,
        cases,
        (_neighbor, _official, _out_of_turn, _off_list, _turned, _idle, _empty, _short_year),
    )


def _recipients(world: World, cases: int) -> list[tuple[Batch, Served]]:
    able = [
        (batch, line)
        for batch in world.rounds
        for line in batch.lines
        if line.turn is not None and line.history.name not in world.touched
    ]
    return world.chance.sample(able, min(cases, len(able)))


def _neighbor(world: World, cases: int) -> Iterator[Planted]:
    """Somebody removes, one after another, those who stand just ahead of a friend."""
    for batch, line in _recipients(world, cases):
        count, clerk = round(spread(world, 1, 10)), world.chance.choice(world.clerks[batch.akimat])
        for step in range(count):
            _removed_ahead(world, batch, line, clerk, seconds=step + 1)
        yield case_of("NEIGHBOUR_GAIN", count, line.history)


def _removed_ahead(world: World, batch: Batch, line: Served, clerk: str, *, seconds: int) -> None:
    """One more history of an old list, ahead of the line; it ends before the freeze."""
    registered = line.history.happenings[0]
    moment = line.moment - timedelta(seconds=seconds)
    before = batch.frozen_at.date() - DAY * world.chance.randint(2, 70)
    key = 10**7 - len(world.histories)
    history = History(
        key=key,
        akimat=batch.akimat,
        series="",
        number=0,
        typed_at=min(registered.at, line.history.typed_at),
        clerk=clerk,
        proof="IMPORT",
        phone=f"p{key}",
        address=f"a{key}",
        people=[key * 10],
    )
    for at, what, stands in (
        (history.typed_at, "REGISTERED", True),
        (max(office(world.chance, before), history.typed_at + DAY), "LEFT", False),
    ):
        proof = "IMPORT" if stands else ""
        history.happenings.append(
            Happening(
                at=at,
                what=what,
                waiting_list=line.waiting_list,
                moment=moment,
                stands=stands,
                clerk=clerk,
                proof=proof,
            )
        )
    world.histories.append(history)
    world.touched.add(history.name)
    # In the rounds that it lived to see it was passed over, with a code like others.
    for earlier in world.rounds:
        known = history.known(earlier.frozen_at)
        if earlier.akimat == batch.akimat and earlier is not batch and known and known.stands:
            earlier.lines.append(
                Served(
                    history=history, waiting_list=line.waiting_list, moment=moment, code="CHECKS_INCOMPLETE"
                )
            )


def _official(world: World, cases: int) -> Iterator[Planted]:
    """The recipient is somebody of the staff, or kin of one: by degrees up to such as most people have."""
    for case, (batch, line) in enumerate(_recipients(world, cases)):
        degree, clerk = case % 5, world.chance.choice(world.clerks[batch.akimat])
        person = next(person for person, name in world.officials.items() if name == clerk)
        for step in range(degree):
            between = 2 * 10**9 + line.history.key * 10 + step
            world.relate(person, between)
            person = between
        line.history.people.append(person)
        yield case_of("OFFICIAL_OR_RELATIVE", -degree, line.history)


def _someone_else(world: World, batch: Batch, line: Served, history: History, moment: datetime) -> None:
    """The home of a line goes to another. Whoever stood there hears nothing, gives up and moves away."""
    victim = line.history
    victim.happenings = [
        one for one in victim.happenings if not (one.what == "MOVED" and one.at >= batch.decided_at)
    ]
    gone = replace(victim.happenings[-1], at=batch.decided_at + DAY, what="LEFT", stands=False)
    victim.add(replace(gone, clerk="", proof="SOURCE"))
    world.touched |= {line.history.name, history.name}
    line.history, line.moment = history, moment


def _last_lines(world: World, cases: int) -> Iterator[tuple[Batch, Served]]:
    """The homes that went to whoever was served last on some list: what a friend is given in his place."""
    batches = world.chance.sample(world.rounds, len(world.rounds))
    for batch in batches:
        name = f"{batch.akimat}:{world.chance.choice(CROWDED)}"
        lines = [one for one in batch.lines if one.waiting_list == name and one.turn is not None]
        if lines and lines[-1].history.name not in world.touched:
            cases -= 1
            yield batch, lines[-1]
        if not cases:
            return


def _out_of_turn(world: World, cases: int) -> Iterator[Planted]:
    """A home goes to somebody far behind whoever would have been served last."""
    for batch, line in _last_lines(world, cases):
        rows = standing(world, batch.akimat, batch.frozen_at)[line.waiting_list]
        behind = [row for row in rows if row[0] > line.moment and row[2].name not in world.touched]
        if not behind:
            continue
        index = min(int(spread(world, 1, 1_000)), len(behind)) - 1
        moment, _, history = behind[index]
        _someone_else(world, batch, line, history, moment)
        house(history, line, batch)
        yield case_of("NOT_FIRST", index + 1, history)


def _off_list(world: World, cases: int) -> Iterator[Planted]:
    """A home goes to somebody who came after the freeze, or had left the list before."""
    for batch, line in _last_lines(world, cases):
        rows = [
            one
            for one in world.of_akimat[batch.akimat]
            if one.name not in world.touched and not _stood(one, batch)
        ]
        history = world.chance.choice(rows)
        known = history.known(batch.frozen_at) or history.happenings[0]
        _someone_else(world, batch, line, history, line.moment)
        yield case_of("NOT_ON_LIST", abs((batch.frozen_at - known.at) / DAY), history)


def _stood(history: History, batch: Batch) -> bool:
    known = history.known(batch.frozen_at)
    return known is not None and known.stands


def _turned(world: World, cases: int) -> Iterator[Planted]:
    """Somebody who was served anyway is called before others, and so chooses before them."""
    for batch, line in _recipients(world, cases * 3)[: cases * 3]:
        ahead = sorted(
            one.turn
            for one in batch.lines
            if one.waiting_list == line.waiting_list and one.turn is not None and one.turn < (line.turn or 0)
        )
        if not ahead or cases <= 0:
            continue
        cases -= 1
        count = min(round(spread(world, 1, 30)), len(ahead))
        turn = ahead[-count]
        for one in batch.lines:
            if one.turn is not None and turn <= one.turn < (line.turn or 0):
                one.turn += 1
        line.turn = turn
        yield case_of("LATER_BEFORE_EARLIER", count, line.history)


def _idle(world: World, cases: int) -> Iterator[Planted]:
    """A home is ready, and nobody tells: for longer than a round takes, for years at the most."""
    for _ in range(cases):
        days = spread(world, 60, 2_200)
        yield _flat(world, "FLAT_IDLE", days, Flat(key=0, ready_since=AT - DAY * days))


def _empty(world: World, cases: int) -> Iterator[Planted]:
    """A home is taken, and nobody moves in."""
    for _ in range(cases):
        days = spread(world, 30, 2_000)
        yield _flat(world, "FLAT_EMPTY", days, Flat(key=0, taken_at=AT - DAY * (days + 5), known_at=AT))


def _flat(world: World, kind: str, days: float, flat: Flat) -> Planted:
    flat.key = len(world.flats) + 1
    world.flats.append(flat)
    return Planted(kind=kind, subjects=frozenset({f"dwelling:{flat.key}"}), strength=days)


def _short_year(world: World, cases: int) -> Iterator[Planted]:
    """Orphans wait, and get less than the law gives them, down to nothing."""
    for case in range(cases):
        homes, share = world.chance.randint(20, 400), world.chance.uniform(0, 0.25)
        name = f"akimat_year:planted:{case}"
        world.years.append(Year(name=name, homes=homes, received=int(homes * share), waiting=homes))
        yield Planted(kind="ORPHANS_SHARE", subjects=frozenset({name}), strength=-share)
