"""
What may be decided on each code, and what is refused: the value names a field, the refusal says which.

Registered moments decide places, so a decision that sets one counts only with a second person.
"""

from collections.abc import Callable, Mapping
from datetime import date, time
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from queue_registry.rules.iin import is_iin
from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.rows import Field
from queue_registry.rules.waiting_lists import ListNumber

T = TypeVar("T")

_EARLIEST: Final = date(1900, 1, 1)
_LONGEST_CELL: Final = 300

# What may be decided: the fields of which exactly one stands in the value.
_IDENTITY: Final = ("iin", "set_aside")
_READ: Final = ("accepted", "set_aside")
_DAY: Final = ("day",)
_LISTS: Final = ("lists",)
CHOICES: Final[Mapping[Code, tuple[str, ...]]] = MappingProxyType(
    {
        Code.BAD_IIN: _IDENTITY,
        Code.NO_IIN: _IDENTITY,
        Code.NOT_IN_REGISTER: _IDENTITY,
        Code.IDENTITY_MISMATCH: ("iin", "same_person", "set_aside"),
        Code.NAME_CHANGED: _READ,
        Code.NAME_INCOMPLETE: _READ,
        Code.NUMBER_USED_TWICE: _READ,
        Code.SAME_IIN_TWICE: _READ,
        Code.NOTE_TO_READ: _READ,
        Code.NOT_ACTIVE: ("active", "set_aside"),
        Code.DATE_CONFLICT: _DAY,
        Code.YEAR_ONLY: _DAY,
        Code.NO_DATE: _DAY,
        Code.FUTURE_DATE: _DAY,
        Code.BAD_DATE: _DAY,
        Code.BEFORE_BIRTH: _DAY,
        Code.DEAD_BEFORE_REGISTRATION: _DAY,
        Code.CATEGORY_UNMAPPED: _LISTS,
        Code.LIST_CODE_UNKNOWN: _LISTS,
        Code.LIST_CONFLICT: _LISTS,
        Code.SECOND_LIST: _LISTS,
        Code.HOUSEHOLD_TWICE: ("both", "one"),
        Code.MALFORMED_ROW: ("cells", "set_aside"),
    }
)
# The same for many cases at once: what names no single person's number, day or cells.
IN_BULK: Final = frozenset({"accepted", "active", "set_aside", "same_person", "both", "lists"})
# Codes of several rows of one applicant: some may be set aside, the others are accepted then.
SOME_OF_ROWS: Final = frozenset(
    code for code, answers in CHOICES.items() if answers[0] in {"accepted", "active"}
)
_FIELDS: Final = frozenset(field.value for field in Field)


class DecisionRefusal(StrEnum):
    """Code of a refusal; what its `detail` holds stands beside it."""

    CODE_NOT_DECIDED = "CODE_NOT_DECIDED"  # a note, or what only a register answers
    ONE_ANSWER_NEEDED = "ONE_ANSWER_NEEDED"
    FIELD_UNKNOWN = "FIELD_UNKNOWN"  # field
    NOT_AN_IIN = "NOT_AN_IIN"  # field
    NOT_A_DAY = "NOT_A_DAY"  # field
    DAY_IN_FUTURE = "DAY_IN_FUTURE"  # field
    DAY_TOO_EARLY = "DAY_TOO_EARLY"  # field
    NOT_A_TIME = "NOT_A_TIME"  # field
    NOT_A_LIST = "NOT_A_LIST"  # field
    CELLS_MISSING = "CELLS_MISSING"  # field
    NOT_A_ROW = "NOT_A_ROW"  # field
    # Of the act, not of the value
    REASON_MISSING = "REASON_MISSING"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    CASE_CLOSED = "CASE_CLOSED"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    NOT_IN_BULK = "NOT_IN_BULK"
    SECOND_PERSON_NEEDED = "SECOND_PERSON_NEEDED"
    NOTHING_TO_APPROVE = "NOTHING_TO_APPROVE"
    DECISION_CLOSED = "DECISION_CLOSED"
    SCAN_NOT_READABLE = "SCAN_NOT_READABLE"
    SCAN_TOO_LARGE = "SCAN_TOO_LARGE"


class DecisionRefused(Exception):
    """A decision was refused and nothing was changed; `detail` has codes and fields, no personal data."""

    def __init__(self, code: DecisionRefusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)


def require(condition: object, code: DecisionRefusal, **detail: Any) -> None:
    """
    Pass if the condition holds.

    :raises DecisionRefused: with the code if it does not.
    """
    if not condition:
        raise DecisionRefused(code, **detail)


def answer_of(code: Code, value: Mapping[str, Any]) -> str:
    """
    Return which of the answers of the code a value gives.

    :raises DecisionRefused: CODE_NOT_DECIDED, ONE_ANSWER_NEEDED, FIELD_UNKNOWN.
    """
    require(code in CHOICES, DecisionRefusal.CODE_NOT_DECIDED)
    given = [name for name in CHOICES[code] if name in value]
    require(len(given) == 1, DecisionRefusal.ONE_ANSWER_NEEDED)
    unknown = sorted(set(value) - {given[0], _beside(code, given[0])})
    require(not unknown, DecisionRefusal.FIELD_UNKNOWN, field=next(iter(unknown), ""))
    return given[0]


def _beside(code: Code, answer: str) -> str:
    """The field that may stand beside an answer."""
    if answer == "set_aside" and code in SOME_OF_ROWS:
        return "only"
    return "time" if answer == "day" else answer


def check(code: Code, value: Mapping[str, Any], *, on: date) -> None:
    """
    Pass if the value may be decided on the code on the day.

    :raises DecisionRefused: with the field that is wrong.
    """
    answer = answer_of(code, value)
    _CHECKS.get(answer, _check_plain)(answer, value, on)


def needs_second(code: Code, value: Mapping[str, Any]) -> bool:
    """Say whether a decision sets a registration day, so that it counts only with a second person."""
    return "day" in value or Field.DATE.value in value.get("cells", {})


def _check_plain(answer: str, value: Mapping[str, Any], _on: date) -> None:
    require(value[answer] is True, DecisionRefusal.ONE_ANSWER_NEEDED)


def _check_set_aside(answer: str, value: Mapping[str, Any], on: date) -> None:
    _check_plain(answer, value, on)
    only = value.get("only")
    is_rows = only is None or (isinstance(only, list) and only and all(isinstance(one, str) for one in only))
    require(is_rows, DecisionRefusal.NOT_A_ROW, field="only")


def _check_iin(answer: str, value: Mapping[str, Any], _on: date) -> None:
    iin = value[answer]
    require(isinstance(iin, str) and is_iin(iin), DecisionRefusal.NOT_AN_IIN, field=answer)


def _check_day(answer: str, value: Mapping[str, Any], on: date) -> None:
    day = _parsed(date.fromisoformat, value[answer])
    if day is None:
        raise DecisionRefused(DecisionRefusal.NOT_A_DAY, field=answer)
    require(day <= on, DecisionRefusal.DAY_IN_FUTURE, field=answer)
    require(day >= _EARLIEST, DecisionRefusal.DAY_TOO_EARLY, field=answer)
    at = value.get("time") or "00:00"
    clock = _parsed(time.fromisoformat, at)
    require(clock is not None and clock.tzinfo is None, DecisionRefusal.NOT_A_TIME, field="time")


def _parsed(read: Callable[[str], T], text: object) -> T | None:
    try:
        return read(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _check_lists(answer: str, value: Mapping[str, Any], _on: date) -> None:
    numbers = value[answer]
    is_lists = (
        isinstance(numbers, list)
        and numbers
        and all(number in {one.value for one in ListNumber} for number in numbers)
        and len(set(numbers)) == len(numbers)
    )
    require(is_lists, DecisionRefusal.NOT_A_LIST, field=answer)


def _check_cells(answer: str, value: Mapping[str, Any], _on: date) -> None:
    cells = value[answer]
    is_cells = isinstance(cells, dict) and any(str(text).strip() for text in cells.values())
    require(is_cells, DecisionRefusal.CELLS_MISSING, field=answer)
    for name, text in cells.items():
        is_cell = isinstance(text, str) and len(text) <= _LONGEST_CELL
        require(name in _FIELDS and is_cell, DecisionRefusal.FIELD_UNKNOWN, field=name)


_CHECKS: Final[Mapping[str, Callable[[str, Mapping[str, Any], date], None]]] = MappingProxyType(
    {
        "iin": _check_iin,
        "day": _check_day,
        "lists": _check_lists,
        "cells": _check_cells,
        "set_aside": _check_set_aside,
    }
)
