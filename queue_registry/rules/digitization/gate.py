"""
The gate to automatic distribution: what has to be true of an akimat's digitized lists before the machine's
result is the distribution (domain 4). Until then the commission decides entry by entry.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

_SHARES: Final = ("verified_share", "sample_error", "checked_share")
_FILES: Final = Path(__file__).parents[2] / "gates"


class Criterion(StrEnum):
    """What is looked at."""

    VERIFIED_SHARE = "VERIFIED_SHARE"
    OPEN_CASES = "OPEN_CASES"
    OPEN_MATCHES = "OPEN_MATCHES"
    RECONCILED = "RECONCILED"
    SAMPLE_SIZE = "SAMPLE_SIZE"
    SAMPLE_ERROR = "SAMPLE_ERROR"
    CHECKED_LATELY = "CHECKED_LATELY"
    NO_BACKDATING_FLAGS = "NO_BACKDATING_FLAGS"
    SEALED = "SEALED"


class Light(StrEnum):
    """RED: something fails. AMBER: all holds, and nobody opened the gate yet. GREEN: it is open and holds."""

    RED = "RED"
    AMBER = "AMBER"
    GREEN = "GREEN"


class GateFileError(ValueError):
    """The file of the criteria breaks its form; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """The criteria in force on a day, with their act."""

    code: str
    in_force_from: date
    act: str
    verified_share: Fraction
    open_cases: int
    open_matches: int
    unexplained_differences: int
    sample_error: Fraction
    sample_size: int
    checked_share: Fraction
    checked_within_days: int
    open_backdating_flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFigures:
    """
    What is so in an akimat today. `sample_error_high` is None where no sample was checked to its end;
    `sample_population` is how many entries stood when the sample was drawn, None where there is none.
    """

    standing: int
    waiting_file: int
    provisional: int
    open_cases: int
    open_matches: int
    unexplained_differences: int
    sample_checked: int
    sample_error_high: Fraction | None
    checked_lately: int
    open_backdating_flags: int
    sealed: bool
    sample_population: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One criterion with what is required and what is so: whole numbers or fractions as text."""

    criterion: Criterion
    required: str
    actual: str
    holds: bool

    def as_json(self) -> dict[str, str | bool]:
        """Return it as plain JSON values, for keeping beside an act."""
        return {
            "criterion": self.criterion.value,
            "required": self.required,
            "actual": self.actual,
            "holds": self.holds,
        }


def parse_rules(text: str) -> GateRules:
    """
    Read a file of criteria (`queue_registry/gates/*.toml`).

    :raises GateFileError: naming what is missing, unknown or no figure.
    """
    try:
        document = tomllib.loads(text)
        criteria: dict[str, Any] = dict(document["criteria"])
        shares: dict[str, Any] = {name: Fraction(criteria.pop(name)) for name in _SHARES}
        return GateRules(
            code=document["code"],
            in_force_from=document["in_force_from"],
            act=document["act"],
            **shares,
            **criteria,
        )
    except KeyError as error:
        raise GateFileError(f"The criteria lack {error}.") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise GateFileError(f"The criteria can't be read: {error}") from error


def rules_in_force(on: date) -> GateRules:
    """
    Return the criteria in force on a day.

    :raises GateFileError: if none was in force yet.
    """
    known = (parse_rules(file.read_text(encoding="utf-8")) for file in sorted(_FILES.glob("*.toml")))
    begun = [rules for rules in known if rules.in_force_from <= on]
    if not begun:
        raise GateFileError(f"No criteria of the gate were in force on {on}.")
    return max(begun, key=lambda rules: rules.in_force_from)


def judge(figures: GateFigures, rules: GateRules) -> tuple[Judged, ...]:
    """Return every criterion in its order, holding or not; an akimat without entries holds none of them."""
    total = figures.standing + figures.waiting_file
    verified = Fraction(total - figures.waiting_file - figures.provisional, total) if total else Fraction(0)
    lately = Fraction(figures.checked_lately, figures.standing) if figures.standing else Fraction(0)
    error = figures.sample_error_high
    # Who came after the draw makes no sample too small.
    drawn_from = figures.sample_population or figures.standing
    size = min(rules.sample_size, drawn_from) if drawn_from else rules.sample_size
    return (
        _judged(
            Criterion.VERIFIED_SHARE, rules.verified_share, verified, holds=verified >= rules.verified_share
        ),
        _at_most(Criterion.OPEN_CASES, rules.open_cases, figures.open_cases),
        _at_most(Criterion.OPEN_MATCHES, rules.open_matches, figures.open_matches),
        _at_most(Criterion.RECONCILED, rules.unexplained_differences, figures.unexplained_differences),
        _judged(Criterion.SAMPLE_SIZE, size, figures.sample_checked, holds=figures.sample_checked >= size),
        _judged(
            Criterion.SAMPLE_ERROR,
            rules.sample_error,
            "" if error is None else _rounded_up(error),
            holds=error is not None and error <= rules.sample_error,
        ),
        _judged(Criterion.CHECKED_LATELY, rules.checked_share, lately, holds=lately >= rules.checked_share),
        _at_most(Criterion.NO_BACKDATING_FLAGS, rules.open_backdating_flags, figures.open_backdating_flags),
        _judged(Criterion.SEALED, 1, int(figures.sealed), holds=figures.sealed),
    )


def _judged(criterion: Criterion, required: object, actual: object, *, holds: bool) -> Judged:
    return Judged(criterion=criterion, required=str(required), actual=str(actual), holds=holds)


def _at_most(criterion: Criterion, required: int, actual: int) -> Judged:
    return _judged(criterion, required, actual, holds=actual <= required)


def _rounded_up(share: Fraction) -> Fraction:
    """Four digits are enough for a page; upwards, so that no rounding makes a criterion hold."""
    return Fraction(-(-share * 10_000 // 1), 10_000)


def failing(judged: Iterable[Judged]) -> tuple[Criterion, ...]:
    """Return the criteria that do not hold."""
    return tuple(one.criterion for one in judged if not one.holds)


def light(judged: Iterable[Judged], *, is_open: bool) -> Light:
    """Return the color of the gate: an open one whose criteria fail is red again."""
    if failing(judged):
        return Light.RED
    return Light.GREEN if is_open else Light.AMBER
