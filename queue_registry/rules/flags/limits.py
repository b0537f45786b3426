"""Where ordinary work ends: dated limits of each kind of flag, each with its act and its basis."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from queue_registry.rules.flags.kinds import FlagKind
from queue_registry.rules.policy import BASES

_FOLDER: Final = Path(__file__).parents[2] / "flags"
_K = FlagKind

# What each kind asks for; days, places and counts are whole, shares are fractions.
NAMES: Final[Mapping[FlagKind, frozenset[str]]] = MappingProxyType(
    {
        _K.MOMENT_BEFORE_ENTRY: frozenset({"days"}),
        _K.NUMBER_OUT_OF_SEQUENCE: frozenset({"days", "spreads", "nearest", "neighbors"}),
        _K.EDIT_AFTER_ANNOUNCEMENT: frozenset({"places"}),
        _K.JUMP: frozenset({"places", "share", "fewest"}),
        _K.CLERK_RATE: frozenset({"times", "sigmas", "fewest"}),
        _K.ODD_HOURS: frozenset({"times", "sigmas", "fewest", "begin", "end", "company"}),
        _K.NEIGHBOUR_GAIN: frozenset({"removals", "places", "days"}),
        _K.OFFICIAL_OR_RELATIVE: frozenset({"degrees"}),
        _K.SAME_CONTACT: frozenset({"applications", "applications_by_two", "days", "share"}),
        _K.ORPHANS_SHARE: frozenset({"missing"}),
        _K.FLAT_IDLE: frozenset({"days"}),
        _K.FLAT_EMPTY: frozenset({"days"}),
        _K.NOT_FIRST: frozenset({"ahead"}),
        _K.NOT_ON_LIST: frozenset(),
        _K.LATER_BEFORE_EARLIER: frozenset({"earlier"}),
    }
)


class LimitsBroken(ValueError):
    """The file of limits breaks its form; the message names the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """One dated version of all limits."""

    in_force_from: date
    values: Mapping[tuple[FlagKind, str], Fraction]

    def of(self, kind: FlagKind, name: str) -> Fraction:
        """Return a limit of a kind."""
        return self.values[kind, name]

    def whole(self, kind: FlagKind, name: str) -> int:
        """Return a limit that counts: days, places, people."""
        return int(self.values[kind, name])


def in_force(on: date) -> Limits:
    """Return the newest limits that have begun by the day. :raises LimitsBroken: if none has."""
    return newest((parse(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.toml")), on)


def newest(versions: Iterable[Limits], on: date) -> Limits:
    """Return the newest of the versions that have begun by the day. :raises LimitsBroken: if none has."""
    begun = [version for version in versions if version.in_force_from <= on]
    if not begun:
        raise LimitsBroken(f"No limits of red flags are in force on {on}.")
    return max(begun, key=lambda version: version.in_force_from)


def parse(text: str) -> Limits:
    """
    Read a file of limits (`queue_registry/flags/*.toml`).

    :raises LimitsBroken: naming what is missing, unknown, or has no act or basis.
    """
    try:
        document = tomllib.loads(text)
        values = {_key(row): _value(row) for row in document["limit"]}
        version = Limits(in_force_from=document["in_force_from"], values=MappingProxyType(values))
    except tomllib.TOMLDecodeError as error:
        raise LimitsBroken(f"The limits are no TOML: {error}") from error
    except KeyError as error:
        raise LimitsBroken(f"The limits lack {error}.") from error
    needed = {(kind, name) for kind, names in NAMES.items() for name in names}
    if needed != set(values):
        wrong = sorted(f"{kind}.{name}" for kind, name in needed ^ set(values))
        raise LimitsBroken(f"Missing or unknown limits: {', '.join(wrong)}.")
    return version


def _key(row: Mapping[str, Any]) -> tuple[FlagKind, str]:
    try:
        return FlagKind(row["kind"]), row["name"]
    except ValueError as error:
        raise LimitsBroken(str(error)) from error


def _value(row: Mapping[str, Any]) -> Fraction:
    name = f"{row['kind']}.{row['name']}"
    if row["basis"] not in BASES or not row["act"]:
        raise LimitsBroken(f"{name} has no act or no basis.")
    if not isinstance(row["value"], str | int):
        raise LimitsBroken(f"{name} is neither a whole number nor a fraction in quotes.")
    return Fraction(row["value"])
