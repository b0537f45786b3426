"""A synthetic akimat of any size: its people, its three legacy lists, and what was planted in them."""

import json
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from housing_queue.worlds import files
from housing_queue.worlds.households import Household, make_household
from housing_queue.worlds.lists import LAST_PAPER_YEAR, SHEETS, Entry, write_lists
from housing_queue.worlds.mess import Mess, make_mess
from housing_queue.worlds.paper import paper_file
from housing_queue.worlds.people import Numbers

_WITHOUT_CONSENT: Final = 0.003


def make_world(*, seed: int, households: int) -> dict[str, bytes]:
    """
    Return the files of a world by name; the same seed and size give the same bytes.

    :raises ValueError: if no household is asked for.
    """
    if households < 1:
        raise ValueError("A world has at least one household.")
    rng = Random(seed)  # noqa: S311 - a world is drawn again from its seed, it guards nothing
    numbers = Numbers(rng)
    made = [_on_paper(rng, numbers), *(make_household(rng, numbers) for _ in range(households - 1))]
    for household in made:
        household.applicant.consent = rng.random() >= _WITHOUT_CONSENT
    mess = make_mess(rng, numbers, write_lists(rng, made), households=households)
    totals_off = _totals_off(rng, mess.entries["paper"])
    paper, paper_rows = paper_file(rng, mess.entries["paper"], totals_off=totals_off)
    people = [person for household in made for person in (household.applicant, *household.members)]
    return {
        "world.jsonl.gz": files.world_file(people),
        "paper.xlsx": paper,
        "rshep.csv": files.rshep_file(mess.entries["rshep"]),
        "spp.csv": files.spp_file(mess.entries["spp"]),
        "planted.json": _planted(
            {"seed": seed, "households": households, "people": len(people)},
            made,
            mess,
            totals_off,
            paper_rows,
        ),
    }


def _on_paper(rng: Random, numbers: Numbers) -> Household:
    """Draw a household that was registered while paper lists were kept."""
    while True:
        household = make_household(rng, numbers)
        if household.registered_on.year <= LAST_PAPER_YEAR:
            return household


def _totals_off(rng: Random, paper: Sequence[Entry]) -> list[int]:
    """Draw by how much each sheet's total is wrong; a wrong one is not nearly right for the whole file."""
    offs = []
    on_sheets_before = 0
    for sheet in SHEETS:
        off = rng.choice((0, 0, 1, 2, 3))
        offs.append(0 if 0 < on_sheets_before <= 2 * off else off)
        on_sheets_before += sum(entry.sheet == sheet for entry in paper)
    return offs


def _planted(
    head: dict[str, Any],
    households: Sequence[Household],
    mess: Mess,
    totals_off: Sequence[int],
    paper_rows: Sequence[int],
) -> bytes:
    document = {
        **head,
        "fates": dict(Counter(household.fate for household in households)),
        "planted": mess.planted,
        "totals_off": totals_off,
        "row_codes": _row_codes(mess, paper_rows),
        "rows": {source: len(entries) for source, entries in mess.entries.items()},
        "distinct_applicants": len(households) + len(mess.planted["spouse_twice"]),
        "counts": {kind: len(iins) for kind, iins in mess.planted.items()},
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _row_codes(mess: Mess, paper_rows: Sequence[int]) -> list[dict[str, Any]]:
    rows = []
    for source, entries in mess.entries.items():
        # The header of a csv is row 1.
        numbers = paper_rows if source == "paper" else range(2, len(entries) + 2)
        for number, entry in zip(numbers, entries, strict=True):
            if entry.codes:
                rows.append(
                    {"source": source, "sheet": entry.sheet, "row": number, "codes": sorted(entry.codes)}
                )
    return rows
