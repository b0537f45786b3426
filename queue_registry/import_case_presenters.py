"""Open questions of old lists in words: answers, refusals, and a row beside what the registers say of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats, import_presenters, presenters
from queue_registry.models import ImportRow
from queue_registry.rules.legacy.cells import text_of
from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.decision_values import DecisionRefused
from queue_registry.rules.legacy.mapping import CategoryMapping
from queue_registry.rules.legacy.mapping_drafts import MappingRefused
from queue_registry.rules.legacy.register import NOT_IN_REGISTER, Identity
from queue_registry.rules.legacy.rows import Field, ParsedRow
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors.legacy import parsed

_ANSWERS: Final = {
    "iin": _("The right IIN, from the document"),
    "same_person": _("It is the same person: the name of the population register stands"),
    "set_aside": _("The row counts for nobody and gives no place"),
    "accepted": _("Taken note of: the row stands as it is"),
    "active": _("The applicant waits after all"),
    "day": _("The day of registration by the document"),
    "lists": _("The list by the document"),
    "both": _("Two households: both applications stand"),
    "one": _("One household: the earlier application stands, the later is kept out of distribution"),
    "cells": _("The cells typed again from the document"),
}
_REFUSALS: Final = {
    "CODE_NOT_DECIDED": _("This is not for a person to decide."),
    "ONE_ANSWER_NEEDED": _("Choose one answer."),
    "FIELD_UNKNOWN": _("A cell is too long or is none of this list."),
    "NOT_AN_IIN": _("This is not an IIN: look at its twelve digits once more."),
    "NOT_A_DAY": _("Enter the day by the document."),
    "DAY_IN_FUTURE": _("The day lies in the future."),
    "DAY_TOO_EARLY": _("No list is so old."),
    "NOT_A_TIME": _("Enter the time as hours and minutes."),
    "NOT_A_LIST": _("Choose one of the lists."),
    "CELLS_MISSING": _("Type the cells of the row."),
    "NOT_A_ROW": _("Choose the rows."),
    "REASON_MISSING": _("Say why."),
    "DOCUMENT_MISSING": _("Name the document."),
    "CASE_CLOSED": _("The question is answered already."),
    "CHANGED_MEANWHILE": _("The rows changed while you were reading. Look at them once more."),
    "NOT_IN_BULK": _("This answer is one person's own: decide each case by itself."),
    "SECOND_PERSON_NEEDED": _("Another person than the one who decided has to approve."),
    "NOTHING_TO_APPROVE": _("Nothing waits for approval here."),
    "DECISION_CLOSED": _("The decision was taken back or replaced meanwhile."),
    "SCAN_NOT_READABLE": _("The file is not a PDF, JPEG or PNG."),
    "SCAN_TOO_LARGE": _("The file is larger than 10 megabytes."),
}
_MAPPING_REFUSALS: Final = {
    "NO_LINES": _("The table is empty."),
    "WORDING_MISSING": _("Line %(line)s has no wording."),
    "WORDING_TWICE": _("The wording of line %(line)s stands in the table twice."),
    "ARTICLE_MISSING": _("Line %(line)s has no article."),
    "NOTHING_CHANGED": _("The table is the same as the one in force."),
    "DRAFT_OPEN": _("Another draft waits for approval: it has to be approved or given up first."),
    "DRAFT_CLOSED": _("The draft is in force or was given up."),
    "ANOTHER_PERSON_NEEDED": _("You drafted or approved it already: another person has to approve."),
}
_PARTS: Final[Mapping[str, str]] = {
    Field.LAST_NAME: "last",
    Field.FIRST_NAME: "first",
    Field.MIDDLE_NAME: "middle",
}
_ORDER: Final = {field.value: place for place, field in enumerate(Field)}
_OF_THE_NAME: Final = frozenset({Code.IDENTITY_MISMATCH, Code.NAME_CHANGED, Code.NAME_INCOMPLETE})
_OF_LIFE: Final = frozenset({Code.BEFORE_BIRTH, Code.DEAD_BEFORE_REGISTRATION})


def answer(code: str) -> str:
    """What somebody decides."""
    return presenters.words("import_answer", _ANSWERS, code)


def refusal(refused: DecisionRefused) -> str:
    """Why nothing was decided."""
    return presenters.words("import_refusal", _REFUSALS, refused.code)


def mapping_refusal(refused: MappingRefused) -> str:
    """Why an act on the table of categories was not done."""
    return presenters.words("mapping_refusal", _MAPPING_REFUSALS, refused.code) % refused.detail


def value(decided: Mapping[str, Any]) -> str:
    """What was decided, in words and figures."""
    if "iin" in decided:
        return gettext("The right IIN is %(iin)s") % {"iin": decided["iin"]}
    if "day" in decided:
        day = formats.day(date.fromisoformat(decided["day"]))
        return f"{day}, {decided['time']}" if decided.get("time") else day
    if "lists" in decided:
        return ", ".join(presenters.list_name(number) for number in decided["lists"])
    if "cells" in decided:
        return "; ".join(
            f"{import_presenters.column(name)}: {text}" for name, text in decided["cells"].items()
        )
    given = next((name for name in decided if name in _ANSWERS), "")
    return answer(given) if given else ""


def lists(numbers: Sequence[str]) -> str:
    """The lists on which an applicant stands; none: a person decides."""
    if not numbers:
        return gettext("no place: a person decides")
    return ", ".join(presenters.list_name(number) for number in numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One cell: as the file has it, how it reads, what the registers say; `differs` where they do."""

    column: str
    written: str
    reads: str = ""
    register: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One row of an old list beside the registers."""

    row: ImportRow
    key: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside a row: its person by the registers, names of the household, the table."""

    identity: Identity | object | None
    household: tuple[str, ...]
    mapping: CategoryMapping


def comparison(row: ImportRow, known: Known) -> Comparison:
    """Put a row beside what the registers say; differences are marked."""
    read = parsed(row)
    return Comparison(row=row, key=f"{row.batch.source}:{row.digest}", lines=tuple(_lines(row, read, known)))


def _lines(row: ImportRow, read: ParsedRow, known: Known) -> Iterator[Line]:
    codes = set(row.codes)
    for name, text in sorted(import_presenters.named_cells(row), key=_in_order):
        reads, register, differs = _beside(name, read, known, codes)
        yield Line(
            column=import_presenters.column(name),
            written=text,
            reads=reads,
            register=register,
            differs=differs,
        )


def _in_order(cell: tuple[str, str]) -> tuple[int, str]:
    """Columns that we know as a list has them, then the others by their headers."""
    return _ORDER.get(cell[0], len(_ORDER)), cell[0]


def _beside(name: str, read: ParsedRow, known: Known, codes: set[str]) -> tuple[str, str, bool]:
    """How a cell reads, what the registers say about it, whether that is something else."""
    identity = known.identity if isinstance(known.identity, Identity) else None
    if name == Field.IIN:
        return (
            read.iin.iin or _said(read.iin.code),
            _person(known.identity),
            known.identity is NOT_IN_REGISTER,
        )
    if name == Field.NAME or name in _PARTS:
        full = identity.name if identity else None
        told = "" if full is None else _full(full) if name == Field.NAME else getattr(full, _PARTS[name])
        return "", told, not codes.isdisjoint(_OF_THE_NAME)
    if name == Field.DATE:
        return _date(read), _life(identity), not codes.isdisjoint(_OF_LIFE)
    if name == Field.CATEGORY:
        listed = known.mapping.list_of(read.category)
        return presenters.list_name(listed) if listed else gettext("a person decides"), "", listed is None
    if name == Field.LIST_CODE:
        is_list = read.list_code in {number.value for number in ListNumber}
        return (
            presenters.list_name(read.list_code) if is_list else _said(Code.LIST_CODE_UNKNOWN),
            "",
            not is_list,
        )
    if name in {Field.FAMILY_COUNT, Field.FAMILY_IINS}:
        return "", ", ".join(known.household), Code.FAMILY_DIFFERS in codes
    return "", "", False


def _said(code: str | None) -> str:
    return import_presenters.import_code(code) if code else ""


def _full(name: Any) -> str:
    return " ".join(filter(None, (name.last, name.first, name.middle)))


def _person(identity: object) -> str:
    if identity is NOT_IN_REGISTER:
        return _said(Code.NOT_IN_REGISTER)
    return _full(identity.name) if isinstance(identity, Identity) else _said(Code.IDENTITY_UNCHECKED)


def _date(read: ParsedRow) -> str:
    cell = read.date
    if cell.day is None:
        return _said(cell.code)
    if cell.moment is not None and cell.moment.time() != time(0):
        return formats.moment(cell.moment)
    return _said(cell.code) or formats.day(cell.day)


def _life(identity: Identity | None) -> str:
    if identity is None or identity.born_on is None:
        return ""
    born = gettext("born %(day)s") % {"day": formats.day(identity.born_on)}
    if identity.died_on is None:
        return born
    return f"{born}, {gettext('died %(day)s') % {'day': formats.day(identity.died_on)}}"


def cells_of(row: ImportRow) -> dict[str, str]:
    """The cells of a row by field, those that we know, as the file has them."""
    known = {field.value for field in Field}
    return {name: text_of(text) for name, text in import_presenters.named_cells(row) if name in known}
