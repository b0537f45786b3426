"""Homes taken in from a spreadsheet: looked at first, then all of them or none."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from allocation import stock_files
from allocation.models import Dwelling
from allocation.rules import home_programmes, programmes
from allocation.rules.refusals import Refusal, Refused
from allocation.rules.stock import Column, Fault
from allocation.services import dwellings as stock
from allocation.stock_files import ReadRow, RowFault
from queue_registry.models import Akimat, User
from queue_registry.rules.calendar import civil_day
from queue_registry.services import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A file as it would be taken in now: its digest, its homes in good order, and all that is wrong."""

    sha256: str
    rows: tuple[ReadRow, ...]
    faults: tuple[RowFault, ...]


class StockFileFaulty(Exception):
    """Something is wrong with the file, so that none of its homes was taken in."""

    def __init__(self, faults: tuple[RowFault, ...]) -> None:
        super().__init__(f"faults: {len(faults)}")
        self.faults = faults


def look(*, akimat: Akimat, content: bytes, file_name: str, on: date) -> Looked:
    """
    Say what a file holds and what is wrong with it, by row and column; nothing is written.

    :raises queue_registry.legacy_files.errors.LegacyFileError: if it cannot be read at all.
    """
    read = stock_files.read(content, file_name=file_name)
    faults = (*read.faults, *_in_stock(akimat, read.rows), *_of_no_programme(read.rows, on))
    return Looked(
        sha256=hashlib.sha256(content).hexdigest(),
        rows=tuple(_by_code(row, on) for row in read.rows),
        faults=tuple(sorted(faults, key=lambda one: (one.sheet, one.row))),
    )


@transaction.atomic
def take_in(
    *, akimat: Akimat, content: bytes, file_name: str, document: str, by: User, at: datetime
) -> list[Dwelling]:
    """
    Take all homes of a file into the stock.

    :param document: by which the homes came to the akimat.
    :raises queue_registry.legacy_files.errors.LegacyFileError: if it cannot be read.
    :raises StockFileFaulty: if anything is wrong with it.
    :raises Refused: REASON_MISSING (no document).
    """
    if not document.strip():
        raise Refused(Refusal.REASON_MISSING)
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    looked = look(akimat=locked, content=content, file_name=file_name, on=civil_day(at))
    if looked.faults:
        raise StockFileFaulty(looked.faults)
    homes = [row.home for row in looked.rows]
    rows = stock.add_many(akimat=locked, dwellings=homes, by=by, at=at, document=document.strip())
    audit.record(
        akimat=locked,
        by=by,
        at=at,
        event="dwelling.file_taken_in",
        target=f"dwelling:{rows[0].pk}",
        sha256=looked.sha256,
        count=len(rows),
        document=document.strip(),
    )
    return rows


def _in_stock(akimat: Akimat, rows: Iterable[ReadRow]) -> Iterator[RowFault]:
    """A number is never given twice, also not that of a home which is gone."""
    numbers = {row.home.number for row in rows}
    known = set(Dwelling.objects.filter(akimat=akimat, number__in=numbers).values_list("number", flat=True))
    for row in rows:
        if row.home.number in known:
            yield _fault(row, Column.NUMBER, Fault.IN_STOCK)


def _of_no_programme(rows: Iterable[ReadRow], on: date) -> Iterator[RowFault]:
    lenders = programmes.in_force(on)
    for row in rows:
        named = row.home.programme
        if named in lenders:
            yield _fault(row, Column.PROGRAMME, Fault.LOAN_PROGRAMME)
        elif named and home_programmes.find(named, on=on) is None:
            yield _fault(row, Column.PROGRAMME, Fault.PROGRAMME_UNKNOWN)


def _by_code(row: ReadRow, on: date) -> ReadRow:
    """A programme may be named by its name; the home keeps the code."""
    found = home_programmes.find(row.home.programme, on=on)
    return row if found is None else replace(row, home=replace(row.home, programme=found.code))


def _fault(row: ReadRow, column: Column, fault: Fault) -> RowFault:
    return RowFault(sheet=row.sheet, row=row.row, column=column, fault=fault)
