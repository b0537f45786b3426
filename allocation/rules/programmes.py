"""
Programmes that lend, as dated data: whose help is a counted place of a loan with its terms.

A programme that only hands homes over has no figures of its own: `allocation.rules.home_programmes`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from queue_registry.rules.policy import BASES

_FOLDER: Final = Path(__file__).parents[1] / "programmes"
TERMS: Final = ("rate", "down_payment", "years")


class ProgrammeBroken(ValueError):
    """A file of a programme breaks its form; the message names the figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One term of a loan with where it is from; percent, or years."""

    value: Decimal
    basis: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """One dated version of a programme: which rung of the ladder it serves, and on which terms."""

    code: str
    rung: str
    in_force_from: date
    act: str
    terms: Mapping[str, Figure]


def in_force(on: date) -> dict[str, Programme]:
    """Return by code the newest version of each programme that has begun by the day, in order of codes."""
    return newest(_shipped(), on)


def find(code: str, *, on: date) -> Programme | None:
    """Return a programme as it is in force on the day; None if no such one lends then."""
    return in_force(on).get(code)


def newest(versions: Iterable[Programme], on: date) -> dict[str, Programme]:
    """Return of each code the newest of the versions that have begun by the day."""
    begun = (version for version in versions if version.in_force_from <= on)
    ordered = sorted(begun, key=lambda one: (one.code, one.in_force_from))
    return {version.code: version for version in ordered}


def parse(text: str) -> Programme:
    """
    Read a file of a programme (`allocation/programmes/*.toml`).

    :raises ProgrammeBroken: naming what is missing, unknown or no figure, or has no act or basis.
    """
    document = tomllib.loads(text)
    try:
        terms: dict[str, Any] = document["terms"]
        if set(terms) != set(TERMS):
            raise ProgrammeBroken(f"{document['code']}: the terms must be {', '.join(TERMS)}")
        return Programme(
            code=document["code"],
            rung=document["rung"],
            in_force_from=date.fromisoformat(document["in_force_from"]),
            act=document["act"],
            terms=MappingProxyType(
                {name: _figure(f"{document['code']}.{name}", terms[name]) for name in TERMS}
            ),
        )
    except KeyError as missing:
        raise ProgrammeBroken(f"{missing.args[0]} is missing") from missing


def _figure(path: str, figure: Mapping[str, Any]) -> Figure:
    if figure.get("basis") not in BASES or not figure.get("act"):
        raise ProgrammeBroken(f"{path} has no act or no lawful basis")
    try:
        value = Decimal(figure["value"])
    except (InvalidOperation, TypeError) as error:
        raise ProgrammeBroken(f"{path} is no figure") from error
    if not value.is_finite() or value < 0:
        raise ProgrammeBroken(f"{path} is no figure")
    return Figure(value=value, basis=figure["basis"], act=figure["act"])


@cache
def _shipped() -> tuple[Programme, ...]:
    return tuple(parse(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.toml")))
