"""
What a person decided on a code of old lists, as the ledger takes it.

A decision names its rows by source and digest, not its applicant: whose a row is may be what was decided. A
code of a single row is answered on each row that the decision names. One that several rows make together (a
conflict of dates or lists, one number twice, one household twice) is answered only while every row that takes
part is among them: a new one opens the question again. Where several decisions would answer, the newest does,
whatever the order in which they come.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from queue_registry.rules.legacy.cells import IinCell, read_family, read_iin
from queue_registry.rules.legacy.codes import Code, Source
from queue_registry.rules.legacy.dates import ALMATY, DateCell
from queue_registry.rules.legacy.rows import Field, ParsedRow, RawRow, parse
from queue_registry.rules.waiting_lists import ListNumber

RowKey = tuple[Source, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    One decision that counts: `value` by code as `decision_values` checks it, `on` the day on which it was
    made, `number` grows with every decision.
    """

    code: Code
    rows: frozenset[RowKey]
    value: Mapping[str, Any]
    on: date
    number: int = 0

    @property
    def sets_aside(self) -> bool:
        return "set_aside" in self.value

    def concerns(self, row: ParsedRow) -> bool:
        """Say whether a row is set aside: where only some are, the others are accepted."""
        only = self.value.get("only")
        return only is None or written(key_of(row)) in only

    @property
    def lists(self) -> frozenset[ListNumber]:
        return frozenset(ListNumber(number) for number in self.value["lists"])

    @property
    def day(self) -> DateCell:
        """The registration day by the document; midnight means that it knows no time of day."""
        day = date.fromisoformat(self.value["day"])
        at = time.fromisoformat(self.value.get("time") or "00:00")
        return DateCell(day, moment=datetime.combine(day, at, ALMATY) if at != time(0) else None)


def key_of(row: ParsedRow) -> RowKey:
    """By what a row is known in decisions."""
    return row.source, row.digest


def written(key: RowKey) -> str:
    """Return the key of a row as one text, as rows of decisions and forms keep it."""
    return f"{key[0]}:{key[1]}"


def read_key(text: str) -> RowKey:
    """Return the key that `written` made a text of."""
    source, _, digest = text.partition(":")
    return Source(source), digest


class Decided:
    """Decisions in the way the ledger asks for them."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self._of_row: dict[tuple[Code, RowKey], Decision] = {}
        self._by_code: dict[Code, list[Decision]] = defaultdict(list)
        for one in sorted(decisions, key=_newest):
            self._by_code[one.code].append(one)
            for key in one.rows:
                self._of_row[one.code, key] = one

    def __bool__(self) -> bool:
        return bool(self._of_row)

    def of(self, row: ParsedRow, code: Code) -> Decision | None:
        """Return what was decided on a code of a single row."""
        return self._of_row.get((code, key_of(row))) if self._of_row else None

    def covering(self, rows: Iterable[ParsedRow], *codes: Code) -> Decision | None:
        """Return the newest decision on one of the codes that names every row that takes part."""
        candidates = [one for code in codes for one in self._by_code.get(code, ())]
        if not candidates:
            return None
        parts = {key_of(row) for row in rows}
        return max((one for one in candidates if parts <= one.rows), key=_newest, default=None)


def _newest(one: Decision) -> tuple[int, str, str]:
    """Order of decisions; two of one number can't be told apart by anything but what they say."""
    return one.number, repr(sorted(one.rows)), repr(sorted(one.value.items()))


NOTHING_DECIDED: Final = Decided()


def iins_of(value: Mapping[str, Any]) -> set[str]:
    """Return the IINs that a decision names, of applicant and members: the registers are asked about them."""
    cells = value.get("cells", {})
    family = read_family(cells.get(Field.FAMILY_IINS)).iins
    return {iin for iin in (value.get("iin"), read_iin(cells.get(Field.IIN)).iin, *family) if iin}


def renumbered(value: Mapping[str, Any], current: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what a decision says with the numbers of today of those whose former ones it names."""
    if current.keys().isdisjoint(iins_of(value)):
        return value
    found = dict(value)
    if value.get("iin") in current:
        found["iin"] = current[value["iin"]]
    cells = dict(value.get("cells", {}))
    for name in (Field.IIN, Field.FAMILY_IINS):
        for old in set(current) & iins_of({"cells": {name: cells.get(name)}}):
            cells[name] = str(cells[name]).replace(old, current[old])
    return found | {"cells": cells} if cells else found


def with_iin(row: ParsedRow, iin: str) -> ParsedRow:
    """Return a row with the IIN that a person found to be right."""
    return row._replace(iin=IinCell(iin, None))


def with_day(row: ParsedRow, day: DateCell) -> ParsedRow:
    """Return a row with the registration day that a document gives."""
    return row._replace(date=day)


def typed(row: ParsedRow, decision: Decision) -> ParsedRow:
    """Return a row with shifted columns as a person typed it from its document; it stays known as it was."""
    raw = RawRow(
        source=row.source,
        sheet=row.sheet,
        sheet_no=row.sheet_no,
        row=row.row,
        cells=decision.value["cells"],
    )
    return parse(raw, imported_on=decision.on, file_no=row.file_no)._replace(digest=row.digest)
