"""
The ledger of an akimat's legacy lists: all confirmed rows against what the registers say.

It is a pure function of the rows and the answers: any order of the files gives the same states, codes, cases
and applicants. When an answer arrives later, the ledger is made again.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from queue_registry.rules.legacy import groups, readings
from queue_registry.rules.legacy.codes import RULES, STRENGTH, Code, Remark, RowState, Stands
from queue_registry.rules.legacy.dates import untimed
from queue_registry.rules.legacy.mapping import CategoryMapping
from queue_registry.rules.legacy.outcomes import Case, CaseKey, Ledger, LedgerApplicant, RowOutcome
from queue_registry.rules.legacy.readings import Reading
from queue_registry.rules.legacy.register import Families, Identities
from queue_registry.rules.legacy.rows import ParsedRow

_AFTER_ALL: Final = datetime.max.replace(tzinfo=UTC)


def reconcile(
    rows: Sequence[ParsedRow],
    *,
    identities: Identities,
    families: Families,
    mapping: CategoryMapping,
    as_of: date,
) -> Ledger:
    """
    Make the ledger of all confirmed rows of one akimat.

    :param identities: what the population register said; a missing key means that it did not answer.
    :param families: relatives by the civil acts; a missing key means unknown.
    :param mapping: the approved table of local categories.
    :param as_of: the day on which children are counted as minors.
    """
    ordered = sorted(rows, key=_by_strength)
    read = readings.read(ordered, identities=identities, families=families, mapping=mapping)
    known = groups.by_applicant(read)
    twice = groups.compare_rows(known, families=families, as_of=as_of)
    gathered = _gather(read, known)

    outcomes = [outcome for key, group in gathered.items() for outcome in _outcomes(key, group)]
    cases = [case for key, group in gathered.items() for case in _cases(key, group, twice)]
    applicants = [
        _applicant(key, group, iin=key if key in known else None) for key, group in gathered.items()
    ]
    return Ledger(
        rows=tuple(sorted(outcomes, key=lambda one: (STRENGTH[one.row.source], one.row.position))),
        cases=tuple(sorted(cases, key=lambda one: (one.key.applicant, one.key.code))),
        applicants=tuple(sorted(applicants, key=_by_moment)),
    )


_Strength = tuple[int, int, int, str, int]


def _by_strength(row: ParsedRow) -> _Strength:
    """Source, then row of the file; of two files of one source it doesn't matter which came first."""
    return (STRENGTH[row.source], row.sheet_no, row.row, row.digest, row.file_no)


def _by_moment(applicant: LedgerApplicant) -> tuple[datetime, _Strength]:
    """Order in which file numbers are given: moment, source, row; without a moment after all others."""
    return (applicant.registered_at or _AFTER_ALL, _by_strength(applicant.rows[0]))


def _gather(read: Sequence[Reading], known: groups.Groups) -> dict[str, list[Reading]]:
    """Return all rows by applicant; a row that fails the identity check stands alone with its repeats."""
    gathered = dict(known)
    for reading in read:
        if reading.fails_identity:
            original = (reading.repeats or reading).row
            gathered.setdefault(f"{original.source}:{original.digest}", []).append(reading)
    return gathered


def _outcomes(key: str, group: list[Reading]) -> list[RowOutcome]:
    imported = _row_to_import(group)
    asked = {code for one in group for code in one.open_codes}
    outcomes = []
    for one in group:
        if one.answered:
            one.remarks.add(Remark.ANSWERED_BY_ANOTHER_ROW)
        if one is imported:
            state = RowState.IMPORTED
        elif one.open_codes:
            state = RowState.NEEDS_PERSON
        else:
            state = RowState.MERGED
        outcomes.append(
            RowOutcome(
                row=one.row,
                state=state,
                codes=tuple(sorted(one.codes)),
                answered=tuple(sorted(one.answered)),
                remarks=tuple(sorted(one.remarks)),
                applicant=key,
                cases=tuple(CaseKey(key, code) for code in sorted(_takes_part_in(one, asked))),
            )
        )
    return outcomes


def _row_to_import(group: list[Reading]) -> Reading | None:
    """
    Return the strongest row without an open code.

    A row with an answered code is merged into another one; it is taken only where rows answer each other and
    no row is left for a person.
    """
    closed = [one for one in group if one.repeats is None and not one.open_codes]
    clean = [one for one in closed if not one.answered]
    if clean:
        return clean[0]
    if any(one.open_codes for one in group):
        return None
    return closed[0]


def _takes_part_in(one: Reading, asked: set[Code]) -> set[Code]:
    """Return the open questions of the applicant that the row is part of."""
    codes = (one.codes - one.answered) & asked
    if Code.DATE_CONFLICT in asked and one.row.date.day is not None:
        codes.add(Code.DATE_CONFLICT)
    return codes


def _cases(key: str, group: list[Reading], twice: Mapping[str, list[str]]) -> list[Case]:
    asked = {code for one in group for code in one.open_codes}
    cases = []
    for code in asked:
        detail: dict[str, str] = {}
        if code is Code.HOUSEHOLD_TWICE:
            detail["others"] = ";".join(twice[key])
        relatives = {one.relative for one in group if one.relative}
        if code is Code.IDENTITY_MISMATCH and relatives:
            detail["relative"] = ";".join(sorted(relatives))
        cases.append(
            Case(
                key=CaseKey(key, code),
                rows=tuple(one.row for one in group if code in _takes_part_in(one, asked)),
                detail=detail,
            )
        )
    return cases


def _applicant(key: str, group: list[Reading], *, iin: str | None) -> LedgerApplicant:
    asked = {RULES[code].stands for one in group for code in one.open_codes}
    registered_at, time_known = _moment(group)
    lists = groups.lists_of(group)
    strongest = _row_to_import(group) or group[0]
    return LedgerApplicant(
        key=key,
        iin=iin,
        name=strongest.row.name,
        lists=lists,
        registered_at=registered_at,
        time_known=time_known,
        provisional=Stands.PROVISIONALLY in asked,
        stands=Stands.NO not in asked,
        members=tuple(
            dict.fromkeys(member for one in group for member in one.row.family.iins if member != iin)
        ),
        rows=(strongest.row, *(one.row for one in group if one is not strongest)),
    )


def _moment(group: list[Reading]) -> tuple[datetime | None, bool]:
    """
    Return the registration moment and whether its time of day is known.

    Of different days the latest stands until a person decides; a time of day known by any row of that day is
    taken, else the day sorts after all timed entries of it.
    """
    days = {
        one.row.date.day
        for one in group
        if one.row.date.day is not None and Code.YEAR_ONLY not in one.answered
    }
    if not days:
        return None, False
    latest = max(days)
    moments = [
        one.row.date.moment for one in group if one.row.date.moment is not None and one.row.date.day == latest
    ]
    return (max(moments), True) if moments else (untimed(latest), False)
