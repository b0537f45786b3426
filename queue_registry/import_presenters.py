"""Legacy lists in words: what a code means for a person, how a row was read, what its columns are called."""

from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry.legacy_files.stored import unpacked
from queue_registry.models import ImportRow
from queue_registry.presenters import words
from queue_registry.rules.legacy.cells import text_of
from queue_registry.rules.legacy.rows import Field

_FIELDS: Final = [field.value for field in Field]
_SOURCES: Final = {
    "spp": _("service product, 2019–2021"),
    "rshep": _("Regional Gateway of e-government, 2014–2019"),
    "paper": _("paper list, to 2013"),
}
_STATES: Final = {
    "": _("waits to be confirmed"),
    "imported": _("imported"),
    "merged": _("merged with another row"),
    "needs_person": _("a person has to decide"),
}
_CODES: Final = {
    "DUPLICATE": _("the same row stands earlier in the file"),
    "PADDED": _("the IIN had lost its first zeros"),
    "BAD_IIN": _("the number is no IIN"),
    "NO_IIN": _("no IIN is written"),
    "NOT_IN_REGISTER": _("the population register knows no such IIN"),
    "IDENTITY_UNCHECKED": _("the population register has not answered yet"),
    "IDENTITY_MISMATCH": _("under this IIN the population register has another person"),
    "NAME_CHANGED": _("the surname is another than in the population register"),
    "NAME_INCOMPLETE": _("the name is not written in full"),
    "DATE_CONFLICT": _("the lists give different days of registration"),
    "YEAR_ONLY": _("only the year of registration is written"),
    "NO_DATE": _("no day of registration is written"),
    "FUTURE_DATE": _("the day of registration lies in the future"),
    "BAD_DATE": _("the day of registration can't be read"),
    "BEFORE_BIRTH": _("registered before birth"),
    "DEAD_BEFORE_REGISTRATION": _("died before the registration"),
    "CATEGORY_UNMAPPED": _("the local category belongs to none of the six lists"),
    "LIST_CODE_UNKNOWN": _("the code of the list is none of 1–6"),
    "LIST_CONFLICT": _("the old lists name different separate lists"),
    "SECOND_LIST": _("stands on two lists"),
    "HOUSEHOLD_TWICE": _("two members of one household applied separately"),
    "NUMBER_USED_TWICE": _("the old number stands at another person, too"),
    "SAME_IIN_TWICE": _("the IIN stands in two different rows of one file"),
    "NOT_ACTIVE": _("the old status is not one of those who wait"),
    "NOTE_TO_READ": _("there is a note to be read"),
    "FAMILY_DIFFERS": _("the family is another than by the registers"),
    "BAD_FAMILY_IIN": _("a number among the members is no IIN"),
    "MALFORMED_ROW": _("the columns of the row are shifted"),
}
_REMARKS: Final = {
    "TWO_DIGIT_YEAR": _("the year is written with two digits"),
    "LATIN_LETTERS": _("Latin letters were read as Cyrillic ones"),
    "RUSSIFIED_LETTERS": _("Kazakh letters are written as Russian ones"),
    "WORD_ORDER": _("the words of the name stand in another order"),
    "NO_MIDDLE_NAME": _("the middle name is not written"),
    "ANSWERED_BY_ANOTHER_ROW": _("answered by another row of the applicant"),
    "DECIDED": _("a person decided by a document"),
    "SET_ASIDE": _("a person set the row aside: it counts for nobody"),
}
_COLUMNS: Final = {
    "ordinal": _("No in the list"),
    "number": _("old number"),
    "iin": _("IIN"),
    "name": _("full name"),
    "last_name": _("last name"),
    "first_name": _("first name"),
    "middle_name": _("middle name"),
    "date": _("day of registration"),
    "category": _("category"),
    "list_code": _("code of the list"),
    "family_count": _("people in the family"),
    "family_iins": _("IINs of the members"),
    "phone": _("telephone"),
    "address": _("address"),
    "status": _("old status"),
    "note": _("note"),
}
_TONES: Final = {"imported": "good", "merged": "calm", "needs_person": "wait", "": "calm"}


def legacy_source(code: str) -> str:
    """The system that an old list comes from."""
    return words("legacy_source", _SOURCES, code)


def row_state(code: str) -> str:
    """Where a row of an old list ended."""
    return words("row_state", _STATES, code)


def row_tone(code: str) -> str:
    """Color class of a row's state; words always stand beside it."""
    return _TONES.get(code, "calm")


def import_code(code: str) -> str:
    """What was found at a row of an old list."""
    return words("import_code", _CODES, code)


def import_remark(code: str) -> str:
    """How a cell was read."""
    return words("import_remark", _REMARKS, code)


def cells(row: ImportRow) -> list[tuple[str, str]]:
    """The filled cells of a row as the file has them: what the column is called, what it holds."""
    return [(column(name), text) for name, text in named_cells(row)]


def named_cells(row: ImportRow) -> list[tuple[str, str]]:
    """The filled cells of a row by field, as the file has them: what we know first, in one order."""
    filled = [(name, text_of(cell)) for name, cell in unpacked(row.cells).items() if text_of(cell)]
    return sorted(filled, key=lambda cell: _FIELDS.index(cell[0]) if cell[0] in _FIELDS else len(_FIELDS))


def column(name: str) -> str:
    """A column that we know in words, another one as its header calls it."""
    known: Any = _COLUMNS.get(name)
    return gettext(known) if known else name
