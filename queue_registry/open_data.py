"""
What is published as files: which there are, what their fields mean, who may use them for what.

Addresses never change; a field is added at the end and never given another meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FORMATS: Final = ("csv", "xlsx", "json")
LICENCE: Final = "CC-BY-4.0"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by/4.0/"

_KATO: Final = ("akimat", _("Nine-digit KATO code of the akimat"))
_LIST: Final = ("list", _("Number of the separate list, 1 to 6"))
_NUMBER: Final = ("file_number", _("File number; its last digits are masked"))
_REGISTERED: Final = ("registered_on", _("Day of registration"))
_CATEGORY: Final = (
    "category",
    _("Category by which the household stands on the list; merged where too few people have it"),
)

Field = tuple[str, Promise]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A file that is published: its code stands in its address."""

    code: str
    title: Promise
    about: Promise
    fields: Sequence[Field]

    @property
    def columns(self) -> list[str]:
        return [name for name, _meaning in self.fields]


WAITING: Final = Dataset(
    code="lists",
    title=_("People on the lists"),
    about=_(
        "Everybody who stands in the lists of an akimat now, in their order, and as they stood on 1 January "
        "of a year."
    ),
    fields=(_KATO, _LIST, ("place", _("Place in the list")), _NUMBER, _REGISTERED, _CATEGORY),
)
HOUSED: Final = Dataset(
    code="housed",
    title=_("People who were housed"),
    about=_("Everybody who got a home lately, for as long as the Housing Law asks (art 74, 78)."),
    fields=(
        _KATO,
        _LIST,
        _NUMBER,
        _REGISTERED,
        _CATEGORY,
        (
            "family_size",
            _("Members of the family, with the applicant; merged where too few families are of that size"),
        ),
        ("housed_on", _("Day on which the home was provided")),
    ),
)
COUNTS: Final = Dataset(
    code="counts",
    title=_("The country's lists in figures"),
    about=_("How many people wait in each list of each akimat, and how many were housed in twelve months."),
    fields=(
        _KATO,
        ("akimat_kk", _("Name of the akimat in Kazakh")),
        ("akimat_ru", _("Name of the akimat in Russian")),
        _LIST,
        ("waiting", _("People who wait")),
        ("housed_12_months", _("People housed in the last twelve months")),
        (
            "oldest_served_on",
            _("The earliest registration among those housed; empty where nobody was"),
        ),
    ),
)
DATASETS: Final = (WAITING, HOUSED, COUNTS)
