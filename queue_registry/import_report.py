"""The report of an import: every row with where it ended, and totals that add up; no name and no IIN."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from queue_registry.models import ImportBatch, ImportRow
from queue_registry.rules.legacy.codes import RowState, Source
from queue_registry.rules.legacy.outcomes import Ledger


def of_rows(rows: Iterable[ImportRow]) -> list[dict[str, Any]]:
    """Return the report of stored rows, which come with `batch` and `application` selected."""
    return [
        {
            "source": row.batch.source,
            "file": row.batch.file_name,
            "sheet": row.sheet,
            "row": row.row,
            "state": row.state,
            "codes": row.codes,
            "answered": row.answered,
            "case": [f"{row.application.file_number}/{code}" for code in row.questions],
            "application": row.application.file_number,
        }
        for row in rows
        if row.application is not None
    ]


def line(row: Mapping[str, Any]) -> str:
    """Return one row of the report as a line of text."""
    place = "!".join(part for part in (row["file"], row["sheet"]) if part)
    codes = " ".join(row["codes"]) or "-"
    return f"{row['source']:<6} {place} row {row['row']}: {row['state']}; {codes}; {row['application']}"


def counted(rows: Sequence[Mapping[str, Any]], batches: Iterable[ImportBatch]) -> str:
    """Return the totals of reported rows, and of the rows that are no records."""
    states = Counter((row["source"], row["state"]) for row in rows)
    cases = Counter(case.rpartition("/")[2] for case in {case for row in rows for case in row["case"]})
    lines = _totals(states, cases)
    for batch in batches:
        kinds = Counter(other["kind"] for other in batch.others)
        differ = sum(other["total_differs"] for other in batch.others)
        told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or "none"
        waits = "" if batch.confirmed_at else " (waits to be confirmed)"
        lines.append(f"{batch.file_name}{waits}: rows that are no records: {told}; TOTAL_DIFFERS {differ}")
    return "\n".join(lines)


def of_ledger(ledger: Ledger) -> str:
    """Return the whole report of a ledger that nobody has confirmed yet."""
    lines = [
        f"{one.row.source:<6} {one.row.sheet or '-'} row {one.row.row}: {one.state}; "
        f"{' '.join(one.codes) or '-'}"
        for one in ledger.rows
    ]
    return "\n".join([*lines, totals(ledger)])


def totals(ledger: Ledger) -> str:
    """Return rows by source and state, cases by code, applicants."""
    states = Counter((one.row.source.value, one.state.value) for one in ledger.rows)
    cases = Counter({code.value: count for code, count in ledger.count_cases().items()})
    standing = sum(applicant.stands for applicant in ledger.applicants)
    lines = _totals(states, cases)
    return "\n".join([*lines, f"applicants {len(ledger.applicants)}, with a place {standing}"])


def _totals(states: Mapping[tuple[str, str], int], cases: Mapping[str, int]) -> list[str]:
    lines = []
    for source in Source:
        counts = {state.value: states.get((source.value, state.value), 0) for state in RowState}
        if any(counts.values()):
            told = ", ".join(f"{state} {count}" for state, count in counts.items())
            lines.append(f"{source.value}: {sum(counts.values())} rows: {told}")
    told = ", ".join(f"{code} {count}" for code, count in sorted(cases.items())) or "none"
    return [*lines, f"open cases: {told}"]
