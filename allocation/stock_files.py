"""
A spreadsheet of homes read into rows to be taken in, with what is wrong by row and column.

Cells are read by the readers of the old lists: a damaged, locked or foreign file is refused as a whole, a
formula that nobody computed holds nothing, a cell merged over several rows is said of each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from allocation import stock_cells
from allocation.models import Dwelling
from allocation.rules.stock import LARGEST_FILE, MOST_HOMES, Column, Fault
from allocation.services.dwellings import NewDwelling
from allocation.stock_cells import CellFault, Reader
from queue_registry.legacy_files.errors import FileProblem, LegacyFileError
from queue_registry.legacy_files.grids import Grid, read_grids
from queue_registry.rules.legacy.cells import Cell, text_of
from queue_registry.rules.legacy.codes import Source

_C = Column
REQUIRED: Final = (
    _C.NUMBER,
    _C.ADDRESS_KK,
    _C.ADDRESS_RU,
    _C.ROOMS,
    _C.AREA,
    _C.FLOOR,
    _C.LIFT,
    _C.ACCESSIBLE,
)
# Titles in Kazakh, Russian and English; the first is that of the template. Capitals and signs do not matter.
TITLES: Final[Mapping[Column, tuple[str, ...]]] = MappingProxyType(
    {
        _C.NUMBER: (
            "Инвентарлық нөмірі",
            "Инвентарный номер",
            "Number",
            "№ квартиры по учету",
            "Inv. number",
        ),
        _C.ADDRESS_KK: (
            "Мекенжайы қазақша",
            "Мекенжайы",
            "Адрес на казахском",
            "Address in Kazakh",
            "address_kk",
        ),
        _C.ADDRESS_RU: ("Мекенжайы орысша", "Адрес на русском", "Адрес", "Address in Russian", "address_ru"),
        _C.ROOMS: ("Бөлме саны", "Количество комнат", "Комнат", "Rooms"),
        _C.AREA: (
            "Пайдалы ауданы",
            "Пайдалы ауданы, м²",
            "Полезная площадь",
            "Полезная площадь, м²",
            "Useful area",
            "Area",
        ),
        _C.FLOOR: ("Қабаты", "Қабат", "Этаж", "Floor"),
        _C.LIFT: ("Лифт", "Лифтісі", "Lift"),
        _C.ACCESSIBLE: (
            "Мүгедектер арбасына қолжетімді",
            "Доступно для кресла-коляски",
            "Доступность",
            "Accessible",
        ),
        _C.FINISH: ("Әрлеуі", "Отделка", "Finish"),
        _C.STATE: ("Жай-күйі", "Состояние", "State"),
        _C.PROGRAMME: ("Бағдарлама", "Бағдарламасы", "Программа", "Program", "Programme"),
        _C.BUDGET_LINE: ("Бюджет жолы", "Строка бюджета", "Budget line"),
        _C.CADASTRAL_NUMBER: ("Кадастрлық нөмірі", "Кадастровый номер", "Cadastral number"),
        _C.RKA: ("МТК", "РКА", "RKA"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """What is wrong with one cell: its row as the spreadsheet counts it, the column, figures of the fault."""

    sheet: str
    row: int
    column: Column
    fault: Fault
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """One home with the row where it stands."""

    sheet: str
    row: int
    home: NewDwelling


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFile:
    """What a file holds; `rows` are the homes in good order, `faults` what is wrong with the others."""

    rows: tuple[ReadRow, ...]
    faults: tuple[RowFault, ...]


def read(content: bytes, *, file_name: str) -> StockFile:
    """
    Read a spreadsheet of homes (xlsx, xls, ods, csv).

    :raises LegacyFileError: if it is too big, unreadable, lacks a column that it must have, or has no home.
    """
    if len(content) > LARGEST_FILE:
        raise LegacyFileError("The file is too big.", code=FileProblem.TOO_BIG, file_name=file_name)
    rows: list[ReadRow] = []
    faults: list[RowFault] = []
    for grid in read_grids(content, source=Source.PAPER, file_name=file_name):
        if any(any(map(text_of, cells)) for cells in grid.rows):
            for found in _rows(grid, file_name):
                (rows if isinstance(found, ReadRow) else faults).append(found)  # type: ignore[arg-type]
    if not rows and not faults:
        raise LegacyFileError("The file has no homes.", code=FileProblem.NO_RECORDS, file_name=file_name)
    if len(rows) > MOST_HOMES:
        raise LegacyFileError(
            "The file has too many homes.", code=FileProblem.TOO_MANY_ROWS, file_name=file_name
        )
    return StockFile(rows=tuple(rows), faults=(*faults, *_twice(rows)))


def _rows(grid: Grid, file_name: str) -> Iterator[ReadRow | RowFault]:
    top, columns = _header(grid, file_name)
    for number, cells in enumerate(grid.rows[top:], start=top + 1):
        if any(map(text_of, cells)):
            yield from _row(grid, number, grid.with_merged(number, cells), columns)


def _row(
    grid: Grid, number: int, cells: Sequence[Cell], columns: Mapping[Column, int]
) -> Iterator[ReadRow | RowFault]:
    values: dict[str, Any] = {}
    faults = []
    for column, index in columns.items():
        try:
            if (number, index) in grid.unseen.formulas:
                raise CellFault(Fault.FORMULA_WITHOUT_VALUE)
            values[column] = _READERS[column](cells[index] if index < len(cells) else None)
        except CellFault as wrong:
            faults.append(
                RowFault(sheet=grid.sheet, row=number, column=column, fault=wrong.fault, detail=wrong.detail)
            )
    yield from faults
    if not faults:
        yield ReadRow(sheet=grid.sheet, row=number, home=NewDwelling(**values))


def _header(grid: Grid, file_name: str) -> tuple[int, dict[Column, int]]:
    """Return the number of rows down to the header, and where each column stands."""
    best: dict[Column, int] = {}
    for index, cells in enumerate(grid.rows):
        found: dict[Column, int] = {}
        for place, cell in enumerate(cells):
            column = _BY_TITLE.get(_bare(text_of(cell)))
            if column is not None:
                found.setdefault(column, place)
        if set(REQUIRED) <= set(found):
            return index + 1, found
        best = max(best, found, key=len)
    missing = ", ".join(TITLES[column][0] for column in REQUIRED if column not in best)
    raise LegacyFileError(
        f"The header lacks: {missing}.",
        code=FileProblem.HEADER,
        file_name=file_name,
        sheet=grid.sheet,
        column=missing,
    )


def _twice(rows: Sequence[ReadRow]) -> Iterator[RowFault]:
    first: dict[str, int] = {}
    for one in rows:
        if one.home.number in first:
            yield RowFault(
                sheet=one.sheet,
                row=one.row,
                column=_C.NUMBER,
                fault=Fault.TWICE_IN_FILE,
                detail={"row": first[one.home.number]},
            )
        first.setdefault(one.home.number, one.row)


def _bare(title: str) -> str:
    return "".join(sign for sign in title.casefold() if sign.isalnum())


_BY_TITLE: Final = {_bare(title): column for column, titles in TITLES.items() for title in titles}
_READERS: Final[Mapping[Column, Reader]] = MappingProxyType(
    {
        _C.NUMBER: stock_cells.text(most=40, required=True),
        _C.ADDRESS_KK: stock_cells.text(most=300, required=True),
        _C.ADDRESS_RU: stock_cells.text(most=300, required=True),
        _C.ROOMS: stock_cells.whole(least=1, most=20),
        _C.AREA: stock_cells.decimal(least=Decimal("0.01"), most=Decimal("99999.99")),
        _C.FLOOR: stock_cells.whole(least=-1, most=99),
        _C.LIFT: stock_cells.yes_or_no(),
        _C.ACCESSIBLE: stock_cells.yes_or_no(),
        _C.FINISH: stock_cells.word(
            {
                Dwelling.Finish.FINISHED: ("әрленген", "таза әрлеу", "чистовая", "finished"),
                Dwelling.Finish.ROUGH: ("қара әрлеу", "черновая", "rough"),
                Dwelling.Finish.UNFINISHED: ("әрленбеген", "без отделки", "unfinished"),
            },
            empty="",
        ),
        _C.STATE: stock_cells.word(
            {
                Dwelling.State.READY: ("дайын", "готово", "готова", "готов", "ready"),
                Dwelling.State.BUILDING: ("салынуда", "строится", "being built", "building"),
            },
            empty=Dwelling.State.READY,
        ),
        _C.PROGRAMME: stock_cells.text(most=200),
        _C.BUDGET_LINE: stock_cells.text(most=60),
        _C.CADASTRAL_NUMBER: stock_cells.text(most=40),
        _C.RKA: stock_cells.text(most=16),
    }
)
