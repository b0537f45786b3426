"""Words of the stock: columns and faults of a file, why a home left, terms of loan programs."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from allocation.documents.policy_words import basis
from allocation.models import DwellingEvent
from allocation.rules import home_programmes
from allocation.rules.programmes import Programme
from allocation.rules.stock import CORRECTED, Column, Fault, GoneGround
from queue_registry import formats, import_upload_presenters
from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.presenters import words

_COLUMNS: Final = {
    Column.NUMBER: _("Inventory number"),
    Column.ADDRESS_KK: _("Address in Kazakh"),
    Column.ADDRESS_RU: _("Address in Russian"),
    Column.ROOMS: _("Rooms"),
    Column.AREA: _("Useful area"),
    Column.FLOOR: _("Floor"),
    Column.LIFT: _("Lift"),
    Column.ACCESSIBLE: _("Accessible for a wheelchair"),
    Column.FINISH: _("Finish"),
    Column.STATE: _("State"),
    Column.PROGRAMME: _("Program"),
    Column.BUDGET_LINE: _("Line of the budget"),
    Column.CADASTRAL_NUMBER: _("Cadastral number"),
    Column.RKA: _("Code in the register of addresses"),
}
_FAULTS: Final = {
    Fault.EMPTY: _("the cell is empty"),
    Fault.NOT_A_NUMBER: _("this is not such a number"),
    Fault.IMPOSSIBLE: _("the figure must lie between %(least)s and %(most)s"),
    Fault.TOO_PRECISE: _("more than two digits after the comma"),
    Fault.TOO_LONG: _("longer than %(most)s signs"),
    Fault.UNKNOWN_WORD: _("the word is not known here"),
    Fault.TWICE_IN_FILE: _("the same number stands in row %(row)s"),
    Fault.IN_STOCK: _(
        "this number is in the stock already, or was; wrong figures are corrected on the page of the home"
    ),
    Fault.FORMULA_WITHOUT_VALUE: _("a formula that no program computed: open the file and save it again"),
    Fault.PROGRAMME_UNKNOWN: _("no such program hands homes over; its name or code must be one of the list"),
    Fault.LOAN_PROGRAMME: _("this program lends; homes are not handed to it"),
}
_GROUNDS: Final = {
    GoneGround.DEMOLISHED: _("demolished"),
    GoneGround.EMERGENCY: _("recognized as emergency"),
    GoneGround.PRIVATIZED: _("privatized"),
    GoneGround.HANDED_OVER: _("handed over to another keeper"),
    GoneGround.PROGRAMME_ENDED: _("the program ended"),
    GoneGround.ENTERED_BY_MISTAKE: _("entered by mistake"),
}
_FILE_PROBLEMS: Final = {
    "TOO_BIG": _("The file is larger than 1 megabyte. Split it."),
    "TOO_MANY_ROWS": _("The file has more than 5,000 homes, or one cell far below is filled. Split it."),
    "HEADER": _("No row of the sheet names all columns that a home needs."),
    "NO_RECORDS": _("There is no home in the file."),
}
_TERMS: Final = {
    "rate": (_("Interest a year"), _("%(value)s %%")),
    "down_payment": (_("Down payment"), _("%(value)s %%")),
    "years": (_("Years"), _("%(value)s")),
}
# What the files of `allocation/programmes/` cite.
ACTS: Final = (
    _("Answer of the Prime Minister to deputies, 17 June 2022, ДЗ-200 (announced reform)"),
    _("Answer of the Prime Minister of 17 June 2022: a soft loan at 2 % a year"),
    _("Press: a down payment of 10 % under 2-10-20"),
    _("Press: a loan for 20 years under 2-10-20"),
    _("Press: a soft loan at 5 % a year under 5-10-20"),
    _("Press: a down payment of 10 % under 5-10-20"),
    _("Press: a loan for 20 years under 5-10-20"),
    _("Press: a soft loan at 5 % a year under 5-20-25"),
    _("Press: a down payment of 20 % under 5-20-25"),
    _("Press: 25 years by the name of 5-20-25, not confirmed"),
)


def column(code: str) -> str:
    """Name of a column."""
    return words("stock_column", _COLUMNS, code)


def fault(code: str, detail: dict[str, object]) -> str:
    """What is wrong with a cell."""
    return words("stock_fault", _FAULTS, code) % detail


def gone_ground(code: str) -> str:
    """Why a home left the stock."""
    return words("gone_ground", _GROUNDS, code)


def event_ground(event: DwellingEvent) -> str:
    """What moved a home: number of a round or contract, or a document; with the coded ground of who left."""
    code, _space, document = event.ground.partition(" ")
    if code == CORRECTED:
        return f"{gettext('figures corrected')}: {document}"
    if event.moved_to == "GONE" and code in _GROUNDS:
        return f"{gone_ground(code)}: {document}"
    return event.ground


def programme_name(code: str) -> str:
    """Return the name of a program that hands homes over; any other stands by its code."""
    for one in home_programmes.known():
        if one.code == code:
            return one.name_ru if get_language() == "ru" else one.name_kk
    return code


def home_programme_choices() -> list[tuple[str, str]]:
    """Return the programs that a home can be handed to, and none."""
    named = [(one.code, programme_name(one.code)) for one in home_programmes.known()]
    return [("", gettext("none: any round may give it")), *named]


def file_problem(error: LegacyFileError) -> str:
    """Why a file cannot be read at all."""
    if error.code not in _FILE_PROBLEMS:
        return import_upload_presenters.file_problem(error.place)
    told = gettext(_FILE_PROBLEMS[error.code])
    return f"{told} {gettext('Missing')}: {error.column}" if error.column else told


def terms(programme: Programme) -> Iterator[tuple[str, str, str]]:
    """Return (term, value, basis with act) of a loan."""
    for name, figure in programme.terms.items():
        label, value = _TERMS[name]
        told = formats.marked(str(figure.value))
        yield (
            gettext(label),
            gettext(value) % {"value": told},
            f"{basis(figure.basis)}: {gettext(figure.act)}",
        )
