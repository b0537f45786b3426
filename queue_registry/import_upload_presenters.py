"""Uploads of old lists in words: where they stand, what is wrong with a file, why an act is refused."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.models import ImportOrder, ImportUpload
from queue_registry.presenters import words
from queue_registry.rules.legacy.uploads import UploadRefused
from queue_registry.services.import_undo import UndoRefused

_PROBLEMS: Final = {
    "EMPTY": _("The file is empty."),
    "TOO_BIG": _("The file is larger than 50 megabytes."),
    "TOO_MANY_ROWS": _(
        "The file has more rows than any list. Often one cell far below is filled: delete what stands there."
    ),
    "WRONG_KIND": _("The file is not what its name says: a workbook (xlsx, xls, ods) or csv is needed."),
    "ENCRYPTED": _("The file is locked with a password. Save it without one."),
    "PACKED_TOO_TIGHT": _("The file unpacks to far more than a list holds; it is not opened."),
    "UNREADABLE": _("The file can't be opened: it is damaged or no workbook. Open it and save it again."),
    "ENCODING": _("The letters of the file are encoded otherwise than this system exports them."),
    "QUOTES": _("The quotation marks of the csv don't match."),
    "SEPARATOR": _("The cells of the csv are separated by another sign than this system uses."),
    "HEADER": _("No row of the sheet is a complete header. Name the columns below."),
    "CELL_MISSING": _("A row has a cell too few."),
    "CELL_EMPTY": _("A cell is empty that a record can't do without."),
    "FORMULA_WITHOUT_VALUE": _(
        "A cell is a formula that no program computed. Open the file, let it be computed, save it."
    ),
    "NO_RECORDS": _("The file is in good order and has no record. Perhaps the wrong export was taken."),
    "ALREADY_IMPORTED": _("The same file was put in before."),
    "TOO_LONG": _("Reading took too long and was broken off. Split the file."),
    "BROKEN_OFF": _(
        "Reading was broken off by a mistake of ours. It is written down; tell the administrator."
    ),
}
_REFUSALS: Final = {
    "ALREADY_IMPORTED": _("The same file was put in before."),
    "NOT_YOURS": _("Somebody else uploaded this file and goes on with it."),
    "NOT_OPEN": _("The file is being read, was put in or was given up."),
}
_UNDO: Final = {
    "SAME_PERSON": _("Who put a file in or confirmed it does not take it back: somebody else does."),
    "NO_REASON": _("Write why the file is taken back."),
    "LATER_FILE": _("A later file corrects or repeats rows of this one. Take that one back first."),
    "SOMETHING_RESTS_ON_IT": _("The file stays: something was decided on applications that rest on it."),
}
_STATES: Final = {
    "UPLOADED": _("uploaded, not put in yet"),
    "WANTED": _("being read"),
    "TRYING": _("being tried out; nothing is written"),
    "PUT_IN": _("put in"),
    "FAILED": _("could not be put in"),
    "DROPPED": _("given up"),
}
_TONES: Final = {
    "UPLOADED": "calm",
    "WANTED": "wait",
    "TRYING": "wait",
    "PUT_IN": "good",
    "FAILED": "bad",
    "DROPPED": "calm",
}
_ORDERS: Final = {
    **_UNDO,
    "NOTHING_TO_CONFIRM": _("The file was confirmed or taken back before."),
    "TOO_LONG": _("It took too long and was broken off; nothing was changed. Tell the administrator."),
    "BROKEN_OFF": _(
        "It was broken off by a mistake of ours, and nothing was changed. It is written down; tell the "
        "administrator."
    ),
}
_MOST_NUMBERS: Final = 5


def upload_state(code: str) -> str:
    """Where an upload stands."""
    return words("upload_state", _STATES, code)


def upload_tone(code: str) -> str:
    """Color of it; words always stand beside it."""
    return _TONES.get(code, "calm")


def file_problem(error: Mapping[str, Any]) -> str:
    """What is wrong with a file, and where: sheet, row, column."""
    told = words("file_problem", _PROBLEMS, str(error.get("code", "")))
    place = [
        gettext(text) % {"place": error[key]}
        for key, text in (
            ("sheet", _("sheet “%(place)s”")),
            ("row", _("row %(place)s")),
            ("column", _("column %(place)s")),
        )
        if error.get(key)
    ]
    return f"{told} ({', '.join(place)})" if place else told


def problem_of(error: LegacyFileError) -> str:
    """The same of a file that was just looked at."""
    return file_problem(error.place)


def upload_refusal(refused: UploadRefused) -> str:
    """Why an act on an upload was not done."""
    return words("upload_refusal", _REFUSALS, refused.code)


def undo_refusal(refused: UndoRefused) -> str:
    """Why a file is not taken back; the first of the file numbers that hold it."""
    return _with_numbers(words("undo_refusal", _UNDO, refused.code), refused.file_numbers)


def order_refusal(order: ImportOrder) -> str:
    """Why what was ordered to be done with a file was not done."""
    return _with_numbers(words("order_refusal", _ORDERS, order.refusal), order.file_numbers)


def _with_numbers(told: str, file_numbers: Sequence[str]) -> str:
    if not file_numbers:
        return told
    more = len(file_numbers) - _MOST_NUMBERS
    named = ", ".join(file_numbers[:_MOST_NUMBERS])
    rest = gettext(" and %(count)s more") % {"count": more} if more > 0 else ""
    return f"{told} {named}{rest}."


def percent_read(one: ImportUpload) -> int:
    """How much of an upload's rows are read; the last hundredth is keeping them."""
    return min(99, 100 * one.rows_done // one.rows_total) if one.rows_total else 0
