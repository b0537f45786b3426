"""A synthetic akimat of any size: its people, its three legacy lists, and what was planted in them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from housing_queue.worlds import files, form_files
from housing_queue.worlds.households import Household, make_household
from housing_queue.worlds.lists import LAST_PAPER_YEAR, SHEETS, Entry, lawful_list, write_lists
from housing_queue.worlds.mess import Mess, make_mess
from housing_queue.worlds.paper import paper_file
from housing_queue.worlds.people import Numbers

_WITHOUT_CONSENT: Final = 0.003
# Sheet and row of every entry, by source.
Places = Mapping[str, Sequence[tuple[str, int]]]


def make_world(*, seed: int, households: int, forms: bool = False) -> dict[str, bytes]:
    """
    Return the files of a world by name; the same seed and size give the same bytes.

    :param forms: write the same people and rows in the many forms in which lists come: other orders and names
        of columns, headers of two rows, workbooks and csv files. `planted.json` then tells them, too.
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
    people = [person for household in made for person in (household.applicant, *household.members)]
    head = {"seed": seed, "households": households, "people": len(people)}
    written = (_formed if forms else _plain)(rng, seed, mess, totals_off)
    planted = _planted(head, made, mess, totals_off, written.places) | written.told
    return {
        "world.jsonl.gz": files.world_file(people),
        **written.lists,
        "planted.json": json.dumps(planted, ensure_ascii=False, indent=1).encode() + b"\n",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """The lists of a world by file name, where each row stands, and what is told of their forms."""

    lists: dict[str, bytes]
    places: Places
    told: dict[str, Any] = field(default_factory=dict)


def _plain(rng: Random, _seed: int, mess: Mess, totals_off: Sequence[int]) -> _Written:
    """Write each list in the one form of its system; the header of a csv is row 1."""
    paper, paper_rows = paper_file(rng, mess.entries["paper"], totals_off=totals_off)
    lists = {
        "paper.xlsx": paper,
        "rshep.csv": files.rshep_file(mess.entries["rshep"]),
        "spp.csv": files.spp_file(mess.entries["spp"]),
    }
    places = {
        source: [("", number) for number in range(2, len(entries) + 2)]
        for source, entries in mess.entries.items()
    }
    sheets = [entry.sheet for entry in mess.entries["paper"]]
    return _Written(lists=lists, places=places | {"paper": list(zip(sheets, paper_rows, strict=True))})


def _formed(_rng: Random, seed: int, mess: Mess, totals_off: Sequence[int]) -> _Written:
    """Write each list in a form that is drawn for it; the world stays that of its seed."""
    rng = Random(f"forms {seed}")  # noqa: S311 - the same
    written = form_files.write(rng, mess.entries, totals_off=totals_off)
    places = {source: one.places for source, one in written.items()}
    return _Written(
        lists={one.form.file_name: one.content for one in written.values()},
        places=places,
        told={
            "forms": {source: one.as_json() for source, one in written.items()},
            "row_truth": _row_truth(mess, places),
        },
    )


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
    places: Places,
) -> dict[str, Any]:
    return {
        **head,
        "fates": dict(Counter(household.fate for household in households)),
        "planted": mess.planted,
        "totals_off": totals_off,
        "row_codes": [
            {"source": source, "sheet": sheet, "row": row, "codes": sorted(entry.codes)}
            for source, sheet, row, entry in _placed(mess, places)
            if entry.codes
        ],
        "rows": {source: len(entries) for source, entries in mess.entries.items()},
        "distinct_applicants": len(households) + len(mess.planted["spouse_twice"]),
        "counts": {kind: len(iins) for kind, iins in mess.planted.items()},
    }


def _row_truth(mess: Mess, places: Places) -> list[dict[str, Any]]:
    """Tell of every row whose it is, from which day and on which lawful list, None where it says none."""
    return [
        {
            "source": source,
            "sheet": sheet,
            "row": row,
            "iin": entry.iin,
            "day": entry.day.isoformat() if entry.day else None,
            "year": entry.household.registered_on.year,
            "list": lawful_list(entry),
            "codes": sorted(entry.codes),
        }
        for source, sheet, row, entry in _placed(mess, places)
    ]


def _placed(mess: Mess, places: Places) -> Iterator[tuple[str, str, int, Entry]]:
    for source, entries in mess.entries.items():
        for (sheet, row), entry in zip(places[source], entries, strict=True):
            yield source, sheet, row, entry
