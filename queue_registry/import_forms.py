"""Plain forms of files of old lists: uploaded, their columns named, taken back."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from queue_registry import import_presenters
from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.previews import SheetPreview
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import Field
from queue_registry.rules.legacy.uploads import KINDS, LARGEST_UPLOAD

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off", "spellcheck": "false"}


class Upload(forms.Form):
    """A file as a clerk has it, the system it comes from, the paper with the consents of its people."""

    source = forms.ChoiceField(
        label=_("Which system the list comes from"),
        choices=lambda: [(source.value, import_presenters.legacy_source(source)) for source in Source],
        error_messages={
            "required": _("Choose one of the list"),
            "invalid_choice": _("Choose one of the list"),
        },
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("A workbook (xlsx, xls, ods) or csv, at most 50 megabytes."),
        max_length=255,
        error_messages={
            "required": _("Choose the file of the list"),
            "empty": _("The file is empty"),
            "max_length": _("The name of the file is too long"),
        },
        widget=forms.FileInput(attrs={"accept": ",".join(KINDS), "class": "govuk-file-upload"}),
    )
    consent_document = forms.CharField(
        label=_("Paper with the consents"),
        help_text=_("Its name and number. Without it nobody on the list is asked about until it is named."),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs=_INPUT),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse what is too large before it is read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_UPLOAD:
            raise forms.ValidationError(_("The file is larger than 50 megabytes"))
        return file

    @property
    def file_name(self) -> str:
        """The name alone: a browser may send the folder, too."""
        return PurePath(str(self.cleaned_data["file"].name).replace("\\", "/")).name


class Undo(forms.Form):
    """Why a file is taken back."""

    reason = forms.CharField(
        label=_("Why the file is taken back"),
        max_length=500,
        error_messages={"required": _("Write why")},
        widget=forms.TextInput(attrs=_INPUT),
    )


def field_choices() -> list[tuple[str, str]]:
    """What a column may hold, in words; the first keeps it unread."""
    return [
        ("", str(_("kept, not read"))),
        *((field.value, import_presenters.column(field)) for field in Field),
    ]


def read_columns(data: Mapping[str, Any], sheets: Sequence[SheetPreview]) -> list[SheetColumns]:
    """
    Return what the form of the columns says of each sheet; what it does not say stays as it was.

    Names: `s0-none` (no list), `s0-first` and `s0-last` (rows of the header), `s0-c3` (fourth column).
    """
    return [_sheet(data, sheet) for sheet in sheets]


def _sheet(data: Mapping[str, Any], sheet: SheetPreview) -> SheetColumns:
    key = f"s{sheet.sheet_no}"
    first = _row(data.get(f"{key}-first"), sheet.first)
    last = min(max(_row(data.get(f"{key}-last"), sheet.last), first), first + 1)
    fields = tuple(
        _field(data.get(f"{key}-c{index}"), column.field) for index, column in enumerate(sheet.columns)
    )
    return SheetColumns(
        sheet_no=sheet.sheet_no,
        first=first,
        last=last,
        fields=() if data.get(f"{key}-none") else fields,
    )


def _row(text: Any, known: int) -> int:
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and 0 < int(digits) < 1_000_000 else known


def _field(text: Any, known: Field | None) -> Field | None:
    if text is None:
        return known
    return Field(text) if text in set(Field) else None
