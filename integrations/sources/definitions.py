"""The state systems as data: rows of `definitions.toml`, checked while they are read."""

import tomllib
from collections.abc import Mapping
from datetime import time, timedelta
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from integrations.contract import FactKind, Outcome, SourceDefinition

_UNITS: Final = {"s": "seconds", "h": "hours", "d": "days"}


def load(text: str) -> Mapping[str, SourceDefinition]:
    """
    Return the definitions of a TOML text by code, in its order.

    A row takes what it does not say from the table `defaults`, and its code map extends that of `defaults`.

    :raises ValueError: if a row lacks a field, has an unknown one or a value that makes no sense; names both.
    """
    document = tomllib.loads(text)
    defaults = document.pop("defaults", {})
    return MappingProxyType({code: _definition(code, row, defaults) for code, row in document.items()})


def _definition(code: str, row: dict[str, Any], defaults: dict[str, Any]) -> SourceDefinition:
    fields = {**defaults, **row, "code_map": {**defaults.get("code_map", {}), **row.get("code_map", {})}}
    try:
        return SourceDefinition(
            code=code,
            answers=frozenset(FactKind(kind) for kind in fields.pop("answers")),
            statuses=frozenset(fields.pop("statuses", ())),
            operations=tuple(fields.pop("operations")),
            code_map=MappingProxyType({raw: Outcome(to) for raw, to in fields.pop("code_map").items()}),
            ttl=_span(fields.pop("ttl")),
            ttl_before_allocation=_span(fields.pop("ttl_before_allocation")),
            expected_lag=_span(fields.pop("expected_lag")),
            timeout=_span(fields.pop("timeout")),
            deadline=_span(fields.pop("deadline")),
            maintenance_windows=tuple(_window(text) for text in fields.pop("maintenance_windows")),
            flip_share=_share(fields.pop("flip_share")),
            flip_window=_span(fields.pop("flip_window")),
            **fields,
        )
    except KeyError as error:
        raise ValueError(f"{code}: {error.args[0]} is missing") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"{code}: {error}") from error


def _span(value: str) -> timedelta:
    """Read "30s", "24h" or "7d"."""
    number, unit = value[:-1], value[-1:]
    if unit not in _UNITS or not number.isdecimal():
        raise ValueError(f"{value!r} is no span of time such as 30s, 24h or 7d")
    return timedelta(**{_UNITS[unit]: int(number)})


def _share(value: str) -> Fraction:
    """Read "0.02"."""
    try:
        share = Fraction(value)
    except ValueError:
        share = Fraction(-1)
    if not isinstance(value, str) or not 0 <= share <= 1:
        raise ValueError(f"{value!r} is no share such as 0.02, in quotation marks")
    return share


def _window(value: str) -> tuple[time, time]:
    """Read "02:00-04:00"."""
    start, dash, end = value.partition("-")
    try:
        window = time.fromisoformat(start), time.fromisoformat(end)
    except ValueError:
        window = time.min, time.min
    if not dash or window[0] == window[1]:
        raise ValueError(f"{value!r} is no window of a day such as 02:00-04:00")
    return window


DEFINITIONS: Final = load(Path(__file__).with_name("definitions.toml").read_text(encoding="utf-8"))
