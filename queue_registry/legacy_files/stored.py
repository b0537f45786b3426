"""Cells of a legacy list as JSON and back: what a file held can be read again years later."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from queue_registry.rules.legacy.cells import Cell


def packed(cells: Mapping[str, Cell]) -> dict[str, Any]:
    """Return cells as JSON values; days, moments and decimals as an object that says what they are."""
    return {name: _packed(cell) for name, cell in cells.items()}


def unpacked(stored: Mapping[str, Any]) -> dict[str, Cell]:
    """Return the cells that `packed` made JSON of."""
    return {name: _unpacked(value) for name, value in stored.items()}


def _packed(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return {"moment": cell.isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    if isinstance(cell, Decimal):
        return {"decimal": str(cell)}
    # PostgreSQL keeps no NUL in a JSON text.
    return cell.replace("\x00", "\ufffd") if isinstance(cell, str) else cell


def _unpacked(value: Any) -> Cell:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    ((kind, text),) = value.items()
    if kind == "moment":
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if kind == "day" else Decimal(text)
