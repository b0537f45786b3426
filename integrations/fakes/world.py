"""
The invented world that the fake gateway answers from: one JSON object a line, one person an object.

People are checked once, when the file is read, and kept as the bytes of their lines, so that a world of
millions fits into memory; a person is built again for each question.
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Iin = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$")]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
StatusCode = Literal[
    "wwii_veteran",
    "orphan",
    "large_family_mother",
    "pensioner",
    "kandas",
    "budget_worker",
    "civil_servant",
    "military",
    "single_parent",
    "chronic_illness",
    "emergency_dwelling",
]


class WorldError(ValueError):
    """The world file can't be used; names the file and the line, never a person."""


class _Row(BaseModel):
    """What all parts share: keys that we don't know are left alone, nothing changes after reading."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Term(_Row):
    """A time something holds; `from_` None = not known, `until` None = still."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None


class Name(_Row):
    """Full name; most people have a middle name, some have none."""

    last: str
    first: str = ""
    middle: str = ""


class Registration(_Row):
    """Where a person is registered, and since when."""

    kato: Annotated[str, Field(pattern=r"^[0-9]{9}$")]
    rka: str = ""
    since: date | None = None


class Relative(_Row):
    """A member of the family as the civil acts know it."""

    iin: Iin
    relation: Literal["spouse", "child", "parent"]
    since: date | None = None
    until: date | None = None


class Property(_Row):
    """A right to real estate; `share` is "1" or "1/2"."""

    cadastral: str = ""
    rka: str = ""
    kind: str = "dwelling"
    kato: str = ""
    area: Amount | None = None
    share: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}(/[1-9][0-9]{0,5})?$")] = "1"
    acquired: date | None = None
    disposed: date | None = None


class Benefit(Term):
    """A payment of the state; the amount is tenge a month."""

    kind: str = "other"
    amount: Amount | None = None


class Disability(Term):
    """Group 1 to 3, or "child" for a child without a group."""

    group: Literal[1, 2, 3, "child"]


class Status(Term):
    """A status that makes a person eligible for a list."""

    code: StatusCode


class Person(_Row):
    """Everything that all the state systems together know of one invented person."""

    iin: Iin
    name: Name
    birth_date: date
    death_date: date | None = None
    sex: Literal["m", "f"]
    citizenship: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "KAZ"
    registered: Registration | None = None
    family: tuple[Relative, ...] = ()
    property: tuple[Property, ...] = ()
    income: dict[Month, Amount] = Field(default_factory=dict)
    benefits: tuple[Benefit, ...] = ()
    disability: Disability | None = None
    statuses: tuple[Status, ...] = ()
    consent: bool = True
    # Numbers that the person bore before: a question about one is answered under the number of today.
    former_iins: tuple[Iin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """People by IIN; `as_of` is the first day after the latest month of income, None if nobody has any."""

    lines: Mapping[str, bytes]
    as_of: date | None
    # The number of today by each former one.
    former: Mapping[str, str] = field(default_factory=dict)

    def get_person(self, iin: str) -> Person | None:
        """Return a person, None if nobody has that IIN or had it."""
        line = self.lines.get(iin) or self.lines.get(self.former.get(iin, ""))
        return Person.model_validate_json(line) if line is not None else None


def load(path: Path) -> World:
    """
    Read `world.jsonl` or `world.jsonl.gz`.

    :raises WorldError: if the file can't be read or a line is no person; names file, line and field.
    """
    people: dict[str, bytes] = {}
    former: dict[str, str] = {}
    latest = ""
    for number, line in _lines(path):
        try:
            person = Person.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            field = ".".join(str(step) for step in first["loc"])
            raise WorldError(f"{path}, line {number}: {field or 'the line'}: {first['msg']}") from None
        if person.iin in people:
            raise WorldError(f"{path}, line {number}: iin: a person with this IIN stands on an earlier line")
        people[person.iin] = line
        former |= dict.fromkeys(person.former_iins, person.iin)
        latest = max((latest, *person.income))
    return World(lines=people, as_of=_first_day_after(latest) if latest else None, former=former)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError) as error:
        raise WorldError(f"{path}: can't be read: {error.__class__.__name__}") from error


def _first_day_after(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year + number // 12, number % 12 + 1, 1)
