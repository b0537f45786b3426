"""
The ledger of an akimat's legacy lists: all confirmed rows against what the registers say and people decided.

It is a pure function of the rows, the answers and the decisions: any order of the files and decisions gives
the same states, codes, cases and applicants. When an answer or a decision comes later, it is made again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from queue_registry.rules.legacy import groups, readings
from queue_registry.rules.legacy.codes import RULES, STRENGTH, Code, Remark, RowState, Stands
from queue_registry.rules.legacy.dates import untimed
from queue_registry.rules.legacy.decisions import Decided, Decision
from queue_registry.rules.legacy.mapping import CategoryMapping
from queue_registry.rules.legacy.outcomes import Case, CaseKey, Ledger, LedgerApplicant, RowOutcome
from queue_registry.rules.legacy.readings import Known, Reading
from queue_registry.rules.legacy.register import Families, Identities
from queue_registry.rules.legacy.rows import ParsedRow

_NONE: Final[frozenset[Code]] = frozenset()
_AFTER_ALL: Final = datetime.max.replace(tzinfo=UTC)


def reconcile(
    rows: Sequence[ParsedRow],
    *,
    identities: Identities,
    families: Families,
    mapping: CategoryMapping,
    as_of: date,
    decisions: Iterable[Decision] = (),
) -> Ledger:
    """
    Make the ledger of all confirmed rows of one akimat.

    :param identities: what the population register said; a missing key means that it did not answer.
    :param families: relatives by the civil acts; a missing key means unknown.
    :param mapping: the approved table of local categories.
    :param as_of: the day on which children are counted as minors.
    :param decisions: what people decided on open codes, as far as it counts.
    """
    ordered = sorted(rows, key=_by_strength)
    knowledge = Known(identities=identities, families=families, mapping=mapping, decided=Decided(decisions))
    read = readings.read(ordered, knowledge)
    known = groups.by_applicant(read)
    households = groups.compare_rows(known, knowledge, as_of=as_of)
    gathered = _gather(read, known)

    outcomes: list[RowOutcome] = []
    cases: list[Case] = []
    applicants: list[LedgerApplicant] = []
    for key, group in gathered.items():
        imported, asked = _row_to_import(group), _asked(group)
        outcomes += _outcomes(key, group, imported, asked)
        cases += _cases(key, group, asked, households.twice)
        applicants.append(_applicant(key, group, imported, asked))
    applicants = _one_per_household(applicants, households.as_one, asked={one.key.applicant for one in cases})
    outcomes = _merged_into_households(outcomes, applicants)
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
    moment = applicant.registered_at
    # Moments of one zone are compared at once.
    return (moment.astimezone(UTC) if moment else _AFTER_ALL, _by_strength(applicant.rows[0]))


def _gather(read: Sequence[Reading], known: groups.Groups) -> groups.Groups:
    """
    Return all rows by applicant: a row that fails the identity check stands alone with its repeats, one that
    was set aside comes after those that count.
    """
    gathered = {key: list(group) for key, group in known.items()}
    for reading in read:
        if reading.fails_identity:
            original = (reading.repeats or reading).row
            gathered.setdefault(f"{original.source}:{original.digest}", []).append(reading)
        elif reading.set_aside:
            gathered.setdefault(reading.row.iin.iin or "", []).append(reading)
    return gathered


def _one_per_household(
    applicants: Sequence[LedgerApplicant], households: Iterable[frozenset[str]], *, asked: Collection[str]
) -> list[LedgerApplicant]:
    """
    Where a person found that applicants are one household with one application, the earliest that stands
    keeps the place. The others hold none: an entry that they have is kept out of distribution, and only a
    case of removal ends it. Who has none yet is led to the earliest, unless something is `asked` about them.
    """
    by_key = {one.key: one for one in applicants}
    # The order of claims is total, so that nobody is led back to where they come from.
    held: dict[str, LedgerApplicant] = {}
    for household in households:
        first, *others = sorted((by_key[key] for key in household), key=_by_claim)
        for one in others:
            held[one.key] = min(first, held.get(one.key, first), key=_by_claim)
    led = []
    for one in applicants:
        holder = held.get(one.key)
        while holder is not None and holder.key in held:
            holder = held[holder.key]
        if holder is not None:
            one = one._replace(stands=False, household_of="" if one.key in asked else holder.key)
        led.append(one)
    return led


def _merged_into_households(
    outcomes: Iterable[RowOutcome], applicants: Iterable[LedgerApplicant]
) -> list[RowOutcome]:
    """Rows of an applicant who is led to another's application end in that one."""
    led = {one.key for one in applicants if one.household_of}
    if not led:
        return list(outcomes)
    return [
        one._replace(state=RowState.MERGED)
        if one.applicant in led and one.state == RowState.IMPORTED
        else one
        for one in outcomes
    ]


def _by_claim(applicant: LedgerApplicant) -> tuple[bool, datetime, _Strength]:
    return (not applicant.stands, *_by_moment(applicant))


def _outcomes(
    key: str, group: list[Reading], imported: Reading | None, asked: frozenset[Code]
) -> list[RowOutcome]:
    outcomes = []
    for one in group:
        if one.answered - one.decided:
            one.remarks |= {Remark.ANSWERED_BY_ANOTHER_ROW}
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
                codes=tuple(sorted(one.codes)) if one.codes else (),
                answered=tuple(sorted(one.answered)) if one.answered else (),
                remarks=tuple(sorted(one.remarks)) if one.remarks else (),
                applicant=key,
                cases=tuple([CaseKey(key, code) for code in sorted(_takes_part_in(one, asked))]),
            )
        )
    return outcomes


def _row_to_import(group: list[Reading]) -> Reading | None:
    """
    Return the strongest row without an open code.

    A row with a code that another row answers is merged into that one; it is taken only where rows answer
    each other and no row is left for a person. A row that a person set aside is never taken.
    """
    closed = [one for one in group if not one.set_aside and one.repeats is None and not one.open_codes]
    for one in closed:
        if not one.answered - one.decided:
            return one
    if any(one.open_codes for one in group):
        return None
    return next(iter(closed), None)


def _counting(group: list[Reading]) -> list[Reading]:
    return [one for one in group if not one.set_aside]


def _asked(group: list[Reading]) -> frozenset[Code]:
    """Return the open questions of an applicant."""
    if len(group) == 1:
        return group[0].open_codes
    return _NONE.union(*[one.open_codes for one in group])


def _takes_part_in(one: Reading, asked: frozenset[Code]) -> frozenset[Code]:
    """Return the open questions of the applicant that the row is part of."""
    if one.set_aside or not asked:
        return _NONE
    codes = (one.codes - one.answered) & asked
    if Code.DATE_CONFLICT in asked and one.row.date.day is not None:
        codes |= {Code.DATE_CONFLICT}
    return codes


def _cases(
    key: str, group: list[Reading], asked: frozenset[Code], twice: Mapping[str, list[str]]
) -> list[Case]:
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


def _applicant(
    key: str, group: list[Reading], imported: Reading | None, asked: frozenset[Code]
) -> LedgerApplicant:
    counting = _counting(group)
    iin = None if group[0].fails_identity else group[0].row.iin.iin
    stand = {RULES[code].stands for code in asked}
    registered_at, time_known = _moment(counting)
    lists = groups.lists_of(counting)
    strongest = imported or group[0]
    return LedgerApplicant(
        key=key,
        iin=iin,
        name=strongest.row.name,
        lists=lists,
        registered_at=registered_at,
        time_known=time_known,
        provisional=Stands.PROVISIONALLY in stand,
        stands=Stands.NO not in stand and bool(counting),
        members=tuple(
            dict.fromkeys([member for one in counting for member in one.row.family.iins if member != iin])
        ),
        rows=(strongest.row, *[one.row for one in group if one is not strongest]),
    )


def _moment(group: list[Reading]) -> tuple[datetime | None, bool]:
    """
    Return the registration moment and whether its time of day is known.

    Of different days the latest stands until a person decides; a time of day known by any row of that day is
    taken, else the day sorts after all timed entries of it.
    """
    latest: date | None = None
    moment: datetime | None = None
    for one in group:
        day, code, timed, _ = one.row.date
        if day is None or (code is Code.YEAR_ONLY and Code.YEAR_ONLY in one.answered):
            continue
        if latest is None or day > latest:
            latest, moment = day, timed
        elif day == latest and timed is not None:
            moment = timed if moment is None else max(moment, timed)
    if latest is None:
        return None, False
    return (untimed(latest), False) if moment is None else (moment, True)
