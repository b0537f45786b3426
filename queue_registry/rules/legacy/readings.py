"""What is true of a row by itself and beside its person in the population register."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from queue_registry.rules.legacy import names
from queue_registry.rules.legacy.cells import is_nothing
from queue_registry.rules.legacy.codes import FAILS_IDENTITY, RULES, Code, Kind, Remark, Source
from queue_registry.rules.legacy.mapping import CategoryMapping
from queue_registry.rules.legacy.register import Families, Identities, Identity, current_kin
from queue_registry.rules.legacy.rows import ParsedRow
from queue_registry.rules.waiting_lists import ListNumber

# Statuses of the two systems that mean "stands in the queue"; any other is a person's to read.
ACTIVE_STATUSES: Final[Mapping[Source, frozenset[str]]] = MappingProxyType(
    {Source.SPP: frozenset({"active"}), Source.RSHEP: frozenset({"действующий"})}
)
_LIST_NUMBERS: Final = {number.value: number for number in ListNumber}


@dataclass(slots=True)
class Reading:
    """A row with what is found of it; codes are added while the ledger is made."""

    row: ParsedRow
    listed: ListNumber | None = None
    repeats: "Reading | None" = None
    codes: set[Code] = field(default_factory=set)
    answered: set[Code] = field(default_factory=set)
    remarks: set[Remark] = field(default_factory=set)
    # Relation to the IIN's person of the relative whose name the row has, where it is a relative's.
    relative: str = ""

    @property
    def fails_identity(self) -> bool:
        return not FAILS_IDENTITY.isdisjoint(self.codes)

    @property
    def open_codes(self) -> set[Code]:
        """Codes that still wait for an answer; a repeat asks nothing, its original does."""
        if self.repeats is not None:
            return set()
        return {code for code in self.codes - self.answered if RULES[code].kind is Kind.OPEN}


def read(
    rows: Iterable[ParsedRow], *, identities: Identities, families: Families, mapping: CategoryMapping
) -> list[Reading]:
    """Return a reading of every row, in the given order, which decides which of equal rows is the repeat."""
    readings = []
    first: dict[tuple[Source, str, bool], Reading] = {}
    for row in rows:
        original = first.setdefault((row.source, row.digest, row.malformed), Reading(row))
        reading = original if original.row is row else Reading(row, repeats=original)
        if reading.repeats is not None:
            reading.codes.add(Code.DUPLICATE)
        readings.append(reading)
        if row.malformed:
            # Cells under other cells' headers: whatever else they seem to say is not said.
            reading.codes.add(Code.MALFORMED_ROW)
            continue
        _read_cells(reading, mapping)
        _read_identity(reading, identities, families)
    return readings


def _read_cells(reading: Reading, mapping: CategoryMapping) -> None:
    row, codes = reading.row, reading.codes
    if row.date.code is not None:
        codes.add(row.date.code)
    if row.date.two_digit_year:
        reading.remarks.add(Remark.TWO_DIGIT_YEAR)
    if row.source is Source.PAPER:
        reading.listed = mapping.list_of(row.category)
    else:
        reading.listed = _LIST_NUMBERS.get(row.list_code)
    if reading.listed is None:
        codes.add(Code.CATEGORY_UNMAPPED if row.source is Source.PAPER else Code.LIST_CODE_UNKNOWN)
    active = ACTIVE_STATUSES.get(row.source)
    if active is not None and (row.status or "").casefold() not in active:
        codes.add(Code.NOT_ACTIVE)
    for code, is_true in (
        (Code.PADDED, row.iin.padded),
        (Code.NOTE_TO_READ, not is_nothing(row.note)),
        (Code.BAD_FAMILY_IIN, bool(row.family.bad)),
    ):
        if is_true:
            codes.add(code)


def _read_identity(reading: Reading, identities: Identities, families: Families) -> None:
    iin = reading.row.iin
    if iin.iin is None:
        if iin.code is not None:
            reading.codes.add(iin.code)
        return
    identity = identities.get(iin.iin)
    if identity is None:
        reading.codes.add(Code.IDENTITY_UNCHECKED)
    elif isinstance(identity, Identity):
        _compare(reading, identity)
        if Code.IDENTITY_MISMATCH in reading.codes:
            reading.relative = _relative_named(reading.row, iin.iin, identities, families)
        else:
            _read_life(reading, identity)
    else:
        reading.codes.add(Code.NOT_IN_REGISTER)


def _compare(reading: Reading, identity: Identity) -> None:
    row = reading.row
    comparison = names.compare(row.name, identity.name, question_marks=row.source is Source.RSHEP)
    reading.remarks |= comparison.remarks
    code = names.CODE_OF.get(comparison.likeness)
    if code is not None:
        reading.codes.add(code)


def _relative_named(row: ParsedRow, iin: str, identities: Identities, families: Families) -> str:
    """Return the relation of the relative whose name the row has: a slip between members of one family."""
    for kin in current_kin(families.get(iin, ()), on=row.date.day) if row.date.day else families.get(iin, ()):
        identity = identities.get(kin.iin)
        if isinstance(identity, Identity):
            likeness = names.compare(
                row.name, identity.name, question_marks=row.source is Source.RSHEP
            ).likeness
            if likeness is names.Likeness.EQUAL:
                return kin.relation
    return ""


def _read_life(reading: Reading, identity: Identity) -> None:
    """Compare the registration with birth and death; of a bare year only the year is known."""
    cell = reading.row.date
    if cell.day is None:
        return
    if cell.is_full:
        before = identity.born_on is not None and cell.day < identity.born_on
        after = identity.died_on is not None and cell.day > identity.died_on
    else:
        before = identity.born_on is not None and cell.day.year < identity.born_on.year
        after = identity.died_on is not None and cell.day.year > identity.died_on.year
    if before:
        reading.codes.add(Code.BEFORE_BIRTH)
    if after:
        reading.codes.add(Code.DEAD_BEFORE_REGISTRATION)
