"""
Two applications of the old lists beside each other: what is alike, what is not, and when that is asked.

When it is asked stands in a closed table of combinations, in words; there is no score. Whatever the table
says, a person decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from queue_registry.rules.iin import IIN_LENGTH
from queue_registry.rules.legacy.name_pairs import (
    ListedName,
    NameKind,
    NamePair,
    NameReading,
    compare_names,
)

_DIGITS: Final = "0123456789"


class Sign(StrEnum):
    """What besides the names is alike."""

    IIN_SAME = "IIN_SAME"
    # One digit is another, missing or too many, or two neighbors changed places.
    IIN_ALMOST = "IIN_ALMOST"
    BORN_SAME = "BORN_SAME"
    MEMBER_SHARED = "MEMBER_SHARED"
    # At least two.
    MEMBERS_SHARED = "MEMBERS_SHARED"
    PHONE_SAME = "PHONE_SAME"
    DAY_SAME = "DAY_SAME"
    SIZE_SAME = "SIZE_SAME"
    LIST_SAME = "LIST_SAME"


class Difference(StrEnum):
    """What is not alike, though both say it."""

    IIN_OTHER = "IIN_OTHER"
    BORN_OTHER = "BORN_OTHER"
    MEMBER_OF_OTHER = "MEMBER_OF_OTHER"
    MEMBERS_OTHER = "MEMBERS_OTHER"
    PHONE_OTHER = "PHONE_OTHER"
    DAY_OTHER = "DAY_OTHER"
    SIZE_OTHER = "SIZE_OTHER"
    LIST_OTHER = "LIST_OTHER"


# One of these, and it is somebody else: another birth date, a relative.
EXCLUDES: Final = frozenset({Difference.BORN_OTHER, Difference.MEMBER_OF_OTHER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """
    What the old lists, and the registers, say of one application's applicant.

    `iin` is set where the population register confirmed it, else `numbers` are the digits as written. Names
    are those of the rows and the register's own. `members` are IINs of the family, of rows and registers.
    """

    key: int
    names: tuple[ListedName, ...]
    iin: str | None = None
    numbers: frozenset[str] = frozenset()
    born: frozenset[date] = frozenset()
    members: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    days: frozenset[date] = frozenset()
    sizes: frozenset[int] = frozenset()
    lists: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two applications that may be one person's, and everything that speaks for and against it."""

    keys: tuple[int, int]
    name: NameKind
    readings: tuple[NameReading, ...]
    signs: tuple[Sign, ...]
    differences: tuple[Difference, ...]
    members_shared: int


_S, _K = Sign, NameKind
_NAMED: Final = frozenset({_K.FULL, _K.SHORT})
_ANY: Final = frozenset(NameKind)
_PARTLY: Final = frozenset({_K.INITIALS, _K.GIVEN})

# So much of the names is the same, and all of these signs: then it is asked. One line is enough.
COMBINATIONS: Final[tuple[tuple[frozenset[NameKind], frozenset[Sign]], ...]] = (
    (_ANY, frozenset({_S.IIN_SAME})),
    (_ANY, frozenset({_S.IIN_ALMOST})),
    (_NAMED, frozenset({_S.BORN_SAME})),
    (_NAMED, frozenset({_S.MEMBER_SHARED})),
    (_NAMED, frozenset({_S.PHONE_SAME})),
    (_NAMED, frozenset({_S.DAY_SAME})),
    (_PARTLY, frozenset({_S.BORN_SAME, _S.DAY_SAME})),
    (_PARTLY, frozenset({_S.BORN_SAME, _S.MEMBER_SHARED})),
    (_PARTLY, frozenset({_S.BORN_SAME, _S.PHONE_SAME})),
    (_PARTLY, frozenset({_S.MEMBERS_SHARED})),
    (_PARTLY, frozenset({_S.DAY_SAME, _S.MEMBER_SHARED})),
    (_PARTLY, frozenset({_S.DAY_SAME, _S.PHONE_SAME})),
    (_PARTLY, frozenset({_S.DAY_SAME, _S.SIZE_SAME})),
    # As little as that says something only of a name that few people have: see `matching`.
    (frozenset({_K.FULL}), frozenset({_S.SIZE_SAME, _S.LIST_SAME})),
)
_ORDER_OF_KINDS: Final[Mapping[NameKind, int]] = MappingProxyType(
    {kind: index for index, kind in enumerate(NameKind)}
)


def compare_mentions(one: Mention, other: Mention) -> Pair | None:
    """Return the pair if it is worth asking about, else None; the order of the two doesn't matter."""
    if one.iin is not None and other.iin is not None:
        return None
    name = _closest(one, other)
    if name is None:
        return None
    shared = _members_shared(one, other)
    signs = _signs(one, other, shared)
    differences = _differences(one, other, shared, signs)
    if not EXCLUDES.isdisjoint(differences) or not is_asked(name.kind, signs):
        return None
    first, second = sorted((one.key, other.key))
    return Pair(
        keys=(first, second),
        name=name.kind,
        readings=tuple(sorted(name.readings)),
        signs=tuple(sign for sign in Sign if sign in signs),
        differences=tuple(one for one in Difference if one in differences),
        members_shared=len(shared),
    )


def is_asked(name: NameKind, signs: Collection[Sign]) -> bool:
    """Say whether the table has a line for it."""
    return any(name in names and needed <= set(signs) for names, needed in COMBINATIONS)


def is_almost(number: str, iin: str) -> bool:
    """Say whether one slip of the hand makes the one number of the other."""
    return iin in slips(number)


def slips(number: str) -> set[str]:
    """Return the numbers of twelve digits that one slip of the hand makes of these digits."""
    found: set[str] = set()
    if len(number) == IIN_LENGTH:
        for at, digit in enumerate(number):
            found |= {number[:at] + other + number[at + 1 :] for other in _DIGITS if other != digit}
        for at in range(IIN_LENGTH - 1):
            found.add(number[:at] + number[at + 1] + number[at] + number[at + 2 :])
    elif len(number) == IIN_LENGTH + 1:
        found |= {number[:at] + number[at + 1 :] for at in range(len(number))}
    elif len(number) == IIN_LENGTH - 1:
        found |= {number[:at] + digit + number[at:] for at in range(IIN_LENGTH) for digit in _DIGITS}
    return found - {number}


def _closest(one: Mention, other: Mention) -> NamePair | None:
    """Return the closest likeness of a name of the one and a name of the other."""
    pairs = (compare_names(mine, its) for mine in one.names for its in other.names)
    found = [pair for pair in pairs if pair is not None]
    return min(
        found,
        key=lambda pair: (_ORDER_OF_KINDS[pair.kind], len(pair.readings), sorted(pair.readings)),
        default=None,
    )


def _members_shared(one: Mention, other: Mention) -> frozenset[str]:
    """A relative's IIN that stands in the applicant's place is one of the family, too."""
    mine, its = one.members | one.numbers, other.members | other.numbers
    return (one.members & its) | (mine & other.members)


def _signs(one: Mention, other: Mention, shared: frozenset[str]) -> frozenset[Sign]:
    mine, its = _numbers(one), _numbers(other)
    same_iin = not mine.isdisjoint(its)
    almost = not same_iin and any(
        is_almost(number, iin) or is_almost(iin, number) for number in mine for iin in its
    )
    true = {
        Sign.IIN_SAME: same_iin,
        Sign.IIN_ALMOST: almost,
        Sign.BORN_SAME: not one.born.isdisjoint(other.born),
        Sign.MEMBER_SHARED: bool(shared),
        Sign.MEMBERS_SHARED: len(shared) > 1,
        Sign.PHONE_SAME: not one.phones.isdisjoint(other.phones),
        Sign.DAY_SAME: not one.days.isdisjoint(other.days),
        Sign.SIZE_SAME: not one.sizes.isdisjoint(other.sizes),
        Sign.LIST_SAME: not one.lists.isdisjoint(other.lists),
    }
    return frozenset(sign for sign, is_true in true.items() if is_true)


def _numbers(mention: Mention) -> frozenset[str]:
    return mention.numbers if mention.iin is None else frozenset({mention.iin})


def _differences(
    one: Mention, other: Mention, shared: frozenset[str], signs: frozenset[Sign]
) -> frozenset[Difference]:
    true = {
        Difference.IIN_OTHER: bool(_numbers(one) and _numbers(other))
        and signs.isdisjoint({Sign.IIN_SAME, Sign.IIN_ALMOST}),
        Difference.MEMBER_OF_OTHER: one.iin in other.members or other.iin in one.members,
        Difference.BORN_OTHER: _differ(one.born, other.born),
        Difference.MEMBERS_OTHER: bool(one.members and other.members) and not shared,
        Difference.PHONE_OTHER: _differ(one.phones, other.phones),
        Difference.DAY_OTHER: _differ(one.days, other.days),
        Difference.SIZE_OTHER: _differ(one.sizes, other.sizes),
        Difference.LIST_OTHER: _differ(one.lists, other.lists),
    }
    return frozenset(difference for difference, is_true in true.items() if is_true)


def _differ(one: frozenset[Any], other: frozenset[Any]) -> bool:
    """Both say something, and nothing of it is the same."""
    return bool(one and other) and one.isdisjoint(other)
