"""
Programmes that hand homes over, as dated data: their homes go only into rounds of their own.

A home's programme is one of these, never free text; an earlier code stays on the homes that have it.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from allocation.rules.programmes import ProgrammeBroken
from queue_registry.rules.policy import BASES

_FOLDER: Final = Path(__file__).parents[1] / "programmes" / "homes"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeProgramme:
    """One programme: its names, since when it is known, and by which act."""

    code: str
    name_kk: str
    name_ru: str
    in_force_from: date
    basis: str
    act: str


def in_force(on: date) -> dict[str, HomeProgramme]:
    """Return by code every programme that has begun by the day, in order of codes."""
    return {one.code: one for one in known() if one.in_force_from <= on}


def find(text: str, *, on: date) -> HomeProgramme | None:
    """Return the programme of a code or of a name in either language, as people write it; None if none."""
    wanted = text.strip().casefold()
    for one in in_force(on).values():
        if wanted in {one.code, one.name_kk.casefold(), one.name_ru.casefold()}:
            return one
    return None


def parse(text: str) -> HomeProgramme:
    """
    Read a file of a programme (`allocation/programmes/homes/*.toml`).

    :raises ProgrammeBroken: naming what is missing, or that it has no act or basis.
    """
    document = tomllib.loads(text)
    try:
        found = HomeProgramme(
            code=document["code"],
            name_kk=document["name_kk"],
            name_ru=document["name_ru"],
            in_force_from=date.fromisoformat(document["in_force_from"]),
            basis=document["basis"],
            act=document["act"],
        )
    except KeyError as missing:
        raise ProgrammeBroken(f"{missing.args[0]} is missing") from missing
    if found.basis not in BASES or not found.act:
        raise ProgrammeBroken(f"{found.code} has no act or no lawful basis")
    return found


@cache
def known() -> tuple[HomeProgramme, ...]:
    """Return every programme that was ever shipped, in order of codes."""
    return _ordered(parse(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.toml"))


def _ordered(programmes: Iterable[HomeProgramme]) -> tuple[HomeProgramme, ...]:
    return tuple(sorted(programmes, key=lambda one: one.code))
