"""
Comparing the name in a legacy list with the name in the population register.

Equal without a word: case, spaces, ё for е; in РШЭП a question mark stands for one of the letters that its
encoding lost. Equal with a remark: Latin look-alikes, Kazakh letters written as Russian ones, another order
of words, no middle name. Anything looser is a person's to judge.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations
from typing import Final

from queue_registry.rules.legacy.cells import text_of
from queue_registry.rules.legacy.codes import Code, Remark

# Letters that cp1251 has no room for; РШЭП wrote "?" for each.
_LOST: Final = frozenset("ӘҒҚҢӨҰҮҺ")
_PLAIN: Final = str.maketrans(
    {"Ё": "Е", "Ə": "Ә", ".": " ", "\u2010": "-", "\u2011": "-", "–": "-", "—": "-"}
)
_LATIN: Final = str.maketrans("ABCEHIKMOPTXY", "АВСЕНІКМОРТХУ")
_RUSSIFIED: Final = str.maketrans("ӘҒҚҢӨҰҮҺІ", "АГКНОУУХИ")
_MOST_WORDS_REORDERED: Final = 4

_Words = tuple[str, ...]
_Remarks = frozenset[Remark]
_NONE: Final[_Remarks] = frozenset()


class Likeness(StrEnum):
    """How a listed name stands to the register's."""

    EQUAL = "EQUAL"
    CHANGED = "CHANGED"
    INCOMPLETE = "INCOMPLETE"
    OTHER = "OTHER"


CODE_OF: Final = {
    Likeness.CHANGED: Code.NAME_CHANGED,
    Likeness.INCOMPLETE: Code.NAME_INCOMPLETE,
    Likeness.OTHER: Code.IDENTITY_MISMATCH,
}


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name as the population register has it; the middle name may be empty."""

    last: str
    first: str
    middle: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The likeness, and how the listed name had to be read to see it."""

    likeness: Likeness
    remarks: _Remarks = _NONE


def words_of(text: str) -> _Words:
    """Return the words of a name in capitals, ё as е; dots only part words, so an initial is one letter."""
    return tuple(text_of(text).upper().translate(_PLAIN).split())


def compare(listed: str, register: PersonName, *, question_marks: bool) -> Comparison:
    """
    Compare a listed name, its words in the order of the list, with the register's.

    `question_marks`: whether "?" in the list stands for a lost Kazakh letter (РШЭП only).
    """
    words = words_of(listed)
    last, middle = words_of(register.last), words_of(register.middle)
    given = words_of(register.first) + middle
    letters = _Letters(question_marks=question_marks)
    remarks = _equal(words, last + given, letters)
    if remarks is None:
        remarks = _equal_but_for_the_middle_name(words, last, given, middle, letters)
    if remarks is not None:
        return Comparison(Likeness.EQUAL, remarks)
    if _is_incomplete(words, last, given, letters):
        return Comparison(Likeness.INCOMPLETE)
    if len(words) > len(given) and letters.equal("".join(words[-len(given) :]), "".join(given)) is not None:
        return Comparison(Likeness.CHANGED)
    return Comparison(Likeness.OTHER)


class _Letters:
    """Compares texts letter by letter, as one source writes letters."""

    def __init__(self, *, question_marks: bool) -> None:
        self._question_marks = question_marks

    def equal(self, listed: str, register: str) -> _Remarks | None:
        """Return the remarks under which the texts are equal, or None if they are not."""
        if listed == register:
            return _NONE
        if len(listed) != len(register):
            return None
        remarks: set[Remark] = set()
        for mine, its in zip(listed, register, strict=True):
            if mine != its and not self._reads_as(mine, its, remarks):
                return None
        return frozenset(remarks)

    def _reads_as(self, mine: str, its: str, remarks: set[Remark]) -> bool:
        if mine == "?":
            return self._question_marks and its in _LOST
        cyrillic = mine.translate(_LATIN)
        if cyrillic != mine:
            remarks.add(Remark.LATIN_LETTERS)
        # The small h looks like the Kazakh letter, the capital H like another one.
        if cyrillic == its or (mine, its) == ("H", "Һ"):
            return True
        remarks.add(Remark.RUSSIFIED_LETTERS)
        return cyrillic.translate(_RUSSIFIED) == its.translate(_RUSSIFIED)


def _equal(words: _Words, target: _Words, letters: _Letters) -> _Remarks | None:
    remarks = letters.equal("".join(words), "".join(target))
    if remarks is not None:
        return remarks
    if len(words) != len(target) or len(words) > _MOST_WORDS_REORDERED:
        return None
    for order in permutations(words):
        remarks = letters.equal(" ".join(order), " ".join(target))
        if remarks is not None:
            return remarks | {Remark.WORD_ORDER}
    return None


def _equal_but_for_the_middle_name(
    words: _Words, last: _Words, given: _Words, middle: _Words, letters: _Letters
) -> _Remarks | None:
    if middle:
        remarks = _equal(words, last + given[: -len(middle)], letters)
    elif len(words) == len(last + given) + 1:
        remarks = _equal(words[:-1], last + given, letters)
    else:
        remarks = None
    return None if remarks is None else remarks | {Remark.NO_MIDDLE_NAME}


def _is_incomplete(words: _Words, last: _Words, given: _Words, letters: _Letters) -> bool:
    """Say whether the words are the surname, before or after initials, or the surname alone."""
    for surname, rest in (
        (words[: len(last)], words[len(last) :]),
        (words[-len(last) :], words[: -len(last)]),
    ):
        if letters.equal("".join(surname), "".join(last)) is None or len(rest) > len(given):
            continue
        if all(
            letters.equal(short, full[: len(short)] if len(short) == 1 else full) is not None
            for short, full in zip(rest, given, strict=False)
        ):
            return True
    return False
