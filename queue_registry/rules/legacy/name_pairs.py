"""
Comparing two names of old lists with each other, where no register says which of them is right.

Looser than `names`, because what comes of it is only asked: Kazakh letters and what clerks wrote for them,
Latin look-alikes, lost letters, soft signs, the order of words, both forms of a patronymic (Серік ұлы,
Серикович), initials, a patronymic that is not written.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations
from typing import Final

from queue_registry.rules.legacy.names import words_of

# Latin letters that look like Cyrillic ones, and Kazakh letters that have one Russian counterpart.
_ONE_WAY: Final = str.maketrans("ABCEIKMOPTXYӘҒҚҢҰҮҺІ", "АВСЕИКМОРТХУАГКНУУХИ", "ЬЪ")
# Letters that were written in more than one way; "?" stands for one of ӘҒҚҢӨҰҮҺ, read as above.
_SEVERAL_WAYS: Final = {
    "Ө": frozenset("ӨОЕ"),
    "H": frozenset("НХ"),
    "?": frozenset("АГКНӨОЕУХ"),
}
_DOUBTFUL: Final = str.maketrans(dict.fromkeys("АГКНӨОЕУХH?", "*"))
_SON: Final = re.compile("(?:[?У]ЛЫ|[ОЕ]ВИЧ)$")
_DAUGHTER: Final = re.compile("(?:[?К]ЫЗЫ|[ОЕ]ВНА)$")
_ENDING: Final = re.compile("[?У]ЛЫ|[?К]ЫЗЫ")
_MOST_WORDS_REORDERED: Final = 4
_SURNAME_AND_GIVEN: Final = 2


class NameKind(StrEnum):
    """How much of two names is the same."""

    # Surname, first name and patronymic.
    FULL = "FULL"
    # Surname and first name; one of the two has no patronymic, or neither.
    SHORT = "SHORT"
    # Surname, and initials that fit.
    INITIALS = "INITIALS"
    # First name and patronymic; the surname is another.
    GIVEN = "GIVEN"


class NameReading(StrEnum):
    """How the names had to be read to see it."""

    OTHER_LETTERS = "OTHER_LETTERS"
    WORD_ORDER = "WORD_ORDER"
    PATRONYMIC_FORM = "PATRONYMIC_FORM"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name as written, and with its letters read one way."""

    written: str
    read: str


@dataclass(frozen=True, slots=True)
class Patronymic:
    """The father's name in a patronymic, whether of a son or of a daughter, and the form of the word."""

    father: str
    of: str
    ending: str


@dataclass(frozen=True, slots=True)
class ListedName:
    """
    A name as a list has it: words and initials in order, the patronymic apart.

    `keys` are what alike names share, so that they are found without comparing all with all.
    """

    words: tuple[Word, ...]
    initials: tuple[str, ...]
    patronymic: Patronymic | None
    keys: frozenset[tuple[str, ...]]

    @property
    def middle_letter(self) -> str:
        """The first letter of the patronymic, of its initial, or nothing."""
        if self.patronymic is not None:
            return self.patronymic.father[:1]
        return self.initials[0] if self.initials and len(self.words) > 1 else ""


@dataclass(frozen=True, slots=True)
class NamePair:
    """The likeness of two names, and how they had to be read."""

    kind: NameKind
    readings: frozenset[NameReading]


def read_name(text: str, *, question_marks: bool) -> ListedName:
    """Read a name; `question_marks`: whether "?" stands for a lost Kazakh letter (РШЭП only)."""
    written = words_of(text if question_marks else text.replace("?", " "))
    words = _with_endings_joined([Word(word, word.translate(_ONE_WAY)) for word in written])
    initials = tuple(word.read for word in words if len(word.read) == 1)
    words = [word for word in words if len(word.read) > 1]
    patronymic = _take_patronymic(words)
    keys = _keys([word.read.translate(_DOUBTFUL) for word in words], initials, patronymic)
    return ListedName(words=tuple(words), initials=initials, patronymic=patronymic, keys=keys)


def _keys(
    masked: list[str], initials: tuple[str, ...], patronymic: Patronymic | None
) -> frozenset[tuple[str, ...]]:
    """Return a key for each kind of likeness that the name can have."""
    if len(masked) == 1:
        return frozenset({("I", masked[0])} if initials else ())
    keys = {("F", *sorted(masked)), *(("I", word) for word in masked)}
    if patronymic is not None and len(masked) == _SURNAME_AND_GIVEN:
        keys.add(("G", masked[1], patronymic.father.translate(_DOUBTFUL)))
    return frozenset(keys)


def _with_endings_joined(words: list[Word]) -> list[Word]:
    """Make one word of СЕРІК ҰЛЫ."""
    joined: list[Word] = []
    for word in words:
        if joined and len(joined[-1].read) > 1 and _ENDING.fullmatch(word.read):
            before = joined.pop()
            word = Word(before.written + word.written, before.read + word.read)
        joined.append(word)
    return joined


def _take_patronymic(words: list[Word]) -> Patronymic | None:
    """Take the patronymic out of the words; a third word of a name is one whatever its ending."""
    for index in range(len(words) - 1, -1, -1):
        for of, form in (("SON", _SON), ("DAUGHTER", _DAUGHTER)):
            found = form.search(words[index].read)
            if found and len(words) > 1 and found.start() > 1:
                father = words.pop(index).read[: found.start()]
                return Patronymic(father=_stem(father), of=of, ending=found[0][-2:])
    if len(words) == _SURNAME_AND_GIVEN + 1:
        return Patronymic(father=_stem(words.pop().read), of="", ending="")
    return None


def _stem(father: str) -> str:
    """Сергейұлы and Сергеевич name the same father, Ғалиұлы and Галиевич as well."""
    return father.rstrip("ЙИ") or father


def compare_names(one: ListedName, other: ListedName) -> NamePair | None:
    """Return how two names are alike, or None if they are not. The order of the two doesn't matter."""
    if len(one.words) < _SURNAME_AND_GIVEN or len(other.words) < _SURNAME_AND_GIVEN:
        return NamePair(NameKind.INITIALS, frozenset()) if _initials_fit(one, other) else None
    same_father = _same_father(one, other)
    if same_father is False:
        return None
    readings = _form_of_patronymic(one, other)
    mine, its = _read(one), _read(other)
    in_order = _all_alike(mine, its)
    if in_order or _alike_in_another_order(mine, its):
        if not in_order:
            readings.add(NameReading.WORD_ORDER)
        if sorted(word.written for word in one.words) != sorted(word.written for word in other.words):
            readings.add(NameReading.OTHER_LETTERS)
        return NamePair(NameKind.FULL if same_father else NameKind.SHORT, frozenset(readings))
    if same_father and len(mine) == len(its) == _SURNAME_AND_GIVEN and _alike(mine[1], its[1]):
        if one.words[1].written != other.words[1].written:
            readings.add(NameReading.OTHER_LETTERS)
        return NamePair(NameKind.GIVEN, frozenset(readings))
    return None


def _same_father(one: ListedName, other: ListedName) -> bool | None:
    """Say whether the fathers are the same; None where one is not written in full."""
    mine, its = one.patronymic, other.patronymic
    if mine is not None and its is not None:
        of_one_sex = not mine.of or not its.of or mine.of == its.of
        return of_one_sex and _alike(mine.father, its.father)
    letters = one.middle_letter, other.middle_letter
    return False if all(letters) and not _alike(*letters) else None


def _form_of_patronymic(one: ListedName, other: ListedName) -> set[NameReading]:
    mine, its = one.patronymic, other.patronymic
    differs = mine is not None and its is not None and mine.ending != its.ending
    return {NameReading.PATRONYMIC_FORM} if differs else set()


def _initials_fit(one: ListedName, other: ListedName) -> bool:
    """Say whether a surname with initials is that of the other name, and its initials fit."""
    short, full = (one, other) if len(one.words) == 1 and one.initials else (other, one)
    if len(short.words) != 1 or not short.initials:
        return False
    mine = short.initials + ((short.middle_letter,) if short.patronymic else ())
    return any(
        all(_alike(letter, its) for letter, its in zip(mine, given, strict=False))
        for given in _given_letters(full, short.words[0].read)
    )


def _given_letters(name: ListedName, surname: str) -> list[tuple[str, ...]]:
    """Return the first letters of what stands beside the surname, in each way in which it can be one."""
    father = (name.patronymic.father[:1],) if name.patronymic else ()
    found = []
    for index, word in enumerate(name.words):
        rest = tuple(other.read[:1] for at, other in enumerate(name.words) if at != index)
        if _alike(word.read, surname) and (rest or name.initials):
            found.append(rest + name.initials + father)
    return found


def _read(name: ListedName) -> tuple[str, ...]:
    return tuple(word.read for word in name.words)


def _all_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(one) == len(other) and all(map(_alike, one, other))


def _alike_in_another_order(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if len(one) != len(other) or len(one) > _MOST_WORDS_REORDERED:
        return False
    return any(_all_alike(order, other) for order in permutations(one))


def _alike(one: str, other: str) -> bool:
    """Compare two words letter by letter; what was written in several ways may be any of them."""
    if one == other:
        return True
    if len(one) != len(other):
        return False
    return all(
        mine == its or not _ways(mine).isdisjoint(_ways(its)) for mine, its in zip(one, other, strict=True)
    )


def _ways(letter: str) -> frozenset[str]:
    return _SEVERAL_WAYS.get(letter) or frozenset(letter)
