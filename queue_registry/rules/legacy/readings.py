"""What is true of a row by itself and beside its person in the population register, and what was decided."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from queue_registry.rules.legacy import decisions, name_pairs, names
from queue_registry.rules.legacy.cells import is_nothing
from queue_registry.rules.legacy.codes import FAILS_IDENTITY, RULES, Code, Kind, Remark, Source
from queue_registry.rules.legacy.dates import DateCell
from queue_registry.rules.legacy.decisions import NOTHING_DECIDED, Decided, Decision
from queue_registry.rules.legacy.mapping import CategoryMapping
from queue_registry.rules.legacy.register import Families, Identities, Identity, current_kin
from queue_registry.rules.legacy.rows import ParsedRow
from queue_registry.rules.waiting_lists import ListNumber

# Statuses of the two systems that mean "stands in the queue"; any other is a person's to read.
ACTIVE_STATUSES: Final[Mapping[Source, frozenset[str]]] = MappingProxyType(
    {Source.SPP: frozenset({"active"}), Source.RSHEP: frozenset({"действующий"})}
)
_LISTS: Final = {number.value: frozenset({number}) for number in ListNumber}
_OPEN: Final = frozenset(code for code, rule in RULES.items() if rule.kind is Kind.OPEN)
_NO_CODES: Final[frozenset[Code]] = frozenset()

# Codes of a single row that a person only takes note of.
_READ: Final = (Code.NAME_CHANGED, Code.NAME_INCOMPLETE, Code.NOT_ACTIVE, Code.NOTE_TO_READ)


@dataclass(slots=True)
class Reading:
    """
    A row with what is found of it; codes are added while the ledger is made.

    Where a person decided what a cell should say, `row` says it; `codes` stay those of the original.
    `decided` are those of the `answered` that a person answered. A row that is set aside takes part in
    nothing; `of_nobody`: because nobody can tell whose it is.
    """

    row: ParsedRow
    lists: frozenset[ListNumber] = frozenset()
    repeats: "Reading | None" = None
    codes: frozenset[Code] = frozenset()
    answered: frozenset[Code] = frozenset()
    decided: frozenset[Code] = frozenset()
    remarks: frozenset[Remark] = frozenset()
    # Relation to the IIN's person of the relative whose name the row has, where it is a relative's.
    relative: str = ""
    set_aside: bool = False
    of_nobody: bool = False

    @property
    def fails_identity(self) -> bool:
        return self.of_nobody or not FAILS_IDENTITY.isdisjoint(self.codes - self.decided)

    def decide(self, code: Code, decision: Decision) -> None:
        """Take what a person decided as the answer to a code."""
        self.answered |= {code}
        self.decided |= {code}
        self.remarks |= {Remark.DECIDED}
        if decision.sets_aside and decision.concerns(self.row):
            self.set_aside = True
            self.remarks |= {Remark.SET_ASIDE}

    @property
    def open_codes(self) -> frozenset[Code]:
        """Codes that wait for an answer; a repeat asks nothing, its original does, nor a row set aside."""
        if self.repeats is not None or self.set_aside:
            return _NO_CODES
        return (self.codes & _OPEN) - self.answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What rows are read against: the registers, the table of categories, the decisions of people."""

    identities: Identities
    families: Families
    mapping: CategoryMapping
    decided: Decided = NOTHING_DECIDED


def read(rows: Iterable[ParsedRow], known: Known) -> list[Reading]:
    """Return a reading of every row, in the given order, which decides which of equal rows is the repeat."""
    readings = []
    first: dict[tuple[Source, str, bool], Reading] = {}
    for row in rows:
        reading = Reading(row)
        original = first.setdefault((row.source, row.digest, row.malformed), reading)
        readings.append(reading)
        if original is not reading:
            reading.repeats = original
            reading.codes |= {Code.DUPLICATE}
        if row.malformed and not _is_typed(reading, known):
            continue
        _read_cells(reading, known)
        _read_identity(reading, known)
        for code in _READ:
            decision = known.decided.of(row, code) if code in reading.codes else None
            if decision is not None:
                reading.decide(code, decision)
    return readings


def _is_typed(reading: Reading, known: Known) -> bool:
    """
    Say whether a row with cells under other cells' headers was typed again by a person.

    If not, whatever else its cells seem to say is not said.
    """
    code = Code.MALFORMED_ROW
    reading.codes |= {code}
    decision = known.decided.of(reading.row, code)
    if decision is None:
        return False
    reading.decide(code, decision)
    reading.of_nobody = reading.set_aside
    if not reading.set_aside:
        reading.row = decisions.typed(reading.row, decision)
    return not reading.set_aside


def _read_cells(reading: Reading, known: Known) -> None:
    row = reading.row
    if row.date.two_digit_year:
        reading.remarks |= {Remark.TWO_DIGIT_YEAR}
    _read_list(reading, known)
    active = ACTIVE_STATUSES.get(row.source)
    if active is not None and (row.status or "").casefold() not in active:
        reading.codes |= {Code.NOT_ACTIVE}
    if row.iin.padded:
        reading.codes |= {Code.PADDED}
    if not is_nothing(row.note):
        reading.codes |= {Code.NOTE_TO_READ}
    if row.family.bad:
        reading.codes |= {Code.BAD_FAMILY_IIN}
    if row.date.code is not None:
        reading.codes |= {row.date.code}
        decision = known.decided.of(row, row.date.code)
        if decision is not None:
            reading.decide(row.date.code, decision)
            reading.row = decisions.with_day(row, decision.day)


def _read_list(reading: Reading, known: Known) -> None:
    row = reading.row
    is_paper = row.source is Source.PAPER
    number = known.mapping.list_of(row.category) if is_paper else row.list_code
    if number in _LISTS:
        reading.lists = _LISTS[number]
        return
    code = Code.CATEGORY_UNMAPPED if is_paper else Code.LIST_CODE_UNKNOWN
    reading.codes |= {code}
    decision = known.decided.of(row, code)
    if decision is not None:
        reading.decide(code, decision)
        reading.lists = decision.lists


def _read_identity(reading: Reading, known: Known) -> None:
    """Check who the row's person is; an IIN that a person found to be right is checked in its turn."""
    tried: set[Code] = set()
    while True:
        code = _identity_code(reading, known, found_by_person=bool(tried))
        if code is None:
            return
        reading.codes |= {code}
        decision = known.decided.of(reading.row, code)
        if decision is None or code in tried:
            reading.answered -= {code}
            reading.decided -= {code}
            if code is Code.IDENTITY_MISMATCH:
                reading.relative = _relative_named(reading.row, known)
            return
        reading.decide(code, decision)
        tried.add(code)
        if reading.set_aside:
            reading.of_nobody = True
            return
        if "iin" not in decision.value:
            _read_life(reading, known)
            return
        reading.row = decisions.with_iin(reading.row, decision.value["iin"])


def _identity_code(reading: Reading, known: Known, *, found_by_person: bool) -> Code | None:
    """Return why nobody can tell whose the row is, if so; of a known person read name and life."""
    iin = reading.row.iin
    if iin.iin is None:
        return iin.code
    identity = known.identities.get(iin.iin)
    if identity is None:
        reading.codes |= {Code.IDENTITY_UNCHECKED}
        return None
    if not isinstance(identity, Identity):
        return Code.NOT_IN_REGISTER
    code = _compared(reading, identity)
    if code is Code.IDENTITY_MISMATCH and found_by_person and _is_alike(reading.row, identity):
        code = None
    if code is Code.IDENTITY_MISMATCH:
        return code
    if code is not None:
        reading.codes |= {code}
    _read_life(reading, known)
    return None


def _compared(reading: Reading, identity: Identity) -> Code | None:
    row = reading.row
    comparison = names.compare(row.name, identity.name, question_marks=row.source is Source.RSHEP)
    reading.remarks |= comparison.remarks
    return names.CODE_OF.get(comparison.likeness)


def _is_alike(row: ParsedRow, identity: Identity) -> bool:
    """Say whether a name differs only as clerks spelled names: whose the row is, a person found out."""
    its = " ".join(filter(None, (identity.name.last, identity.name.first, identity.name.middle)))
    listed = name_pairs.read_name(row.name, question_marks=row.source is Source.RSHEP)
    return name_pairs.compare_names(listed, name_pairs.read_name(its, question_marks=False)) is not None


def _relative_named(row: ParsedRow, known: Known) -> str:
    """Return the relation of the relative whose name the row has: a slip between members of one family."""
    family = known.families.get(row.iin.iin or "", ())
    for kin in current_kin(family, on=row.date.day) if row.date.day else family:
        identity = known.identities.get(kin.iin)
        if isinstance(identity, Identity):
            likeness = names.compare(
                row.name, identity.name, question_marks=row.source is Source.RSHEP
            ).likeness
            if likeness is names.Likeness.EQUAL:
                return kin.relation
    return ""


def _read_life(reading: Reading, known: Known) -> None:
    """Compare the registration with birth and death; a day that was decided on is compared as well."""
    identity = known.identities.get(reading.row.iin.iin or "")
    if not isinstance(identity, Identity):
        return
    for code in list(_against_life(reading.row.date, identity)):
        reading.codes |= {code}
        decision = known.decided.of(reading.row, code)
        if decision is not None and not any(_against_life(decision.day, identity)):
            reading.decide(code, decision)
            reading.row = decisions.with_day(reading.row, decision.day)


def _against_life(cell: DateCell, identity: Identity) -> Iterator[Code]:
    """Codes of a registration before birth or after death; of a bare year only the year is known."""
    if cell.day is None:
        return
    born, died = identity.born_on, identity.died_on
    if born is not None and _is_before(cell.day, born, is_full=cell.is_full):
        yield Code.BEFORE_BIRTH
    if died is not None and _is_before(died, cell.day, is_full=cell.is_full):
        yield Code.DEAD_BEFORE_REGISTRATION


def _is_before(one: date, other: date, *, is_full: bool) -> bool:
    return one < other if is_full else one.year < other.year
