"""
The forms that clerks and programs leave a list in, drawn from a seed: other orders and names of columns,
headers of one row or two, workbooks and csv files. What a list says of people does not change with its form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from housing_queue.worlds import form_words as words

# Whoever types a list keeps the person, the number and the day together.
_PEOPLE: Final = (
    ("name", "iin", "date"),
    ("iin", "name", "date"),
    ("date", "name", "iin"),
    ("date", "iin", "name"),
    ("iin", "date", "name"),
    ("name", "date", "iin"),
)
_REST: Final = ("category", "family_count", "address", "note")
_MOST_EXTRA, _MOST_ABOVE = 3, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    One column: what it holds, a field or something that no list needs, and its header in one row or two.

    `merged`: the header stands in one cell over both rows.
    """

    holds: str
    upper: str
    lower: str = ""
    merged: bool = False

    @property
    def field(self) -> str:
        """The field that it is to be read as; "" for none."""
        return "" if self.holds in words.EXTRA else self.holds


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetForm:
    """
    How one sheet is laid out. `groups` are the columns, first and last, below a header of a group.

    `strange`: its headers tell nobody but a person what the columns hold.
    """

    columns: tuple[Column, ...]
    height: int = 1
    groups: tuple[tuple[int, int], ...] = ()
    numbered: bool = False
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    total: str = "Итого:"
    subtotal: str = ""
    is_strange: bool = False
    is_merged_down: bool = False
    has_formulas: bool = False
    has_hidden_rows: bool = False

    @property
    def said(self) -> list[str]:
        """What a person has to say that the columns hold."""
        return [column.field for column in self.columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForm:
    """One list's kind of file and the forms of its sheets; `traits` name what is unusual about it."""

    source: str
    kind: str
    sheets: tuple[SheetForm, ...]
    separator: str = ";"
    encoding: str = "utf-8-sig"
    has_no_list: bool = False
    traits: list[str] = field(default_factory=list)

    @property
    def file_name(self) -> str:
        return f"{self.source}.{self.kind}"


def draw_paper(rng: Random, *, sheets: int, may_be_csv: bool) -> ListForm:
    """Draw the form of the paper lists; a csv holds all sheets one below the other."""
    kind = rng.choice(("xlsx", "xlsx", "csv"))
    if kind == "csv" and may_be_csv:
        first = _paper_sheet(rng, kind)
        # Below the records of the first list only a header of one row can be told from them.
        others = [_paper_sheet(rng, kind, heights=("one",)) for _ in range(sheets - 1)]
        separator, encoding = rng.choice((";", ",", "\t")), rng.choice(("utf-8", "utf-8-sig"))
        form = ListForm(
            source="paper", kind=kind, sheets=(first, *others), separator=separator, encoding=encoding
        )
        return _told(form)
    form = ListForm(
        source="paper",
        kind="xlsx",
        sheets=tuple(_paper_sheet(rng, "xlsx") for _ in range(sheets)),
        has_no_list=rng.random() < 0.3,
    )
    return _told(form)


def draw_system(rng: Random, source: str, columns: Sequence[tuple[str, str]]) -> ListForm:
    """
    Draw the form of a system's export: its columns (field and header) stand in another order, between others.
    """
    kind = rng.choice(("xlsx", "csv"))
    is_strange = rng.random() < 0.3
    named = [
        Column(holds=one, upper=words.STRANGE.get(one, header) if is_strange else header)
        for one, header in rng.sample(columns, len(columns))
    ]
    sheet = SheetForm(
        columns=_with_extra(rng, named, after=0),
        above=_some(rng, words.ABOVE, _MOST_ABOVE),
        below=(),
        is_strange=is_strange,
        has_formulas=kind == "xlsx" and rng.random() < 0.5,
        has_hidden_rows=kind == "xlsx" and rng.random() < 0.5,
    )
    return _told(ListForm(source=source, kind=kind, sheets=(sheet,)))


def _paper_sheet(
    rng: Random, kind: str, heights: Sequence[str] = ("one", "split", "groups", "languages")
) -> SheetForm:
    is_book = kind == "xlsx"
    is_strange = is_book and rng.random() < 0.25
    height = "one" if is_strange else rng.choice(heights)
    named = [_paper_column(rng, one, height, is_strange=is_strange) for one in _paper_order(rng)]
    columns = _with_extra(rng, named, after=1)
    if height == "groups":
        columns, groups = _grouped(rng, columns)
    else:
        groups = ()
    return SheetForm(
        columns=columns,
        height=2 if any(column.lower for column in columns) else 1,
        groups=groups,
        numbered=rng.random() < 0.3,
        above=_some(rng, words.ABOVE, _MOST_ABOVE),
        below=_some(rng, words.BELOW, 2),
        total=rng.choice(words.TOTALS),
        subtotal=rng.choice((*words.SUBTOTALS, "")) if is_book else "",
        is_strange=is_strange,
        is_merged_down=is_book and rng.random() < 0.5,
        has_formulas=is_book and rng.random() < 0.5,
        has_hidden_rows=is_book and rng.random() < 0.5,
    )


def _paper_order(rng: Random) -> list[str]:
    """The running number first; then the person among the rest, in one order or another."""
    rest = rng.sample(_REST, len(_REST))
    at = rng.randrange(len(rest) + 1)
    return ["ordinal", *rest[:at], *rng.choice(_PEOPLE), *rest[at:]]


def _paper_column(rng: Random, one: str, height: str, *, is_strange: bool) -> Column:
    russian, kazakh = (rng.choice(texts) for texts in words.PAPER[one])
    if is_strange and one in words.STRANGE:
        return Column(holds=one, upper=words.STRANGE[one])
    if height == "languages":
        return Column(holds=one, upper=russian, lower=kazakh)
    text = rng.choice((russian, kazakh, f"{russian} / {kazakh}", f"{russian}\n{kazakh}"))
    if height == "split" and " " in russian:
        parts = russian.split(" ")
        cut = rng.randrange(1, len(parts))
        return Column(holds=one, upper=" ".join(parts[:cut]), lower=" ".join(parts[cut:]))
    return Column(holds=one, upper=text, merged=height == "split")


def _with_extra(rng: Random, columns: Sequence[Column], *, after: int) -> tuple[Column, ...]:
    made = list(columns)
    for text in rng.sample(words.EXTRA, rng.randint(0, _MOST_EXTRA)):
        made.insert(rng.randint(after, len(made)), Column(holds=text, upper=text))
    return tuple(made)


def _grouped(
    rng: Random, columns: tuple[Column, ...]
) -> tuple[tuple[Column, ...], tuple[tuple[int, int], ...]]:
    """Put two or three neighbors below the header of a group; the others' headers go over both rows."""
    first = rng.randrange(1, len(columns) - 2)
    last = first + rng.choice((1, 2))
    group = rng.choice(words.GROUPS)
    made = [
        Column(holds=one.holds, upper=group if at == first else "", lower=one.upper)
        if first <= at <= last
        else Column(holds=one.holds, upper=one.upper, merged=True)
        for at, one in enumerate(columns)
    ]
    return tuple(made), ((first, last),)


def _some(rng: Random, texts: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(rng.sample(texts, rng.randint(0, most)))


def _told(form: ListForm) -> ListForm:
    """Name what is unusual about a list, so that a person who looks for a form finds it."""
    sheets = form.sheets
    found: dict[str, Any] = {
        form.kind: True,
        f"separator {form.separator!r}": form.kind == "csv" and form.source == "paper",
        form.encoding: form.kind == "csv" and form.source == "paper",
        "extra columns": any(not column.field for sheet in sheets for column in sheet.columns),
        "header of two rows": any(sheet.height == 2 and not sheet.groups for sheet in sheets),
        "header with groups": any(sheet.groups for sheet in sheets),
        "columns numbered": any(sheet.numbered for sheet in sheets),
        "cells merged down": any(sheet.is_merged_down for sheet in sheets),
        "formulas": any(sheet.has_formulas for sheet in sheets),
        "hidden rows": any(sheet.has_hidden_rows for sheet in sheets),
        "strange headers": any(sheet.is_strange for sheet in sheets),
        "a sheet that is no list": form.has_no_list,
    }
    form.traits[:] = sorted(trait for trait, is_so in found.items() if is_so)
    return form
