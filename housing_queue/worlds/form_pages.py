"""The rows of a list in its form: titles, headers, records, totals; what is merged, computed or hidden."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from random import Random
from typing import Any, Final

from housing_queue.worlds.forms import ListForm, SheetForm
from housing_queue.worlds.lists import Entry
from housing_queue.worlds.paper import paper_values

_EMPTY_ROWS: Final = 0.02
_HIDDEN_ROWS: Final = 0.1
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class Page:
    """
    One sheet as it is written. `records` are the numbers of the rows of its entries, `header` those of its
    first header; `merged` are areas like A1:H1, `formulas` stand by cell.
    """

    title: str
    rows: list[list[Any]] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    header: tuple[int, int] = (1, 1)
    merged: list[str] = field(default_factory=list)
    formulas: dict[str, str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)

    @property
    def next(self) -> int:
        return len(self.rows) + 1


def cell(row: int, column: int) -> str:
    """Return A1 for row 1 and column 0."""
    return f"{_LETTERS[column]}{row}"


def paper_page(rng: Random, form: SheetForm, title: str, entries: Sequence[Entry], *, off: int) -> Page:
    """
    Lay one paper list out: lines above, a header, records with empty rows and the header again between them,
    a total that may be wrong, lines below.
    """
    page = Page(title)
    _add_lines(page, form, form.above)
    first = page.next
    _add_header(page, form)
    page.header = (first, first + form.height - 1)
    turn = max(len(entries) // 2, 5)
    for ordinal, entry in enumerate(entries, start=1):
        if rng.random() < _EMPTY_ROWS:
            page.rows.append([])
        if ordinal > 1 and ordinal % turn == 1:
            if form.subtotal:
                _add_total(page, form, form.subtotal, turn)
            _add_header(page, form)
        _add_record(page, form, paper_values(ordinal, entry), entry, keep=1)
    _add_total(page, form, form.total, len(entries) + off)
    _add_lines(page, form, form.below)
    if form.is_merged_down:
        _merge_down(page, form, entries)
    _hide(rng, page, form)
    return page


def system_page(
    rng: Random, form: ListForm, entries: Sequence[Entry], cells: Sequence[dict[str, Any]], title: str
) -> Page:
    """Lay a system's export out: lines above, a header, records."""
    (sheet,) = form.sheets
    page = Page(title)
    _add_lines(page, sheet, sheet.above)
    page.header = (page.next, page.next)
    _add_header(page, sheet)
    for entry, values in zip(entries, cells, strict=True):
        _add_record(page, sheet, values, entry, keep=0)
    _hide(rng, page, sheet)
    return page


def joined(pages: Sequence[Page]) -> Page:
    """Write pages one below the other, as one csv file holds them."""
    whole = Page("", header=pages[0].header)
    for page in pages:
        above = len(whole.rows)
        whole.records += [above + number for number in page.records]
        whole.rows += page.rows
    return whole


def _add_lines(page: Page, form: SheetForm, texts: Sequence[str]) -> None:
    for text in texts:
        page.merged.append(f"{cell(page.next, 0)}:{cell(page.next, len(form.columns) - 1)}")
        page.rows.append([text])
    if texts:
        page.rows.append([])


def _add_header(page: Page, form: SheetForm) -> None:
    row = page.next
    page.rows.append([column.upper or None for column in form.columns])
    if form.height == 2:
        page.rows.append([column.lower or None for column in form.columns])
        page.merged += [
            f"{cell(row, at)}:{cell(row + 1, at)}" for at, column in enumerate(form.columns) if column.merged
        ]
        page.merged += [f"{cell(row, first)}:{cell(row, last)}" for first, last in form.groups]
    if form.numbered:
        page.rows.append(list(range(1, len(form.columns) + 1)))


def _add_total(page: Page, form: SheetForm, text: str, stated: int) -> None:
    cells: list[Any] = [None, text, *[None] * (len(form.columns) - 2)]
    at = form.said.index("family_count")
    at = at if at > 1 else 2
    cells[at] = stated
    if form.has_formulas:
        page.formulas[cell(page.next, at)] = f"COUNTA({cell(1, 1)}:{cell(page.next - 1, 1)})"
    page.rows.append(cells)


def _add_record(page: Page, form: SheetForm, values: dict[str, Any], entry: Entry, *, keep: int) -> None:
    """Add an entry's cells; in a shifted row those behind the first `keep` stand one column further on."""
    values = {**values, **_extra(entry)}
    row = page.next
    cells = [values[column.holds] for column in form.columns]
    if entry.shifted:
        cells = [*cells[:keep], None, *cells[keep:-1]]
    elif form.has_formulas:
        _compute(page, form, cells, row)
    page.rows.append(cells)
    page.records.append(row)


def _compute(page: Page, form: SheetForm, cells: Sequence[Any], row: int) -> None:
    """Let a formula stand behind running numbers and days, as where clerks pulled a cell down."""
    for at, (name, value) in enumerate(zip(form.said, cells, strict=True)):
        if name == "ordinal":
            page.formulas[cell(row, at)] = f"ROW()-{row - value}"
        elif name == "date" and isinstance(value, datetime) and row % 3 == 0:
            page.formulas[cell(row, at)] = f"DATE({value.year},{value.month},{value.day})"


def _extra(entry: Entry) -> dict[str, Any]:
    """What stands in columns that no list needs: the same in a row and its repeat."""
    applicant = entry.household.applicant
    spouse = entry.household.spouse
    return {
        "Дата рождения": f"{applicant.birth_date:%d.%m.%Y}",
        "Пол": {"m": "м", "f": "ж"}[applicant.sex],
        "№ дела": int(applicant.iin[7:11]),
        "Основание": "Заявление",
        "Улица": "Абая",
        "ИИН супруга (супруги)": spouse.iin if spouse else None,
        "Дата актуализации": "01.09.2013",
    }


def _merge_down(page: Page, form: SheetForm, entries: Sequence[Entry]) -> None:
    """Write a category that stands in several rows one below the other only once, over all of them."""
    at = form.said.index("category")
    for run in _runs(page, entries):
        first, last = run[0], run[-1]
        if last > first:
            page.merged.append(f"{cell(first, at)}:{cell(last, at)}")
            for row in range(first + 1, last + 1):
                page.rows[row - 1][at] = None


def _runs(page: Page, entries: Sequence[Entry]) -> Iterator[list[int]]:
    """Yield the numbers of rows, none of them shifted, that follow each other and say the same category."""
    told = [
        (row, entry.category, row - ordinal)
        for ordinal, (row, entry) in enumerate(zip(page.records, entries, strict=True))
        if not entry.shifted
    ]
    for _, run in groupby(told, key=lambda one: one[1:]):
        yield [row for row, *_ in run]


def _hide(rng: Random, page: Page, form: SheetForm) -> None:
    if form.has_hidden_rows:
        page.hidden = {row for row in page.records if rng.random() < _HIDDEN_ROWS}
