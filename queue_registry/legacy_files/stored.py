"""Cells of a legacy list as JSON and back: what a file held can be read again years later."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from queue_registry.rules.legacy.cells import Cell


def written(cells: Mapping[str, Cell]) -> str:
    """Return cells as JSON; days, moments and decimals as an object that says what they are."""
    members = [f"{encode_basestring(name)}:{_written(cell)}" for name, cell in cells.items()]
    return f"{{{','.join(members)}}}"


def unpacked(stored: Mapping[str, Any]) -> dict[str, Cell]:
    """Return the cells that `written` made JSON of."""
    return {name: _unpacked(value) for name, value in stored.items()}


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        # PostgreSQL keeps no NUL in a JSON text.
        return encode_basestring(cell.replace("\x00", "\ufffd"))
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
