"""
What went wrong in the lists: defects planted one by one, each row told which codes are true of it.

Nothing here reads the rows back: a code is known because the defect was planted. A defect falls on an
applicant that has no other one; only a category without a list may meet a date that is missing or bare.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from housing_queue.worlds import names
from housing_queue.worlds.defects import DEFECTS, Defect, Tools
from housing_queue.worlds.lists import Entry
from housing_queue.worlds.names import Name
from housing_queue.worlds.people import Numbers

# Below this many households a world is too small to have every defect: it gets none.
_SMALLEST_MESSY: Final = 50
_DUPLICATES_PER_THOUSAND: Final = 4


@dataclass(slots=True)
class Mess:
    """Rows in the order of their files, and the IINs that each kind of defect fell on."""

    entries: dict[str, list[Entry]]
    planted: dict[str, list[str]] = field(default_factory=dict)


def make_mess(rng: Random, numbers: Numbers, entries: Sequence[Entry], *, households: int) -> Mess:
    """Plant the defects, put each file in its order and repeat some rows; the rows are changed in place."""
    rows: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        rows[entry.household.applicant.iin].append(entry)
    applicants = list(rows)
    rng.shuffle(applicants)
    planted: dict[str, list[str]] = {}
    hit: dict[str, str] = {}
    tools = Tools(rng, numbers)
    for defect in DEFECTS:
        wanted = _wanted(households, defect.per_thousand)
        picked = _pick(rng, defect, applicants, rows, hit, wanted)
        planted[defect.kind] = defect.plant(tools, [rows[iin] for iin in picked])
    for iin in applicants:
        if iin not in hit:
            for entry in rows[iin]:
                _misspell(rng, entry)
    mess = Mess(_in_order(rng, [*entries, *tools.added]), planted)
    planted["duplicate_in_file"] = _repeat(rng, mess.entries, _wanted(households, _DUPLICATES_PER_THOUSAND))
    return mess


def _wanted(households: int, per_thousand: int) -> int:
    return max(1, households * per_thousand // 1000) if households >= _SMALLEST_MESSY else 0


def _pick(
    rng: Random,
    defect: Defect,
    applicants: Sequence[str],
    rows: dict[str, list[Entry]],
    hit: dict[str, str],
    wanted: int,
) -> list[str]:
    """Take applicants that the defect fits, from a drawn place in their order on."""
    picked: list[str] = []
    start = rng.randrange(len(applicants)) if applicants else 0
    for index in range(len(applicants)):
        if len(picked) == wanted * defect.people:
            break
        iin = applicants[(start + index) % len(applicants)]
        if hit.get(iin) in (None, *defect.may_meet) and defect.fits(rows[iin]):
            hit[iin] = defect.kind
            picked.append(iin)
    return picked[: len(picked) // defect.people * defect.people]


def _misspell(rng: Random, entry: Entry) -> None:
    """Write a row otherwise than the registers do in a way that leaves it equal, noted at most."""
    chance = rng.random()
    full = entry.name
    if entry.source == "paper":
        entry.name_text = _as_a_clerk_typed(full, chance)
    elif entry.source == "spp" and chance < 0.01:
        entry.name = Name(names.russified(full.last), full.first, full.middle)
    elif entry.source == "spp" and chance < 0.013:
        entry.family = (*entry.family, "123456789")
    elif entry.source == "rshep" and chance < 0.01:
        entry.family_count = len(entry.family) + 2


def _as_a_clerk_typed(full: Name, chance: float) -> str | None:
    if chance < 0.02:
        return names.in_latin_letters(str(full))
    if chance < 0.05:
        return names.russified(str(full))
    if chance < 0.07:
        return " ".join(filter(None, (full.first, full.middle, full.last)))
    return names.as_pasted(str(full)) if chance < 0.10 else None


def _in_order(rng: Random, entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    files: dict[str, list[Entry]] = {"spp": [], "rshep": [], "paper": []}
    for entry in entries:
        files[entry.source].append(entry)
    for rows in files.values():
        rng.shuffle(rows)
    files["paper"].sort(key=lambda entry: entry.sheet)
    return files


def _repeat(rng: Random, files: dict[str, list[Entry]], wanted: int) -> list[str]:
    """Repeat rows word for word further down in their files; what is true of a row is true of its repeat."""
    repeated = []
    for _ in range(wanted):
        source = rng.choices(list(files), weights=[len(rows) for rows in files.values()])[0]
        rows = files[source]
        at = rng.randrange(len(rows))
        repeat = rows[at].copy()
        repeat.codes.add("DUPLICATE")
        if rows[at].sheet:
            last = max(index for index, row in enumerate(rows) if row.sheet == repeat.sheet)
        else:
            last = len(rows) - 1
        rows.insert(rng.randint(at, last) + 1, repeat)
        repeated.append(repeat.household.applicant.iin)
    return repeated
