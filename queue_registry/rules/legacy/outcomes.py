"""What the ledger says: of each row, of each open question, of each applicant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from queue_registry.rules.legacy.codes import Code, Remark, RowState, Source
from queue_registry.rules.legacy.rows import ParsedRow
from queue_registry.rules.waiting_lists import ListNumber


class CaseKey(NamedTuple):
    """One question to a person: one per applicant and code."""

    applicant: str
    code: Code


class RowOutcome(NamedTuple):
    """
    Where one row ended. `codes` are all that are true of it, sorted; `answered` those that another row
    settles.
    """

    row: ParsedRow
    state: RowState
    codes: tuple[Code, ...]
    answered: tuple[Code, ...]
    remarks: tuple[Remark, ...]
    applicant: str
    cases: tuple[CaseKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An open question with every row that takes part; `detail` is what the person should know at once."""

    key: CaseKey
    rows: tuple[ParsedRow, ...]
    detail: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class LedgerApplicant(NamedTuple):
    """
    One applicant: all rows of one confirmed IIN, or one row whose person nobody could tell (`iin` None).

    `stands` False: waiting file, a number and no place. `household_of` is the key of the applicant whose
    household they were found to be, if nothing is asked about them any more: no application of their own is
    needed, only one that has a place already ends by a case of removal. `registered_at` is aware, None where
    no row has a usable date; `rows` are in order of strength, repeats last.
    """

    key: str
    iin: str | None
    name: str
    lists: tuple[ListNumber, ...]
    registered_at: datetime | None
    time_known: bool
    provisional: bool
    stands: bool
    members: tuple[str, ...]
    rows: tuple[ParsedRow, ...]
    household_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Rows in order of source and position; applicants in the order in which file numbers are given."""

    rows: tuple[RowOutcome, ...]
    cases: tuple[Case, ...]
    applicants: tuple[LedgerApplicant, ...]

    def count_rows(self) -> dict[Source, dict[RowState, int]]:
        """Return the number of rows by source and state; the totals add up to the rows."""
        counts = {source: dict.fromkeys(RowState, 0) for source in Source}
        for outcome in self.rows:
            counts[outcome.row.source][outcome.state] += 1
        return counts

    def count_cases(self) -> dict[Code, int]:
        """Return the number of open cases by code, codes without one left out."""
        counts: dict[Code, int] = {}
        for case in self.cases:
            counts[case.key.code] = counts.get(case.key.code, 0) + 1
        return dict(sorted(counts.items()))
