"""Cells of a legacy list as JSON and back: what a file held can be read again years later."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from queue_registry.rules.legacy.cells import Cell


def written(cells: Mapping[str, Cell]) -> str:
    """Return cells as JSON; days, moments and decimals as an object that says what they are."""
    text = _joined(cells)
    if "\\u0000" in text:
        # PostgreSQL keeps no NUL in a JSON text.
        text = _joined({name: _without_nul(cell) for name, cell in cells.items()})
    return text


def _joined(cells: Mapping[str, Cell]) -> str:
    members = [
        f"{quoted}{encode_basestring(cell) if isinstance(cell, str) else _written(cell)}"
        for quoted, cell in zip(_quoted(tuple(cells)), cells.values(), strict=True)
    ]
    return f"{{{','.join(members)}}}"


# The rows of a sheet have the same names.
@lru_cache(maxsize=1_000)
def _quoted(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{encode_basestring(name)}:" for name in names)


def unpacked(stored: Mapping[str, Any]) -> dict[str, Cell]:
    """Return the cells that `written` made JSON of."""
    return {name: _unpacked(value) for name, value in stored.items()}


def _without_nul(cell: Cell) -> Cell:
    return cell.replace("\x00", "\ufffd") if isinstance(cell, str) else cell


def _written(cell: Cell) -> str:
    return "null" if cell is None else json.dumps(_packed(cell))


def _packed(cell: Cell) -> Any:
    if isinstance(cell, int):
        return cell
    if isinstance(cell, datetime):
        return {"moment": cell.isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    if isinstance(cell, Decimal):
        return {"decimal": str(cell)}
    return cell


def _unpacked(value: Any) -> Cell:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    ((kind, text),) = value.items()
    if kind == "moment":
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if kind == "day" else Decimal(text)
