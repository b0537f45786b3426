"""Small made-up rows: what a test does not say is in good order."""

from datetime import date

from queue_registry.rules.iin import iin_check_digit
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.ledger import reconcile
from queue_registry.rules.legacy.mapping import first_mapping
from queue_registry.rules.legacy.names import PersonName
from queue_registry.rules.legacy.register import Identity, Kin, Relation
from queue_registry.rules.legacy.rows import Field, ParsedRow, RawRow, parse

IMPORTED_ON = date(2026, 9, 1)


def iin_of(serial: int) -> str:
    """Return the `serial`-th IIN of somebody born in 1880: nobody who lives."""
    while True:
        beginning = f"800101{1 + serial % 2}{serial // 2 % 10_000:04d}"
        digit = iin_check_digit(beginning)
        if digit is not None:
            return beginning + digit
        serial += 20_000


ANNA, BOTA, CANAT, DANA = (iin_of(number) for number in (11, 23, 35, 47))
NAMES = {
    ANNA: PersonName("Ахметова", "Әлия", "Қанатқызы"),
    BOTA: PersonName("Бекетов", "Бота", "Иванұлы"),
    CANAT: PersonName("Ким", "Қанат", ""),
    DANA: PersonName("Дәулетова", "Дана", "Ерланқызы"),
}


def identity(iin: str, **facts: object) -> Identity:
    return Identity(name=NAMES[iin], born_on=date(1980, 1, 1), **facts)  # type: ignore[arg-type]


IDENTITIES = {iin: identity(iin) for iin in NAMES}


def spp(row: int, iin: object = ANNA, **cells: object) -> RawRow:
    name = NAMES.get(str(iin), NAMES[ANNA])
    return _raw(
        Source.SPP,
        row,
        {
            Field.NUMBER: f"271-2019-{row:06d}",
            Field.IIN: iin,
            Field.LAST_NAME: name.last,
            Field.FIRST_NAME: name.first,
            Field.MIDDLE_NAME: name.middle,
            Field.DATE: "2019-05-06T10:11:12+05:00",
            Field.LIST_CODE: "4",
            Field.FAMILY_IINS: None,
            Field.PHONE: None,
            Field.STATUS: "active",
        },
        cells,
    )


def rshep(row: int, iin: object = ANNA, **cells: object) -> RawRow:
    name = NAMES.get(str(iin), NAMES[ANNA])
    return _raw(
        Source.RSHEP,
        row,
        {
            Field.NUMBER: f"Ц-2019-{row:06d}",
            Field.IIN: iin,
            Field.NAME: f"{name.last} {name.first} {name.middle}",
            Field.DATE: "06.05.2019",
            Field.LIST_CODE: "4",
            Field.FAMILY_COUNT: None,
            Field.STATUS: "Действующий",
        },
        cells,
    )


def paper(row: int, iin: object = ANNA, **cells: object) -> RawRow:
    name = NAMES.get(str(iin), NAMES[ANNA])
    return _raw(
        Source.PAPER,
        row,
        {
            Field.ORDINAL: row,
            Field.IIN: iin,
            Field.NAME: f"{name.last} {name.first} {name.middle}",
            Field.DATE: "06.05.2019",
            Field.CATEGORY: "Пенсионер",
            Field.FAMILY_COUNT: None,
            Field.NOTE: None,
        },
        cells,
    )


def _raw(source, row, usual, cells):
    malformed = cells.pop("malformed", False)
    sheet_no = cells.pop("sheet_no", 0)
    by_field = {field.value: value for field, value in usual.items()} | cells
    return RawRow(
        source=source, sheet=f"{sheet_no}", sheet_no=sheet_no, row=row, cells=by_field, malformed=malformed
    )


def parsed(*rows: RawRow) -> list[ParsedRow]:
    return [parse(row, imported_on=IMPORTED_ON) for row in rows]


def ledger(*rows: RawRow, identities=IDENTITIES, families=None, mapping=None):
    return reconcile(
        parsed(*rows),
        identities=identities,
        families=families or {},
        mapping=mapping or first_mapping(),
        as_of=IMPORTED_ON,
    )


def codes(made) -> dict[str, list[str]]:
    """Return the codes by "source row"."""
    return {f"{one.row.source} {one.row.row}": [code.value for code in one.codes] for one in made.rows}


def states(made) -> dict[str, str]:
    return {f"{one.row.source} {one.row.row}": one.state.value for one in made.rows}


def spouses(one: str, other: str) -> dict[str, list[Kin]]:
    return {
        one: [Kin(iin=other, relation=Relation.SPOUSE, since=date(2010, 1, 1))],
        other: [Kin(iin=one, relation=Relation.SPOUSE, since=date(2010, 1, 1))],
    }
