"""What the state registers say of the people on a legacy list, as far as an import asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import Final

from queue_registry.rules.legacy.names import PersonName

# Children under this age belong to the household by themselves (Code on Marriage and Family).
_MAJORITY_AGE: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the population register says an IIN is."""

    name: PersonName
    born_on: date | None = None
    died_on: date | None = None


class NotInRegister(Enum):
    """The population register answered, and knows no such IIN. Silence is another thing: a missing key."""

    NOT_IN_REGISTER = "NOT_IN_REGISTER"


NOT_IN_REGISTER: Final = NotInRegister.NOT_IN_REGISTER
Identities = Mapping[str, Identity | NotInRegister]


class Relation(StrEnum):
    """What a relative is to the person asked about."""

    SPOUSE = "SPOUSE"
    CHILD = "CHILD"
    PARENT = "PARENT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """A relative by the civil acts; `until` is exclusive, `born_on` is needed only of a child."""

    iin: str
    relation: Relation
    since: date | None = None
    until: date | None = None
    born_on: date | None = None


Families = Mapping[str, Sequence[Kin]]


def is_minor(born_on: date, *, on: date) -> bool:
    """Say whether somebody born that day is under 18 on the day `on`."""
    return (on.year - born_on.year, on.month, on.day) < (_MAJORITY_AGE, born_on.month, born_on.day)


def current_kin(kin: Iterable[Kin], *, on: date) -> list[Kin]:
    """Return the relatives whose tie holds on the day."""
    return [one for one in kin if one.until is None or one.until > on]


def household_by_register(kin: Iterable[Kin], *, on: date) -> frozenset[str]:
    """Return the IINs of spouse and children under 18 on the day; a child of unknown age counts."""
    return frozenset(
        one.iin
        for one in current_kin(kin, on=on)
        if one.relation is Relation.SPOUSE
        or (one.relation is Relation.CHILD and (one.born_on is None or is_minor(one.born_on, on=on)))
    )
