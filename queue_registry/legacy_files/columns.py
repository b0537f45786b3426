"""What a person said the columns of a sheet hold, where the reader's own guess was wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from queue_registry.rules.legacy.rows import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumns:
    """
    One sheet's header by its first and last row, and the field of each column; None is a column that is kept
    and not read. A sheet without fields is no list: all its rows are titles.
    """

    sheet_no: int
    first: int
    last: int
    fields: tuple[Field | None, ...]

    @property
    def is_no_list(self) -> bool:
        return not any(self.fields)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "sheet_no": self.sheet_no,
            "first": self.first,
            "last": self.last,
            "fields": ["" if field is None else field.value for field in self.fields],
        }


def from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[SheetColumns, ...]:
    """Return the columns as an upload keeps them."""
    return tuple(
        SheetColumns(
            sheet_no=one["sheet_no"],
            first=one["first"],
            last=one["last"],
            fields=tuple(Field(field) if field else None for field in one["fields"]),
        )
        for one in stored
    )
