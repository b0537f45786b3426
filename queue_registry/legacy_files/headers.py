"""Which column of a list holds what: headers in Russian, Kazakh or the system's own names, in any order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

from queue_registry.rules.legacy.cells import Cell, text_of
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import Field

_KEPT: Final = re.compile(r"[^\w№]+")
_IN_BRACKETS: Final = re.compile(r"\([^)]*\)")

_SPP: Final = {
    "application_number": Field.NUMBER,
    "iin": Field.IIN,
    "last_name": Field.LAST_NAME,
    "first_name": Field.FIRST_NAME,
    "middle_name": Field.MIDDLE_NAME,
    "registered_at": Field.DATE,
    "list_code": Field.LIST_CODE,
    "family_iins": Field.FAMILY_IINS,
    "phone": Field.PHONE,
    "status": Field.STATUS,
}
_RSHEP: Final = {
    "REG_NUM": Field.NUMBER,
    "IIN": Field.IIN,
    "FIO": Field.NAME,
    "REG_DATE": Field.DATE,
    "CATEGORY_CODE": Field.LIST_CODE,
    "FAMILY_COUNT": Field.FAMILY_COUNT,
    "STATUS": Field.STATUS,
}
_PAPER: Final = {
    Field.ORDINAL: ("№", "№ п/п", "п/п", "N п/п", "р/с", "р/с №", "реттік нөмірі"),
    Field.NAME: (
        "Фамилия, имя, отчество",
        "Фамилия, имя, отчество заявителя",
        "ФИО",
        "ФИО заявителя",
        "ФИО очередника",
        "Т.А.Ә.",
        "Тегі, аты, әкесінің аты",
        "Аты-жөні",
    ),
    Field.IIN: ("ИИН", "ЖСН", "ИИН заявителя"),
    Field.DATE: (
        "Дата постановки на учет",
        "Дата постановки",
        "Дата постановки в очередь",
        "Дата постановки на очередь",
        "Есепке қойылған күні",
        "Есепке алынған күні",
        "Кезекке қойылған күні",
    ),
    Field.CATEGORY: ("Категория", "Санаты", "Категория граждан", "Санат"),
    Field.FAMILY_COUNT: (
        "Состав семьи",
        "Количество членов семьи",
        "Кол-во членов семьи",
        "Отбасы құрамы",
        "Отбасы мүшелерінің саны",
    ),
    Field.ADDRESS: ("Адрес", "Мекенжайы", "Мекен-жайы", "Мекенжай"),
    Field.NOTE: ("Примечание", "Примечания", "Ескерту", "Ескертпе"),
    Field.PHONE: ("Телефон", "Тел.", "Телефоны"),
}


_SYSTEM_COLUMNS: Final = {Source.SPP: _SPP, Source.RSHEP: _RSHEP}


# Latin letters that look like Cyrillic ones get into headers as into names.
_LOOK_ALIKES: Final = str.maketrans("abcehikmoptxy", "авсенікмортху")


def _key(header: str) -> str:
    """Return the header without what says nothing: case, signs, white space, ё for е, Latin look-alikes."""
    return _KEPT.sub("", header.casefold().replace("ё", "е").translate(_LOOK_ALIKES))


_ALIASES: Final[Mapping[Source, Mapping[str, Field]]] = MappingProxyType(
    {
        Source.SPP: _SPP,
        Source.RSHEP: {name.casefold(): field for name, field in _RSHEP.items()},
        Source.PAPER: {_key(alias): field for field, aliases in _PAPER.items() for alias in aliases},
    }
)
_REQUIRED: Final[Mapping[Source, tuple[Field, ...]]] = MappingProxyType(
    {
        Source.SPP: tuple(_SPP.values()),
        Source.RSHEP: tuple(_RSHEP.values()),
        Source.PAPER: (Field.NAME, Field.IIN, Field.DATE, Field.CATEGORY),
    }
)
_ENOUGH_FOR_A_HEADER: Final = 3
_LONGEST_HEADER: Final = 300
_FIRST_LETTERS: Final = frozenset(alias[0] for alias in _ALIASES[Source.PAPER])


@dataclass(frozen=True)
class Header:
    """What the columns hold: field by index, and the header's own text of every column."""

    fields: Mapping[int, Field]
    texts: tuple[str, ...]

    @cached_property
    def names(self) -> tuple[str, ...] | None:
        """What the columns hold from the first to the last, if each of them is a known one."""
        known = tuple(self.fields[index].value for index in range(len(self.texts)) if index in self.fields)
        return known if len(known) == len(self.texts) else None

    @cached_property
    def iin_column(self) -> int | None:
        """The column of the IIN."""
        return next((index for index, field in self.fields.items() if field is Field.IIN), None)

    def missing(self, source: Source) -> list[Field]:
        """Return the fields that a list of this source must have and this header lacks."""
        return [field for field in _REQUIRED[source] if field not in self.fields.values()]

    def looks_like_one(self) -> bool:
        """Say whether so many cells are known headers that the row can be nothing else."""
        return len(self.fields) >= _ENOUGH_FOR_A_HEADER

    def name_of(self, index: int) -> str:
        """Return the text of a column's header, or its letter as a spreadsheet shows it."""
        if index < len(self.texts) and self.texts[index]:
            return self.texts[index]
        return column_letter(index)


def column_letter(index: int) -> str:
    """Return A for 0, Z for 25, AA for 26."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_header(cells: Sequence[Cell], below: Sequence[Cell] = (), *, source: Source) -> Header:
    """
    Read a row as a header; of two columns with one meaning the first is taken, the other is extra.

    :param below: the row below, where a header takes two: a column is named by both together or by either.
    """
    upper, lower = _texts(cells), _texts(below)
    width = max(len(upper), len(lower))
    fields: dict[int, Field] = {}
    names: list[str] = []
    for index in range(width):
        parts = [text for row in (upper, lower) if index < len(row) and (text := row[index])]
        names.append(" ".join(parts))
        candidates = (_field(text, source) for text in (names[-1], *reversed(parts)))
        field = next(filter(None, candidates), None)
        if field is not None and field not in fields.values():
            fields[index] = field
    return Header(MappingProxyType(fields), tuple(names))


def _texts(cells: Sequence[Cell]) -> list[str]:
    """Return the texts of a row without the empty ones at its end; a number is no header."""
    texts = [text_of(cell) if isinstance(cell, str) else "" for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def goes_on_below(cells: Sequence[Cell], below: Sequence[Cell], *, source: Source) -> bool:
    """Say whether a header takes the row below, too: one of its cells names a column."""
    upper = _texts(cells)
    for index, text in enumerate(_texts(below)):
        above = upper[index] if index < len(upper) else ""
        is_word = _key(_IN_BRACKETS.sub("", text)) != ""
        if is_word and (_field(text, source) or (above and _field(f"{above} {text}", source))):
            return True
    return False


def looks_like_header(texts: Sequence[str], *, source: Source) -> bool:
    """Say whether enough cells of a row could be headers for it to be read as one; quick, for every row."""
    if source is not Source.PAPER and _ALIASES[source].keys().isdisjoint(map(str.casefold, texts)):
        return False
    known = 0
    for text in texts:
        known += bool(text) and _field(text, source) is not None
    return known >= _ENOUGH_FOR_A_HEADER


def column_title(field: Field, *, source: Source) -> str:
    """Return how the source itself calls a column; the first of a paper list's several headers."""
    if source is Source.PAPER:
        return _PAPER[field][0]
    return next(name for name, known in _SYSTEM_COLUMNS[source].items() if known is field)


def _field(text: str, source: Source) -> Field | None:
    aliases = _ALIASES[source]
    if source is not Source.PAPER:
        return aliases.get(text.casefold())
    return _field_of_paper(text) if len(text) <= _LONGEST_HEADER else None


@lru_cache(maxsize=10_000)
def _field_of_paper(text: str) -> Field | None:
    aliases = _ALIASES[Source.PAPER]
    whole = _key(text)
    if whole in aliases:
        return aliases[whole]
    key = (_key(_IN_BRACKETS.sub("", text)) or whole) if "(" in text else whole
    return aliases.get(key) or _field_said_twice(key, aliases)


def _field_said_twice(key: str, aliases: Mapping[str, Field]) -> Field | None:
    """Read a bilingual header, "ИИН / ЖСН": its two halves say the same."""
    if key[:1] not in _FIRST_LETTERS:
        return None
    for end in range(1, len(key)):
        field = aliases.get(key[:end])
        if field is not None and field is aliases.get(key[end:]):
            return field
    return None
