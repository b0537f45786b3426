"""Round inputs for tests: builders with harmless defaults, and random rounds on and beside every limit."""

import json
import random
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

MINIMUM = "37389"
FIT: Document = {
    "min_area": "15",
    "max_area": "18",
    "surplus": "9",
    "separate_sexes_from_age": 0,
    "max_floor_mobility": 2,
}
LADDER = [["rent", "1"], ["loan_2", "3.1"], ["loan_5", "3.7"]]


def as_bytes(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8")


def member(sex: str = "f", role: str = "applicant", age: int = 40, couple: int | None = None) -> Document:
    return {"sex": sex, "role": role, "age": age, "couple": couple}


def people(number: int) -> list[Document]:
    """So many women who need one room together."""
    return [member(role="applicant" if index == 0 else "other") for index in range(number)]


def entry(name: str, **changes: Any) -> Document:
    """One eligible woman on list 4."""
    return {
        "id": name,
        "file_no": f"F-{name}",
        "list": "4",
        "registered_at": "2010-01-02T09:00:00+05:00",
        "members": [member()],
        "extra_person": 0,
        "extra_room": False,
        "mobility": False,
        "low_floor": False,
        "needs_accessible": False,
        "accepts_smaller": None,
        "income": "30000",
        "flags": [],
        "eligibility": "eligible",
        "reason": None,
    } | changes


def dwelling(name: str, **changes: Any) -> Document:
    """A one-room flat for one or two people."""
    return {"id": name, "rooms": 1, "area": "30", "floor": 1, "lift": False, "accessible": False} | changes


def policy(*tiers: Document, **changes: Any) -> Document:
    return {
        "code": "test",
        "tiers": list(tiers),
        "fit": dict(FIT),
        "income": {
            "subsistence_minimum": MINIMUM,
            "below": {"3": "3.1", "4": "3.1"},
            "exempt_flags": ["disabled"],
        },
        "support": {"kind": "rent", "rung": None},
        "ladder": [list(rung) for rung in LADDER],
    } | changes


def merged(*lists: str) -> Document:
    return {"kind": "merged", "lists": list(lists)}


def first_right(*lists: str) -> Document:
    return {"kind": "first_right", "lists": list(lists)}


def floor(*lists: str, share: str = "1/5", period: str = "batch") -> Document:
    return {"kind": "floor", "lists": list(lists), "share": share, "period": period}


def quota(*lists: str, dwellings: int = 1) -> Document:
    return {"kind": "quota", "lists": list(lists), "dwellings": dwellings, "document": "Programme 7"}


def proportional(*lists: str, count: str = "active", period: str = "batch") -> Document:
    return {"kind": "proportional", "lists": list(lists), "count": count, "period": period}


def round_document(
    entries: list[Document], dwellings: list[Document], the_policy: Document | None = None, **year: Any
) -> Document:
    return {
        "format": "round/1",
        "round": {"id": "R-1", "akimat": "271000000", "frozen_at": "2026-09-01T09:00:00+05:00"},
        "policy": policy(merged("4", "5")) if the_policy is None else the_policy,
        "year_to_date": {"distributed": 0, "lists": {}} | year,
        "dwellings": dwellings,
        "entries": entries,
    }


# Every value that a rule compares stands here beside the values next to it on both sides.
_AREAS = (
    "14.999999", "15", "15.000001", "27", "27.000001", "29.999999", "30", "30.000001", "44.999999", "45",
    "45.000001", "45.5", "60", "62.999999", "63", "63.000001", "75", "81", "81.000001", "99",
)  # fmt: skip
_CONTESTED_AREAS = ("29", "30", "31", "36", "44", "45", "45.5", "45.5", "46", "60", "63")
_CONSENT_AREAS = ("14.999999", "15", "18", "29", "29.999999", "30", "44", "44.999999", "45", "200")
_INCOMES = (
    None, "0", "30000", "37388.999999", "37389", "37389.000001", "115905.899999", "115905.9", "115905.900001",
    "138339.299999", "138339.3", "138339.300001", "999999999999.999999",
)  # fmt: skip
# The first four are one instant, spelt with other offsets and fractions of a second.
_MOMENTS = (
    "2010-01-02T09:00:00+05:00", "2010-01-02T04:00:00Z", "2010-01-01T23:00:00-05:00",
    "2010-01-02T04:00:00.0Z", "2010-01-02T04:00:00.000001Z", "2010-01-02T03:59:59.999999Z",
    "2010-01-02T09:00:00+06:00", "2011-12-31T23:59:59+05:30", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
)  # fmt: skip
_NAMES = (
    "1",
    "10",
    "2",
    "a",
    "B",
    "b",
    "Ә",
    "ю",
    "z1",
    "z10",
    "z2",
    "Z",
    "é",
    "\u2028",
    "\U0001d4b3",
    "\uff21",
)
_LISTS = ("1", "2", "3", "4", "5", "6")


class RandomRounds:
    """Random rounds from one source of chance; small, so that a slow reference can follow."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._lists: list[str] = []
        self._is_contested = False
        self._is_crowded = False

    def document(self) -> Document:
        # Two rounds of three are contested: few are filtered out, and many fit the same few dwellings. Some
        # of these are crowded besides: so many dwellings and families that room is made along chains.
        self._is_contested = self._often(3)
        self._is_crowded = self._is_contested and self._maybe(4)
        the_policy = self._policy()
        self._lists = sorted({code for tier in the_policy["tiers"] for code in tier["lists"]})
        entries = self._entries() if self._lists else []
        return {
            "format": "round/1",
            "round": {"id": "R-1", "akimat": "271000000", "frozen_at": "2026-09-01T09:00:00+05:00"},
            "policy": the_policy,
            "year_to_date": self._year(),
            "dwellings": self._dwellings(),
            "entries": entries,
        }

    def _one(self, *values: Any) -> Any:
        return self._chance.choice(values)

    def _often(self, chances: int) -> bool:
        return self._chance.randrange(chances) > 0

    def _maybe(self, chances: int) -> bool:
        return not self._often(chances)

    def _policy(self) -> Document:
        limits = [list(rung) for rung in LADDER]
        return {
            "code": "random",
            "tiers": [self._tier() for _ in range(self._one(0, 1, 1, 2, 2, 3, 4))],
            "fit": self._fit() if self._often(6) else None,
            "income": {
                "subsistence_minimum": self._one(MINIMUM, MINIMUM, "0"),
                "below": self._one({"3": "3.1", "4": "3.1"}, {}, {"4": "1", "5": "3.100000"}),
                "exempt_flags": self._one(["disabled"], [], ["disabled", "other"]),
            },
            "support": {"kind": "rent", "rung": self._rung()},
            "ladder": limits,
        }

    def _rung(self) -> str | None:
        return None if self._is_contested else self._one(None, None, "rent", "loan_2", "loan_5")

    def _fit(self) -> Document:
        return FIT | {
            "separate_sexes_from_age": self._one(0, 7, 7, None, 130),
            "surplus": self._one("9", "9", "0"),
            "max_floor_mobility": self._one(2, 2, 0, -1),
            "max_area": self._one("18", "18", "14"),
        }

    def _tier(self) -> Document:
        lists = self._chance.sample(self._one(_LISTS, ("4", "5"), ("4", "5", "6")), self._one(1, 1, 2))
        kind = self._one(
            "merged", "first_right", "floor", "quota", "proportional", "proportional", "proportional"
        )
        tier: Document = {"kind": kind, "lists": lists}
        if kind == "floor":
            tier |= {
                "share": self._one("0", "1/5", "1/2", "7/10", "1", "2/4"),
                "period": self._one("batch", "year"),
            }
        if kind == "quota":
            tier |= {"dwellings": self._one(0, 1, 2, 7), "document": "Programme 7"}
        if kind == "proportional":
            among = self._one(("4", "5", "6"), ("4", "5", "6"), _LISTS)
            tier["lists"] = self._chance.sample(among, self._one(1, 2, 2, 3, 3))
            tier |= {"count": self._one("active", "eligible"), "period": self._one("batch", "year")}
        return tier

    def _year(self) -> Document:
        lists = {
            code: {
                "owed": self._one("0", "-0", "1/3", "-7/2", "4/2", "11/7", "5"),
                "by_share": self._one(0, 0, 1, 3),
                "received": self._one(0, 1, 2, 9),
            }
            for code in self._chance.sample(_LISTS, self._one(0, 0, 2, 4))
        }
        return {"distributed": self._one(0, 0, 1, 4, 5, 17), "lists": lists}

    def _dwellings(self) -> list[Document]:
        few, many = (0, 1, 2, 3, 3, 4, 4, 5, 6, 7), (7, 8, 9, 10)
        names = self._chance.sample(_NAMES, self._one(*(many if self._is_crowded else few)))
        areas = _CONTESTED_AREAS if self._is_crowded else self._one(_AREAS, _CONTESTED_AREAS)
        return [
            {
                "id": name,
                "rooms": self._one(1, 2, 2, 3),
                "area": self._chance.choice(areas),
                "floor": self._one(-1, 0, 1, 2, 3, 9),
                "lift": self._maybe(2),
                "accessible": self._maybe(3),
            }
            for name in names
        ]

    def _entries(self) -> list[Document]:
        entries: list[Document] = []
        taken: set[tuple[str, str]] = set()
        few, many = (0, 1, 4, 7, 7, 9, 9, 12, 12, 14), (14, 18, 22)
        number = self._one(*(many if self._is_crowded else few))
        for name in self._chance.sample((*_NAMES, *(f"{name}+" for name in _NAMES)), number):
            made = self._entry(name)
            if (made["file_no"], made["list"]) not in taken:
                taken.add((made["file_no"], made["list"]))
                entries.append(made)
        return entries

    def _entry(self, name: str) -> Document:
        eligibility = (
            "eligible" if self._often(8 if self._is_contested else 3) else self._one("ineligible", "unknown")
        )
        needy = not self._often(5)
        return {
            "id": name,
            "file_no": f"F-{self._one(name, name, self._chance.choice(_NAMES))}",
            "list": self._chance.choice(self._lists),
            "registered_at": self._chance.choice(_MOMENTS),
            "members": self._members(),
            "extra_person": self._one(0, 0, 0, 0, 1, 2),
            "extra_room": not self._often(6),
            "mobility": needy and self._maybe(2),
            "low_floor": needy and self._maybe(2),
            "needs_accessible": needy and self._maybe(2),
            "accepts_smaller": self._smaller(),
            "income": "30000" if self._is_contested and self._often(8) else self._chance.choice(_INCOMES),
            "flags": self._one([], [], ["disabled"], ["other"], ["else", "disabled"]),
            "eligibility": eligibility,
            "reason": self._one("MOVED", "OWNS_DWELLING") if eligibility == "ineligible" else None,
        }

    def _smaller(self) -> Document | None:
        if self._often(3):
            return None
        return {"area": self._chance.choice(_CONSENT_AREAS), "rooms": self._one(1, 1, 2, 5)}

    def _members(self) -> list[Document]:
        members = [member(self._one("f", "m"), "applicant", self._one(6, 30))]
        if not self._often(3):
            members[0]["couple"] = self._one(None, 1, 1)
            members.append(member(self._one("f", "m"), "spouse", 30, members[0]["couple"]))
        members.extend(
            member(self._one("f", "m"), self._one("child", "other"), self._one(0, 6, 7, 8, 129, 130))
            for _ in range(self._one(0, 0, 0, 0, 1, 1, 2))
        )
        if not self._often(12):
            members.extend(member(sex, "parent", 70, 2) for sex in ("f", "m"))
        self._chance.shuffle(members)
        return members


# Rounds are drawn by seed: drawing every choice by itself takes ten times as long and finds nothing more.
rounds = st.integers(0, 2**64).map(lambda seed: RandomRounds(random.Random(seed)).document())
