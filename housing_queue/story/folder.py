"""What the story walks on: three legacy lists, a world, dwellings; found in one folder."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from allocation.services.dwellings import NewDwelling

LISTS: Final = {"spp": "spp.csv", "rshep": "rshep.csv", "paper": "paper.xlsx"}
APPLICANTS_A_DWELLING: Final = 20
# The k-th dwelling, where the folder names none: rooms and area by k mod 6, floor k mod 9 + 1, a lift on
# even k, every
# tenth accessible.
_ROOMS: Final = (1, 2, 2, 3, 4, 5)
_AREAS: Final = tuple(map(Decimal, ("36.4", "52.8", "58.0", "76.5", "104.0", "121.0")))
_COLUMNS: Final = ("id", "rooms", "area", "floor", "lift", "accessible")
_TRUTH: Final = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


class FolderProblem(Exception):
    """A file of the folder is missing or can't be read; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The day a world is as of, and the akimat in which most of its people are registered."""

    as_of: date
    akimat_kato: str


def lists(folder: Path) -> dict[str, Path]:
    """Return the legacy lists by source. :raises FolderProblem: if one is missing."""
    found = {source: folder / name for source, name in LISTS.items()}
    for path in found.values():
        if not path.is_file():
            raise FolderProblem(f"{path} is missing")
    return found


def world(folder: Path) -> World:
    """
    Read the world's day (first of the month after its latest income month) and its akimat.

    :raises FolderProblem: if there is no world, or no income and no registration in it.
    """
    months: set[str] = set()
    places: Counter[str] = Counter()
    for person in _people(folder):
        months.update(person["income"])
        if person["registered"]:
            places[person["registered"]["kato"]] += 1
    if not months or not places:
        raise FolderProblem(f"{folder}: the world has no income month or nobody registered")
    year, month = map(int, max(months).split("-"))
    return World(as_of=date(year + month // 12, month % 12 + 1, 1), akimat_kato=places.most_common(1)[0][0])


def _people(folder: Path) -> Iterator[dict[str, dict[str, str]]]:
    packed, plain = folder / "world.jsonl.gz", folder / "world.jsonl"
    if packed.is_file():
        with gzip.open(packed, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    elif plain.is_file():
        with plain.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    else:
        raise FolderProblem(f"{plain} is missing")


def dwellings(folder: Path, *, applicants: int) -> list[NewDwelling]:
    """
    Return the folder's dwellings, or one for every twenty applicants. :raises FolderProblem: for a bad row.
    """
    path = folder / "dwellings.csv"
    if path.is_file():
        return _from_csv(path)
    return [
        _dwelling(
            number=f"D-{k + 1:04d}",
            rooms=_ROOMS[k % len(_ROOMS)],
            area=_AREAS[k % len(_AREAS)],
            floor=k % 9 + 1,
            lift=k % 2 == 0,
            accessible=k % 10 == 0,
        )
        for k in range(applicants // APPLICANTS_A_DWELLING)
    ]


def _from_csv(path: Path) -> list[NewDwelling]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise FolderProblem(f"{path.name}, row 1: the columns must be {', '.join(_COLUMNS)}")
        return [_row(path, number, row) for number, row in enumerate(reader, start=2)]


def _row(path: Path, number: int, row: dict[str, str]) -> NewDwelling:
    try:
        return _dwelling(
            number=row["id"],
            rooms=int(row["rooms"]),
            area=Decimal(row["area"]),
            floor=int(row["floor"]),
            lift=_TRUTH[row["lift"].strip().lower()],
            accessible=_TRUTH[row["accessible"].strip().lower()],
        )
    except (ValueError, KeyError, InvalidOperation, AttributeError) as error:
        raise FolderProblem(f"{path.name}, row {number}: a value can't be read") from error


def _dwelling(
    *, number: str, rooms: int, area: Decimal, floor: int, lift: bool, accessible: bool
) -> NewDwelling:
    return NewDwelling(
        number=number,
        address_kk=f"Жаңа қала шағын ауданы, {number}",
        address_ru=f"микрорайон Жана кала, {number}",
        rooms=rooms,
        area=area,
        floor=floor,
        lift=lift,
        accessible=accessible,
    )
