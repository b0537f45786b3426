"""Invented names as Kazakhstan has them, and the ways in which clerks misspelled names."""

from dataclasses import dataclass
from random import Random
from typing import Final

# Masculine and feminine form; neutral surnames have one.
_SURNAMES: Final = (
    ("Ахметов", "Ахметова"),
    ("Әбілов", "Әбілова"),
    ("Бекетов", "Бекетова"),
    ("Дәулетов", "Дәулетова"),
    ("Ғабитов", "Ғабитова"),
    ("Ермеков", "Ермекова"),
    ("Жаңабаев", "Жаңабаева"),
    ("Жұмабаев", "Жұмабаева"),
    ("Ибраев", "Ибраева"),
    ("Иванов", "Иванова"),
    ("Қайратов", "Қайратова"),
    ("Қасымов", "Қасымова"),
    ("Королёв", "Королёва"),
    ("Мұратов", "Мұратова"),
    ("Нұрланов", "Нұрланова"),
    ("Өтегенов", "Өтегенова"),
    ("Петров", "Петрова"),
    ("Рахимов", "Рахимова"),
    ("Серіков", "Серікова"),
    ("Сүлейменов", "Сүлейменова"),
    ("Тілеуов", "Тілеуова"),
    ("Үмбетов", "Үмбетова"),
    ("Ысқақов", "Ысқақова"),
    ("Ким", "Ким"),
    ("Сидоренко", "Сидоренко"),
    ("Шмидт", "Шмидт"),
)
_MEN: Final = (
    "Айдос", "Әділ", "Бауыржан", "Ғалым", "Дәурен", "Ерлан", "Жандос", "Ілияс", "Қанат", "Мұрат", "Нұрлан",
    "Олжас", "Өркен", "Самат", "Тимур", "Үсен", "Иван", "Алексей", "Сергей", "Пётр",
)  # fmt: skip
_WOMEN: Final = (
    "Айгүл", "Әлия", "Бота", "Гүлнар", "Дана", "Жанар", "Іңкәр", "Қарлығаш", "Ләззат", "Мәдина", "Назгүл",
    "Өрлеу", "Сәуле", "Ұлжан", "Үміт", "Шолпан", "Елена", "Марина", "Ольга", "Татьяна",
)  # fmt: skip
_RUSSIAN_PATRONYMICS: Final = {
    "Иван": ("Иванович", "Ивановна"),
    "Алексей": ("Алексеевич", "Алексеевна"),
    "Сергей": ("Сергеевич", "Сергеевна"),
    "Пётр": ("Петрович", "Петровна"),
}
_WITHOUT_MIDDLE_NAME: Final = 0.3
_LATIN: Final = str.maketrans("АВСЕНКМОРТХаеорсху", "ABCEHKMOPTXaeopcxy")
_RUSSIFIED: Final = str.maketrans("ӘәҒғҚқҢңӨөҰұҮүҺһІі", "АаГгКкНнОоУуУуХхИи")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the population register has it; the middle name may be empty."""

    last: str
    first: str
    middle: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.last, self.first, self.middle)))


def surname(rng: Random) -> tuple[str, str]:
    """Draw a surname: masculine and feminine form."""
    return rng.choice(_SURNAMES)


def name(rng: Random, *, sex: str, family: tuple[str, str], father: str | None = None) -> Name:
    """Draw a name in a family; `father` is the first name of the father, drawn where None."""
    first = rng.choice(_MEN if sex == "m" else _WOMEN)
    return Name(family[sex == "f"], first, _patronymic(rng, sex=sex, father=father or rng.choice(_MEN)))


def _patronymic(rng: Random, *, sex: str, father: str) -> str:
    if rng.random() < _WITHOUT_MIDDLE_NAME:
        return ""
    russian = _RUSSIAN_PATRONYMICS.get(father)
    if russian:
        return russian[sex == "f"]
    return father + ("ұлы" if sex == "m" else "қызы")


def another(rng: Random, unlike: Name, *, sex: str) -> Name:
    """Draw a name with another surname and another first name."""
    while True:
        drawn = name(rng, sex=sex, family=surname(rng))
        if drawn.first != unlike.first and drawn.last != unlike.last:
            return drawn


def with_other_surname(rng: Random, before: Name, *, sex: str) -> Name:
    """Draw the name that somebody had before a marriage."""
    while True:
        last = surname(rng)[sex == "f"]
        if last != before.last:
            return Name(last, before.first, before.middle)


def initials(full: Name) -> str:
    """Return surname and initials."""
    return f"{full.last} " + "".join(f"{part[0]}." for part in (full.first, full.middle) if part)


def in_latin_letters(text: str) -> str:
    """Return the text with Latin letters where they look like the Cyrillic ones."""
    return text.translate(_LATIN)


def as_pasted(text: str) -> str:
    """Return the text with the no-break spaces and plain "е" that come with text from elsewhere."""
    return text.replace(" ", "\u00a0").replace("ё", "е")


def russified(text: str) -> str:
    """Return the text with Russian letters for Kazakh ones."""
    return text.translate(_RUSSIFIED)
