"""An invented town in the shape of a world file, with planted cases; the same for the same size."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

from housing_queue.worlds.people import Numbers

SEED: Final = 16
KATO: Final = "271010000"
ELSEWHERE: Final = "190510000"
_MONTHS: Final = 12
# Nobody is alive who was born then, so that an IIN is nobody's.
BORN: Final = 1880
# Who stands on which list, and by what: two in four are pensioners.
STATUSES: Final = {"3": "large_family_mother", "4": "pensioner", "5": "budget_worker"}
_LISTS: Final = ("4", "5", "4", "3")
# Of twenty households, one each.
PLANTED: Final = (
    "dead",
    "foreign",
    "unregistered",
    "moved",
    "owner",
    "owner_of_a_share",
    "child_with_a_share",
    "sold",
    "land",
    "no_category",
)
_CYCLE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """An applicant with the list of the entry, and the lines of everybody in the household."""

    waiting_list: str
    people: Sequence[dict[str, Any]]

    @property
    def applicant(self) -> str:
        return str(self.people[0]["iin"])


def households(
    people: int, *, on: date, born: int = BORN, numbers: Numbers | None = None
) -> Iterator[Household]:
    """
    Return households of so many people in all: a family of three, then somebody alone, and so on.

    :param born: the year in which the applicants were born.
    :param numbers: who draws their numbers, if others draw from the same.
    """
    numbers = numbers or Numbers(Random(SEED))  # noqa: S311 - invented people, no secret
    left, index = people, 0
    while left > 0:
        planted = PLANTED[index % _CYCLE] if index % _CYCLE < len(PLANTED) else ""
        is_family = left >= 3 and (index % 2 == 0 or planted in {"owner_of_a_share", "child_with_a_share"})
        made = _household(index, planted, numbers, born=born, is_family=is_family, on=on)
        left -= len(made.people)
        index += 1
        yield made


def write(path: Path, made: Sequence[Household]) -> None:
    """Write the world file."""
    with path.open("w", encoding="utf-8") as file:
        for household in made:
            for person in household.people:
                file.write(json.dumps(person, ensure_ascii=False) + "\n")


def _household(
    index: int, planted: str, numbers: Numbers, *, born: int, is_family: bool, on: date
) -> Household:
    waiting_list = _LISTS[index // _CYCLE % len(_LISTS)]
    applicant = _person(numbers, index, born=date(born, 3, 4), sex="f", on=on)
    people = [applicant]
    if is_family:
        spouse = _person(numbers, index, born=date(born - 1, 5, 6), sex="m", on=on)
        child = _person(numbers, index, born=date(on.year - 9, 1, 2), sex="f", on=on)
        people += [spouse, child]
        _tie(applicant, spouse, "spouse", "spouse", since=f"{born + 22}-06-01")
        for parent in (applicant, spouse):
            _tie(parent, child, "child", "parent", since=child["birth_date"])
    _give_category(applicant, waiting_list, ended=planted == "no_category", on=on)
    _plant(planted, people, on=on)
    return Household(waiting_list=waiting_list, people=people)


def _person(numbers: Numbers, index: int, *, born: date, sex: str, on: date) -> dict[str, Any]:
    return {
        "iin": numbers.iin(born_on=born, sex=sex),
        "name": {"last": f"Ойдан{index}", "first": "Адам", "middle": ""},
        "birth_date": born.isoformat(),
        "death_date": None,
        "sex": sex,
        "citizenship": "KAZ",
        "registered": {"kato": KATO, "rka": f"1{index:015d}", "since": "2009-05-11"},
        "family": [],
        "property": [],
        "income": {},
        "benefits": [],
        "disability": None,
        "statuses": [],
        "phone": "+77000000000",
    }


def _tie(one: dict[str, Any], other: dict[str, Any], relation: str, back: str, *, since: str) -> None:
    one["family"].append({"iin": other["iin"], "relation": relation, "since": since, "until": None})
    other["family"].append({"iin": one["iin"], "relation": back, "since": since, "until": None})


def _give_category(person: dict[str, Any], waiting_list: str, *, ended: bool, on: date) -> None:
    until = f"{on.year - 1}-01-01" if ended else None
    status = {"code": STATUSES[waiting_list], "from": "2012-01-01", "until": until}
    person["statuses"].append(status)
    if waiting_list == "5":
        last = on.year * 12 + on.month - 1
        months = range(last - _MONTHS, last)
        person["income"] = {f"{month // 12}-{month % 12 + 1:02d}": "120000.50" for month in months}


def _plant(planted: str, people: Sequence[dict[str, Any]], *, on: date) -> None:
    applicant, others = people[0], people[1:]
    changes: dict[str, dict[str, Any]] = {
        "dead": {"death_date": f"{on.year - 1}-11-12"},
        "foreign": {"citizenship": "RUS"},
        "unregistered": {"registered": None},
        "moved": {"registered": {**applicant["registered"], "kato": ELSEWHERE}},
        "owner": _owned(share="1"),
        "sold": _owned(share="1/2", disposed=f"{on.year - 2}-02-03"),
        "land": _owned(share="1", kind="land"),
    }
    applicant |= changes.get(planted, {})
    if planted == "owner_of_a_share":
        (others or people)[0].update(_owned(share="1/3"))
    if planted == "child_with_a_share":
        people[-1].update(_owned(share="1/4"))


def _owned(*, share: str, kind: str = "dwelling", disposed: str | None = None) -> dict[str, Any]:
    right = {
        "cadastral": "C-1",
        "rka": "",
        "kind": kind,
        "kato": KATO,
        "area": "54.2",
        "share": share,
        "acquired": "2015-03-11",
        "disposed": disposed,
    }
    return {"property": [right]}
