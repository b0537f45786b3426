"""
The split of a round as a picture: from the sizes of the lists to their shares, seats and homes given.

A row a list (or a tier that takes several lists as one), four bars in it, and bands between them. A bar is as
high as its figure among those of its measure: sizes among sizes, homes among homes. All figures stand beside
the bars as words, so that nothing is told by color or height alone.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from allocation.selectors.rounds import Split, TierStep

WIDTH: Final = 760
_HEAD: Final = 34
_ROW: Final = 72
_MIDDLE: Final = 46  # of the bars, below the top of their row
_HIGHEST: Final = 36
_BAR: Final = 14
_COLUMNS: Final = (8, 208, 408, 608)

Number = int | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One bar: where it stands, and the figure beside it (None: the tier knows no such figure)."""

    x: int
    y: int
    height: int
    text_x: int
    text_y: int
    value: Number | None
    is_share: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One list, or several as one: its name, its bars, and the bands between them as points."""

    lists: tuple[str, ...]
    kind: str
    name_y: int
    line_y: int
    cells: tuple[Cell, ...]
    bands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole picture in units of its own; `columns` are where the four measures stand."""

    width: int
    height: int
    columns: tuple[int, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """The four figures of a row."""

    lists: tuple[str, ...]
    kind: str
    size: int
    share: Number | None
    seats: int | None
    served: int


def of(split: Split) -> Picture:
    """Return the picture of a split."""
    figures = [row for tier in split.tiers for row in _figures(tier, split)]
    sizes = max((row.size for row in figures), default=0)
    homes = max((Fraction(max(row.share or 0, row.seats or 0, row.served)) for row in figures), default=0)
    rows = tuple(
        _row(row, top=_HEAD + number * _ROW, sizes=sizes, homes=homes) for number, row in enumerate(figures)
    )
    return Picture(width=WIDTH, height=_HEAD + len(rows) * _ROW, columns=_COLUMNS, rows=rows)


def _figures(tier: TierStep, split: Split) -> list[_Figures]:
    if tier.shares:
        return [
            _Figures(
                lists=(share.list_number,),
                kind=tier.kind,
                size=share.count,
                share=share.share,
                seats=share.seats,
                served=share.served,
            )
            for share in tier.shares
        ]
    return [
        _Figures(
            lists=tier.lists,
            kind=tier.kind,
            size=sum(split.list_sizes[number] for number in tier.lists),
            # Of a floor that is counted by year the share is that of the whole year.
            share=tier.floor.exact if tier.floor and not tier.floor.distributed else None,
            seats=tier.target,
            served=tier.served,
        )
    ]


def _row(figures: _Figures, *, top: int, sizes: Number, homes: Number) -> Row:
    values: tuple[Number | None, ...] = (figures.size, figures.share, figures.seats, figures.served)
    cells = tuple(
        _cell(value, column=number, top=top, whole=homes if number else sizes)
        for number, value in enumerate(values)
    )
    shown = [cell for cell in cells if cell.value is not None]
    return Row(
        lists=figures.lists,
        kind=figures.kind,
        name_y=top + 16,
        line_y=top,
        cells=cells,
        bands=tuple(_band(left, right) for left, right in pairwise(shown)),
    )


def _cell(value: Number | None, *, column: int, top: int, whole: Number) -> Cell:
    height = _height(value or 0, whole)
    x = _COLUMNS[column]
    return Cell(
        x=x,
        y=top + _MIDDLE - height // 2,
        height=height,
        text_x=x + _BAR + 6,
        text_y=top + _MIDDLE + 5,
        value=value,
        is_share=column == 1,
    )


def _height(value: Number, whole: Number) -> int:
    """What is not nothing is seen."""
    if not value or not whole:
        return 0
    return max(2, int(Fraction(value) * _HIGHEST / Fraction(whole)))


def _band(left: Cell, right: Cell) -> str:
    x = left.x + _BAR
    corners = (
        (x, left.y),
        (right.x, right.y),
        (right.x, right.y + right.height),
        (x, left.y + left.height),
    )
    return " ".join(f"{one},{other}" for one, other in corners)
