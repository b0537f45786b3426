"""
What the world itself says of a household, read from the lines of its file by few words of the law.

It stands apart on purpose: it imports nothing of the project, so that a mistake of the rules is not repeated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

_WORDS: Final = {
    "3": {"large_family_mother"},
    "4": {"pensioner", "single_parent", "chronic_illness", "kandas"},
    "5": {"budget_worker", "civil_servant", "military"},
}
_ENOUGH_CHILDREN: Final = 4
_OF_AGE: Final = 18
_SOLD_YEARS: Final = 5
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Truth:
    """The first thing that bars the household ("" = nothing), and whether a home was sold lately."""

    code: str
    sold: bool


def truth(applicant: Line, waiting_list: str, world: Mapping[str, Line], on: date) -> Truth:
    """Return what is true of an applicant's household on a day."""
    family = list(_family(applicant, world, on))
    members = [applicant, *(person for _, person in family if person["death_date"] is None)]
    owned = [right for person in (applicant, *(one for _, one in family)) for right in person["property"]]
    homes = [right for right in owned if right["kind"] == "dwelling"]
    return Truth(
        code=_first_bar(applicant, members, homes, waiting_list, family, on),
        sold=any(_sold_lately(right, on) for right in homes),
    )


def _family(applicant: Line, world: Mapping[str, Line], on: date) -> Iterator[tuple[str, Line]]:
    for tie in applicant["family"]:
        person = world[tie["iin"]]
        if tie["relation"] == "spouse" and tie["until"] is None:
            yield "spouse", person
        if tie["relation"] == "child" and _age(person, on) < _OF_AGE:
            yield "child", person


def _first_bar(
    applicant: Line,
    members: list[Line],
    homes: list[Mapping[str, Any]],
    waiting_list: str,
    family: list[tuple[str, Line]],
    on: date,
) -> str:
    home = applicant["registered"]
    bars = (
        ("DECEASED", applicant["death_date"] is not None),
        ("NOT_CITIZEN", applicant["citizenship"] != "KAZ"),
        ("NO_REGISTRATION", home is None),
        ("NOT_RESIDENT", home is not None and home["kato"][:4] != "2710"),
        ("OWNS_DWELLING", any(right["disposed"] is None for right in homes)),
        ("CATEGORY_NOT_CONFIRMED", not _has_category(members, waiting_list, family, on)),
    )
    return next((code for code, barred in bars if barred), "")


def _has_category(members: list[Line], waiting_list: str, family: list[tuple[str, Line]], on: date) -> bool:
    held = {
        status["code"]
        for person in members
        for status in person["statuses"]
        if status["until"] is None or date.fromisoformat(status["until"]) > on
    }
    children = sum(relation == "child" for relation, _ in family)
    is_alone = not any(relation == "spouse" for relation, _ in family)
    return (
        bool(held & _WORDS[waiting_list])
        or (waiting_list == "3" and children >= _ENOUGH_CHILDREN)
        or (waiting_list == "4" and children > 0 and is_alone)
    )


def _sold_lately(right: Mapping[str, Any], on: date) -> bool:
    if right["disposed"] is None:
        return False
    gone = date.fromisoformat(right["disposed"])
    return gone <= on and (gone.year + _SOLD_YEARS, gone.month, gone.day) >= (on.year, on.month, on.day)


def _age(person: Line, on: date) -> int:
    born = date.fromisoformat(person["birth_date"])
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
